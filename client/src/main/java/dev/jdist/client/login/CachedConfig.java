package dev.jdist.client.login;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.ClientConfig.LoginUrl;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * sccache's {@code cached-config}: a TOML file whose table {@code dist.auth_tokens} holds a token per {@code auth_url}.
 * jdist and sccache read and write the same file, so a login with one serves both.
 */
public final class CachedConfig {
    private static final String DIST = "dist";
    private static final String TOKENS = "auth_tokens";

    private final Path file;

    public CachedConfig(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /**
     * The token that a login at {@code authUrl} gave, if there is one.
     *
     * @throws ConfigException if the file is not what it should be
     */
    public Optional<Secret> token(LoginUrl authUrl) throws ConfigException {
        TomlParseResult content = read();
        List<String> path = List.of(DIST, TOKENS, authUrl.written());
        try {
            return Optional.ofNullable(content.getString(path)).map(Secret::new);
        } catch (RuntimeException e) {
            throw new ConfigException(
                    file + ": dist.auth_tokens is not a table of tokens; run `jdist --dist-auth`"
                            + " after you have removed the file",
                    e);
        }
    }

    /** Keeps a token, and whatever else the file holds. Only its owner can read the file afterwards. */
    void save(LoginUrl authUrl, Secret token) throws ConfigException, IOException {
        Map<String, Object> content = mutable(read());
        table(table(content, DIST), TOKENS).put(authUrl.written(), token.value());
        // A link, as those who keep their settings elsewhere have, stays one.
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Files.createDirectories(target.getParent());
        // Made so that nobody else can read it.
        Path fresh = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".new");
        try {
            try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                out.write(StandardCharsets.UTF_8.encode(Toml.toToml(content)));
                out.force(true);
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private TomlParseResult read() throws ConfigException {
        TomlParseResult content;
        try {
            content = Toml.parse(file);
        } catch (NoSuchFileException e) {
            return Toml.parse("");
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e.getMessage(), e);
        }
        if (content.hasErrors()) {
            throw new ConfigException(
                    file + ":" + content.errors().get(0).position().line()
                            + ": not valid TOML; remove the file and run `jdist --dist-auth`");
        }
        return content;
    }

    private static Map<String, Object> mutable(TomlTable table) {
        Map<String, Object> copy = new LinkedHashMap<>();
        table.toMap().forEach((key, value) -> copy.put(key, value instanceof TomlTable inner ? mutable(inner) : value));
        return copy;
    }

    /** The table under {@code key}, made if it is not there. */
    @SuppressWarnings("unchecked")
    private Map<String, Object> table(Map<String, Object> parent, String key) throws ConfigException {
        Object table = parent.computeIfAbsent(key, missing -> new LinkedHashMap<String, Object>());
        if (!(table instanceof Map)) {
            throw new ConfigException(file + ": " + key + " is not a table; remove the file and log in again");
        }
        return (Map<String, Object>) table;
    }
}
