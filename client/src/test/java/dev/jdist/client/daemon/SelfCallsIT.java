package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.testing.CacheDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What jdist calls may call jdist, by whatever name: it neither waits for itself, nor goes round in circles. */
@Timeout(240)
class SelfCallsIT {
    private static final String CCACHE = "/usr/lib/ccache";

    @TempDir
    private Path directory;

    private CacheDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = new CacheDaemon(CacheDaemon.jdist(), directory);
        Files.writeString(directory.resolve("a.cc"), "int a;\n");
        Path links = Files.createDirectory(directory.resolve("links"));
        Path deeper = Files.createDirectory(directory.resolve("deeper"));
        for (String name : List.of("gcc", "g++", "ccache", "distcc")) {
            Files.createSymbolicLink(links.resolve(name), CacheDaemon.jdist());
            Files.createSymbolicLink(deeper.resolve(name), Path.of("../links", name));
        }
        Files.createDirectory(directory.resolve("scripts"));
        Files.createSymbolicLink(directory.resolve("scripts/jdist"), CacheDaemon.jdist());
        script("scripts/g++", "exec jdist g++ \"$@\"");
        script("scripts/c++", "FLAGS=-DX; jdist c++ $FLAGS \"$@\"");
    }

    @AfterEach
    void stop() throws Exception {
        daemon.close();
    }

    private void script(String name, String body) throws IOException {
        Path script = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void compile(String path, String command) throws Exception {
        Files.deleteIfExists(directory.resolve("a.o"));
        Map<String, String> environment = Map.of(
                "PATH",
                path.replace("links", directory + "/links")
                                .replace("deeper", directory + "/deeper")
                                .replace("scripts", directory + "/scripts")
                                .replace("ccache", CCACHE)
                        + ":/usr/bin:/bin",
                "JDIST",
                daemon.program().toString(),
                "CCACHE_DIR",
                directory.resolve("ccache").toString());
        daemon.run(directory, List.of("timeout", "60", "sh", "-c", command), environment)
                .assertSuccess();
        assertTrue(Files.exists(directory.resolve("a.o")), command);
    }

    private long requests() throws Exception {
        return daemon.statistics().get("compile_requests").asLong();
    }

    // Columns: what stands in front in PATH, the command, at most so many requests
    @ParameterizedTest
    @CsvSource({
        "links:ccache, g++ -c a.cc, 1",
        "ccache:links, g++ -c a.cc, 4",
        "deeper:links:ccache, g++ -c a.cc, 1",
        "links:ccache, g++ -E a.cc >a.ii && g++ -c a.cc, 4",
        "ccache, CCACHE_PREFIX=$JDIST g++ -c a.cc, 4",
        "links:ccache, CCACHE_PREFIX=$JDIST g++ -c a.cc, 4",
        "links, ccache g++ -c a.cc, 4",
        "links, distcc g++ -c a.cc, 4",
        "links, $JDIST links/g++ -c a.cc, 1",
        "scripts, g++ -c a.cc, 1",
        "scripts, $JDIST g++ -c a.cc, 1",
        "scripts, $JDIST c++ -c a.cc, 3",
    })
    void jdistUnderOtherNames_isNotCalledByItself(String path, String command, long most) throws Exception {
        assumeTrue(Files.exists(Path.of(CCACHE, "g++")), "skipped: ccache is not installed");
        compile(path, command); // its compiler is not known yet
        assertTrue(requests() <= most, requests() + " requests");
        compile(path, command);
        assertTrue(requests() <= 2 * most, requests() + " requests");
        assertEquals(List.of(), daemon.warnings());
    }

    /** Nor is it waited for by each unit, by children that it leaves, or for ever. */
    @Test
    void compilerThatAnswersNothing_isLeftToItself() throws Exception {
        script("scripts/gcc", "case \"$*\" in *question*) sleep 1000 & wait;; esac; exec /usr/bin/gcc $NOTHING \"$@\"");
        for (int i = 0; i < 3; i++) {
            compile("scripts", "$JDIST gcc -c a.cc");
        }

        assertEquals(
                3,
                daemon.statistics()
                        .get("not_cached")
                        .path("compiler does not answer")
                        .asInt());
        assertEquals(1, daemon.warnings().size(), daemon.warnings().toString());
        assertTrue(
                daemon.warnings().get(0).contains("scripts/gcc -E "),
                daemon.warnings().toString());
    }
}
