package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.settings.ClientConfig.Auth;
import dev.jdist.protocol.settings.ClientConfig.CustomToolchain;
import dev.jdist.protocol.settings.ClientConfig.LoginUrl;
import dev.jdist.protocol.settings.SchedulerConfig.ClientAuth;
import dev.jdist.protocol.settings.SchedulerConfig.ServerAuth;
import dev.jdist.protocol.settings.ServerConfig.SchedulerAuth;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings as sccache's own serializer writes them, in JSON and in TOML, come to the same values here. */
class StockSerializedTest {
    private static final Path FILES = Path.of("src/test/resources/dev/jdist/protocol/settings/serialized");
    private static final Environment HOME = new Environment(Map.of("HOME", "/home/u"));
    private static final Machine MACHINE = new Machine(false, HOME);

    /** Other names of keys, which a serializer does not write. */
    private static final Set<String> ALIASES = Set.of("cache.memcached.endpoint", "cache.redis.expiration");

    private static final CacheConfig DEFAULT_CACHE = cache(Path.of("/home/u/.cache/sccache"), 10L << 30);
    private static final List<String> ALL_CACHES =
            List.of("azure", "cos", "gcs", "gha", "memcached", "multilevel", "oss", "redis", "s3", "webdav");

    private record Client(ClientConfig.Dist dist, CacheConfig cache, Duration startupTimeout) {}

    private record Scheduler(ServerId publicAddr, ClientAuth clientAuth, ServerAuth serverAuth) {}

    private record Builder(
            ServerId publicAddr,
            ServerId listenAddress,
            HttpUrl schedulerUrl,
            Path cacheDir,
            long toolchainCacheSize,
            ServerConfig.Builder builder,
            SchedulerAuth schedulerAuth) {}

    private static CacheConfig cache(Path directory, long limit) {
        return new CacheConfig(directory, limit, true, 3, true, false, List.of(), List.of());
    }

    private static ClientConfig.Dist defaultDist() {
        return new ClientConfig.Dist(
                Optional.empty(),
                Optional.empty(),
                new Auth.Token(SchedulerConfig.INSECURE_CLIENT_TOKEN),
                Path.of("/home/u/.cache/sccache-dist-client"),
                10L << 30,
                List.of(),
                false,
                BuilderChoice.ANY);
    }

    /** With every key of the file set, and a value that is not its default. */
    private static Client everyKey(Auth auth, boolean writable) {
        return new Client(
                new ClientConfig.Dist(
                        Optional.of(HttpUrl.parse("https://farm.example:10600")),
                        Optional.empty(),
                        auth,
                        Path.of("/srv/toolchains"),
                        5_368_709_121L,
                        List.of(
                                new CustomToolchain.NoDist(Path.of("/usr/bin/gcc")),
                                new CustomToolchain.PathOverride(
                                        Path.of("/usr/bin/clang"),
                                        Path.of("/srv/clang.tar.gz"),
                                        "/opt/clang/bin/clang")),
                        true,
                        BuilderChoice.ANY),
                new CacheConfig(
                        Path.of("/srv/cache"),
                        7_516_192_769L,
                        writable,
                        3,
                        false,
                        true,
                        List.of(Path.of("/home/u/one"), Path.of("/home/u/two")),
                        ALL_CACHES),
                Duration.ofMillis(2500));
    }

    /** With texts that have to be escaped, and with numbers that no {@code long} holds. */
    private static Client oddValues() {
        return new Client(
                new ClientConfig.Dist(
                        Optional.of(HttpUrl.parse("http://[fd00::1]:80")),
                        Optional.empty(),
                        new Auth.CodeGrantPkce(
                                "é\uD83D\uDE00\u001b\u007f\t\r\n'''\"\"\"",
                                loginUrl("https://login.example/a?b=c&d=%20"),
                                HttpUrl.parse("https://login.example/t?e=f")),
                        Path.of("/srv/back\\slash/tab\there/'single'"),
                        Long.MAX_VALUE,
                        List.of(),
                        false,
                        BuilderChoice.ANY),
                new CacheConfig(
                        Path.of("/srv/it's \"quoted\" \\ and\nin two lines"),
                        Long.MAX_VALUE,
                        true,
                        3,
                        true,
                        false,
                        List.of(Path.of("/srv/ä"), Path.of("/srv/\"x\""), Path.of("/srv/\n")),
                        List.of()),
                Duration.ofMillis(Long.MAX_VALUE));
    }

    private static LoginUrl loginUrl(String written) {
        return new LoginUrl(written, HttpUrl.parse(written));
    }

    /** What each file comes to, by its name without the kind of file. */
    private static Map<String, Object> expected() {
        Map<String, Object> expected = new HashMap<>();
        expected.put("client.default", new Client(defaultDist(), DEFAULT_CACHE, Duration.ofSeconds(10)));
        expected.put("client.default-disk", new Client(defaultDist(), DEFAULT_CACHE, Duration.ofSeconds(10)));
        expected.put("client.all-token", everyKey(new Auth.Token(new Secret("client-token")), false));
        expected.put(
                "client.all-code-grant",
                everyKey(
                        new Auth.CodeGrantPkce(
                                "client-id",
                                loginUrl("https://login.example/auth"),
                                HttpUrl.parse("https://login.example/token")),
                        true));
        expected.put(
                "client.all-implicit",
                everyKey(new Auth.Implicit("client-id", loginUrl("https://login.example/auth")), true));
        expected.put("client.odd", oddValues());

        ServerAuth serverToken = new ServerAuth.Token(new Secret("server-token"));
        expected.put(
                "scheduler.insecure",
                new Scheduler(ServerId.parse("127.0.0.1:10600"), new ClientAuth.Insecure(), new ServerAuth.Insecure()));
        expected.put(
                "scheduler.tokens",
                new Scheduler(
                        ServerId.parse("[fd00::1]:10600"),
                        new ClientAuth.Token(new Secret("client-token")),
                        serverToken));
        expected.put(
                "scheduler.jwt",
                new Scheduler(
                        ServerId.parse("0.0.0.0:443"),
                        new ClientAuth.JwtValidate(
                                "the audience",
                                "https://issuer.example/",
                                HttpUrl.parse("https://issuer.example/keys?v=2")),
                        new ServerAuth.JwtHs256(new Secret("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"))));
        HttpUrl proxy = HttpUrl.parse("https://proxy.example/check");
        expected.put(
                "scheduler.proxy",
                new Scheduler(
                        ServerId.parse("[::]:10600"),
                        new ClientAuth.ProxyToken(proxy, Optional.of(Long.MAX_VALUE)),
                        serverToken));
        expected.put(
                "scheduler.proxy-uncached",
                new Scheduler(
                        ServerId.parse("[::ffff:10.0.0.1]:10600"),
                        new ClientAuth.ProxyToken(proxy, Optional.empty()),
                        serverToken));

        Path cacheDir = Path.of("/srv/toolchains");
        ServerConfig.Builder docker = new ServerConfig.Docker(Optional.empty(), List.of());
        expected.put(
                "server.overlay",
                new Builder(
                        ServerId.parse("10.0.0.1:10501"),
                        ServerId.parse("0.0.0.0:10501"),
                        HttpUrl.parse("http://10.0.0.2:10600"),
                        cacheDir,
                        5_368_709_121L,
                        new ServerConfig.Overlay(
                                Path.of("/srv/build"),
                                Path.of("/usr/bin/bwrap"),
                                Optional.empty(),
                                0,
                                Optional.empty()),
                        new SchedulerAuth.JwtToken(new Secret("server.jwt.token"))));
        expected.put(
                "server.docker",
                new Builder(
                        ServerId.parse("[fd00::1]:10501"),
                        ServerId.parse("[fd00::1]:10501"),
                        HttpUrl.parse("https://farm.example"),
                        cacheDir,
                        Long.MAX_VALUE,
                        docker,
                        new SchedulerAuth.Token(new Secret("server-token"))));
        expected.put(
                "server.insecure",
                new Builder(
                        ServerId.parse("10.0.0.1:10501"),
                        ServerId.parse("[::]:10501"),
                        HttpUrl.parse("http://[fd00::2]:10600"),
                        cacheDir,
                        0,
                        docker,
                        new SchedulerAuth.Insecure()));
        return expected;
    }

    static Stream<Arguments> files() throws IOException {
        return recorded().stream()
                .filter(file -> !name(file).equals("server.pot"))
                .map(file -> arguments(FILES.relativize(file).toString()));
    }

    private static List<Path> recorded() throws IOException {
        try (Stream<Path> all = Files.walk(FILES)) {
            return all.filter(file -> file.toString().matches(".*\\.(json|toml)"))
                    .sorted()
                    .toList();
        }
    }

    /** {@code client.default} of {@code 0.19/client.default.pretty.toml}. */
    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("(\\.pretty)?\\.(json|toml)$", "");
    }

    @ParameterizedTest
    @MethodSource("files")
    void read_asSccacheWritesIt_keepsTheValues(String name) throws ConfigException {
        Path file = FILES.resolve(name);

        assertEquals(expected().get(name(file)), read(file));
    }

    private static Object read(Path file) throws ConfigException {
        return switch (Role.of(file)) {
            case CLIENT -> {
                ClientConfig config = ClientConfig.read(file, HOME);
                yield new Client(config.dist(), config.cache(), config.startupTimeout());
            }
            case SCHEDULER -> {
                SchedulerConfig config = SchedulerConfig.read(file);
                yield new Scheduler(config.publicAddr(), config.clientAuth(), config.serverAuth());
            }
            case BUILDER -> {
                ServerConfig config = ServerConfig.read(file, MACHINE);
                yield new Builder(
                        config.publicAddr(),
                        config.listenAddress(),
                        config.schedulerUrl(),
                        config.cacheDir(),
                        config.get(ServerSettings.TOOLCHAIN_CACHE_SIZE),
                        config.builder(),
                        config.schedulerAuth());
            }
        };
    }

    @Test
    void recordedFiles_areJsonAndTomlOfEach() throws IOException {
        Set<String> names = new HashSet<>();
        recorded().forEach(file -> names.add(file.getFileName().toString()));

        for (String name : expected().keySet()) {
            assertTrue(names.contains(name + ".json") && names.contains(name + ".toml"), name);
        }
    }

    /** Jails of FreeBSD: the one choice that jdist does not have. */
    @Test
    void read_builderOfTypePot_isRefusedWithWhatToUse() throws IOException {
        List<Path> files = recorded().stream()
                .filter(file -> name(file).equals("server.pot"))
                .toList();

        assertTrue(files.size() > 1, files.toString());
        for (Path file : files) {
            ConfigException e = assertThrows(ConfigException.class, () -> ServerConfig.read(file, MACHINE));
            assertTrue(e.getMessage().contains("use \"overlay\" or \"docker\""), e.getMessage());
        }
    }

    /** A key that sccache gets and jdist follows is recorded anew; those without effect count as well. */
    @Test
    void keys_exceptAliasesAndOurOwn_areInTheRecordedFiles() throws IOException, ConfigException {
        Set<Setting<?>> seen = new HashSet<>();
        for (Path file : recorded()) {
            if (!name(file).equals("server.pot")) {
                Role role = Role.of(file);
                SettingValues values = role.settings().read(ConfigTable.read(file), MACHINE);
                addWritten(seen, values);
                role.settings().tables().forEach(table -> values.rows(table).forEach(row -> addWritten(seen, row)));
            }
        }

        List<String> missing = Stream.of(Role.values())
                .flatMap(role -> role.settings().settings().stream())
                .filter(setting -> !setting.isOwn() && !seen.contains(setting))
                .map(Setting::toString)
                .filter(key -> !ALIASES.contains(key))
                .toList();
        assertEquals(List.of(), missing);
    }

    private static void addWritten(Set<Setting<?>> seen, SettingValues values) {
        values.settings().stream()
                .filter(setting -> values.origin(setting) instanceof Origin.File)
                .forEach(seen::add);
    }
}
