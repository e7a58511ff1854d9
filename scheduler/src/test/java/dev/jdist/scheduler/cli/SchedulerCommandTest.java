package dev.jdist.scheduler.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A scheduler that cannot start says why, in one line, and ends with 2. */
class SchedulerCommandTest {
    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    @BeforeEach
    void redirect() {
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setErr(standardError);
    }

    private String failure(String config) throws IOException {
        Path file = Files.writeString(directory.resolve("scheduler.conf"), config);
        assertEquals(2, SchedulerMain.commandLine().execute("scheduler", "--config", file.toString()));
        return err.toString(StandardCharsets.UTF_8);
    }

    private static String config(String address, String clientAuth) {
        return """
                public_addr = "%s"
                [client_auth]
                type = "%s"
                token = "very secret"
                [server_auth]
                type = "token"
                token = "very secret"
                """.formatted(address, clientAuth);
    }

    @ParameterizedTest
    @CsvSource({"localhost:10600, token, 1, public_addr", "127.0.0.1:1, tokem, 3, type", "127.0.0.1:1, mozilla, 3, type"
    })
    void call_brokenSettings_namesFileLineAndKey(String address, String type, int line, String key) throws IOException {
        String said = failure(config(address, type));

        assertTrue(said.startsWith("jdist scheduler: error: "), said);
        assertTrue(said.contains(directory.resolve("scheduler.conf") + ":" + line), said);
        assertTrue(said.contains(key), said);
        assertEquals(1, said.lines().count(), said);
    }

    @Test
    void call_missingFile_saysSo() {
        Path missing = directory.resolve("missing.conf");

        assertEquals(2, SchedulerMain.commandLine().execute("scheduler", "--config", missing.toString()));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains(missing.toString()));
    }

    @Test
    void call_portTaken_saysWhichAndPrintsNoSecret() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String said = failure(config("127.0.0.1:" + taken.getLocalPort(), "token"));

            assertTrue(said.contains("jdist scheduler: error: "), said);
            assertTrue(said.contains("127.0.0.1:" + taken.getLocalPort()), said);
            assertFalse(said.contains("very secret"), said);
        }
    }
}
