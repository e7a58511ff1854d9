package dev.jdist.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConfigCommandTest {
    private static final String SCHEDULER = """
            public_addr = "127.0.0.1:10600"
            client_auth = { type = "token", token = "hush" }
            server_auth = { type = "DANGEROUSLY_INSECURE" }
            """;

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        return new CommandLine(new ConfigCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private String file(String text) throws IOException {
        return Files.writeString(directory.resolve("file.conf"), text).toString();
    }

    @Test
    void show_fileOfAScheduler_isRecognisedAndListed() throws IOException {
        String file = file(SCHEDULER);

        assertEquals(0, execute("show", "--config", file), err.toString());

        assertTrue(out.toString().startsWith("Settings of a scheduler (" + file + "):\n"), out.toString());
        assertTrue(
                out.toString().matches("(?s).*\\[client_auth] token +\\[secret] +" + file + ":2\n.*"), out.toString());
    }

    @Test
    void show_json_isOneDocument() throws IOException {
        assertEquals(0, execute("show", "--json", "--config", file(SCHEDULER)), err.toString());

        assertEquals(
                "scheduler",
                new ObjectMapper().readTree(out.toString()).get("role").asText());
    }

    @Test
    void show_roleThatTheFileIsNotOf_isRefusedWithItsFirstMistake() throws IOException {
        String file = file(SCHEDULER);

        assertEquals(2, execute("show", "--role", "server", "--config", file));

        assertEquals("jdist config: error: " + file + ":1: the key \"scheduler_url\" is missing\n", err.toString());
    }

    @Test
    void show_unknownRole_saysWhichThereAre() {
        assertEquals(2, execute("show", "--role", "bystander"));
        assertTrue(err.toString().contains("expected one of [client, scheduler, server]"), err.toString());
    }

    @Test
    void config_nothingMore_saysWhatThereIs() {
        assertEquals(2, execute());

        assertTrue(err.toString().contains("say what to do: show"), err.toString());
    }
}
