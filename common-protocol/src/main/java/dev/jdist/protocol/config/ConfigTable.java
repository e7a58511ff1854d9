package dev.jdist.protocol.config;

import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One table of a settings file, asked key by key. Each question makes the key known; {@link #rejectUnknownKeys()} then
 * refuses what nobody asked for. A relative path is taken as it stands, from the working directory, as sccache does.
 */
public final class ConfigTable {
    /** A settings file is a page of text; anything larger was not meant to be one. */
    public static final int MAX_FILE_BYTES = 1 << 20;

    private final String file;
    private final String prefix;
    private final ConfigValue.Table table;
    private final Set<String> known = new TreeSet<>();

    private ConfigTable(String file, String prefix, ConfigValue.Table table) {
        this.file = file;
        this.prefix = prefix;
        this.table = table;
    }

    /**
     * Reads a file: JSON if its name ends in {@code .json}, TOML otherwise.
     *
     * @throws ConfigException if it cannot be read or is not valid TOML or JSON
     */
    public static ConfigTable read(Path path) throws ConfigException {
        // Not by Files.size(): a device or a pipe has none.
        byte[] content;
        try (InputStream in = Files.newInputStream(path)) {
            content = in.readNBytes(MAX_FILE_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new ConfigException(path + ": there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new ConfigException(path + ": cannot be read: permission denied", e);
        } catch (IOException e) {
            if (Files.isDirectory(path)) {
                throw new ConfigException(path + ": is a directory, not a settings file", e);
            }
            throw new ConfigException(path + ": cannot be read: " + e.getMessage(), e);
        }
        if (content.length > MAX_FILE_BYTES) {
            throw new ConfigException(path + ": larger than 1 MiB, so not a settings file");
        }
        return parse(path.toString(), utf8(path, content));
    }

    private static String utf8(Path path, byte[] content) throws ConfigException {
        ByteBuffer in = ByteBuffer.wrap(content);
        CharBuffer text = CharBuffer.allocate(content.length);
        if (StandardCharsets.UTF_8.newDecoder().decode(in, text, true).isError()) {
            long line = 1 + text.flip().chars().filter(c -> c == '\n').count();
            throw new ConfigException(path + ":" + line + ": not valid UTF-8");
        }
        return text.flip().toString();
    }

    /** As {@link #read}, from text; {@code file} is for messages and decides between JSON and TOML. */
    public static ConfigTable parse(String file, String text) throws ConfigException {
        ConfigValue.Table table = file.endsWith(".json") ? JsonSource.parse(file, text) : TomlSource.parse(file, text);
        return new ConfigTable(file, "", table);
    }

    public boolean isEmpty() {
        return table.values().isEmpty();
    }

    public Optional<String> text(String key) throws ConfigException {
        return value(key, ConfigValue.Text.class, "a string").map(ConfigValue.Text::value);
    }

    public String requiredText(String key) throws ConfigException {
        return required(key, text(key));
    }

    public Optional<Secret> secret(String key) throws ConfigException {
        Optional<String> value = text(key);
        if (value.isPresent() && (value.get().isEmpty() || !value.get().chars().allMatch(c -> c >= 0x20 && c < 0x7f))) {
            throw problem(key, "must be printable ASCII and not empty, as it travels in an HTTP header");
        }
        return value.map(Secret::new);
    }

    public Optional<Path> path(String key) throws ConfigException {
        Optional<String> value = text(key);
        if (value.isPresent() && value.get().isEmpty()) {
            throw problem(key, "is empty; it must be a path");
        }
        return value.isEmpty() ? Optional.empty() : Optional.of(toPath(key, value.get()));
    }

    /** {@code text}, which stands under {@code key}, as a path. */
    public Path toPath(String key, String text) throws ConfigException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw problem(key, "is not a path: " + e.getReason());
        }
    }

    public Optional<ServerId> address(String key) throws ConfigException {
        return convert(key, ServerId::parse);
    }

    public Optional<HttpUrl> url(String key) throws ConfigException {
        return convert(key, HttpUrl::parse);
    }

    public Optional<Boolean> flag(String key) throws ConfigException {
        return value(key, ConfigValue.Flag.class, "true or false").map(ConfigValue.Flag::value);
    }

    /** A number, zero or more. */
    public Optional<Long> number(String key) throws ConfigException {
        Optional<Long> value = value(key, ConfigValue.Whole.class, "a number").map(ConfigValue.Whole::value);
        if (value.isPresent() && value.get() < 0) {
            throw problem(key, "must not be negative");
        }
        return value;
    }

    /** Bytes: a number, or a string such as {@code "10G"}. */
    public Optional<Long> byteSize(String key) throws ConfigException {
        if (written(key).orElse(null) instanceof ConfigValue.Text text) {
            long bytes = ByteSize.parse(text.value())
                    .orElseThrow(() -> problem(
                            key, "\"" + text.value() + "\" is not a size; write bytes, or a number with K, M, G or T"));
            return Optional.of(bytes);
        }
        return number(key);
    }

    public Optional<List<String>> texts(String key) throws ConfigException {
        if (!has(key)) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        for (ConfigValue.Text text : elements(key, ConfigValue.Text.class, "strings")) {
            texts.add(text.value());
        }
        return Optional.of(texts);
    }

    /** Whatever stands under {@code key}. */
    public Optional<ConfigValue> any(String key) {
        return written(key);
    }

    /** The table under {@code key}, or an empty one. */
    public ConfigTable table(String key) throws ConfigException {
        ConfigValue.Table inner = value(key, ConfigValue.Table.class, "a table")
                .orElseGet(() -> new ConfigValue.Table(java.util.Map.of(), table.line()));
        return new ConfigTable(file, name(key) + ".", inner);
    }

    /** The table under {@code key}, which must be there. */
    public ConfigTable requiredTable(String key) throws ConfigException {
        required(key, value(key, ConfigValue.Table.class, "a table"));
        return table(key);
    }

    public boolean has(String key) {
        return written(key).isPresent();
    }

    public List<ConfigTable> tables(String key) throws ConfigException {
        List<ConfigTable> tables = new ArrayList<>();
        for (ConfigValue.Table inner : elements(key, ConfigValue.Table.class, "tables")) {
            tables.add(new ConfigTable(file, name(key) + "[" + tables.size() + "].", inner));
        }
        return tables;
    }

    /** @throws ConfigException if a key stands here that nothing asked for, with the nearest that would be known */
    public void rejectUnknownKeys() throws ConfigException {
        for (var entry : table.values().entrySet()) {
            if (!known.contains(entry.getKey())) {
                String hint = NearestName.among(known, entry.getKey())
                        .map(near -> "did you mean \"" + near + "\"?")
                        .orElse("known here: " + String.join(", ", known));
                throw new ConfigException(
                        at(entry.getValue().line()) + "unknown key \"" + prefix + entry.getKey() + "\"; " + hint);
            }
        }
    }

    /** A complaint about the value under {@code key}: file, line, key, and what {@code complaint} says of it. */
    public ConfigException problem(String key, String complaint) {
        ConfigValue value = table.values().get(key);
        return new ConfigException(at(value == null ? table.line() : value.line()) + name(key) + " " + complaint);
    }

    /** The name of the file, for messages. */
    public String file() {
        return file;
    }

    /** The line of {@code key}, which must be there: 1 is the first, and 0 where nobody can tell. */
    public int line(String key) {
        return Objects.requireNonNull(table.values().get(key), key).line();
    }

    /** The text under {@code key}, which must be one of {@code choices}. */
    public String choice(String key, String... choices) throws ConfigException {
        String value = requiredText(key);
        List<String> all = List.of(choices);
        if (!all.contains(value)) {
            String hint = NearestName.among(all, value)
                    .map(near -> "did you mean \"" + near + "\"?")
                    .orElse("known: " + String.join(", ", all));
            throw problem(key, "= \"" + value + "\" is not known; " + hint);
        }
        return value;
    }

    private <T> Optional<T> convert(String key, Function<String, T> parser) throws ConfigException {
        Optional<String> value = text(key);
        try {
            return value.map(parser);
        } catch (IllegalArgumentException e) {
            throw problem(key, "is wrong: " + e.getMessage());
        }
    }

    private <V extends ConfigValue> List<V> elements(String key, Class<V> type, String wanted) throws ConfigException {
        Optional<ConfigValue.Listing> list = value(key, ConfigValue.Listing.class, "a list");
        List<V> elements = new ArrayList<>();
        for (ConfigValue element : list.map(ConfigValue.Listing::values).orElse(List.of())) {
            if (!type.isInstance(element)) {
                throw new ConfigException(
                        at(element.line()) + name(key) + " must be a list of " + wanted + ", not of " + element.kind());
            }
            elements.add(type.cast(element));
        }
        return elements;
    }

    private <V extends ConfigValue> Optional<V> value(String key, Class<V> type, String wanted) throws ConfigException {
        Optional<ConfigValue> value = written(key);
        if (value.isPresent() && !type.isInstance(value.get())) {
            throw problem(key, "must be " + wanted + ", not " + value.get().kind());
        }
        return value.map(type::cast);
    }

    /** What stands under {@code key}, which is known from now on. JSON's null is nothing, as in sccache. */
    private Optional<ConfigValue> written(String key) {
        known.add(key);
        return Optional.ofNullable(table.values().get(key)).filter(value -> !(value instanceof ConfigValue.Null));
    }

    /** The value that was found under {@code key}, which must be there. */
    public <T> T required(String key, Optional<T> value) throws ConfigException {
        if (value.isPresent()) {
            return value.get();
        }
        // A misspelt key explains a missing one best.
        Optional<String> near = NearestName.among(
                table.values().keySet().stream().filter(k -> !known.contains(k)).toList(), key);
        if (near.isPresent()) {
            throw new ConfigException(at(line(near.get())) + "unknown key \"" + prefix + near.get()
                    + "\"; did you mean \"" + key + "\"?");
        }
        throw new ConfigException(at(table.line()) + "the key \"" + prefix + key + "\" is missing");
    }

    private String name(String key) {
        return prefix + key;
    }

    private String at(int line) {
        return line > 0 ? file + ":" + line + ": " : file + ": ";
    }
}
