package dev.jdist.client.caller;

import dev.jdist.client.files.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a launcher was called for.
 *
 * @param columns of the terminal, where standard error is one and its width is known; else 0
 * @param executable path of the compiler, or empty for a question to the daemon itself
 * @param arguments with the name by which the compiler was called in front; of a question, all of them
 * @param environment values that are not UTF-8 are left out
 * @param view stands for what the caller sees under which path; empty if that is not known
 * @param id stands for all that the launcher said; nothing if a part of this is from elsewhere
 */
public record CallerRequest(
        boolean stdoutIsTerminal,
        boolean stderrIsTerminal,
        int columns,
        Path cwd,
        String executable,
        List<String> arguments,
        Map<String, String> environment,
        String view,
        Optional<Digest> id) {
    /** One that no launcher made. */
    public CallerRequest(
            boolean stdoutIsTerminal,
            boolean stderrIsTerminal,
            int columns,
            Path cwd,
            String executable,
            List<String> arguments,
            Map<String, String> environment) {
        this(
                stdoutIsTerminal,
                stderrIsTerminal,
                columns,
                cwd,
                executable,
                arguments,
                environment,
                "",
                Optional.empty());
    }

    public boolean isQuestion() {
        return executable.isEmpty();
    }

    /** The arguments without the compiler's own name. */
    public List<String> options() {
        return arguments.subList(1, arguments.size());
    }
}
