package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a builder's file need not say: where to write, and where bubblewrap is. */
class MachineTest {
    @TempDir
    private Path directory;

    private static ServerConfig on(boolean isRoot, Map<String, String> variables) throws ConfigException {
        String text = """
                public_addr = "10.0.0.2:10501"
                scheduler_url = "http://10.0.0.1:10600"
                [builder]
                type = "overlay"
                [scheduler_auth]
                type = "DANGEROUSLY_INSECURE"
                """;
        return ServerConfig.from(ConfigTable.parse("c", text), new Machine(isRoot, new Environment(variables)));
    }

    private static ServerConfig.Overlay overlay(String buildDir, String bwrap, int jobUid) {
        return new ServerConfig.Overlay(Path.of(buildDir), Path.of(bwrap), Optional.empty(), jobUid, Optional.empty());
    }

    @Test
    void defaults_ofRoot_areTheSystemsDirectories() throws ConfigException {
        ServerConfig config = on(true, Map.of("HOME", "/root", "PATH", "/nowhere"));

        assertEquals(Path.of("/var/cache/jdist/toolchains"), config.cacheDir());
        assertEquals(overlay("/var/lib/jdist/build", "/usr/bin/bwrap", 1879075428), config.builder());
    }

    @Test
    void defaults_ofAnybodyElse_areBelowTheirHome() throws ConfigException {
        ServerConfig config = on(false, Map.of("HOME", "/home/me"));

        assertEquals(Path.of("/home/me/.cache/jdist/toolchains"), config.cacheDir());
        assertEquals(overlay("/home/me/.cache/jdist/build", "/usr/bin/bwrap", 0), config.builder());
    }

    @Test
    void defaults_ofAnybodyWithACacheHome_areThere() throws ConfigException {
        ServerConfig config = on(false, Map.of("HOME", "/home/me", "XDG_CACHE_HOME", "/fast"));

        assertEquals(overlay("/fast/jdist/build", "/usr/bin/bwrap", 0), config.builder());
    }

    @Test
    void defaults_withAPathWithBubblewrap_findTheFirst() throws IOException, ConfigException {
        Path second = Files.createDirectory(directory.resolve("second"));
        Path third = Files.createDirectory(directory.resolve("third"));
        Files.writeString(Files.createDirectory(directory.resolve("first")).resolve("bwrap"), "no program");
        for (Path place : new Path[] {second, third}) {
            Path program = Files.createFile(place.resolve("bwrap"));
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        String path = "relative::" + directory.resolve("first") + ":" + second + ":" + third;

        assertEquals(second.resolve("bwrap"), on(false, Map.of("PATH", path)).get(ServerSettings.BWRAP_PATH));
    }
}
