package dev.jdist.client.identity;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CommandRunner;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.CompilerDialogue;
import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.client.files.Scratch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a program that may be a compiler, as its caller would, but without the variables that have it do more than it is asked to,
 * in files of the caller's perhaps: who calls it without them gets the same answer.
 */
final class CompilerProbe implements CompilerDialogue<CallerGoneException> {
    private static final int MAX_ANSWER = 256 << 10;

    private final Path program;
    private final List<CompilerVariable> withoutVariables;
    private final CommandRunner runner;
    private final Scratch scratch;
    private boolean hasFailed;

    /** @param environment of the caller */
    CompilerProbe(Path program, Map<String, String> environment, CommandRunner runner, Scratch scratch) {
        this.program = program;
        this.withoutVariables = CompilerVariable.with(CompilerVariable.Trait.UNTRACKED).stream()
                .filter(variable -> variable.isIn(environment))
                .toList();
        this.runner = runner;
        this.scratch = scratch;
    }

    /** Whether it failed at a question, as a compiler does that lacks memory for the moment. */
    boolean hasFailed() {
        return hasFailed;
    }

    @Override
    public Answer run(List<String> options) throws IOException, CallerGoneException, InterruptedException {
        Path stdout = scratch.newFile("-answer");
        Path stderr = scratch.newFile("-answer.err");
        List<String> arguments = new ArrayList<>();
        if (!withoutVariables.isEmpty()) {
            arguments.add("env");
            withoutVariables.forEach(variable -> arguments.addAll(List.of("-u", variable.name())));
        }
        arguments.add(program.toString());
        arguments.addAll(options);
        String executable = withoutVariables.isEmpty() ? program.toString() : "/usr/bin/env";
        try {
            int code = runner.run(new RunCommand(
                    RunCommand.Kind.QUESTION,
                    Optional.of(stdout),
                    Optional.of(stderr),
                    executable,
                    List.copyOf(arguments)));
            if (code == RunCommand.TOO_LONG) {
                throw new SilentCompilerException(program, options);
            }
            hasFailed |= code != 0;
            return new Answer(code, firstPart(stdout), firstPart(stderr));
        } finally {
            Files.deleteIfExists(stdout);
            Files.deleteIfExists(stderr);
        }
    }

    @Override
    public Answer run(List<String> options, String source, String suffix)
            throws IOException, CallerGoneException, InterruptedException {
        Path question = scratch.newFile("-question" + suffix);
        List<String> all = new ArrayList<>(options);
        all.add(question.toString());
        try {
            Files.writeString(question, source);
            return run(all);
        } finally {
            Files.deleteIfExists(question);
        }
    }

    /** Nothing where a program that could not be run left no file. */
    private static String firstPart(Path answer) throws IOException {
        if (!Files.exists(answer)) {
            return "";
        }
        try (InputStream in = Files.newInputStream(answer)) {
            return new String(in.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
        }
    }

    @Override
    public String stamp(Path file) throws IOException {
        return CompilerRegistry.stamp(file);
    }
}
