package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.ConfigValue;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the value of a setting may be: how it is read from a file, within which bounds, and how it is written for people.
 * A value is written as it would stand in a TOML file, so that what is shown can be pasted; a secret is not written.
 *
 * @param <T> what programs see of it
 */
public final class SettingType<T> {
    public static final SettingType<String> TEXT = new SettingType<>("text", ConfigTable::text, SettingType::quote);
    public static final SettingType<Boolean> FLAG =
            new SettingType<>("`true` or `false`", ConfigTable::flag, Object::toString);
    public static final SettingType<Path> PATH = new SettingType<>("path", ConfigTable::path, SettingType::quote);
    public static final SettingType<HttpUrl> URL = new SettingType<>("URL", ConfigTable::url, SettingType::quote);
    /** IP and port. */
    public static final SettingType<ServerId> ADDRESS =
            new SettingType<>("address", ConfigTable::address, SettingType::quote);

    public static final SettingType<List<String>> TEXTS =
            new SettingType<>("list of texts", ConfigTable::texts, SettingType::quoteAll);
    public static final SettingType<Secret> SECRET =
            new SettingType<Secret>("secret", ConfigTable::secret, Secret::toString).asSecret();
    /** Zero or more. */
    public static final SettingType<Long> NUMBER = new SettingType<>("number", ConfigTable::number, Object::toString);

    public static final SettingType<Duration> MILLISECONDS = NUMBER.then(
            "milliseconds",
            (table, key, number) -> Duration.ofMillis(number),
            duration -> Long.toString(duration.toMillis()));
    /** Bytes: a number, or a string such as {@code "10G"}. */
    public static final SettingType<Long> SIZE = new SettingType<>("size", ConfigTable::byteSize, SettingType::size);

    /** Anything: the value of a key that is accepted and not looked at. */
    public static final SettingType<ConfigValue> ANY =
            new SettingType<>("anything", ConfigTable::any, SettingType::literal);
    /** {@link #ANY}, with what nobody should see. */
    public static final SettingType<ConfigValue> ANY_SECRET =
            new SettingType<>("anything", ConfigTable::any, SettingType::literal).asSecret();

    /** Looks for a value. */
    public interface Reader<T> {
        Optional<T> read(ConfigTable table, String key) throws ConfigException;
    }

    /** Turns a value that was read into another one, or refuses it by {@link ConfigTable#problem}. */
    public interface Step<A, B> {
        B apply(ConfigTable table, String key, A value) throws ConfigException;
    }

    /** The least and the most that a number may be, both included. */
    public record Bounds(long least, long most) {}

    private final String name;
    private final Reader<T> reader;
    private final Function<T, String> writer;
    private final Optional<Bounds> bounds;
    private final boolean secret;

    private SettingType(String name, Reader<T> reader, Function<? super T, String> writer) {
        this(name, reader, writer::apply, Optional.empty(), false);
    }

    private SettingType(
            String name, Reader<T> reader, Function<T, String> writer, Optional<Bounds> bounds, boolean secret) {
        this.name = name;
        this.reader = reader;
        this.writer = writer;
        this.bounds = bounds;
        this.secret = secret;
    }

    /** A number within bounds. @param unit what it counts, for the person who writes it */
    public static SettingType<Integer> integer(String unit, int least, int most) {
        return bounded(least, most).then(unit, (table, key, number) -> number.intValue(), Object::toString);
    }

    public static SettingType<Duration> seconds(Duration least, Duration most) {
        return bounded(least.toSeconds(), most.toSeconds())
                .then(
                        "seconds",
                        (table, key, number) -> Duration.ofSeconds(number),
                        duration -> Long.toString(duration.toSeconds()));
    }

    /** A size within bounds. @param most {@link Long#MAX_VALUE} for no bound */
    public static SettingType<Long> size(long least, long most) {
        SettingType<Long> checked = SIZE.checked((table, key, size) -> {
            if (size < least || size > most) {
                throw table.problem(
                        key,
                        "= " + size + " is out of bounds; write at least " + ByteSize.format(least)
                                + (most == Long.MAX_VALUE ? "" : " and at most " + ByteSize.format(most)));
            }
        });
        return checked.within(new Bounds(least, most));
    }

    /** One of some texts. */
    public static SettingType<String> choice(String... choices) {
        return choiceBut(Optional.empty(), "", choices);
    }

    /**
     * One of some texts, with a special answer to one that people may write with good reason.
     *
     * @param complaint what is said of {@code refused}, after the key
     */
    public static SettingType<String> choiceBut(Optional<String> refused, String complaint, String... choices) {
        Reader<String> reader = (table, key) -> {
            Optional<String> written = table.text(key);
            if (written.isPresent() && written.equals(refused)) {
                throw table.problem(key, complaint);
            }
            return written.isEmpty() ? written : Optional.of(table.choice(key, choices));
        };
        return new SettingType<>("`\"" + String.join("\"`, `\"", choices) + "\"`", reader, SettingType::quote);
    }

    private static SettingType<Long> bounded(long least, long most) {
        SettingType<Long> checked = NUMBER.checked((table, key, number) -> {
            if (number < least || number > most) {
                throw table.problem(key, "= " + number + " is out of bounds; write " + least + " to " + most);
            }
        });
        return checked.within(new Bounds(least, most));
    }

    private SettingType<T> within(Bounds within) {
        return new SettingType<>(name, reader, writer, Optional.of(within), secret);
    }

    private SettingType<T> asSecret() {
        return new SettingType<>(name, reader, writer, bounds, true);
    }

    /** This type with one more condition. */
    public SettingType<T> checked(Check<T> check) {
        return then(
                name,
                (table, key, value) -> {
                    check.accept(table, key, value);
                    return value;
                },
                writer);
    }

    /** Refuses a value by {@link ConfigTable#problem}. */
    public interface Check<T> {
        void accept(ConfigTable table, String key, T value) throws ConfigException;
    }

    /** A type whose values are made of those of this one, and are secret if those are. */
    public <R> SettingType<R> then(String newName, Step<T, R> step, Function<? super R, String> newWriter) {
        Reader<R> then = (table, key) -> {
            Optional<T> value = read(table, key);
            return value.isEmpty() ? Optional.empty() : Optional.of(step.apply(table, key, value.get()));
        };
        return new SettingType<>(newName, then, newWriter::apply, bounds, secret);
    }

    Optional<T> read(ConfigTable table, String key) throws ConfigException {
        return reader.read(table, key);
    }

    /** As it would stand in a TOML file, or {@link Secret#REDACTED}. */
    String write(T value) {
        String text = writer.apply(value);
        return secret && !text.isEmpty() ? Secret.REDACTED : text;
    }

    /** Whether nobody should see a value. */
    public boolean isSecret() {
        return secret;
    }

    public Optional<Bounds> bounds() {
        return bounds;
    }

    String name() {
        return name;
    }

    /** What may be written, in Markdown. */
    public String describe() {
        if (bounds.isEmpty()) {
            return name;
        }
        String least = bounds.get().least() + "";
        String most = bounds.get().most() + "";
        if (name.equals(SIZE.name)) {
            least = "`" + size(bounds.get().least()) + "`";
            most = "`" + size(bounds.get().most()) + "`";
        }
        return name + ", " + (bounds.get().most() == Long.MAX_VALUE ? "at least " + least : least + " to " + most);
    }

    /** What it prints, as a string of TOML. */
    public static String quote(Object value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : value.toString().toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    static String quoteAll(Iterable<?> values) {
        StringBuilder list = new StringBuilder("[");
        for (Object value : values) {
            list.append(list.length() == 1 ? "" : ", ").append(quote(value));
        }
        return list.append(']').toString();
    }

    /** {@code "10G"} rather than 10737418240. */
    private static String size(long bytes) {
        String units = "KMGT";
        for (int power = units.length(); power > 0; power--) {
            long unit = 1L << (10 * power);
            if (bytes > 0 && bytes % unit == 0) {
                return "\"" + bytes / unit + units.charAt(power - 1) + "\"";
            }
        }
        return Long.toString(bytes);
    }

    private static String literal(ConfigValue value) {
        if (value instanceof ConfigValue.Text text) {
            return quote(text.value());
        } else if (value instanceof ConfigValue.Whole whole) {
            return Long.toString(whole.value());
        } else if (value instanceof ConfigValue.Flag flag) {
            return Boolean.toString(flag.value());
        }
        return "(" + value.kind() + ")";
    }
}
