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
        Limits limits,
        int columns,
        Path cwd,
        String executable,
        List<String> arguments,
        Map<String, String> environment,
        String view,
        Optional<Digest> id) {
    /** What the caller may use of memory, time and disk. */
    public enum Limits {
        /** As much as most callers. */
        USUAL,
        /** Less memory, or less time: a program may fail that does not fail for others. */
        OWN,
        /** Less, and in particular only small files, of which jdist would make others than the compiler alone. */
        SMALL_FILES
    }

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
                Limits.USUAL,
                columns,
                cwd,
                executable,
                arguments,
                environment,
                "",
                Optional.empty());
    }

    /** The same to another compiler, or by other words. */
    public CallerRequest to(String otherExecutable, List<String> otherArguments) {
        return new CallerRequest(
                stdoutIsTerminal,
                stderrIsTerminal,
                limits,
                columns,
                cwd,
                otherExecutable,
                otherArguments,
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
