package dev.jdist.protocol.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuilderDefaultsTest {
    @TempDir
    private Path directory;

    @Test
    void of_root_areTheSystemsDirectories() {
        assertEquals(
                new BuilderDefaults(
                        Path.of("/var/cache/jdist/toolchains"),
                        Path.of("/var/lib/jdist/build"),
                        Path.of("/usr/bin/bwrap")),
                BuilderDefaults.of(true, new Environment(Map.of("HOME", "/root", "PATH", "/nowhere"))));
    }

    @Test
    void of_anybodyElse_areBelowTheirHome() {
        Environment environment = new Environment(Map.of("HOME", "/home/me"));

        assertEquals(
                new BuilderDefaults(
                        Path.of("/home/me/.cache/jdist/toolchains"),
                        Path.of("/home/me/.cache/jdist/build"),
                        Path.of("/usr/bin/bwrap")),
                BuilderDefaults.of(false, environment));
    }

    @Test
    void of_anybodyWithACacheHome_areThere() {
        Environment environment = new Environment(Map.of("HOME", "/home/me", "XDG_CACHE_HOME", "/fast"));

        assertEquals(
                Path.of("/fast/jdist/build"),
                BuilderDefaults.of(false, environment).buildDir());
    }

    @Test
    void of_aPathWithBubblewrap_findsTheFirst() throws IOException {
        Path second = Files.createDirectory(directory.resolve("second"));
        Path third = Files.createDirectory(directory.resolve("third"));
        Files.writeString(Files.createDirectory(directory.resolve("first")).resolve("bwrap"), "no program");
        for (Path place : new Path[] {second, third}) {
            Path program = Files.createFile(place.resolve("bwrap"));
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        String path = "relative::" + directory.resolve("first") + ":" + second + ":" + third;

        assertEquals(
                second.resolve("bwrap"),
                BuilderDefaults.of(false, new Environment(Map.of("PATH", path))).bwrapPath());
    }
}
