package dev.jdist.protocol.config;

import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The client's file, {@code ~/.config/sccache/config} or what {@code SCCACHE_CONF} names.
 *
 * @param startupTimeout how long to wait for the daemon to come up: {@code server_startup_timeout_ms}
 */
public record ClientConfig(Dist dist, CacheConfig cache, Duration startupTimeout) {
    /** What sccache waits for its server. */
    public static final Duration DEFAULT_STARTUP_TIMEOUT = Duration.ofSeconds(10);

    /**
     * {@code [dist]}, and what {@code [jdist]} says of the farm.
     *
     * @param schedulerUrl none means that nothing is distributed
     * @param cacheDir where packaged toolchains are kept
     * @param toolchainCacheSize octets of packaged toolchains to keep
     * @param rewriteIncludesOnly preprocess with {@code -fdirectives-only} or {@code -frewrite-includes}
     * @param builders which builders of the farm to use: {@code builders} in the table {@code jdist}
     */
    public record Dist(
            Optional<HttpUrl> schedulerUrl,
            Auth auth,
            Path cacheDir,
            long toolchainCacheSize,
            List<CustomToolchain> toolchains,
            boolean rewriteIncludesOnly,
            BuilderChoice builders) {}

    /** How this client shows the scheduler that it may use the farm. */
    public sealed interface Auth permits Auth.Token, OAuth {
        record Token(Secret token) implements Auth {}

        record CodeGrantPkce(String clientId, LoginUrl authUrl, HttpUrl tokenUrl) implements OAuth {}

        record Implicit(String clientId, LoginUrl authUrl) implements OAuth {}
    }

    /** A token that a person gets from a login server, once in a while. */
    public sealed interface OAuth extends Auth {
        String clientId();

        /** Where the person is sent, and the name under which the token is kept. */
        LoginUrl authUrl();
    }

    /** @param written as it stands in the file: sccache files tokens under this text, not under what it means */
    public record LoginUrl(String written, HttpUrl url) {
        @Override
        public String toString() {
            return written;
        }
    }

    /** A compiler that is not to be packaged by itself: {@code [[dist.toolchains]]}. */
    public sealed interface CustomToolchain {
        /** The path of the compiler as callers name it. */
        Path compiler();

        /** Compile locally always. */
        record NoDist(Path compiler) implements CustomToolchain {}

        /** Use this archive, and run {@code archiveCompiler} in it. */
        record PathOverride(Path compiler, Path archive, String archiveCompiler) implements CustomToolchain {}
    }

    /** What holds where there is no file. */
    public static ClientConfig defaults(Environment environment) throws ConfigException {
        return from(ConfigTable.parse("(defaults)", ""), environment);
    }

    public static ClientConfig read(Path file, Environment environment) throws ConfigException {
        return from(ConfigTable.read(file), environment);
    }

    static ClientConfig from(ConfigTable root, Environment environment) throws ConfigException {
        Dist dist = dist(root.table("dist"), builders(root.table("jdist")), environment);
        Duration timeout =
                root.number("server_startup_timeout_ms").map(Duration::ofMillis).orElse(DEFAULT_STARTUP_TIMEOUT);
        CacheConfig cache = CacheConfig.from(root, environment);
        root.flag("client_side_mode", false);
        root.rejectUnknownKeys();
        return new ClientConfig(dist, cache, timeout);
    }

    private static Dist dist(ConfigTable table, BuilderChoice builders, Environment environment)
            throws ConfigException {
        Dist dist = new Dist(
                table.url("scheduler_url"),
                table.has("auth") ? auth(table.table("auth")) : new Auth.Token(SchedulerConfig.INSECURE_CLIENT_TOKEN),
                table.path("cache_dir").orElse(environment.cacheHome().resolve("sccache-dist-client")),
                table.byteSize("toolchain_cache_size", ServerConfig.DEFAULT_TOOLCHAIN_CACHE_SIZE),
                toolchains(table),
                table.flag("rewrite_includes_only", false),
                builders);
        table.rejectUnknownKeys();
        return dist;
    }

    private static BuilderChoice builders(ConfigTable table) throws ConfigException {
        String key = "builders";
        Set<ServerId> only = new HashSet<>();
        for (String builder : table.texts(key)) {
            try {
                only.add(ServerId.parse(builder));
            } catch (IllegalArgumentException e) {
                throw table.problem(key, "is wrong: " + e.getMessage());
            }
        }
        if (table.has(key) && only.isEmpty()) {
            throw table.problem(key, "names none; leave it out to use all, and [dist] scheduler_url to use no farm");
        }
        if (only.size() > BuilderChoice.MOST) {
            throw table.problem(
                    key, "names " + only.size() + " builders; at most " + BuilderChoice.MOST + " can be chosen");
        }
        table.rejectUnknownKeys();
        return new BuilderChoice(only);
    }

    private static Auth auth(ConfigTable table) throws ConfigException {
        String type = table.authType(
                "\"token\", \"oauth2_code_grant_pkce\" or \"oauth2_implicit\"",
                "token",
                "oauth2_code_grant_pkce",
                "oauth2_implicit");
        Auth auth = switch (type) {
            case "token" -> new Auth.Token(table.requiredSecret("token"));
            case "oauth2_code_grant_pkce" ->
                new Auth.CodeGrantPkce(
                        table.requiredText("client_id"), loginUrl(table), table.requiredUrl("token_url"));
            default -> new Auth.Implicit(table.requiredText("client_id"), loginUrl(table));
        };
        table.rejectUnknownKeys();
        return auth;
    }

    private static LoginUrl loginUrl(ConfigTable table) throws ConfigException {
        HttpUrl url = table.requiredUrl("auth_url");
        return new LoginUrl(table.requiredText("auth_url"), url);
    }

    private static List<CustomToolchain> toolchains(ConfigTable dist) throws ConfigException {
        List<CustomToolchain> toolchains = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        for (ConfigTable table : dist.tables("toolchains")) {
            String type = table.choice("type", "no_dist", "path_override");
            Path compiler = table.requiredPath("compiler_executable");
            if (!seen.add(compiler)) {
                throw table.problem(
                        "compiler_executable", "= \"" + compiler + "\" stands in two entries; keep one of them");
            }
            toolchains.add(
                    type.equals("no_dist")
                            ? new CustomToolchain.NoDist(compiler)
                            : new CustomToolchain.PathOverride(
                                    compiler,
                                    table.requiredPath("archive"),
                                    table.requiredText("archive_compiler_executable")));
            table.rejectUnknownKeys();
        }
        return toolchains;
    }
}
