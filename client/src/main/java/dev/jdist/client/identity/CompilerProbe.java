package dev.jdist.client.identity;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CommandRunner;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ConfigurationFiles;
import dev.jdist.client.files.Scratch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a program which compiler it is, by having it preprocess a few lines; clang, also what it is configured by. */
public final class CompilerProbe {
    private static final Logger log = LoggerFactory.getLogger(CompilerProbe.class);

    private static final int MAX_ANSWER = 256 << 10;

    private static final Pattern ANSWER = Pattern.compile("jdist-(compiler|version) = *(.*?) *");

    /** What {@code clang -v} says of configuration files: which it read, and where it looks for others. */
    private static final Pattern CONFIGURATION = Pattern.compile(
            "(Configuration file|System configuration file directory" + "|User configuration file directory): (/.*)");

    private static final String QUESTION = """
            #if defined(__NVCC__) || defined(__NVCOMPILER) || defined(__INTEL_COMPILER) || defined(_MSC_VER) \\
                || defined(__TINYC__) || defined(__EDG__)
            jdist-compiler = other
            #elif defined(__clang__) && defined(__cplusplus)
            jdist-compiler = clang++
            #elif defined(__clang__)
            jdist-compiler = clang
            #elif defined(__GNUC__) && defined(__cplusplus)
            jdist-compiler = g++
            #elif defined(__GNUC__)
            jdist-compiler = gcc
            #else
            jdist-compiler = other
            #endif
            jdist-version = __VERSION__
            """;

    private final Path program;
    private final CommandRunner runner;
    private final Path question;
    private final Path answer;
    private final Path errors;

    CompilerProbe(Path program, CommandRunner runner, Scratch scratch) {
        this.program = program;
        this.runner = runner;
        this.question = scratch.newFile("-question.c");
        this.answer = scratch.newFile("-answer.i");
        this.errors = scratch.newFile("-answer.err");
    }

    /**
     * What a program turned out to be.
     *
     * @param watched files and directories that decide about its configuration; it is to be asked again when one changes
     */
    record Answer(Optional<Compiler> compiler, Set<Path> watched) {}

    /** @param stamp of the program's file */
    Answer ask(String stamp) throws IOException, CallerGoneException, InterruptedException {
        try {
            Files.writeString(question, QUESTION);
            int code = run(List.of("-E", question.toString()));
            Optional<Compiler> compiler = code == 0 ? read(stamp, firstPart(answer)) : Optional.empty();
            Set<Path> watched = new LinkedHashSet<>();
            if (compiler.isPresent() && compiler.get().kind() == CompilerKind.CLANG) {
                compiler = Optional.of(configured(compiler.get(), watched));
            }
            log.info(
                    "{} is {}",
                    program,
                    compiler.map(c -> c.kind() + " " + c.version()).orElse("no compiler that jdist knows"));
            return new Answer(compiler, watched);
        } finally {
            Files.deleteIfExists(question);
            Files.deleteIfExists(answer);
            Files.deleteIfExists(errors);
        }
    }

    private int run(List<String> options) throws CallerGoneException, InterruptedException {
        List<String> words = new ArrayList<>();
        words.add(program.toString());
        words.addAll(options);
        return runner.run(new RunCommand(
                false, Optional.of(answer), Optional.of(errors), program.toString(), List.copyOf(words)));
    }

    /** Enough of a file to hold the answer; what is asked here may be no compiler and print whatever it likes. */
    private static String firstPart(Path answer) throws IOException {
        try (InputStream in = Files.newInputStream(answer)) {
            return new String(in.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
        }
    }

    private Optional<Compiler> read(String stamp, String printed) {
        String name = "";
        String version = "";
        for (String line : printed.split("\n")) {
            Matcher matcher = ANSWER.matcher(line);
            if (matcher.matches()) {
                if (matcher.group(1).equals("compiler")) {
                    name = matcher.group(2);
                } else {
                    version = matcher.group(2).replace("\"", "");
                }
            }
        }
        CompilerKind kind = switch (name) {
            case "gcc", "g++" -> CompilerKind.GCC;
            case "clang", "clang++" -> CompilerKind.CLANG;
            default -> null;
        };
        boolean plusplus = name.endsWith("++");
        return kind == null ? Optional.empty() : Optional.of(new Compiler(kind, program, plusplus, version, stamp));
    }

    /** Finds out what configures a clang. Where it looks is watched, as a file may appear there. */
    private Compiler configured(Compiler clang, Set<Path> watched)
            throws IOException, CallerGoneException, InterruptedException {
        List<Path> found = new ArrayList<>();
        watched.add(program.toRealPath().getParent());
        if (run(List.of("-v")) == 0) {
            for (String line : firstPart(errors).split("\n")) {
                Matcher matcher = CONFIGURATION.matcher(line.strip());
                if (matcher.matches()) {
                    Path path = Path.of(matcher.group(2)).normalize();
                    watched.add(path);
                    if (matcher.group(1).equals("Configuration file")) {
                        found.add(path);
                    }
                }
            }
        }
        if (found.isEmpty()) {
            return clang;
        }
        ConfigurationFiles configuration = ConfigurationFiles.read(found);
        watched.addAll(configuration.files());
        StringBuilder stamp = new StringBuilder(clang.stamp());
        for (Path file : configuration.files()) {
            stamp.append(' ').append(CompilerRegistry.stamp(file));
        }
        log.info("{} is configured by {}", program, found);
        return new Compiler(
                clang.kind(), clang.path(), clang.plusplus(), clang.version(), stamp.toString(), configuration);
    }
}
