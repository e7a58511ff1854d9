package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.PackedToolchains;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Farms each of whose jobs is audited, with honest builders and with one whose compiler makes something else. */
class AuditIT {
    private static final long TIMEOUT_SECONDS = 240;

    /** Objects that tell of paths, columns, macros and other outputs, as each compiler makes them. */
    private static final List<String> COMMAND_LINES = List.of(
            "gcc -O2 -g3 -Wall -Wextra -I inc -c sub/../a.c -o a.o",
            "gcc -g -gsplit-dwarf -c a.c -o sub/a.o",
            "gcc -Wall -MD -MF deps.d -c warn.c -o warn.o",
            "g++ -std=c++17 -O2 -g -c b.cpp -o b.o",
            "clang -O2 -g -I inc -c a.c -o a.o");

    /** More of them: {@code scripts/check audits}. */
    private static final List<String> MORE_COMMAND_LINES = List.of(
            "gcc -c a.c -o a.o",
            "gcc -O2 -g -c a.c -o sub/a.o",
            "gcc -g1 -ffile-prefix-map=inc=/elsewhere -c a.c -o a.o",
            "gcc -O2 -flto -ffat-lto-objects -frandom-seed=7 -c a.c -o a.o",
            "gcc -O1 -fsanitize=undefined,address -c a.c -o a.o",
            "gcc -c asm.S -o asm.o",
            "g++ -std=c++20 -O2 -Wall -Wextra -c b.cpp -o b.o",
            "clang -O2 -c a.c -o a.o",
            "clang -g -gsplit-dwarf -c a.c -o a.o",
            "clang --coverage -c a.c -o a.o",
            "clang -O2 -flto -c a.c -o a.o",
            "clang -Wall -c warn.c -o warn.o",
            "clang++ -std=c++17 -O2 -g -c b.cpp -o b.o",
            "clang++ -std=c++17 -O1 -fsanitize=address -c b.cpp -o b.o");

    /** Objects with a random number in them. */
    private static final List<String> RANDOM = List.of("gcc --coverage -c a.c -o a.o");

    private static final List<String> MORE_RANDOM =
            List.of("gcc -O2 -flto -c a.c -o a.o", "g++ -O2 -flto -c b.cpp -o b.o");

    @TempDir
    Path directory;

    private Farm farm;
    private Path project;

    @BeforeEach
    void startScheduler() throws IOException, InterruptedException {
        project = Files.createDirectories(directory.resolve("project"));
        Files.createDirectories(project.resolve("sub"));
        Files.createDirectories(project.resolve("inc"));
        Files.writeString(
                project.resolve("inc/h.h"),
                "#ifndef H\n#define H\n#define TWICE(x) ((x) + (x))\nint h(void);\n#endif\n");
        Files.writeString(project.resolve("a.c"), """
                #include "inc/h.h"
                #include <stdio.h>
                #include <stdlib.h>
                static int each(int n) { return TWICE(n) + __LINE__; }
                int a(int n) { for (int i = 0; i < n; i++) printf("%s %d\\n", __FILE__, each(i)); return abs(n); }
                """);
        Files.writeString(project.resolve("warn.c"), "int f(int n) { int unused; return n == 1 ? 2 : 3; }\n");
        Files.writeString(project.resolve("asm.S"), "#define NAME f\n.globl NAME\nNAME: ret\n");
        Files.writeString(project.resolve("b.cpp"), """
                #include <map>
                #include <string>
                #include <vector>
                #include "inc/h.h"
                struct Shape { virtual ~Shape() = default; virtual int area() const { return TWICE(2); } };
                template <typename T> T sum(const std::vector<T> &all) { T t{}; for (const T &one : all) t += one; return t; }
                std::string b(const std::map<std::string, std::vector<std::string>> &m) {
                    std::string all;
                    for (const auto &[key, value] : m) all += key + sum(value);
                    return all + __PRETTY_FUNCTION__ + std::to_string(Shape().area());
                }
                """);
        farm = new Farm(directory, PackedToolchains.directory());
        farm.environment().remove("SCCACHE_RECACHE");
        farm.writeClientConfigWithAuth(
                "type = \"token\"\ntoken = \"token-of-clients\"\n[jdist]\naudit_per_mille = 1000", "");
        farm.startScheduler();
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    private void compile(String line) throws IOException, InterruptedException {
        farm.run(project, List.of(line.split(" "))).assertSuccess();
    }

    /** Writes and compiles a unit of C that nobody has seen. @return its object */
    private Path compileNew(int number) throws IOException, InterruptedException {
        Files.writeString(
                project.resolve("u" + number + ".c"), "int u%1$d(int n) { return n + %1$d; }\n".formatted(number));
        compile("gcc -O2 -c u" + number + ".c -o u" + number + ".o");
        return project.resolve("u" + number + ".o");
    }

    private byte[] madeHere(int number) throws IOException, InterruptedException {
        List<String> words = List.of("gcc", "-O2", "-c", "u" + number + ".c", "-o", "here.o");
        assertEquals(
                0, new ProcessBuilder(words).directory(project.toFile()).start().waitFor());
        return Files.readAllBytes(project.resolve("here.o"));
    }

    private JsonNode awaitAudits(long count) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        JsonNode statistics = farm.statistics();
        assertTrue(Farm.distributed(statistics) >= count, () -> "something was not distributed");
        while (statistics.path("audits").asLong() < count) {
            assertTrue(System.nanoTime() < deadline, () -> "less than " + count + " audits");
            TimeUnit.MILLISECONDS.sleep(100);
            statistics = farm.statistics();
        }
        return statistics;
    }

    private void assertNobodyIsBlamed(JsonNode statistics) throws IOException {
        List<String> lines = farm.log("client")
                .lines()
                .filter(line -> line.contains("audit") || line.contains("left alone"))
                .toList();
        assertEquals(0, statistics.path("audits_differed").asLong(), () -> String.join("\n", lines));
        List<String> doubtful = lines.stream()
                .filter(line -> line.contains("nobody is to blame"))
                .filter(line -> !line.contains("makes another object each time"))
                .toList();
        assertEquals(List.of(), doubtful, "what is made here is not what a builder makes");
    }

    /** Where each job is done again on this machine, as nothing else is done there. */
    @Test
    void honestBuilder_ofAllKindsOfObjects_isNeverBlamed() throws Exception {
        farm.startBuilder();
        farm.startClient();
        assertNeverBlamed(COMMAND_LINES, RANDOM);
    }

    @Test
    void honestBuilder_ofMoreKindsOfObjects_isNeverBlamed() throws Exception {
        assumeTrue(Boolean.getBoolean("jdist.audits"), "skipped: scripts/check audits does it");
        farm.startBuilder();
        farm.startClient();
        assertNeverBlamed(MORE_COMMAND_LINES, MORE_RANDOM);
    }

    private void assertNeverBlamed(List<String> lines, List<String> random) throws Exception {
        for (int i = 0; i < lines.size(); i++) {
            compile(lines.get(i));
            assertEquals(i + 1, awaitAudits(i + 1).path("audits_agreed").asLong(), lines.get(i));
        }
        for (int i = 0; i < random.size(); i++) {
            compile(random.get(i));
            awaitAudits(lines.size() + i + 1);
        }
        JsonNode statistics = farm.statistics();
        assertNobodyIsBlamed(statistics);
        assertEquals(lines.size(), statistics.path("audits_agreed").asLong());
        assertEquals(random.size() + lines.size(), statistics.path("audits").asLong());
    }

    /** Its compiler has another version in its objects. */
    private void corruptCompiler(int index) throws IOException, InterruptedException {
        String script = "find \"/proc/$1/root$2\" -type f -name cc1 | while read -r file; do"
                + " LC_ALL=C sed 's/GCC: /GcC: /g' \"$file\" >\"$3\" && cat \"$3\" >\"$file\" && echo \"$file\"; done";
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        script,
                        "sh",
                        Long.toString(farm.pid("builder-" + index)),
                        farm.directory().resolve("builder-" + index).toString(),
                        directory.resolve("patched").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String changed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertTrue(changed.contains("cc1"), "nothing was changed: " + changed);
    }

    private static boolean isWrong(Path object) throws IOException {
        return new String(Files.readAllBytes(object), StandardCharsets.ISO_8859_1).contains("GcC: ");
    }

    private void awaitDrop() throws IOException, InterruptedException {
        farm.awaitLog("client", "from the cache, in");
    }

    @Test
    void builderThatMakesSomethingElse_isLeftAloneAndWhatItMadeIsMadeAnew() throws Exception {
        farm.expectWarning("is left alone for");
        farm.startBuilder();
        farm.startClient();
        Path before = compileNew(1);
        assertEquals(1, awaitAudits(1).path("audits_agreed").asLong());
        assertFalse(isWrong(before));
        corruptCompiler(0);

        Path wrong = compileNew(2);
        assertTrue(isWrong(wrong), "the test does not have the builder lie");
        JsonNode statistics = awaitAudits(2);
        assertEquals(1, statistics.path("audits_differed").asLong(), farm.log("client"));
        awaitDrop();
        String log = farm.log("client");
        assertTrue(log.contains("dropped 1 results of builder 127.0.0.1:" + farm.builderPort(0)), log);
        Matcher warning = Pattern.compile(" WARN .* builder 127.0.0.1:" + farm.builderPort(0)
                        + " is left alone for 24 hours: .*take it out of the farm")
                .matcher(log);
        assertTrue(warning.find(), log);
        assertLeftAlone(0);

        farm.startBuilder();
        Files.delete(wrong);
        compile("gcc -O2 -c u2.c -o u2.o");
        assertArrayEquals(madeHere(2), Files.readAllBytes(wrong));
        Files.delete(before);
        long hits = farm.statistics().at("/cache_hits/counts/C~1C++").asLong();
        compile("gcc -O2 -c u1.c -o u1.o");
        assertEquals(hits + 1, farm.statistics().at("/cache_hits/counts/C~1C++").asLong(), "it was right until then");
        for (int i = 3; i < 8; i++) {
            Path object = compileNew(i);
            assertArrayEquals(madeHere(i), Files.readAllBytes(object));
        }
        JsonNode others = awaitAudits(2 + 6).get("dist_compiles");
        assertEquals(6, others.get("127.0.0.1:" + farm.builderPort(1)).asLong(), others.toString());
        assertEquals(2, others.get("127.0.0.1:" + farm.builderPort(0)).asLong(), others.toString());

        farm.stopClient();
        farm.startClient();
        assertLeftAlone(0);
    }

    private void assertLeftAlone(int index) throws IOException, InterruptedException {
        String status =
                farm.run(directory, List.of("--dist-status")).assertSuccess().stdout();
        assertTrue(
                status.contains("\"left_alone\":[{\"builder\":\"127.0.0.1:" + farm.builderPort(index) + "\""), status);
    }
}
