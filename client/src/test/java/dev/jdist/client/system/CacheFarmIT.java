package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.OutputDirectory;
import dev.jdist.client.testing.OutputDirectory.Before;
import dev.jdist.client.testing.PackedToolchains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cache and farm together: what is known never leaves the machine, what is not is compiled there and known from then on. */
class CacheFarmIT {
    @TempDir
    Path directory;

    private Farm farm;
    private Path work;

    @BeforeEach
    void startFarm() throws IOException, InterruptedException {
        farm = new Farm(directory, PackedToolchains.directory());
        farm.environment().remove("SCCACHE_RECACHE");
        farm.startScheduler();
        farm.startBuilder();
        farm.startClient();
        work = Files.createDirectory(directory.resolve("work"));
        Files.writeString(work.resolve("plain.c"), "int plain[N + 1];\nint f(void) { return 1; }\n");
        writeHeader(1);
        Files.writeString(work.resolve("unit.c"), """
                #include "number.h"
                int number(void) { return NUMBER; }
                """);
        Files.writeString(work.resolve("warns.c"), """
                #include "number.h"
                int warns(void) { int unused = NUMBER; return 1; }
                """);
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    private void writeHeader(int number) throws IOException, InterruptedException {
        Files.writeString(work.resolve("number.h"), "#define NUMBER " + number + "\n");
        // A file that changes in the very tick in which a compile begins is not trusted.
        TimeUnit.MILLISECONDS.sleep(50);
    }

    /** Compiles with the compiler alone and behind jdist, and compares object and dependency file. */
    private void compile(String source) throws IOException, InterruptedException {
        List<String> command = List.of("gcc", "-O2", "-g0", "-Wall", "-MD", "-c", source, "-o", "unit.o");
        Farm.Result bare = farm.runProgram(work, command).assertSuccess();
        byte[] object = Files.readAllBytes(work.resolve("unit.o"));
        byte[] dependencies = Files.readAllBytes(work.resolve("unit.d"));
        Files.delete(work.resolve("unit.o"));
        Files.delete(work.resolve("unit.d"));

        assertEquals(bare, farm.run(work, command));

        assertArrayEquals(object, Files.readAllBytes(work.resolve("unit.o")));
        assertArrayEquals(dependencies, Files.readAllBytes(work.resolve("unit.d")));
    }

    private void assertCounts(int hits, int misses, int distributed) throws IOException, InterruptedException {
        JsonNode statistics = farm.statistics();
        String all = statistics.toPrettyString();
        assertEquals(
                hits, statistics.get("cache_hits").get("counts").path("C/C++").asInt(), all);
        assertEquals(
                misses,
                statistics.get("cache_misses").get("counts").path("C/C++").asInt(),
                all);
        assertEquals(distributed, Farm.distributed(statistics), all);
        assertEquals(0, statistics.get("dist_errors").asInt(), all);
    }

    @Test
    void unit_thatIsNotKnown_goesToTheFarmOnceAndIsKnownThen() throws Exception {
        compile("unit.c");
        assertCounts(0, 1, 1);
        compile("unit.c");
        assertCounts(1, 1, 1);
        writeHeader(2);
        compile("unit.c");
        assertCounts(1, 2, 2);
        writeHeader(1);
        compile("unit.c");
        assertCounts(2, 2, 2);
    }

    @Test
    void unitWithWarnings_fromTheFarm_isKnownWithThem() throws Exception {
        compile("warns.c");
        assertCounts(0, 1, 1);
        compile("warns.c");
        assertCounts(1, 1, 1);
    }

    /** Whatever is in the places of its outputs, what a builder made leaves there what the compiler would leave. */
    @Test
    void unit_fromTheFarm_leavesWhatTheCompilerLeaves() throws Exception {
        OutputDirectory outputs = new OutputDirectory(work.resolve("out"));
        Set<Before> all = EnumSet.complementOf(EnumSet.of(Before.NAMES_THAT_CANNOT_BE_WRITTEN));
        for (Before before : all) {
            List<String> command = List.of(
                    "gcc",
                    "-g0",
                    "-gsplit-dwarf",
                    "-MD",
                    "--coverage",
                    "-frandom-seed=1",
                    "-DN=" + before.ordinal(),
                    "-c",
                    "plain.c",
                    "-o",
                    "out/unit.o");
            outputs.arrange(before);
            farm.runProgram(work, command).assertSuccess();
            String bare = outputs.look();
            outputs.arrange(before);
            farm.run(work, command).assertSuccess();
            assertEquals(bare, outputs.look(), before.name());
        }
        assertCounts(0, all.size(), all.size());
    }

    /** Columns that blanks, comments, macros and long lines move, and names of types that have none. */
    private static final String TELLING = """
            #include <assert.h>
            #define   ADDED(x)  ((x)   +  1)
            int\tadded(int  a, int *  b) { return b[ADDED(a)]   << /* by */ ADDED(a) \\
                / a; }
            typedef   struct { int a; } unnamed;
            const char *  pretty(unnamed *a) { assert( a !=  0 ); return  a ? __PRETTY_FUNCTION__ : 0; }
            int assembled(int a) { __asm__  volatile("" :   "+r"(a)); return  a; }
            #ifdef __cplusplus
            #define NAMED(x)   named( x )
            template <class T> const char *named(T) { return __PRETTY_FUNCTION__; }
            const char *lambda() { return /* of */  NAMED([](int a) { return a; }); }
            #endif
            #if __cplusplus > 201703L
            #include <source_location>
            unsigned place() { return   ADDED( std::source_location::current().column() ); }
            #elif defined __clang__
            int column(void) { return   __builtin_COLUMN(); }
            #endif
            """;

    @Test
    void objectThatTellsOfItsSources_fromTheFarm_isTheOneOfTheCompilerAlone() throws Exception {
        int compiles = 0;
        for (String name : List.of("gcc", "g++", "clang", "clang++")) {
            String source = name.endsWith("++") ? "telling.cpp" : "telling.c";
            Files.writeString(work.resolve(source), TELLING);
            for (String options : List.of(
                    "-w",
                    "-g",
                    "-g3 -O2",
                    "-w -fsanitize=undefined",
                    "-fsanitize=address,undefined -O1",
                    "-w -flto -frandom-seed=1",
                    "--coverage -frandom-seed=1",
                    "-w -std=gnu++20")) {
                if (options.contains("++") && !name.equals("g++")) {
                    continue;
                }
                List<String> command = new ArrayList<>(List.of(name));
                command.addAll(List.of(options.split(" ")));
                command.addAll(List.of("-c", source, "-o", "unit.o"));
                Farm.Result bare = farm.runProgram(work, command).assertSuccess();
                byte[] object = Files.readAllBytes(work.resolve("unit.o"));
                Files.delete(work.resolve("unit.o"));

                assertEquals(bare, farm.run(work, command), command.toString());

                assertArrayEquals(object, Files.readAllBytes(work.resolve("unit.o")), command.toString());
                compiles++;
            }
        }
        assertCounts(0, compiles, compiles);
    }

    @Test
    void unitWithDebuggingInformation_ofSourcesThatABuilderMayNotFindAlike_isCompiledHere() throws Exception {
        Files.writeString(work.resolve("time.c"), "const char *now(void) { return __TIME__ + sizeof __DATE__; }\n");
        farm.environment().put("SOURCE_DATE_EPOCH", "1000000000");
        List<String> command = List.of("gcc", "-g", "-c", "time.c", "-o", "unit.o");
        farm.runProgram(work, command).assertSuccess();
        byte[] object = Files.readAllBytes(work.resolve("unit.o"));
        Files.delete(work.resolve("unit.o"));

        farm.run(work, command).assertSuccess();

        assertArrayEquals(object, Files.readAllBytes(work.resolve("unit.o")));
        assertCounts(0, 1, 0);
        assertEquals(
                1,
                farm.statistics()
                        .get("not_distributed")
                        .get("sources that may be others on a builder")
                        .asInt());
    }

    /** gcc takes what was made of a header, in a file or in one of a folder, whatever the header says by now. */
    @ParameterizedTest
    @ValueSource(strings = {"number.h.gch", "number.h.gch/one"})
    void headerThatIsPrecompiled_isReadByTheCompilerHereOnly(String precompiled) throws Exception {
        Files.createDirectories(work.resolve(precompiled).getParent());
        farm.runProgram(work, List.of("gcc", "-O2", "-g0", "-Wall", "-x", "c-header", "number.h", "-o", precompiled))
                .assertSuccess();
        writeHeader(2);

        compile("unit.c");
        compile("unit.c");
        assertCounts(0, 0, 0);
    }

    @Test
    void unit_thatIsKnown_needsNoFarm() throws Exception {
        compile("unit.c");
        farm.stop("builder-0");
        farm.stop("scheduler");

        compile("unit.c");

        assertCounts(1, 1, 1);
    }

    /** It is recognised by its files, without a preprocessor, when there turns out to be nothing to be had. */
    @Test
    void unitWhoseResultIsGone_isCompiledByTheFarmFromItsSource() throws Exception {
        compile("unit.c");
        farm.stopClient();
        farm.startClient();
        int removed = 0;
        try (Stream<Path> files = Files.walk(directory.resolve("compiles"))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".result")).toList()) {
                Files.delete(file);
                removed++;
            }
        }
        assertFalse(removed == 0, "there was no result");

        compile("unit.c");
        assertCounts(0, 1, 1);
        compile("unit.c");
        assertCounts(1, 1, 1);
    }
}
