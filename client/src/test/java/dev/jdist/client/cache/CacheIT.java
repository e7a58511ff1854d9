package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.CacheDaemon;
import dev.jdist.client.testing.CacheDaemon.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The cache behind real command lines: what is found leaves what the compiler leaves, and it is known what is never found. */
class CacheIT {
    @TempDir
    static Path directory;

    private static CacheDaemon daemon;
    private static CommandLineProject project;
    private static CommandLineRuns<Outcome> outcomes;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        daemon = new CacheDaemon(CacheDaemon.jdist(), directory.resolve("jdist"));
        project = new CommandLineProject(directory);
        outcomes = new CommandLineRuns<>(CacheDaemon.jdist(), directory.resolve("rows"), rows(), CacheIT::repeat);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        daemon.close();
        outcomes.close();
        assertEquals(List.of(), daemon.warnings(), "warnings that no test announced");
        assertEquals(List.of(), outcomes.warnings(), "warnings that no test announced");
    }

    static Stream<CommandLineRow> rows() {
        return CommandLineRow.all();
    }

    /** What a command line did with the compiler alone, and twice behind jdist. */
    private record Outcome(Run bare, List<String> decisions, List<Run> runs, Optional<Elsewhere> elsewhere) {}

    /** What it did in another directory, with the compiler alone, and when its text was known from the first one. */
    private record Elsewhere(Run bare, Run behind) {}

    private static Outcome repeat(CacheDaemon daemon, CommandLineProject project, CommandLineRow row)
            throws IOException, InterruptedException {
        Run bare = daemon.runBare(project, row, Map.of());
        List<Run> runs = new ArrayList<>();
        List<String> decisions = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            decisions.add(daemon.decisionOn(() -> runs.add(daemon.runBehind(project, row))));
        }
        return new Outcome(
                bare, decisions, runs, isFound(row) ? Optional.of(move(daemon, project, row)) : Optional.empty());
    }

    private static Elsewhere move(CacheDaemon daemon, CommandLineProject project, CommandLineRow row)
            throws IOException, InterruptedException {
        CommandLineProject other = project.elsewhere();
        CommandLineRow byText = new CommandLineRow(
                List.of(), row.compiler(), "export SCCACHE_DIRECT=0; " + row.command(), List.of(), "");
        daemon.runBehind(project, byText);
        return new Elsewhere(daemon.runBare(other, row, Map.of()), daemon.runBehind(other, byText));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void commandLine_repeated_leavesEachTimeWhatTheCompilerLeaves(CommandLineRow row) throws Exception {
        Outcome outcome = outcomes.of(row);

        assertAll(
                () -> assertEquals(row.decisions(), outcome.decisions()),
                () -> assertEquals(outcome.bare(), outcome.runs().get(0), "the first time"),
                () -> assertEquals(outcome.bare(), outcome.runs().get(1), "the second time"));
    }

    static Stream<CommandLineRow> rowsWithHits() {
        return rows().filter(CacheIT::isFound);
    }

    private static boolean isFound(CommandLineRow row) {
        return row.decisions().contains("hit");
    }

    @ParameterizedTest
    @MethodSource("rowsWithHits")
    void commandLine_inAnotherDirectory_leavesWhatTheCompilerLeavesThere(CommandLineRow row) throws Exception {
        Elsewhere outcome = outcomes.of(row).elsewhere().orElseThrow();

        assertEquals(outcome.bare, outcome.behind);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            c   | $CC -O1 -c unit.c                                 | near.h          | '#define NEAR 2\nstruct near { char a; long b; };'
            c   | SCCACHE_DIRECT=0 $CC -O1 -c unit.c                | near.h          | '#define NEAR 2\nstruct near { char a; long b; };'
            c   | $CC -c unit.c -include first.h                    | first.h         | 'int second;'
            c   | $CC -c unit.c -imacros macros.h                   | macros.h        | '#define MORE 7'
            c   | $CC -c unit.c -Iafter -Iinclude -DNAME=FROM_INC   | after/inc.h     | '#define FROM_INC 9'
            c   | $CC -c unit.c -isystem sys                        | sys/sys.h       | 'int not_only_of_the_system;'
            c   | $CC -c has.c                                      | after.h         | ''
            c   | $CC -c has.c -isystem sys                         | sys/none.h      | ''
            c   | $CC -c computed.c                                 | none.h          | ''
            c   | $CC -c sub/deep.c                                 | sub/beside.h    | '#define BESIDE 4'
            c   | $CC -c start.S                                    | near.h          | '#define NEAR 3'
            c   | $CC -c embed.c                                    | data.bin        | 'DATA'
            c   | $CC -c embed.S                                    | data.bin        | 'DATA'
            c   | $CC -c embed.s                                    | data.bin        | 'DATA'
            c   | $CC -c embed-split.c                              | data.bin        | 'DATA'
            gcc | $CC -c embed-attribute.c                          | data.bin        | 'DATA'
            c   | $CC -c embed-pasted.c                             | data.bin        | 'DATA'
            c   | SCCACHE_DIRECT=0 $CC -c embed-pasted.c            | data.bin        | 'DATA'
            c   | $CC -c embed-from-header.c                        | data.bin        | 'DATA'
            c   | $CC -c embed-macro.c                              | data.bin        | 'DATA'
            c   | $CC -c embed-macro.S                              | data.bin        | 'DATA'
            c   | $CC -c embed-macro.s                              | data.bin        | 'DATA'
            clang-19 | $CC -std=c23 -c takes-in.c                   | data.bin        | 'DATA'
            clang-19 | SCCACHE_DIRECT=0 $CC -std=c23 -c takes-in.c  | data.bin        | 'DATA'
            clang-19 | $CC -std=c23 -c asks-for.c                   | data.bin        | ''
            gcc | $CC -c unit.c -Wa,embed.s                         | data.bin        | 'DATA'
            clang | $CC -fsanitize=address -Xclang -fsanitize-ignorelist=ignore.txt -O1 -c unit.c | ignore.txt | 'fun:nobody'
            c   | $CC -x c -c /dev/fd/3 -o x.o 3<plain.c            | plain.c         | 'int other;'
            c   | $CC -x c -c /proc/self/fd/3 -o x.o 3<plain.c      | plain.c         | 'int other;'
            c   | $CC -x c -c /dev/stdin -o x.o <plain.c            | plain.c         | 'int other;'
            c   | $CC -include /dev/fd/3 -c plain.c 3<first.h       | first.h         | 'int second;'
            gcc | W=$PWD/wrapcc; printf '#!/bin/sh\\nexec gcc $(cat flags) "$@"' >$W; chmod +x $W; ${CC%gcc}$W -c unit.c; rm $W | flags | '-DNAME=5'
            clang | W=$PWD/wrapcc; printf '#!/bin/sh\\n. ./flags; exec clang $F "$@"' >$W; chmod +x $W; ${CC%clang}$W -c unit.c; rm $W | flags | 'F=-DNAME=5'
            c   | $CC -c of-process.c 3<first.h                     | first.h         | 'int second;'
            c   | SCCACHE_DIRECT=0 $CC -c of-process.c 3<first.h    | first.h         | 'int second;'
            c   | $CC @/dev/fd/3 3<arguments                        | arguments       | '-c -O2 -DNAME=9 unit.c -o out/unit.o'
            c   | $CC @arguments                                    | arguments       | '-c -O2 -DNAME=9 unit.c -o out/unit.o'
            c   | $CC -c @nested -o unit.o                          | more            | '-DNAME=4 unit.c'
            c   | $CC -Wall -c warns.c                              | warns.c         | 'int w(void) { int unused; return 1; } // why?'
            c   | SCCACHE_DIRECT=0 $CC -Wall -c warns.c             | warns.c         | 'int w(void) { int unused; return 1; } // why?'
            c   | $CC -c preprocessor-warns.c                       | preprocessor-warns.c | '#warning "do not worry"\nint w;'
            c   | SCCACHE_DIRECT=0 $CC -c preprocessor-warns.c      | preprocessor-warns.c | '#warning "do not worry"\nint w;'
            gcc | SCCACHE_DIRECT=0 $CC -Wextra -c fall.c            | fall.c          | 'int fall(int x) {\n    switch (x) {\n        case 1: x += 2; /* mind the gap */\n        case 2: x += 3;\n    }\n    return x;\n}\n'
            clang | $CC -fsanitize=address -fsanitize-ignorelist=ignore.txt -O1 -c unit.c | ignore.txt | 'fun:nobody'
            gcc | $BARE -x c-header first.h -o first.h.gch; $CC -include first.h -c unit.c; rm first.h.gch | first.h | 'int second;'
            """)
    void edit_ofWhatACompileReads_isNeverOverlooked(String compilers, String command, String file, String content)
            throws Exception {
        for (String compiler : compilers.equals("c") ? List.of("gcc", "clang") : List.of(compilers)) {
            CommandLineRow row = new CommandLineRow(List.of(), compiler, command, List.of(), "");
            Map<String, String> edits = Map.of(file, content == null ? "" : content.replace("\\n", "\n"));
            Run before = daemon.runBare(project, row, Map.of());
            Run after = daemon.runBare(project, row, edits);
            assertNotEquals(before, after, "an edit that changes nothing proves nothing");
            daemon.runBehind(project, row);

            assertEquals(before, daemon.runBehind(project, row), "unchanged");
            assertEquals(after, daemon.runBehind(project, row, edits), "edited");
            assertEquals(before, daemon.runBehind(project, row), "as it was");
        }
    }

    /** Once a unit was found by its preprocessed source, it is known by its files: by all, also by those that no line marker names. */
    @Test
    void edit_ofBytesThatAreTakenIn_afterAHitByPreprocessedSource_isNeverOverlooked() throws Exception {
        CommandLineRow row =
                new CommandLineRow(List.of(), "clang-19", "$CC -std=c23 -MMD -c takes-in.c", List.of(), "");
        String source = "const char bytes[] = {\n#embed \"data.bin\"\n};\n// the same\n";
        Map<String, String> commented = Map.of("takes-in.c", source);
        Map<String, String> edited = Map.of("takes-in.c", source, "data.bin", "DATA");
        daemon.runBehind(project, row);

        assertEquals("hit", daemon.decisionOn(() -> daemon.runBehind(project, row, commented)));
        assertEquals(daemon.runBare(project, row, edited), daemon.runBehind(project, row, edited));
    }

    // P is the project's directory; the same command runs in two others.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hit  | c     | $CC -O2 -std=gnu11 -Wall -fPIC -DNAME=3 -I$P/include -isystem $P/sys -MD -MT unit.o -MF unit.d -o unit.o -c $P/unit.c
            hit  | c     | $CC -Wall -MD -c $P/warns.c
            hit  | c     | $CC -Wall -include $P/first.h -c $P/has.c
            hit  | c     | CPATH=$P/sys $CC -c $P/unit.c
            hit  | clang | $CC -flto=thin -c $P/unit.c
            miss | gcc   | $CC -flto -frandom-seed=1 -c $P/unit.c
            miss | c     | $CC -g -c $P/unit.c
            miss | c     | $CC --coverage -frandom-seed=1 -c $P/plain.c
            miss | c     | $CC -I. -c $P/has.c
            miss | c     | $CC -c ../unit.c
            miss | c     | CPATH=: $CC -c $P/has.c
            """)
    void unit_inAnotherDirectory_isFoundWhereThatCannotMatter(String decision, String compilers, String command)
            throws Exception {
        for (String compiler : compilers.equals("c") ? List.of("gcc", "clang") : List.of(compilers)) {
            CommandLineRow row = new CommandLineRow(List.of(), compiler, in("one", command), List.of(), "");
            CommandLineRow other = new CommandLineRow(
                    List.of(), compiler, in("other", "echo 'int after_all;' >after.h; " + command), List.of(), "");
            daemon.runBehind(project, row);
            List<Run> runs = new ArrayList<>();

            assertEquals(decision, daemon.decisionOn(() -> runs.add(daemon.runBehind(project, other))), compiler);
            assertEquals(List.of(daemon.runBare(project, other, Map.of())), runs, compiler);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hit  | c     | $CC -O2 -g -c unit.c -o $OUT.o
            hit  | c     | $CC -c -o$OUT.o unit.c -MD -MT unit.o -MF $OUT.d
            hit  | c     | $CC -c unit.c -fstack-usage -o out/$OUT.o
            hit  | gcc   | $CC -flto -frandom-seed=1 -c unit.c -o $OUT.o
            hit  | c     | $CC -c unit.c -MD -o $OUT.o
            hit  | c     | $CC -c unit.c -MMD -MF unit.d -o $OUT.o
            hit  | c     | $CC -c unit.c -MD -MT $OUT.o -o $OUT.o
            hit  | c     | $CC -c unit.c -Iinclude -isystem sys -MMD -MP -MQout/$WIDE.o -MF unit.d -o out/$OUT.o
            hit  | c     | SCCACHE_DIRECT=0 $CC -c unit.c -MD -MT $WIDE -o unit.o
            hit  | c     | $CC -c system.c -MD -MT $WIDE -MF $OUT.d -o unit.o
            hit  | c     | $CC -c "two words.c" -MD -MT unit.o -MF $OUT.d -o $OUT.o
            miss | c     | $CC -c "two words.c" -MD -MT $OUT.o -o unit.o
            miss | c     | $CC -c unit.c -MD -MT $OUT.o -MT more.o -o unit.o
            miss | c     | $CC -c unit.c -MD -o ./$OUT.o
            miss | c     | $CC -c unit.c -MD -MQ \\$$OUT -o unit.o
            miss | c     | $CC -c unit.c -Wp,-MD,unit.d -MT $OUT.o -o unit.o
            miss | c     | $CC -g -gsplit-dwarf -c unit.c -o $OUT.o
            miss | c     | $CC --coverage -frandom-seed=1 -c plain.c -o $OUT.o
            miss | clang | $CC -frecord-command-line -c unit.c -o $OUT.o
            """)
    void unit_withAnotherObject_isFoundWhereItsNameCannotMatter(String decision, String compilers, String command)
            throws Exception {
        for (String compiler : compilers.equals("c") ? List.of("gcc", "clang") : List.of(compilers)) {
            List<CommandLineRow> rows = Stream.of("one", "other")
                    .map(name -> "OUT=" + name
                            + "; WIDE=$(printf %0${#OUT}0d 0); export SCCACHE_C_CUSTOM_CACHE_BUSTER=two-objects; "
                            + command)
                    .map(line -> new CommandLineRow(List.of(), compiler, line, List.of(), ""))
                    .toList();
            daemon.runBehind(project, rows.get(0));
            List<Run> runs = new ArrayList<>();

            assertEquals(decision, daemon.decisionOn(() -> runs.add(daemon.runBehind(project, rows.get(1)))), compiler);
            assertEquals(List.of(daemon.runBare(project, rows.get(1), Map.of())), runs, compiler);
        }
    }

    private static String in(String directory, String command) {
        return "P=$PWD; mkdir -p " + directory + "; cd " + directory
                + "; export SCCACHE_C_CUSTOM_CACHE_BUSTER=in-two-directories; " + command;
    }

    @Test
    void extraFile_thatChanges_isPartOfTheCompile() throws Exception {
        CommandLineRow row = new CommandLineRow(
                List.of(), "gcc", "SCCACHE_EXTRAFILES=ignore.txt:more $CC -c plain.c", List.of(), "");
        daemon.runBehind(project, row);

        assertEquals("hit", daemon.decisionOn(() -> daemon.runBehind(project, row)));
        assertEquals("miss", daemon.decisionOn(() -> daemon.runBehind(project, row, Map.of("more", "less"))));
    }

    /** That a header mentions the time of day is known only once the unit was compiled. */
    @Test
    void clock_mentionedInAHeaderThatDoesNotUseIt_isNoObstacleTheThirdTime() throws Exception {
        CommandLineRow row = new CommandLineRow(List.of(), "gcc", "$CC -O1 -c date-in-header.c", List.of(), "");
        daemon.runBehind(project, row);
        daemon.runBehind(project, row);

        assertEquals("hit", daemon.decisionOn(() -> daemon.runBehind(project, row)));
    }

    @Test
    void statistics_ofMissesAndHits_areCountedByLanguageAndCompiler() throws Exception {
        CommandLineRow row = new CommandLineRow(List.of(), "gcc", "$CC -O1 -c plain.c", List.of(), "");
        CommandLineRow other = new CommandLineRow(List.of(), "clang++", "$CC -O1 -c plain.c", List.of(), "");
        daemon.ask("--zero-stats");
        for (CommandLineRow each : List.of(row, row, row, other)) {
            daemon.runBehind(project, each);
        }

        assertEquals(
                List.of(
                        "Compile requests 4",
                        "Compile requests executed 4",
                        "Cache hits 2",
                        "Cache hits (C/C++) 2",
                        "Cache misses 2",
                        "Cache misses (C/C++) 2",
                        "Cache hits rate 50.00 %",
                        "Cache hits rate (C/C++) 50.00 %"),
                firstLines(daemon.ask("--show-stats"), 8));
        assertEquals(
                List.of(
                        "Cache hits 2",
                        "Cache hits (c [gcc]) 2",
                        "Cache misses 2",
                        "Cache misses (c [gcc]) 1",
                        "Cache misses (c++ [clang]) 1",
                        "Cache hits rate 50.00 %",
                        "Cache hits rate (c [gcc]) 66.67 %",
                        "Cache hits rate (c++ [clang]) 0.00 %"),
                firstLines(daemon.ask("--show-adv-stats"), 10).subList(2, 10));
        daemon.ask("--zero-stats");
        assertEquals("Cache hits rate -", firstLines(daemon.ask("-s"), 5).get(4));
    }

    private static List<String> firstLines(String text, int count) {
        return text.lines().limit(count).map(line -> line.replaceAll(" +", " ")).toList();
    }

    @Test
    void debugPreprocessorCache_namesTheFilesByWhichACompileIsFound() throws Exception {
        CommandLineRow row = new CommandLineRow(List.of(), "gcc", "$CC -O3 -c unit.c", List.of(), "");
        daemon.runBehind(project, row);
        daemon.stop();
        daemon.start();

        String listing = daemon.ask("--debug-preprocessor-cache");

        assertTrue(listing.contains("Showing preprocessor entry file " + daemon.directory()), listing);
        assertTrue(
                listing.contains("if the file " + project.place().resolve("near.h") + " has the BLAKE3 digest"),
                listing);
        assertTrue(listing.contains("    has no inc.h\n"), listing);
    }
}
