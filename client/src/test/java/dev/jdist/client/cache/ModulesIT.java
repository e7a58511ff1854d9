package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.jdist.client.testing.CacheDaemon;
import dev.jdist.client.testing.CacheDaemon.Output;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * C++20 modules behind the cache: objects, compiled modules and dependency files are those of the bare compiler, whatever was
 * edited in between. The command lines are those of CMake, whose response files name the modules.
 */
class ModulesIT {
    private static final String CLANG = System.getProperty("jdist.modules.clang", "clang++-19");

    private static final Map<String, String> SOURCES = Map.of(
            "a.cppm", "export module a;\nexport inline int fa() { return 1; }\n",
            "b.cppm", "export module b;\nimport a;\nexport inline int fb() { return fa() + 10; }\n",
            "c.cppm",
                    "module;\n#include \"plain.h\"\nexport module c;\nimport b;\nexport inline int fc() { return fb() + PLAIN; }\n",
            "plain.h", "#define PLAIN 100\n",
            "main.cpp", "import c;\nint g() { return fc(); }\n",
            "a.modmap", "-x c++-module\n-fmodule-output=a.pcm\n",
            "b.modmap", "-x c++-module\n-fmodule-output=b.pcm\n-fmodule-file=a=a.pcm\n",
            "c.modmap", "-x c++-module\n-fmodule-output=c.pcm\n-fmodule-file=a=a.pcm\n-fmodule-file=b=b.pcm\n",
            "main.modmap", "-fmodule-file=a=a.pcm\n-fmodule-file=b=b.pcm\n-fmodule-file=c=c.pcm\n");

    private static final List<String> UNITS = List.of(unit("a.cppm"), unit("b.cppm"), unit("c.cppm"), unit("main.cpp"));

    /** Where addresses are random, clang 19 puts the modules that a module imports in an order that is random, too. */
    private static final String FIXED = "setarch -R ";

    @TempDir
    private static Path directory;

    private static CacheDaemon daemon;
    private static int projects;

    private Path project;

    /** What a command said and left. */
    private record Left(Output output, Map<String, String> files) {}

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        daemon = new CacheDaemon(CacheDaemon.jdist(), directory.resolve("jdist"));
    }

    @BeforeEach
    void layOut() throws IOException {
        project = Files.createDirectories(directory.resolve("project-" + ++projects));
        SOURCES.forEach(this::write);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        daemon.close();
        assertEquals(List.of(), daemon.warnings(), "warnings that no test announced");
    }

    private void write(String name, String content) {
        try {
            Files.createDirectories(project.resolve(name).getParent());
            Files.writeString(project.resolve(name), content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String source(String name) {
        return Objects.requireNonNull(SOURCES.get(name));
    }

    private static String unit(String source) {
        String name = source.substring(0, source.indexOf('.'));
        return "$CC -O1 -std=c++20 -MD -MT " + name + ".o -MF " + name + ".d @" + name + ".modmap -o " + name + ".o -c "
                + source;
    }

    private Left run(String compiler, String command) throws IOException, InterruptedException {
        Output output = daemon.run(project, List.of("sh", "-c", command), Map.of("CC", compiler));
        return new Left(output, outputs());
    }

    private Left bare(String command) throws IOException, InterruptedException {
        return run(FIXED + CLANG, command);
    }

    private Left behind(String command) throws IOException, InterruptedException {
        return run(FIXED + CacheDaemon.jdist() + " " + CLANG, command);
    }

    private String decision(String command) throws IOException, InterruptedException {
        return daemon.decisionOn(() -> behind(command));
    }

    private Map<String, String> outputs() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(project)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (Set.of("o", "d", "pcm").contains(file.toString().replaceFirst(".*\\.", ""))) {
                    files.put(project.relativize(file).toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return files;
    }

    private void clean() throws IOException {
        for (String name : outputs().keySet()) {
            Files.delete(project.resolve(name));
        }
    }

    /** Builds all units, first by the compiler alone, then behind jdist. @return what became of each */
    private List<String> compareBuilds(List<String> units) throws IOException, InterruptedException {
        clean();
        for (String unit : units) {
            bare(unit).output().assertSuccess();
        }
        Map<String, String> expected = outputs();
        clean();
        List<String> decisions = new ArrayList<>();
        for (String unit : units) {
            decisions.add(decision(unit));
        }
        assertEquals(expected.keySet(), outputs().keySet());
        for (Map.Entry<String, String> file : outputs().entrySet()) {
            assertEquals(expected.get(file.getKey()), file.getValue(), file.getKey());
        }
        return decisions;
    }

    @Test
    void modulesThatImportEachOther_areFoundUntilOneThatTheyNeedIsAnother() throws Exception {
        assertEquals(List.of("miss", "miss", "miss", "miss"), compareBuilds(UNITS));
        assertEquals(List.of("hit", "hit", "hit", "hit"), compareBuilds(UNITS));

        write("b.cppm", source("b.cppm").replace("10", "20"));
        assertEquals(List.of("hit", "miss", "miss", "miss"), compareBuilds(UNITS));
        write("plain.h", "#define PLAIN 200\n");
        assertEquals(List.of("hit", "hit", "miss", "miss"), compareBuilds(UNITS));
        write("b.cppm", source("b.cppm"));
        write("plain.h", source("plain.h"));
        assertEquals(List.of("hit", "hit", "hit", "hit"), compareBuilds(UNITS));
    }

    /** They are on the command line, in the place of the object, or in a directory; the compiler lists them, or the caller does. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$CC -std=c++20 -fmodule-output -c a.cppm -o a.o",
                "$CC -std=c++20 -fmodule-output -c a.cppm",
                "$CC -std=c++20 --precompile a.cppm -o a.pcm",
                "$CC -std=c++20 --precompile a.cppm",
                "$CC -std=c++20 -x c++-module -c a.cppm -o out/a.o -MD -MP -fmodule-output",
                "$CC -std=c++20 -g -c a.cppm -o a.o -fmodule-output=out/a.pcm -MD -MF out/a.d",
                "$CC -std=c++20 -c of-a.cpp -fmodule-file=a=sub/a.pcm",
                "$CC -std=c++20 -c of-a.cpp -fmodule-file=a=$PWD/sub/a.pcm -MD -MP",
                "$CC -std=c++20 -c of-a.cpp -fprebuilt-module-path=sub",
                "$CC -std=c++20 -c of-a.cpp -fprebuilt-module-path=none -fprebuilt-module-path=sub -MD -MP -MT"
                        + " a-name-that-has-the-line-broken-somewhere-else-than-without-any-module.o",
            })
    void unitWithModules_repeated_leavesWhatTheCompilerLeaves(String command) throws Exception {
        write("of-a.cpp", "import a;\n#include \"plain.h\"\nint f() { return fa() + PLAIN; }\n");
        Files.createDirectories(project.resolve("out"));
        List<String> commands = List.of("mkdir -p sub; $CC -std=c++20 --precompile a.cppm -o sub/a.pcm", command);

        assertEquals("miss", compareBuilds(commands).get(1));
        assertEquals(List.of("hit", "hit"), compareBuilds(commands));
    }

    @Test
    void moduleThatAppearsInAnEarlierDirectory_isNotOverlooked() throws Exception {
        write("of-a.cpp", "import a;\nint f() { return fa(); }\n");
        Files.createDirectories(project.resolve("first"));
        String make = "$CC -std=c++20 --precompile a.cppm -o ";
        String use = "$CC -O1 -std=c++20 -c of-a.cpp -fprebuilt-module-path=first -fprebuilt-module-path=second";
        Files.createDirectories(project.resolve("second"));
        compareBuilds(List.of(make + "second/a.pcm", use));
        assertEquals(List.of("hit", "hit"), compareBuilds(List.of(make + "second/a.pcm", use)));

        write("a.cppm", source("a.cppm").replace("1;", "2;"));
        bare(make + "first/a.pcm");
        Left expected = bare(use);

        assertEquals(expected, behind(use));
    }

    @Test
    void moduleThatIsNotThere_isForTheCompilerToComplainAbout() throws Exception {
        for (String missing : List.of("a.pcm", "c.pcm")) {
            compareBuilds(UNITS);
            Files.delete(project.resolve(missing));
            Left expected = bare(UNITS.get(3));
            assertNotEquals(0, expected.output().code());

            assertEquals(expected, behind(UNITS.get(3)), missing);
        }
    }

    /** Nobody can tell what is in it: an inline function may have the assembler read a file. */
    @Test
    void moduleThatJdistHasNotSeenMade_isNotTrusted() throws Exception {
        bare(UNITS.get(0));
        bare(UNITS.get(1));

        assertEquals("miss", decision(UNITS.get(2)));
        assertEquals("miss", decision(UNITS.get(2)));
    }

    @Test
    void fileThatTheAssemblerReadsForAnotherModule_isNotOverlooked() throws Exception {
        write("a.cppm", """
                export module a;
                export inline int fa() { asm(".pushsection .data\\n.incbin \\"data.bin\\"\\n.popsection"); return 1; }
                """);
        write("data.bin", "data");
        compareBuilds(UNITS);
        write("data.bin", "DATA");

        compareBuilds(UNITS);
    }

    @Test
    void unitWithModules_withoutDirectMode_isLeftToTheCompiler() throws Exception {
        compareBuilds(UNITS);

        assertEquals("modules and no direct mode and not cacheable", decision("SCCACHE_DIRECT=0 " + UNITS.get(3)));
    }
}
