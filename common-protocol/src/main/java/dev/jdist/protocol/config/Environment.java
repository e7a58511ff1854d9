package dev.jdist.protocol.config;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The variables around a process, asked by meaning. Takes a map, so that tests need no process of their own. */
public final class Environment {
    /** The variables that jdist reads, each with the line that {@code jdist --help} shows. */
    public enum Variable {
        SCCACHE_CONF("the client's settings file, instead of ~/.config/sccache/config"),
        SCCACHE_CACHED_CONF("file for the token of jdist --dist-auth, instead of ~/.config/sccache/cached-config"),
        SCCACHE_LOG("log level: error, warn, info, debug or trace"),
        SCCACHE_LOG_MILLIS("if set, log times carry milliseconds"),
        SCCACHE_ERROR_LOG("file to which a background process appends its log"),
        SCCACHE_NO_DAEMON("1: scheduler and client daemon stay in the foreground"),
        SCCACHE_START_SERVER("1, and no other arguments: be the client daemon"),
        SCCACHE_STARTUP_NOTIFY("socket to which SCCACHE_START_SERVER=1 tells how the start went"),
        SCCACHE_SERVER_PORT("tells client daemons of one user apart; 4226 if unset"),
        SCCACHE_SERVER_UDS("socket of the client daemon, instead of one in the runtime directory"),
        SCCACHE_MAX_FRAME_LENGTH("octets of the largest request that the client daemon takes; 33554432 if unset"),
        SCCACHE_IGNORE_SERVER_IO_ERROR("1: warn when the daemon does not answer; without it, compile all the same"),
        SCCACHE_IDLE_TIMEOUT("seconds after which an idle client daemon ends; 600 if unset, 0 for never"),
        SCCACHE_DIR("directory of the cache on this machine, instead of ~/.cache/sccache"),
        SCCACHE_CACHE_SIZE("bytes that the cache may take, or like 10G, which is what it may if unset"),
        SCCACHE_LOCAL_RW_MODE("READ_ONLY: the cache is used and not changed"),
        SCCACHE_CACHE_ZSTD_LEVEL("compression of what is cached, up to 22; 3 if unset"),
        SCCACHE_DIRECT("false: find out by preprocessing whether a compile is known, always"),
        SCCACHE_BASEDIRS("directories, with colons between them, whose own names do not matter to the cache"),
        JDIST_JAVA("the java program to run, instead of the newest one found");

        private final String help;

        Variable(String help) {
            this.help = help;
        }

        public String help() {
            return help;
        }
    }

    private static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(10);
    /** In seconds: 31 years, and no arithmetic overflows. */
    private static final BigInteger LONGEST_IDLE_TIMEOUT = BigInteger.valueOf(999_999_999);
    /** In octets: the kernel lets arguments and environment together have 2 to 6 MiB. */
    private static final int DEFAULT_MAX_FRAME_LENGTH = 32 << 20;
    /** In octets: a frame and its length are one array. */
    private static final BigInteger LARGEST_MAX_FRAME_LENGTH = BigInteger.valueOf(1 << 30);

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
        Duration timeout = get(Variable.SCCACHE_IDLE_TIMEOUT)
                .filter(text -> text.matches("[0-9]{1,20}"))
                .map(text -> Duration.ofSeconds(
                        new BigInteger(text).min(LONGEST_IDLE_TIMEOUT).longValue()))
                .orElse(DEFAULT_IDLE_TIMEOUT);
        return timeout.isZero() ? Optional.empty() : Optional.of(timeout);
    }

    /** @return octets of the largest frame that a launcher may send, its length not counted */
    public int maxFrameLength() throws ConfigException {
        Optional<String> text = get(Variable.SCCACHE_MAX_FRAME_LENGTH);
        if (text.isEmpty()) {
            return DEFAULT_MAX_FRAME_LENGTH;
        }
        if (!text.get().matches("[0-9]{1,20}")) {
            throw ConfigException.of(Variable.SCCACHE_MAX_FRAME_LENGTH, text.get(), "a number of bytes");
        }
        return new BigInteger(text.get()).min(LARGEST_MAX_FRAME_LENGTH).intValueExact();
    }

    public Path home() {
        return Path.of(variables.getOrDefault("HOME", System.getProperty("user.home", "/")));
    }

    public Path cacheHome() {
        return directory("XDG_CACHE_HOME", ".cache");
    }

    public Path stateHome() {
        return directory("XDG_STATE_HOME", ".local/state");
    }

    /** The program of this name in the first directory of PATH that has it. */
    public Optional<Path> onPath(String program) {
        return Stream.of(variables.getOrDefault("PATH", "").split(":"))
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * The client's settings: from the file that SCCACHE_CONF names, else from the default place, else defaults. As in
     * sccache, a file that does not exist is as good as an empty one, whoever named it, and the empty name is that of no
     * file.
     */
    public ClientConfig clientConfig() throws ConfigException {
        Path file = clientConfigFile();
        return !file.toString().isEmpty() && Files.exists(file)
                ? ClientConfig.read(file, this)
                : ClientConfig.defaults(this);
    }

    public Path clientConfigFile() {
        return get(Variable.SCCACHE_CONF)
                .map(Path::of)
                .orElseGet(() -> directory("XDG_CONFIG_HOME", ".config").resolve("sccache/config"));
    }

    /** Where {@code --dist-auth}, of jdist and of sccache, leaves tokens. */
    public Path cachedConfigFile() {
        return get(Variable.SCCACHE_CACHED_CONF)
                .map(Path::of)
                .orElseGet(() -> directory("XDG_CONFIG_HOME", ".config").resolve("sccache/cached-config"));
    }

    private Path directory(String variable, String underHome) {
        String value = variables.get(variable);
        return value != null && Path.of(value).isAbsolute() ? Path.of(value) : home().resolve(underHome);
    }
}
