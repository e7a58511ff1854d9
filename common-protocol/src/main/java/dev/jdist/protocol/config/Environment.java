package dev.jdist.protocol.config;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The variables around a process, asked by meaning. Takes a map, so that tests need no process of their own. */
public final class Environment {
    private static final Predicate<String> DIGITS =
            Pattern.compile("[0-9]{1,20}").asMatchPredicate();

    private final Map<String, String> variables;

    public Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    /** That of this process. */
    public static Environment ofProcess() {
        return new Environment(System.getenv());
    }

    public Optional<String> get(Variable variable) {
        return Optional.ofNullable(variables.get(variable.name()));
    }

    /** Whether the variable is there and not empty. */
    public boolean isSet(Variable variable) {
        return get(variable).filter(value -> !value.isEmpty()).isPresent();
    }

    /** @return how long the client daemon stays without work, or nothing for ever */
    public Optional<Duration> idleTimeout() {
        long seconds = get(Variable.SCCACHE_IDLE_TIMEOUT)
                .filter(DIGITS)
                .map(text -> atMost(Variable.SCCACHE_IDLE_TIMEOUT, text))
                .orElse(Variable.SCCACHE_IDLE_TIMEOUT.defaultNumber());
        return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
    }

    /** @return bytes of the largest frame that a launcher may send, its length not counted */
    public int maxFrameLength() throws ConfigException {
        Variable variable = Variable.SCCACHE_MAX_FRAME_LENGTH;
        Optional<String> text = get(variable);
        if (text.isPresent() && !DIGITS.test(text.get())) {
            throw ConfigException.of(variable, text.get(), "a number of bytes");
        }
        return Math.toIntExact(text.map(digits -> atMost(variable, digits)).orElse(variable.defaultNumber()));
    }

    /** @return how hard the cache compresses. What is no level means the default, as in sccache. */
    public int zstdLevel() {
        Variable variable = Variable.SCCACHE_CACHE_ZSTD_LEVEL;
        return Math.toIntExact(get(variable)
                .filter(text -> text.matches("-?[0-9]{1,3}"))
                .map(Long::parseLong)
                .filter(level -> level <= variable.most())
                .orElse(variable.defaultNumber()));
    }

    private static long atMost(Variable variable, String digits) {
        return new BigInteger(digits).min(BigInteger.valueOf(variable.most())).longValueExact();
    }

    public Path home() {
        return Path.of(get(Variable.HOME).orElse(System.getProperty("user.home", "/")));
    }

    public Path cacheHome() {
        return directory(Variable.XDG_CACHE_HOME, ".cache");
    }

    public Path stateHome() {
        return directory(Variable.XDG_STATE_HOME, ".local/state");
    }

    /** The program of this name in the first directory of PATH that has it. */
    public Optional<Path> onPath(String program) {
        return Stream.of(get(Variable.PATH).orElse("").split(":"))
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The name of the client's settings file, be it there or not. */
    public Path clientConfigFile() {
        return get(Variable.SCCACHE_CONF)
                .map(Path::of)
                .orElseGet(() -> directory(Variable.XDG_CONFIG_HOME, ".config").resolve("sccache/config"));
    }

    /** Where {@code --dist-auth}, of jdist and of sccache, leaves tokens. */
    public Path cachedConfigFile() {
        return get(Variable.SCCACHE_CACHED_CONF)
                .map(Path::of)
                .orElseGet(() -> directory(Variable.XDG_CONFIG_HOME, ".config").resolve("sccache/cached-config"));
    }

    private Path directory(Variable variable, String underHome) {
        return get(variable).map(Path::of).filter(Path::isAbsolute).orElse(home().resolve(underHome));
    }
}
