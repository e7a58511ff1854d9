package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jdist.client.testing.CacheDaemon;
import dev.jdist.client.testing.CacheDaemon.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Build tools that look for a program called sccache, and find jdist under that name. */
class ToolIT {
    @TempDir
    Path directory;

    private CacheDaemon daemon;
    private Map<String, String> variables;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        daemon = new CacheDaemon(CacheDaemon.jdist(), directory.resolve("jdist"));
        Path programs = Files.createDirectory(directory.resolve("programs"));
        Files.createSymbolicLink(programs.resolve("sccache"), CacheDaemon.jdist());
        // Meson would rather have this one.
        Files.createFile(
                programs.resolve("ccache"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(programs.resolve("ccache"), "#!/bin/sh\nexit 1\n");
        variables = Map.of("PATH", programs + ":" + System.getenv("PATH"), "TERM", "dumb");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        daemon.close();
        // JUnit comments on links that lead out of its directory.
        Files.delete(directory.resolve("programs/sccache"));
    }

    private Output run(Path cwd, String command) throws IOException, InterruptedException {
        return daemon.run(cwd, List.of("sh", "-c", command), variables);
    }

    /** A program of one C and one C++ file that prints 42. */
    private Path project() throws IOException {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.writeString(project.resolve("answer.h"), "#define ANSWER 42\n");
        Files.writeString(project.resolve("answer.c"), "#include \"answer.h\"\nint answer(void) { return ANSWER; }\n");
        Files.writeString(project.resolve("main.cpp"), """
                #include <cstdio>
                extern "C" int answer(void);
                int main() { std::printf("%d\\n", answer()); }
                """);
        return project;
    }

    private static long count(JsonNode statistics, String name) {
        return statistics.get(name).get("counts").path("C/C++").asLong();
    }

    @Test
    void cmake_withSccacheAsLauncher_buildsFromTheCacheTheSecondTime() throws Exception {
        Path project = project();
        Files.writeString(project.resolve("CMakeLists.txt"), """
                cmake_minimum_required(VERSION 3.16)
                project(answer C CXX)
                find_program(LAUNCHER sccache REQUIRED)
                set(CMAKE_C_COMPILER_LAUNCHER ${LAUNCHER})
                set(CMAKE_CXX_COMPILER_LAUNCHER sccache)
                add_executable(answer answer.c main.cpp)
                """);
        String build = "rm -rf build && cmake -G Ninja -S . -B build && cmake --build build && build/answer";
        assertTrue(run(project, build).assertSuccess().stdout().endsWith("42\n"));
        daemon.ask("--zero-stats");

        assertTrue(run(project, build).assertSuccess().stdout().endsWith("42\n"));

        assertEquals(
                2, count(daemon.statistics(), "cache_hits"), daemon.statistics().toPrettyString());
        assertEquals(
                0,
                count(daemon.statistics(), "cache_misses"),
                daemon.statistics().toPrettyString());
    }

    @Test
    void meson_whichFindsSccacheByItself_buildsFromTheCacheTheSecondTime() throws Exception {
        assumeTrue(run(directory, "meson --version").code() == 0, "Meson is not installed");
        Path project = project();
        Files.writeString(project.resolve("meson.build"), """
                project('answer', 'c', 'cpp', default_options : ['buildtype=release'])
                executable('answer', 'answer.c', 'main.cpp')
                """);
        String build = "rm -rf build && meson setup build && ninja -C build && build/answer";
        Output first = run(project, build).assertSuccess();
        assertTrue(first.stdout().contains("C compiler for the host machine: sccache cc"), first.stdout());
        daemon.ask("--zero-stats");

        assertTrue(run(project, build).assertSuccess().stdout().endsWith("42\n"));

        JsonNode statistics = daemon.statistics();
        assertTrue(count(statistics, "cache_hits") >= 2, statistics.toPrettyString());
        assertEquals(0, count(statistics, "cache_misses"), statistics.toPrettyString());
    }

    @Test
    void cargo_withSccacheAsWrapper_hasRustcRunAsItIs() throws Exception {
        assumeTrue(run(directory, "cargo --version && rustc --version").code() == 0, "Rust is not installed");
        Path project = Files.createDirectories(directory.resolve("crate/src")).getParent();
        Files.writeString(
                project.resolve("Cargo.toml"),
                "[package]\nname = \"answer\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
        Files.writeString(project.resolve("src/main.rs"), "fn main() { println!(\"{}\", 6 * 7); }\n");

        Output output = run(project, "RUSTC_WRAPPER=sccache cargo build --offline && target/debug/answer");

        assertEquals("42\n", output.assertSuccess().stdout());
        assertTrue(daemon.statistics().get("requests_unsupported_compiler").asInt() > 0);
        assertEquals(0, daemon.statistics().get("requests_executed").asInt());
    }
}
