package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.wire.ServerId;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code scheduler.conf}. Each key can be asked for by {@link #get}; the rest says what several come to. */
public record SchedulerConfig(SettingValues values) {
    /** What stock clients send when they are configured with nothing. */
    public static final Secret INSECURE_CLIENT_TOKEN = new Secret("dangerously_insecure_client");
    /** What builders send under DANGEROUSLY_INSECURE. */
    public static final Secret INSECURE_SERVER_TOKEN = new Secret("dangerously_insecure_server");

    /** How clients show that they may use the farm. */
    public sealed interface ClientAuth {
        /** {@code DANGEROUSLY_INSECURE}: anybody may. */
        record Insecure() implements ClientAuth {}

        record Token(Secret token) implements ClientAuth {}

        record JwtValidate(String audience, String issuer, HttpUrl jwksUrl) implements ClientAuth {}

        /** @param cacheSeconds how long an accepted token is believed without asking again */
        record ProxyToken(HttpUrl url, Optional<Long> cacheSeconds) implements ClientAuth {}

        /** No table, which does if there is a file of tokens: nobody but those in it. */
        record NamedTokens() implements ClientAuth {}
    }

    /** How builders show that they belong to the farm. */
    public sealed interface ServerAuth {
        /** {@code DANGEROUSLY_INSECURE}: anybody may. */
        record Insecure() implements ServerAuth {}

        record Token(Secret token) implements ServerAuth {}

        /** @param secretKey base64url without padding, 32 bytes */
        record JwtHs256(Secret secretKey) implements ServerAuth {}

        /** No table, which does if there is a file of tokens: nobody but those in it. */
        record NamedTokens() implements ServerAuth {}
    }

    /** Whether and with which certificate it speaks https. */
    public sealed interface Tls {
        record Off() implements Tls {}

        /** @param identity where the scheduler keeps the key and certificate that it makes */
        record SelfSigned(Path identity) implements Tls {}

        /** Files in PEM form, which somebody else made. */
        record Files(Path certificate, Path key) implements Tls {}
    }

    private static final Path SYSTEM_SETTINGS = Path.of("/etc/jdist");
    private static final Path SYSTEM_IDENTITY = Path.of("/var/lib/jdist-scheduler/tls.pem");
    private static final String IDENTITY = "scheduler-tls.pem";

    public static SchedulerConfig read(Path file) throws ConfigException {
        return from(ConfigTable.read(file));
    }

    public static SchedulerConfig from(ConfigTable root) throws ConfigException {
        // No default of a scheduler depends on its machine.
        Machine any = new Machine(false, new Environment(Map.of()));
        return new SchedulerConfig(SchedulerSettings.FILE.read(root, any));
    }

    /** What is in force for one of {@link SchedulerSettings}. */
    public <T> T get(Setting<T> setting) {
        return values.get(setting);
    }

    /** Where it listens. */
    public ServerId publicAddr() {
        return get(SchedulerSettings.PUBLIC_ADDR);
    }

    /** Whose X-Real-IP is believed; anybody's if nothing is said. */
    public Optional<Set<InetAddress>> trustedProxies() {
        return get(SchedulerSettings.TRUSTED_PROXIES);
    }

    /** The file of named tokens, which are good beside what {@link #clientAuth} and {@link #serverAuth} say. */
    public Optional<Path> tokens() {
        return get(SchedulerSettings.TOKENS);
    }

    public Tls tls() {
        return switch (get(SchedulerSettings.TLS)) {
            case "self-signed" ->
                new Tls.SelfSigned(get(SchedulerSettings.TLS_IDENTITY).orElseGet(this::usualIdentity));
            case "files" -> new Tls.Files(get(SchedulerSettings.TLS_CERTIFICATE), get(SchedulerSettings.TLS_KEY));
            default -> new Tls.Off();
        };
    }

    /** By the name of the settings file alone, so that all who are given that file find the same one. */
    private Path usualIdentity() {
        Path settings = values.origin(SchedulerSettings.TLS) instanceof Origin.File file
                ? Path.of(file.name()).toAbsolutePath().normalize()
                : SYSTEM_SETTINGS.resolve("scheduler.conf");
        return SYSTEM_SETTINGS.equals(settings.getParent()) ? SYSTEM_IDENTITY : settings.resolveSibling(IDENTITY);
    }

    public ClientAuth clientAuth() {
        return switch (values.find(SchedulerSettings.CLIENT_AUTH_TYPE).orElse("")) {
            case "token" -> new ClientAuth.Token(get(SchedulerSettings.CLIENT_TOKEN));
            case "jwt_validate" ->
                new ClientAuth.JwtValidate(
                        get(SchedulerSettings.AUDIENCE),
                        get(SchedulerSettings.ISSUER),
                        get(SchedulerSettings.JWKS_URL));
            case "proxy_token" ->
                new ClientAuth.ProxyToken(get(SchedulerSettings.PROXY_URL), get(SchedulerSettings.CACHE_SECS));
            case "DANGEROUSLY_INSECURE" -> new ClientAuth.Insecure();
            default -> new ClientAuth.NamedTokens();
        };
    }

    public ServerAuth serverAuth() {
        return switch (values.find(SchedulerSettings.SERVER_AUTH_TYPE).orElse("")) {
            case "token" -> new ServerAuth.Token(get(SchedulerSettings.SERVER_TOKEN));
            case "jwt_hs256" -> new ServerAuth.JwtHs256(get(SchedulerSettings.SECRET_KEY));
            case "DANGEROUSLY_INSECURE" -> new ServerAuth.Insecure();
            default -> new ServerAuth.NamedTokens();
        };
    }
}
