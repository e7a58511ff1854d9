package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jdist.client.testing.CacheDaemon;
import dev.jdist.client.testing.OutputDirectory;
import dev.jdist.client.testing.OutputDirectory.Before;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in the places of its outputs, a hit leaves there what the compiler would leave. */
class OutputsIT {
    private static final String ALL =
            " -g -gsplit-dwarf -MD -fstack-usage --coverage -frandom-seed=1 -c unit.c -o out/unit.o";
    private static final List<String> COMMANDS = List.of(
            "gcc" + ALL,
            "gcc -c code.S -MD -o out/unit.o",
            "clang --serialize-diagnostics out/unit.dia" + ALL,
            "clang -fno-integrated-as -c unit.c -MMD -MF out/unit.d -o out/unit.o",
            "clang -c code.S -MD -o out/unit.o",
            "clang -c text.s -o out/unit.o");

    @TempDir
    static Path directory;

    private static CacheDaemon daemon;
    private static OutputDirectory outputs;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        daemon = new CacheDaemon(CacheDaemon.jdist(), directory.resolve("jdist"));
        outputs = new OutputDirectory(directory.resolve("out"));
        Files.writeString(directory.resolve("unit.c"), "int unit(int x) { return x * 3; }\n");
        Files.writeString(directory.resolve("code.S"), "#define RETURN ret\n.globl code\ncode:\n  RETURN\n");
        Files.writeString(
                directory.resolve("warns.c"),
                "int warns(void) { " + " ".repeat(60) + "int unused = 1; return " + "1 + ".repeat(10) + "1; }\n");
        Files.writeString(directory.resolve("text.s"), ".globl text\ntext:\n  ret\n");
        // A file that changes in the very tick in which a compile begins is not trusted.
        TimeUnit.MILLISECONDS.sleep(50);
        for (String command : COMMANDS) {
            outputs.arrange(Before.NOTHING);
            compile("022", "$JDIST " + command);
            compile("022", "SCCACHE_DIRECT=0 $JDIST " + command);
        }
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        daemon.close();
        assertEquals(List.of(), daemon.warnings(), "warnings that no test announced");
    }

    private static CacheDaemon.Output compile(String umask, String command) throws IOException, InterruptedException {
        return daemon.run(
                directory,
                List.of("sh", "-c", "umask " + umask + "; " + command),
                Map.of("JDIST", daemon.program().toString()));
    }

    /** How a compile ends, what it prints, and what it leaves. */
    private record Result(CacheDaemon.Output output, String left) {}

    private static Result run(Before before, String umask, String command) throws IOException, InterruptedException {
        outputs.arrange(before);
        CacheDaemon.Output output = compile(umask, command);
        return new Result(output, outputs.look());
    }

    private static long hits() throws IOException, InterruptedException {
        long sum = 0;
        for (JsonNode count : daemon.statistics().get("cache_hits").get("counts")) {
            sum += count.asLong();
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource(value = Before.class, mode = EnumSource.Mode.EXCLUDE, names = "NAMES_THAT_CANNOT_BE_WRITTEN")
    void hit_leavesWhatTheCompilerLeaves(Before before) throws Exception {
        long known = hits();
        for (String command : COMMANDS) {
            Result bare = run(before, "027", command);
            assertEquals(bare, run(before, "027", "$JDIST " + command), command + ", by its files");
            assertEquals(bare, run(before, "027", "$JDIST " + command), command + ", by its words");
            assertEquals(bare, run(before, "027", "SCCACHE_DIRECT=0 $JDIST " + command), command + ", by its text");
        }
        assertEquals(known + 3L * COMMANDS.size(), hits());
    }

    @ParameterizedTest
    @EnumSource(value = Before.class, names = "NAMES_THAT_CANNOT_BE_WRITTEN")
    void outputThatCannotBeWritten_isTheCompilersToComplainAbout(Before before) throws Exception {
        for (String command : COMMANDS) {
            Result bare = run(before, "022", command);
            Result behind = run(before, "022", "$JDIST " + command);

            assertEquals(bare.left, behind.left, command);
            assertEquals(bare.output.code(), behind.output.code(), command);
        }
    }

    /** What a terminal of so many columns shows of a command. */
    private static CacheDaemon.Output onTerminal(int columns, String command) throws IOException, InterruptedException {
        String line = "stty cols " + columns + " && TERM=dumb " + command;
        return daemon.run(
                directory,
                List.of("script", "--quiet", "--return", "--command", line, "/dev/null"),
                Map.of("JDIST", daemon.program().toString()));
    }

    // gcc trims lines that it quotes to the width of the terminal, or to COLUMNS; clang listens to COLUMNS only.
    @ParameterizedTest
    // Both print in colour there; a clang of 17 or later does not where NO_COLOR is set, unless an option says
    // something of it.
    @ValueSource(
            strings = {
                "gcc",
                "clang",
                "COLUMNS=50 gcc",
                "COLUMNS=50 clang",
                "SCCACHE_DIRECT=0 gcc",
                "TERM=xterm gcc",
                "TERM=xterm clang-19",
                "TERM=xterm NO_COLOR=1 gcc",
                "TERM=xterm NO_COLOR=1 clang",
                "TERM=xterm NO_COLOR=1 clang-19",
                "TERM=xterm NO_COLOR= clang-19",
                "TERM=xterm NO_COLOR=1 clang-19 -fdiagnostics-color=auto"
            })
    void terminal_showsWhatTheCompilerShowsThere(String compiler) throws Exception {
        String words = compiler + " -Wall -c warns.c -o warns.o";
        String behind = words.replaceFirst("(gcc|clang)[-a-z0-9=]* .*", "\\$JDIST $0");
        for (int columns : List.of(60, 200, 50)) {
            CacheDaemon.Output bare = onTerminal(columns, words);
            for (int i = 0; i < 3; i++) {
                assertEquals(bare, onTerminal(columns, behind), columns + " columns, time " + i);
            }
        }
    }

    @Test
    void terminalThatIsWide_isNoObstacle() throws Exception {
        String behind = "$JDIST gcc -Wall -DWIDE -c warns.c -o warns.o";
        CacheDaemon.Output first = onTerminal(300, behind);
        long known = hits();

        assertEquals(first, onTerminal(300, behind));
        assertEquals(known + 1, hits());
    }

    /** A daemon that does not know a compiler asks it who it is. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DEPENDENCIES_OUTPUT='out/unit.d unit.o' gcc",
                "SUNPRO_DEPENDENCIES='out/unit.d unit.o' gcc",
                "GCC_COMPARE_DEBUG=-O1 gcc",
                "CC_PRINT_OPTIONS=1 CC_PRINT_OPTIONS_FILE=out/unit.d clang",
                "CC_PRINT_HEADERS=1 CC_PRINT_HEADERS_FILE=out/unit.d clang",
                "CC_LOG_DIAGNOSTICS=1 CC_LOG_DIAGNOSTICS_FILE=out/unit.d clang",
                "CCC_OVERRIDE_OPTIONS='+-MD +-MFout/unit.d' clang"
            })
    void variableThatHasTheCompilerWrite_hearsNothingOfQuestionsOfOurOwn(String compiler) throws Exception {
        String words = compiler + " -c unit.c -o out/unit.o";
        Result bare = run(Before.NOTHING, "022", words);
        daemon.stop();
        daemon.start();

        assertEquals(bare, run(Before.NOTHING, "022", words.replaceFirst("(gcc|clang) -c", "\\$JDIST $0")));
    }

    /** Nothing was put there, and nothing was left beside it. */
    @ParameterizedTest
    @EnumSource(value = Before.class, names = "NOTHING")
    void dependencyFileThatIsADevice_staysOne(Before before) throws Exception {
        String command = " -MD -MF /dev/null -c unit.c -o out/unit.o";
        for (String compiler : List.of("gcc", "clang")) {
            Result bare = run(before, "022", compiler + command);
            for (int i = 0; i < 3; i++) {
                assertEquals(bare, run(before, "022", "$JDIST " + compiler + command), compiler);
            }
        }
        assertEquals(false, Files.isRegularFile(Path.of("/dev/null")));
    }
}
