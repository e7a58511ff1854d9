package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jdist.protocol.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoleTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "public_addr = 'x'; [client_auth]; [server_auth]|SCHEDULER",
                "public_addr = 'x'; scheduler_url = 'y'; [builder]; [scheduler_auth]|BUILDER",
                "public_addr = 'x'|BUILDER",
                "public_addr = 'x'; [jdist]; tokens = '/t'|SCHEDULER",
                "[dist]; scheduler_url = 'y'|CLIENT",
                "``|CLIENT"
            })
    void of_eachFile_isWhoseKeysItHas(String lines, Role role) throws Exception {
        assertEquals(role, Role.of(Files.writeString(directory.resolve("file.conf"), lines.replace("; ", "\n"))));
    }

    @Test
    void of_whatIsNoToml_isRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("file.conf"), "= =");

        assertThrows(ConfigException.class, () -> Role.of(file));
    }
}
