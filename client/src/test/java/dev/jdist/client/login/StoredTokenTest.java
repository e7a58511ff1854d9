package dev.jdist.client.login;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.ClientConfig.LoginUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token as a daemon sees it, which runs while people log in. */
class StoredTokenTest {
    private static final LoginUrl LOGIN =
            new LoginUrl("https://login.example.com", HttpUrl.parse("https://login.example.com"));

    @TempDir
    Path directory;

    private Path file;
    private CachedConfig store;
    private StoredToken token;

    @BeforeEach
    void place() {
        file = directory.resolve("cached-config");
        store = new CachedConfig(file);
        token = new StoredToken(store, LOGIN);
    }

    @Test
    void current_beforeAndAfterALogin_isNoneAndThenTheToken() throws Exception {
        assertEquals(Optional.empty(), token.current());
        store.save(LOGIN, new Secret("first"));
        assertEquals(Optional.of(new Secret("first")), token.current());
        store.save(LOGIN, new Secret("other"));
        assertEquals(Optional.of(new Secret("other")), token.current());
    }

    @Test
    void current_afterALoginElsewhere_isNone() throws Exception {
        store.save(new LoginUrl("https://else.example.com", LOGIN.url()), new Secret("t"));
        assertEquals(Optional.empty(), token.current());
    }

    @Test
    void current_ofAFileThatIsGoneOrBroken_isNone() throws Exception {
        store.save(LOGIN, new Secret("first"));
        assertEquals(Optional.of(new Secret("first")), token.current());
        Files.writeString(file, "not TOML");
        assertEquals(Optional.empty(), token.current());
        Files.delete(file);
        assertEquals(Optional.empty(), token.current());
    }

    /** What would let somebody who can write the file put lines of their own into a request. */
    @Test
    void current_thatNoHeaderCanCarry_isNone() throws Exception {
        store.save(LOGIN, new Secret("a\r\nX-Real-IP: 10.0.0.1"));
        assertEquals(Optional.empty(), token.current());
    }
}
