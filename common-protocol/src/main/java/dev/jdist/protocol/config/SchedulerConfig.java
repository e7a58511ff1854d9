package dev.jdist.protocol.config;

import dev.jdist.protocol.wire.IpAddress;
import dev.jdist.protocol.wire.ServerId;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * {@code scheduler.conf}.
 *
 * @param publicAddr where to listen: {@code public_addr}
 * @param trustedProxies whose X-Real-IP is believed, {@code trusted_proxies} in the table {@code jdist}; anybody's if empty
 * @param tokens the file of named tokens, {@code tokens} in the table {@code jdist}: good beside what the other two say
 */
public record SchedulerConfig(
        ServerId publicAddr,
        ClientAuth clientAuth,
        ServerAuth serverAuth,
        Optional<Set<InetAddress>> trustedProxies,
        Optional<Path> tokens) {
    /** What stock clients send when they are configured with nothing. */
    public static final Secret INSECURE_CLIENT_TOKEN = new Secret("dangerously_insecure_client");
    /** What builders send under DANGEROUSLY_INSECURE. */
    public static final Secret INSECURE_SERVER_TOKEN = new Secret("dangerously_insecure_server");

    /** With nothing that only jdist has. */
    public SchedulerConfig(ServerId publicAddr, ClientAuth clientAuth, ServerAuth serverAuth) {
        this(publicAddr, clientAuth, serverAuth, Optional.empty(), Optional.empty());
    }

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

        /** @param secretKey base64url without padding, 32 octets */
        record JwtHs256(Secret secretKey) implements ServerAuth {}

        /** No table, which does if there is a file of tokens: nobody but those in it. */
        record NamedTokens() implements ServerAuth {}
    }

    public static SchedulerConfig read(Path file) throws ConfigException {
        return from(ConfigTable.read(file));
    }

    static SchedulerConfig from(ConfigTable root) throws ConfigException {
        ConfigTable jdist = root.table("jdist");
        Optional<Path> tokens = tokens(jdist);
        Optional<Set<InetAddress>> trustedProxies = trustedProxies(jdist);
        jdist.rejectUnknownKeys();
        SchedulerConfig config = new SchedulerConfig(
                root.requiredAddress("public_addr"),
                tokens.isPresent() && !root.has("client_auth")
                        ? new ClientAuth.NamedTokens()
                        : clientAuth(root.requiredTable("client_auth")),
                tokens.isPresent() && !root.has("server_auth")
                        ? new ServerAuth.NamedTokens()
                        : serverAuth(root.requiredTable("server_auth")),
                trustedProxies,
                tokens);
        root.rejectUnknownKeys();
        return config;
    }

    private static ClientAuth clientAuth(ConfigTable table) throws ConfigException {
        String type = table.authType(
                "\"token\", \"jwt_validate\" or \"proxy_token\"",
                "token",
                "jwt_validate",
                "proxy_token",
                "DANGEROUSLY_INSECURE");
        ClientAuth auth = switch (type) {
            case "token" -> new ClientAuth.Token(table.requiredSecret("token"));
            case "jwt_validate" ->
                new ClientAuth.JwtValidate(
                        table.requiredText("audience"), table.requiredText("issuer"), table.requiredUrl("jwks_url"));
            case "proxy_token" -> new ClientAuth.ProxyToken(table.requiredUrl("url"), table.number("cache_secs"));
            default -> new ClientAuth.Insecure();
        };
        table.rejectUnknownKeys();
        return auth;
    }

    private static ServerAuth serverAuth(ConfigTable table) throws ConfigException {
        ServerAuth auth = switch (table.choice("type", "token", "jwt_hs256", "DANGEROUSLY_INSECURE")) {
            case "token" -> new ServerAuth.Token(table.requiredSecret("token"));
            case "jwt_hs256" -> new ServerAuth.JwtHs256(hs256Key(table));
            default -> new ServerAuth.Insecure();
        };
        table.rejectUnknownKeys();
        return auth;
    }

    private static Optional<Set<InetAddress>> trustedProxies(ConfigTable table) throws ConfigException {
        String key = "trusted_proxies";
        Set<InetAddress> proxies = new HashSet<>();
        for (String proxy : table.texts(key)) {
            try {
                proxies.add(IpAddress.parse(proxy));
            } catch (IllegalArgumentException e) {
                throw table.problem(key, "is wrong: " + e.getMessage());
            }
        }
        return table.has(key) ? Optional.of(Set.copyOf(proxies)) : Optional.empty();
    }

    private static Optional<Path> tokens(ConfigTable table) throws ConfigException {
        String key = "tokens";
        Optional<Path> file = table.path(key);
        if (file.isPresent() && !file.get().isAbsolute()) {
            throw table.problem(
                    key,
                    "= \"" + file.get() + "\" must begin with /: the scheduler and `jdist token` have to"
                            + " find the same file, wherever they are started");
        }
        if (file.isPresent() && file.get().toString().endsWith(".json")) {
            throw table.problem(
                    key, "= \"" + file.get() + "\" must not end in .json, as what is written there is TOML");
        }
        return file;
    }

    private static Secret hs256Key(ConfigTable table) throws ConfigException {
        Secret key = table.requiredSecret("secret_key");
        try {
            if (Base64.getUrlDecoder().decode(key.value()).length == 32) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the same advice.
        }
        throw table.problem(
                "secret_key", "is not a key of 32 bytes; make one with `jdist auth generate-jwt-hs256-key`");
    }
}
