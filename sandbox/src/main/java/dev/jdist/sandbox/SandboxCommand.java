package dev.jdist.sandbox;

import java.util.List;
import java.util.Map;

/**
 * What to run, as seen from inside.
 *
 * @param executable absolute path
 * @param environment all of it: the command gets no other variables
 * @param workingDirectory absolute path, which must exist by then
 */
public record SandboxCommand(
        String executable, List<String> arguments, Map<String, String> environment, String workingDirectory) {
    public SandboxCommand {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }
}
