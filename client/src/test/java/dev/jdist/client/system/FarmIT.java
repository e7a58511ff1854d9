package dev.jdist.client.system;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.SampleProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A healthy farm: one scheduler, two builders, one client; real compilers, real bubblewrap. */
class FarmIT {
    @TempDir
    static Path directory;

    private static Farm farm;

    @TempDir
    Path work;

    @BeforeAll
    static void startFarm() throws IOException, InterruptedException {
        farm = new Farm(directory, PackedToolchains.directory());
        farm.startScheduler();
        farm.startBuilder();
        farm.startBuilder();
        farm.startClient();
    }

    @AfterAll
    static void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    @BeforeEach
    void zero() throws IOException, InterruptedException {
        farm.zeroStatistics();
    }

    @Test
    void distStatus_ofTheRunningFarm_isWhatSccachePrints() throws Exception {
        int cpus = Runtime.getRuntime().availableProcessors();
        assertEquals(
                "{\"SchedulerStatus\":[\"" + farm.schedulerUrl() + "/\",{\"num_servers\":2,\"num_cpus\":" + 2 * cpus
                        + ",\"in_progress\":0}]}\n",
                farm.run(work, List.of("--dist-status")).assertSuccess().stdout());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gcc g++", "clang clang++"})
    void build_ofManyUnits_isDistributedWholeAndGivesTheSameFiles(String compilers) throws Exception {
        String cc = compilers.split(" ")[0];
        String cxx = compilers.split(" ")[1];
        SampleProject project = SampleProject.create(work.resolve("project"), 40);
        project.buildAlone(cc, cxx);

        farm.runProgram(project.directory(), project.make(8, farm.jdist() + " " + cc, farm.jdist() + " " + cxx))
                .assertSuccess();

        project.assertSameAsAlone();
        JsonNode statistics = farm.statistics();
        assertEquals(project.units(), Farm.distributed(statistics), statistics.toPrettyString());
        assertEquals(0, statistics.get("dist_errors").asInt());
        assertEquals(2, statistics.get("dist_compiles").size(), "both builders had work");
    }

    /** As where compilers are loaded as environment modules. Nothing else in the path is of any use there. */
    @Test
    void compiler_withLibrariesOfTheCallersPath_isDistributedWithThem() throws Exception {
        Path modules = Files.createDirectory(work.resolve("modules"));
        try (Stream<Path> usual = Files.list(Path.of("/usr/lib/x86_64-linux-gnu"))) {
            for (Path library : usual.filter(
                            path -> path.getFileName().toString().matches("lib(mpfr|z)\\.so\\.[0-9]"))
                    .toList()) {
                Files.copy(library, modules.resolve(library.getFileName()));
            }
        }
        Path bare = sources("bare");
        farm.runProgram(bare, List.of("gcc", "-O2", "-c", "unit.c", "-o", "unit.o"))
                .assertSuccess();
        Path remote = sources("remote");
        List<String> command = List.of(
                "env",
                "LD_LIBRARY_PATH=/nowhere:" + modules + ":",
                farm.jdist().toString(),
                "gcc",
                "-O2",
                "-c",
                "unit.c",
                "-o",
                "unit.o");
        farm.runProgram(remote, command).assertSuccess();
        assertArrayEquals(Files.readAllBytes(bare.resolve("unit.o")), Files.readAllBytes(remote.resolve("unit.o")));
        JsonNode statistics = farm.statistics();
        assertEquals(1, Farm.distributed(statistics), statistics.toPrettyString());
        assertEquals(0, statistics.get("dist_errors").asInt());
    }

    /** A builder does not have the library, and what it does to a compile is anybody's guess. */
    @Test
    void compile_withAPreloadedLibrary_staysHereAndIsCounted() throws Exception {
        assumeFalse(Boolean.getBoolean("jdist.sanitized"), "skipped: the launcher has a library preloaded itself");
        Path bare = sources("bare");
        List<String> command =
                List.of("env", "LD_PRELOAD=libz.so.1", farm.jdist().toString(), "gcc", "-c", "unit.c", "-o", "unit.o");
        farm.runProgram(bare, command).assertSuccess();
        JsonNode statistics = farm.statistics();
        assertEquals(0, Farm.distributed(statistics), statistics.toPrettyString());
        assertEquals(1, statistics.at("/not_distributed/LD_PRELOAD").asInt(), statistics.toPrettyString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gcc -O2 -c unit.c",
                "gcc -O2 -c ./unit.c -o ./out/../unit.o",
                "gcc-12 -O2 -fPIC -c -o out/unit.o unit.c",
                "x86_64-linux-gnu-gcc -Os -std=c11 -c unit.c -o unit.o",
                "/usr/bin/gcc -O2 -DNAME=\"ab\" -c unit.c -o unit.o",
                "cc -O2 -x c -c unit.c -o unit.o",
                "gcc -O2 -c unit.c -o unit.o -MD",
                "gcc -O2 -c unit.c -o out/unit.o -MMD -MF out/deps.mk -MT all",
                "gcc -O2 -c unit.c -o out/unit.o -MD -MP -MQ $(x)",
                "gcc -O2 -c unit.c -Wp,-MMD,out/unit.dep -o out/unit.o",
                "gcc @arguments",
                "gcc -O2 -pipe -fsanitize=undefined -c unit.c",
                "clang -O2 -pipe -flto -c unit.c -o unit.o",
                "g++ -O2 -std=c++20 -c unit.cpp -o unit.o",
                "g++ -O2 -fno-exceptions -fno-rtti -c unit.c -o unit.o",
                "c++ -O1 -include first.h -c unit.cpp -o unit.o",
                "g++ -O2 -pthread -fvisibility=hidden -c unit.cpp -ounit.o",
                "gcc -c start.S -o start.o",
                "gcc -c plain.s -o plain.o",
                "clang -O2 -c unit.c -o unit.o",
                "clang-14 -O2 -c unit.c -o unit.o -MD -MF unit.d",
                "clang++ -O2 -std=c++17 -c unit.cpp -o out/unit.o",
                "clang++ -O2 -stdlib=libstdc++ -c -o unit.o -- unit.cpp",
                "clang -c start.S -o start.o",
                "clang --target=x86_64-linux-gnu -O2 -c unit.c -o unit.o",
            })
    void compile_ofOneUnit_isDistributedAndLeavesTheFilesOfTheCompiler(String line) throws Exception {
        List<String> command = List.of(line.split(" "));
        Path bare = sources("bare");
        Result expected = farm.runProgram(bare, command).assertSuccess();
        Path remote = sources("remote");
        Path swap = work.resolve("place");
        // Both compile in a directory of the same name: it may be part of what they write.
        Files.move(bare, work.resolve("kept"));
        Files.move(remote, swap);
        Files.move(work.resolve("kept"), work.resolve("bare"));

        Result actual = farm.run(swap, command);

        assertEquals(expected, actual);
        assertSameFiles(work.resolve("bare"), swap);
        JsonNode statistics = farm.statistics();
        assertEquals(1, Farm.distributed(statistics), statistics.toPrettyString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gcc -g -c unit.c",
                "gcc -O2 -gdwarf-4 -Wall -c unit.c -o unit.o -MD",
                "g++ -g -O2 -gsplit-dwarf -std=c++20 -c unit.cpp -o unit.o",
                "clang -g -c unit.c",
                "clang -O2 -gdwarf-5 -gsplit-dwarf -c unit.c -o unit.o",
                "clang++ -g -std=c++17 -c unit.cpp -o unit.o",
                "clang --coverage -c unit.c",
            })
    void unitThatTellsOfItsSources_tellsWhatTheCompilerTellsHere(String line) throws Exception {
        List<String> command = List.of(line.split(" "));
        // Objects name the directory.
        Path place = sources("place");
        Files.writeString(
                place.resolve("unit.c"),
                "#define TWICE(x) ((x) + (x))\nint twice(int y) { return TWICE(y); }\n",
                APPEND);
        Result expected = farm.runProgram(place, command).assertSuccess();
        Path bare = work.resolve("bare");
        Files.move(place, bare);
        sources("place");
        Files.copy(bare.resolve("unit.c"), place.resolve("unit.c"), REPLACE_EXISTING);

        assertEquals(expected, farm.run(place, command));

        assertSameFiles(bare, place);
        JsonNode statistics = farm.statistics();
        assertEquals(1, Farm.distributed(statistics), statistics.toPrettyString());
    }

    /** Preprocessed source shows no comment; clang writes a digest of each file into the object, and columns are in all of them. */
    @ParameterizedTest
    @ValueSource(strings = {"gcc -g -c unit.c", "clang -g -c unit.c"})
    void objectThatTellsOfSources_isNotThatOfOtherComments(String line) throws Exception {
        Path place = sources("place");
        List<String> cached = new ArrayList<>(
                List.of("env", "-u", "SCCACHE_RECACHE", farm.jdist().toString()));
        cached.addAll(List.of(line.split(" ")));
        for (String comment : List.of("one", "two", "one")) {
            write(
                    place,
                    "first.h",
                    "/* " + comment + " */ static inline int g(int x) { return x; }\n#define FIRST g(1)\n");
            farm.runProgram(place, List.of(line.split(" "))).assertSuccess();
            byte[] bare = Files.readAllBytes(place.resolve("unit.o"));
            farm.runProgram(place, cached).assertSuccess();
            assertArrayEquals(bare, Files.readAllBytes(place.resolve("unit.o")), comment);
            // Waits until it is stored, for which its sources have to be as they were.
            farm.statistics();
        }
        assertEquals(2, Farm.distributed(farm.statistics()), "the third one is known");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gcc unit.c first.c -c",
                "gcc -E unit.c",
                "gcc -M unit.c",
                "gcc -S -O2 unit.c",
                "gcc -fsyntax-only unit.c",
                "gcc -c missing.c",
                "gcc -c broken.c",
                "gcc --version",
                "gcc -v -c unit.c",
                "gcc -march=native -c unit.c",
                "gcc -save-temps -c unit.c",
                "gcc -c unit.c -o /dev/null",
                "gcc -c",
                "gcc",
                "gcc -dumpmachine",
                "gcc -print-prog-name=cc1",
                "gcc -shared -fPIC unit.c -o lib.so",
                "gcc -c unit.c -o nowhere/unit.o",
                "gcc -c embed.c",
                "clang -c broken.c",
                "clang --version",
                "clang -c -emit-llvm -S unit.c",
                "true",
                "ls -1",
            })
    void command_thatIsNotForTheFarm_doesWhatItDoesWithoutJdist(String line) throws Exception {
        List<String> command = List.of(line.split(" "));
        Path bare = sources("place");
        Result expected = farm.runProgram(bare, command);
        Files.move(bare, work.resolve("bare"));
        Path here = sources("place");

        Result actual = farm.run(here, command);

        assertEquals(withoutTemporaryNames(expected), withoutTemporaryNames(actual));
        assertSameFiles(work.resolve("bare"), here);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gcc -O2 -Wall -Wextra -c warns.c -o warns.o",
                "gcc -O2 -Wall -Wextra -fdiagnostics-color=always -c warns.c -o warns.o",
                "g++ -O2 -Wall -Wextra -x c++ -c warns.c -o warns.o",
                "clang -O2 -Wall -Wextra -c warns.c -o warns.o",
                "clang++ -O2 -Wall -Wextra -fcolor-diagnostics -x c++ -c warns.c -o warns.o",
                "gcc -c preprocessor-warns.c -o warns.o",
                "g++ -Wall -c warns-with-library.cpp -o warns.o",
                "clang++ -Wall -c warns-with-library.cpp -o warns.o",
            })
    void warnings_ofADistributedUnit_areTheLocalCompilersOwn(String line) throws Exception {
        assertWarnsAlike(line, 1);
    }

    /** A compiler may take two equal headers for one, which depends on more than a builder gets to know. */
    @ParameterizedTest
    @ValueSource(strings = {"gcc", "clang"})
    void warnings_ofAUnitWithTwoEqualHeaders_areGivenHere(String compiler) throws Exception {
        assertWarnsAlike(compiler + " -Ione -Itwo -include two/h.h -c once.c -o warns.o", 0);
    }

    private void assertWarnsAlike(String line, int distributed) throws Exception {
        List<String> command = List.of(line.split(" "));
        Path bare = sources("place");
        Result expected = farm.runProgram(bare, command).assertSuccess();
        assertFalse(expected.stderr().isEmpty());
        Files.move(bare, work.resolve("bare"));
        Path here = sources("place");

        Result actual = farm.run(here, command);

        assertEquals(expected, actual);
        assertSameFiles(work.resolve("bare"), here);
        assertEquals(distributed, Farm.distributed(farm.statistics()));
    }

    @Test
    void umask_ofTheCaller_decidesTheModeOfTheObject() throws Exception {
        Path here = sources("here");
        for (String umask : List.of("022", "077", "002", "000")) {
            String script = "umask " + umask + "; " + farm.jdist()
                    + " gcc -O2 -c unit.c -o remote.o && gcc -O2 -c unit.c -o" + " bare.o";
            farm.runProgram(here, List.of("sh", "-c", script)).assertSuccess();
            assertEquals(mode(here.resolve("bare.o")), mode(here.resolve("remote.o")), umask);
            Files.delete(here.resolve("bare.o"));
            Files.delete(here.resolve("remote.o"));
        }
    }

    @Test
    void symbolicLink_namedLikeACompiler_compilesWithIt() throws Exception {
        Path here = sources("here");
        Path links = Files.createDirectory(work.resolve("links"));
        Files.createSymbolicLink(links.resolve("gcc"), farm.jdist());
        String script =
                "PATH=" + links + ":$PATH; gcc -O2 -c unit.c -o unit.o && gcc unit.o main.c -o program && ./program";
        Result result = farm.runProgram(here, List.of("sh", "-c", script)).assertSuccess();

        assertEquals("42\n", result.stdout());
        assertEquals(1, Farm.distributed(farm.statistics()));
    }

    @Test
    void directoryWithSpacesAndUmlauts_isNoObstacle() throws Exception {
        Path here = sources("a directory with späces and 'quotes'");
        farm.run(here, List.of("gcc", "-O2", "-MD", "-c", "unit.c", "-o", "out/ünit.o"))
                .assertSuccess();
        assertTrue(Files.exists(here.resolve("out/ünit.o")));
        assertEquals(1, Farm.distributed(farm.statistics()));
    }

    @Test
    void objectInThePlaceOfALink_replacesTheLink() throws Exception {
        Path here = sources("here");
        Files.writeString(here.resolve("target"), "untouched");
        Files.createSymbolicLink(here.resolve("unit.o"), Path.of("target"));
        farm.run(here, List.of("gcc", "-O2", "-c", "unit.c", "-o", "unit.o")).assertSuccess();
        assertEquals("untouched", Files.readString(here.resolve("target")));
        assertTrue(Files.isRegularFile(here.resolve("unit.o"), java.nio.file.LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void statistics_asText_haveSccachesLayout() throws Exception {
        Path here = sources("here");
        farm.run(here, List.of("gcc", "-O2", "-c", "unit.c")).assertSuccess();
        farm.run(here, List.of("gcc", "-E", "unit.c")).assertSuccess();
        String text = farm.run(here, List.of("--show-stats")).assertSuccess().stdout();
        assertTrue(text.startsWith("Compile requests                      2\n"), text);
        assertTrue(text.contains("\nSuccessful distributed compiles\n  127.0.0.1:"), text);
        assertTrue(text.contains("\nNon-cacheable reasons:\n-E                                    1\n"), text);
    }

    /** A directory of sources of every kind that the command lines here name. */
    private Path sources(String name) throws IOException {
        Path here = Files.createDirectory(work.resolve(name));
        Files.createDirectory(here.resolve("out"));
        write(here, "unit.c", "#include <stdlib.h>\n#include \"first.h\"\nint answer(void) { return abs(-FIRST); }\n");
        write(here, "first.h", "#ifndef FIRST\n#define FIRST 42\n#endif\n");
        write(here, "first.c", "int first = 1;\n");
        write(
                here,
                "main.c",
                "#include <stdio.h>\nint answer(void);\nint main(void) { printf(\"%d\\n\", answer()); }\n");
        write(
                here,
                "unit.cpp",
                "#include <string>\n#include <vector>\n#include \"first.h\"\nstd::string f(std::vector<std::string> v) {"
                        + " return v.at(0) + __FILE__; }\n");
        write(here, "start.S", "#define NAME begin\n.globl NAME\nNAME:\n nop\n ret\n");
        write(here, "plain.s", ".globl plain\nplain:\n ret\n");
        write(here, "broken.c", "int f( { return 1 }\n");
        write(here, "embed.c", "__asm__(\".globl blob\\nblob: .incbin \\\"first.h\\\"\");\nint x;\n");
        write(
                here,
                "warns.c",
                "#include \"warns.h\"\n#define TWICE(x) ((x) + unused_in_macro(x))\nstatic int unused(void) { return 1; }\n"
                        + "int unused_in_macro(int);\nint f(int n) { int m; if (n = 3) return TWICE(n); switch (n) { case 1:"
                        + " n++; /* fall through */ case 2: return m; } return 0; }\n");
        write(here, "warns.h", "static inline int shadow(int a, unsigned b) { return a < b; }\n");
        write(here, "warns-with-library.cpp", "#include <iostream>\nint main() { int unused; std::cout << 1; }\n");
        // The second header of that name is skipped, as it is the first under another name.
        write(here, "once.c", "#include \"link.h\"\n#include <h.h>\nint value = VALUE;\n");
        write(here, "one/h.h", "#pragma once\n#define VALUE 1\n");
        write(here, "two/h.h", "#define VALUE 2\n");
        Files.createSymbolicLink(here.resolve("link.h"), Path.of("one/h.h"));
        write(here, "preprocessor-warns.c", "#warning this is odd\nint x;\n");
        write(here, "arguments", "-O2 -c unit.c\n-o 'out/unit.o'\n");
        return here;
    }

    private static void write(Path directory, String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void assertSameFiles(Path expected, Path actual) throws IOException {
        assertEquals(names(expected), names(actual));
        for (String name : names(expected)) {
            Path file = expected.resolve(name);
            if (Files.isRegularFile(file)) {
                assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(actual.resolve(name)), name);
                assertEquals(mode(file), mode(actual.resolve(name)), name);
            }
        }
    }

    private static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (var files = Files.walk(directory)) {
            files.forEach(file -> names.add(directory.relativize(file).toString()));
        }
        names.sort(null);
        return names;
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    /** Compilers print the names of their temporary files, which are never the same. */
    private static Result withoutTemporaryNames(Result result) {
        return new Result(
                result.code(),
                result.stdout().replaceAll("/tmp/cc[A-Za-z0-9]+", "/tmp/X"),
                result.stderr().replaceAll("/tmp/(cc)?[A-Za-z0-9-]+\\.[a-z]+", "/tmp/X"));
    }
}
