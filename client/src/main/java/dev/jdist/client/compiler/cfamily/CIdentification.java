package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerDialogue;
import dev.jdist.client.compiler.CompilerDialogue.Answer;
import dev.jdist.client.compiler.CompilerFamily.Identification;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ConfigurationFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a program which compiler it is, by having it preprocess a few lines; clang, also what it is configured by. Finds out
 * whether it is that compiler, or calls it.
 *
 * @param <E> what may go wrong where the program is run
 */
final class CIdentification<E extends Exception> {
    private static final Pattern ANSWER = Pattern.compile("jdist-(compiler|version) = *(.*?) *");

    /** What {@code clang -v} says of configuration files: which it read, and where it looks for others. */
    private static final Pattern CONFIGURATION = Pattern.compile(
            "(Configuration file|System configuration file directory" + "|User configuration file directory): (/.*)");

    /** What {@code clang -###} would run. */
    private static final Pattern INNER_COMMAND = Pattern.compile(" \"((?:[^\"\\\\]|\\\\.)+)\" \"-cc1\" ");

    /** A part of the specs that are built into gcc. */
    private static final String SPECS = "%(cc1_options)";

    /** gcc takes 1 MB, and 10 with debugging information. */
    private static final long MAX_DRIVER = 100 << 20;

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
    private final CompilerDialogue<E> dialogue;

    CIdentification(Path program, CompilerDialogue<E> dialogue) {
        this.program = program;
        this.dialogue = dialogue;
    }

    Identification identify() throws E, IOException, InterruptedException {
        String stamp = dialogue.stamp(program);
        Answer answer = dialogue.run(List.of("-E"), QUESTION, ".c");
        Optional<Compiler> compiler = answer.code() == 0 ? read(stamp, answer.stdout()) : Optional.empty();
        if (compiler.isEmpty()) {
            return new Identification(compiler, false, Set.of());
        } else if (compiler.get().kind() == CompilerKind.GCC) {
            return ofGcc(compiler.get());
        }
        Answer details = dialogue.run(List.of("-v", "-###", "-E", "-x", "c", "/dev/null"));
        List<String> lines = details.code() == 0 ? details.stderr().lines().toList() : List.of();
        Set<Path> watched = new LinkedHashSet<>();
        Compiler clang = configured(compiler.get(), lines, watched);
        return new Identification(Optional.of(clang), lines.stream().noneMatch(this::namesProgram), watched);
    }

    /** What decides how gcc works may appear where it looks first: its specs, an assembler. */
    private Identification ofGcc(Compiler gcc) throws E, IOException, InterruptedException {
        GccSearch search =
                GccSearch.of(dialogue.run(List.of("-print-search-dirs")).stdout());
        StringBuilder stamp = new StringBuilder(gcc.stamp());
        for (Path part : search.parts()) {
            stamp.append(' ').append(dialogue.stamp(part));
        }
        return new Identification(
                Optional.of(gcc.with(gcc.configuration(), stamp.toString())),
                !isDriverOfGcc() || search.hasForeignSpecs(),
                search.places());
    }

    /** Whether the program itself is gcc: nothing else has a reason to contain the language of its specs. */
    private boolean isDriverOfGcc() throws IOException {
        return Files.size(program) <= MAX_DRIVER
                && new String(Files.readAllBytes(program), StandardCharsets.ISO_8859_1).contains(SPECS);
    }

    /** Whether clang says, in this line, that it is this program. It asks the system for the file that it runs from. */
    private boolean namesProgram(String line) {
        Matcher command = INNER_COMMAND.matcher(line);
        try {
            return command.lookingAt()
                    && Path.of(command.group(1).replaceAll("\\\\(.)", "$1"))
                            .toRealPath()
                            .equals(program.toRealPath());
        } catch (IOException | InvalidPathException e) {
            return false;
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
        return kind == null
                ? Optional.empty()
                : Optional.of(new Compiler(CFamily.INSTANCE, kind, program, plusplus, version, stamp));
    }

    /**
     * Finds out what configures a clang. Where it looks is watched, as a file may appear there.
     *
     * @param lines that it prints about itself
     */
    private Compiler configured(Compiler clang, List<String> lines, Set<Path> watched) throws IOException {
        List<Path> found = new ArrayList<>();
        watched.add(program.toRealPath().getParent());
        for (String line : lines) {
            Matcher matcher = CONFIGURATION.matcher(line.strip());
            if (matcher.matches()) {
                Path path = Path.of(matcher.group(2)).normalize();
                watched.add(path);
                if (matcher.group(1).equals("Configuration file")) {
                    found.add(path);
                }
            }
        }
        if (found.isEmpty()) {
            return clang;
        }
        ConfigurationFiles configuration = ClangConfiguration.read(found);
        watched.addAll(configuration.files());
        StringBuilder stamp = new StringBuilder(clang.stamp());
        for (Path file : configuration.files()) {
            stamp.append(' ').append(dialogue.stamp(file));
        }
        return clang.with(configuration, stamp.toString());
    }
}
