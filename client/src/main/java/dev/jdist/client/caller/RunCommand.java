package dev.jdist.client.caller;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A command for the launcher to run as its child.
 *
 * @param stdout a file to write to, or nothing for the launcher's own
 * @param arguments with the command's name in front
 */
public record RunCommand(
        Kind kind, Optional<Path> stdout, Optional<Path> stderr, String executable, List<String> arguments) {
    /** What a {@link CommandRunner} answers for a question that is not answered in time: no exit code, and of no signal. */
    public static final int TOO_LONG = 512;

    /** What a command is for. */
    public enum Kind {
        /** A part of what the caller wants: it takes as long as it takes. */
        STEP,
        /** The same; if the daemon is gone by the end, or before it says how to end, the launcher ends as the command did. */
        LAST_STEP,
        /** Only jdist wants to know: it reads nothing, and is ended if it takes longer than half a minute. */
        QUESTION
    }
}
