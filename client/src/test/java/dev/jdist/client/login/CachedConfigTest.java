package dev.jdist.client.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.ClientConfig.LoginUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file that jdist shares with sccache. */
class CachedConfigTest {
    private static final LoginUrl LOGIN = url("https://login.example.com/authorize?audience=farm");
    private static final LoginUrl OTHER = url("https://other.example.com");
    private static final Secret TOKEN = new Secret("eyJ.abc-_.x~/+=");

    @TempDir
    Path directory;

    private Path file;
    private CachedConfig config;

    @BeforeEach
    void place() {
        file = directory.resolve("not/yet/there/cached-config");
        config = new CachedConfig(file);
    }

    @Test
    void token_withoutAFile_isNone() throws Exception {
        assertEquals(Optional.empty(), config.token(LOGIN));
    }

    @Test
    void token_saved_isReadBack() throws Exception {
        config.save(LOGIN, TOKEN);
        config.save(OTHER, new Secret("other"));

        assertEquals(Optional.of(TOKEN), config.token(LOGIN));
        assertEquals(Optional.of(new Secret("other")), new CachedConfig(file).token(OTHER));
        config.save(LOGIN, new Secret("newer"));
        assertEquals(Optional.of(new Secret("newer")), config.token(LOGIN));
        assertEquals(Optional.of(new Secret("other")), config.token(OTHER));
    }

    /** sccache looks a token up under the very text of its settings. */
    @Test
    void token_isFiledUnderTheUrlAsItIsWritten() throws Exception {
        config.save(OTHER, TOKEN);

        assertEquals(
                List.of("[dist.auth_tokens]", "\"https://other.example.com\" = \"eyJ.abc-_.x~/+=\""),
                Files.readAllLines(file));
        assertEquals(Optional.empty(), config.token(url("https://other.example.com/")));
    }

    /** What sccache writes before the first login and after it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[dist.auth_tokens]\n",
                "[dist.auth_tokens]\n\"https://elsewhere\" = \"t\"\n",
                "[dist]\nauth_tokens = {}\n",
                "dist = { auth_tokens = { \"https://elsewhere\" = 't' } }\n",
                "",
            })
    void save_intoAFileOfSccache_keepsWhatIsThere(String before) throws Exception {
        write(before);
        Optional<Secret> elsewhere = config.token(url("https://elsewhere"));
        config.save(LOGIN, TOKEN);

        assertEquals(Optional.of(TOKEN), config.token(LOGIN));
        assertEquals(elsewhere, config.token(url("https://elsewhere")));
        assertEquals(before.contains("elsewhere"), elsewhere.isPresent());
    }

    @Test
    void save_keepsWhatItDoesNotKnow() throws Exception {
        write("future = [1, 2]\n[dist]\nmore = 1979-05-27\n[dist.inner]\nx = true\n[[list]]\ny = 0.5\n");
        config.save(LOGIN, TOKEN);

        String after = Files.readString(file);
        for (String kept : List.of("future = [1, 2]", "more = 1979-05-27", "x = true", "y = 0.5")) {
            assertTrue(after.contains(kept), after);
        }
        assertEquals(Optional.of(TOKEN), config.token(LOGIN));
    }

    @Test
    void save_leavesAFileForItsOwnerAlone() throws Exception {
        write("");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        config.save(LOGIN, TOKEN);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (var files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList(), "something is left behind");
        }
    }

    @Test
    void save_throughALink_keepsTheLink() throws Exception {
        Path real = directory.resolve("elsewhere");
        Files.writeString(real, "");
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, real);
        config.save(LOGIN, TOKEN);

        assertTrue(Files.isSymbolicLink(file));
        assertTrue(Files.readString(real).contains(TOKEN.value()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[dist", "dist = 1", "[dist]\nauth_tokens = 5", "[dist.auth_tokens]\n\"%s\" = 5\n"})
    void file_thatIsSomethingElse_isNamedAndNotTouched(String text) throws Exception {
        String content = text.formatted(LOGIN.written());
        write(content);

        ConfigException refusal = assertThrows(ConfigException.class, () -> config.token(LOGIN));
        assertTrue(refusal.getMessage().startsWith(file.toString()), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("remove"), refusal.getMessage());
        assertEquals(content, Files.readString(file));
    }

    private void write(String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static LoginUrl url(String text) {
        return new LoginUrl(text, HttpUrl.parse(text));
    }
}
