package dev.jdist.client.caller;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A command for the launcher to run as its child.
 *
 * @param last if the daemon is gone by the end, the launcher ends with the command's exit code
 * @param stdout a file to write to, or nothing for the launcher's own
 * @param arguments with the command's name in front
 */
public record RunCommand(
        boolean last, Optional<Path> stdout, Optional<Path> stderr, String executable, List<String> arguments) {}
