package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compile.CachingClient;
import dev.jdist.client.compile.CachingClient.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Edits at random, and after each a few compiles, by jdist with its cache and by the bare compiler: whatever happens to files,
 * flags, environment, compilers and daemons, nobody can tell the two apart.
 *
 * <p>{@code scripts/check cache-chaos} runs it for longer: {@code -Djdist.chaos.seconds} and {@code -Djdist.chaos.seed}.
 */
class CacheEditsIT {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("jdist.chaos.seconds", 10));
    private static final int COMMANDS = 6;
    private static final int HISTORY_SHOWN = 25;
    private static final int STEPS_TO_PAUSE = 12;
    /** A little more than stamps take to prove something. */
    private static final int PAUSE_MILLIS = 2200;
    /** Stands in a command for the name of what depends on the files, another each time. */
    private static final String TARGET = "TARGET";

    private static final int LONGEST_TARGET = 90;
    /** On a busy machine too: the first compiles of each command are misses. */
    private static final int LEAST = 80;

    @TempDir
    Path directory;

    private final List<String> history = new ArrayList<>();
    private Random random;
    private EditedTree tree;
    private Path tools;
    private CachingClient client;
    private final Map<String, String> environment = new HashMap<>();
    private long hits;

    static LongStream seeds() {
        Long seed = Long.getLong("jdist.chaos.seed");
        return LongStream.of(seed == null ? 2 : seed);
    }

    /** A compile as the bare compiler would do it: the words, and what it writes. */
    private record Command(String cwd, List<String> arguments, boolean direct, List<String> outputs) {
        Command with(String target) {
            return new Command(
                    cwd,
                    arguments.stream()
                            .map(word -> word.equals(TARGET) ? target : word)
                            .toList(),
                    direct,
                    outputs);
        }
    }

    /** What a compile left and said. */
    private record Outcome(int code, String stderr, Map<String, String> outputs) {}

    @ParameterizedTest
    @MethodSource("seeds")
    void compile_afterAnyEdit_isWhatTheBareCompilerMakesOfIt(long seed) throws Exception {
        System.out.println("CacheEditsIT: seed " + seed + ", " + DURATION.toSeconds() + " s");
        random = new Random(seed);
        tree = new EditedTree(directory.resolve("tree"), random);
        client = new CachingClient(directory, "edits", directory.resolve("cache"));
        prepareTools();
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < COMMANDS; i++) {
            commands.add(command());
        }
        warmUp();
        long compiles = 0;
        long until = System.nanoTime() + DURATION.toNanos();
        try {
            while (System.nanoTime() < until || compiles < LEAST) {
                history.add(change(commands));
                for (int i = 0; i < 2; i++) {
                    Command command = commands.get(random.nextInt(COMMANDS));
                    compare(command, 1 + random.nextInt(2), seed);
                    compiles++;
                }
                if (history.size() % STEPS_TO_PAUSE == 0) {
                    // What has not changed for a while is recognised by its stamps, and who asks for it by the words.
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                    history.add("pause");
                    for (Command command : commands) {
                        compare(command, 3, seed);
                        compiles++;
                    }
                }
            }
            hits += client.hits();
        } finally {
            client.close();
            // Links to the system's compilers, on which JUnit comments one by one.
            EditedTree.removeTree(tools);
        }
        System.out.println("CacheEditsIT: " + compiles + " compiles compared, " + hits + " hits");
        assertTrue(hits > compiles / 10, hits + " hits of " + compiles + " compiles: nothing was tested");
        assertEquals(List.of(), client.warnings());
    }

    /** The first compile by a compiler takes as long as reading all of it, and may do so before the clock starts. */
    private void warmUp() throws IOException {
        for (String compiler : List.of("/usr/bin/gcc", "/usr/bin/clang")) {
            client.compile(directory, List.of(compiler, "-c", "tree/src/a.c", "-o", "first.o"), environment);
        }
    }

    private void compare(Command anyTarget, int rounds, long seed) throws Exception {
        Command command = anyTarget.with("t".repeat(1 + random.nextInt(LONGEST_TARGET)));
        Map<String, String> variables = new HashMap<>(environment);
        if (!command.direct) {
            variables.put("SCCACHE_DIRECT", "false");
        }
        Outcome expected = outcome(command, CachingClient.compileBare(cwd(command), command.arguments, variables));
        for (int round = 0; round < rounds; round++) {
            Outcome actual = outcome(command, client.compile(cwd(command), command.arguments, variables));
            assertEquals(
                    expected,
                    actual,
                    () -> "seed " + seed + ", step " + history.size() + ", round of " + rounds
                            + "\n" + command + "\n" + environment + "\n"
                            + String.join(
                                    "\n",
                                    history.subList(Math.max(0, history.size() - HISTORY_SHOWN), history.size())));
        }
    }

    private Path cwd(Command command) {
        return tree.root().resolve(command.cwd);
    }

    /** Takes away what the compile left. */
    private Outcome outcome(Command command, Ended ended) throws IOException {
        Map<String, String> outputs = new LinkedHashMap<>();
        for (String name : command.outputs) {
            Path file = cwd(command).resolve(name);
            if (Files.exists(file)) {
                // A failed compile may leave a dependency file or not; nobody reads it.
                if (ended.code() == 0) {
                    outputs.put(name, java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
                }
                Files.delete(file);
            }
        }
        return new Outcome(ended.code(), ended.stderr(), outputs);
    }

    private Command command() {
        boolean plusplus = random.nextInt(3) == 0;
        boolean inside = random.nextInt(3) == 0;
        String up = inside ? "../" : "";
        List<String> arguments = new ArrayList<>();
        arguments.add(any(plusplus ? List.of("g++", "clang++") : List.of("gcc", "clang", "cc", "wrapped-gcc")));
        arguments.addAll(any(List.of(
                List.of(),
                List.of("-O1", "-Wall"),
                List.of("-g", "-Wextra"),
                List.of("-DFLAG=3", "-Wall", "-Wextra"))));
        arguments.addAll(any(List.of(
                List.of("-iquote", up + "quote", "-I" + up + "inc1", "-I" + up + "inc2"),
                List.of("-I" + up + "late", "-I" + up + "inc2", "-I" + up + "inc1"),
                List.of("-I" + up + "inc1/../inc2", "-I", up + "late/sub/..", "-I" + up + "inc1"),
                List.of("-include", "forced.h", "-I" + tree.root().resolve("inc1"), "-I" + up + "quote"))));
        arguments.addAll(List.of("-isystem", up + "sys"));
        String source = plusplus ? "b.cpp" : "a.c";
        String object = random.nextBoolean() ? up + "out/a.o" : inside ? "a.o" : "src/a.o";
        arguments.addAll(List.of("-c", inside ? source : "src/" + source, "-o", object));
        String rule = up + "out/rule.d";
        arguments.addAll(any(List.of(
                List.of(),
                List.of(),
                List.of("-MD", "-MF", rule),
                List.of("-MMD", "-MP", "-MF", rule),
                List.of("-MD"),
                List.of("-MD", "-MT", TARGET, "-MF", rule),
                List.of("-MMD", "-MP", "-MF", rule, "-MQ", TARGET),
                List.of("-Wp,-MD," + rule))));
        return new Command(
                inside ? "src" : ".",
                arguments,
                random.nextInt(3) > 0,
                List.of(object, rule, object.replaceAll("o$", "d")));
    }

    /** Changes a file, most of the time, or what surrounds the files; says what. */
    private String change(List<Command> commands) throws Exception {
        return switch (random.nextInt(40)) {
            case 0 -> {
                commands.set(random.nextInt(COMMANDS), command());
                yield "another command";
            }
            case 1 -> "CPATH=" + toggle("CPATH", tree.root().resolve("env").toString());
            case 2 -> "LC_ALL=" + toggle("LC_ALL", random.nextBoolean() ? "C" : "C.UTF-8");
            case 3 -> "SOURCE_DATE_EPOCH=" + toggle("SOURCE_DATE_EPOCH", "12345678" + random.nextInt(10));
            case 4 -> compilerSwapped();
            case 5 -> wrapperSwapped();
            case 6 -> gccOnPathSwapped();
            case 7 -> {
                if (random.nextInt(3) > 0) {
                    yield editDuringCompile(commands);
                }
                hits += client.hits();
                boolean hard = random.nextBoolean();
                if (hard) {
                    client.kill();
                } else {
                    client.stop();
                }
                yield "the daemon is " + (hard ? "killed" : "stopped");
            }
            case 8, 9 -> editDuringCompile(commands);
            case 10 -> assemblerOnPathSwapped();
            default -> tree.edit();
        };
    }

    private String toggle(String name, String value) {
        if (environment.remove(name) == null) {
            environment.put(name, value);
        }
        return environment.get(name);
    }

    /** What comes of such a compile is anyone's guess; what comes of the next one is not. */
    private String editDuringCompile(List<Command> commands) throws IOException {
        Command command = commands.get(random.nextInt(COMMANDS));
        Map<String, String> variables = new HashMap<>(environment);
        CompletableFuture<Void> compile = CompletableFuture.runAsync(() -> {
            try {
                client.compile(cwd(command), command.arguments, variables);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        String edit = tree.edit();
        compile.join();
        outcome(command, new Ended(0, "", ""));
        return "during a compile: " + edit;
    }

    /** {@code cc} is a link, {@code wrapped-gcc} a program of one's own, {@code gcc} is shadowed at times. */
    private void prepareTools() throws Exception {
        tools = Files.createDirectories(directory.resolve("tools/bin"));
        for (int i = 0; i < 3; i++) {
            Path source = Files.writeString(directory.resolve("wrapper.c"), """
                    #include <unistd.h>
                    int main(int argc, char **argv) {
                        char *words[argc + 2];
                        words[0] = "/usr/bin/gcc";
                        words[1] = "-DONE=%d";
                        for (int i = 1; i <= argc; i++)
                            words[i + 1] = argv[i];
                        return execv(words[0], words);
                    }
                    """.formatted(i));
            Ended built = CachingClient.compileBare(
                    directory,
                    List.of("gcc", source.toString(), "-o", wrapper(i).toString()),
                    Map.of());
            assertEquals(0, built.code(), built.stderr());
        }
        environment.put("PATH", tools + ":" + System.getenv("PATH"));
        compilerSwapped();
        wrapperSwapped();
    }

    private Path wrapper(int number) {
        return directory.resolve("wrapper-" + number);
    }

    private String compilerSwapped() throws IOException {
        String target = any(List.of("/usr/bin/gcc", "/usr/bin/clang"));
        Files.deleteIfExists(tools.resolve("cc"));
        Files.createSymbolicLink(tools.resolve("cc"), Path.of(target));
        return "cc is " + target;
    }

    private String wrapperSwapped() throws IOException {
        int number = random.nextInt(3);
        Path fresh = tools.resolve("fresh");
        Files.copy(wrapper(number), fresh, StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(fresh, tools.resolve("wrapped-gcc"), StandardCopyOption.REPLACE_EXISTING);
        return "wrapped-gcc is wrapper " + number;
    }

    private String gccOnPathSwapped() throws IOException {
        if (Files.deleteIfExists(tools.resolve("gcc"))) {
            return "gcc is the system's";
        }
        Files.createSymbolicLink(tools.resolve("gcc"), Path.of("/usr/bin/clang"));
        return "gcc is clang";
    }

    /** gcc looks for its assembler in {@code PATH}. */
    private String assemblerOnPathSwapped() throws IOException {
        Path assembler = tools.resolve("as");
        if (Files.deleteIfExists(assembler)) {
            return "as is the system's";
        }
        int number = random.nextInt(3);
        Files.writeString(assembler, "#!/bin/sh\nexec /usr/bin/as --defsym swapped=" + number + " \"$@\"\n");
        Files.setPosixFilePermissions(assembler, PosixFilePermissions.fromString("rwxr-xr-x"));
        return "as defines " + number;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
