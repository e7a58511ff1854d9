package dev.jdist.client.login;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.client.execution.sccache.FarmToken;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.ClientConfig.LoginUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token of the last {@code --dist-auth}. A new one is noticed without a restart: each question looks at the file's
 * attributes, and reads it if they changed.
 */
public final class StoredToken implements FarmToken {
    private static final Logger log = LoggerFactory.getLogger(StoredToken.class);
    private static final List<Object> NO_FILE = List.of();

    private final CachedConfig store;
    private final LoginUrl authUrl;

    @GuardedBy("this")
    private @Nullable List<Object> seen;

    @GuardedBy("this")
    private Optional<Secret> token = Optional.empty();

    public StoredToken(CachedConfig store, LoginUrl authUrl) {
        this.store = store;
        this.authUrl = authUrl;
    }

    @Override
    public synchronized Optional<Secret> current() {
        List<Object> now = attributes();
        if (!now.equals(seen)) {
            boolean first = seen == null;
            seen = now;
            update(first);
        }
        return token;
    }

    @GuardedBy("this")
    private void update(boolean first) {
        Optional<Secret> before = token;
        try {
            token = store.token(authUrl).filter(StoredToken::canTravel);
        } catch (ConfigException e) {
            token = Optional.empty();
            log.warn("compiling locally: {}", e.getMessage());
            return;
        }
        if (token.isEmpty() && (first || before.isPresent())) {
            log.warn("compiling locally: {} has no token for {}; run `jdist --dist-auth`", store.file(), authUrl);
        } else if (token.isPresent() && !first && !token.equals(before)) {
            log.info("there is a new token for {}", authUrl);
        }
    }

    private static boolean canTravel(Secret token) {
        return AccessToken.canTravel(token.value());
    }

    /** What differs when the file does. */
    private List<Object> attributes() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(store.file(), BasicFileAttributes.class);
            return List.of(attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
        } catch (IOException e) {
            return NO_FILE;
        }
    }

    @Override
    public String whenRefused() {
        return "the token of the last login; run `jdist --dist-auth` to get a new one";
    }
}
