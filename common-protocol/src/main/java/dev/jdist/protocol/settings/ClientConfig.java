package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.message.BuilderChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The client's file, {@code ~/.config/sccache/config} or what {@code SCCACHE_CONF} names, and the variables that go
 * before it. Each key can be asked for by {@link #get}; the rest says what several come to.
 */
public record ClientConfig(SettingValues values, CacheConfig cache) {
    /**
     * {@code [dist]}, and what {@code [jdist]} says of the farm.
     *
     * @param schedulerUrl none means that nothing is distributed
     * @param schedulerPin the key that the scheduler must have: {@code scheduler_pin} in the table {@code jdist}
     * @param cacheDir where packaged toolchains are kept
     * @param toolchainCacheSize bytes of packaged toolchains to keep
     * @param rewriteIncludesOnly preprocess with {@code -fdirectives-only} or {@code -frewrite-includes}
     * @param builders which builders of the farm to use: {@code builders} in the table {@code jdist}
     */
    public record Dist(
            Optional<HttpUrl> schedulerUrl,
            Optional<CertificatePin> schedulerPin,
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

    /**
     * What is in force: from the file that SCCACHE_CONF names, else from the default place, else defaults. As in
     * sccache, a file that does not exist is as good as an empty one, whoever named it, and the empty name is that of no
     * file.
     */
    public static ClientConfig inForce(Environment environment) throws ConfigException {
        Path file = environment.clientConfigFile();
        return !file.toString().isEmpty() && Files.exists(file) ? read(file, environment) : defaults(environment);
    }

    static ClientConfig from(ConfigTable root, Environment environment) throws ConfigException {
        SettingValues values = ClientSettings.FILE.read(root, new Machine(false, environment));
        SchedulerPin.check(root, values.get(ClientSettings.SCHEDULER_URL), values.get(ClientSettings.SCHEDULER_PIN));
        return new ClientConfig(values, CacheConfig.of(values, environment));
    }

    /** What is in force for one of {@link ClientSettings}. */
    public <T> T get(Setting<T> setting) {
        return values.get(setting);
    }

    /** How long to wait for the daemon to come up. */
    public Duration startupTimeout() {
        return get(ClientSettings.STARTUP_TIMEOUT);
    }

    public Dist dist() {
        return new Dist(
                get(ClientSettings.SCHEDULER_URL),
                get(ClientSettings.SCHEDULER_PIN),
                auth(),
                get(ClientSettings.CACHE_DIR),
                get(ClientSettings.TOOLCHAIN_CACHE_SIZE),
                values.rows(ClientSettings.TOOLCHAINS).stream()
                        .map(ClientConfig::toolchain)
                        .toList(),
                get(ClientSettings.REWRITE_INCLUDES_ONLY),
                get(ClientSettings.BUILDERS));
    }

    private Auth auth() {
        return switch (get(ClientSettings.AUTH_TYPE)) {
            case "token" -> new Auth.Token(get(ClientSettings.AUTH_TOKEN));
            case "oauth2_code_grant_pkce" ->
                new Auth.CodeGrantPkce(
                        get(ClientSettings.CLIENT_ID), get(ClientSettings.AUTH_URL), get(ClientSettings.TOKEN_URL));
            default -> new Auth.Implicit(get(ClientSettings.CLIENT_ID), get(ClientSettings.AUTH_URL));
        };
    }

    private static CustomToolchain toolchain(SettingValues row) {
        Path compiler = row.get(ClientSettings.TOOLCHAIN_COMPILER);
        return row.get(ClientSettings.TOOLCHAIN_TYPE).equals("no_dist")
                ? new CustomToolchain.NoDist(compiler)
                : new CustomToolchain.PathOverride(
                        compiler,
                        row.get(ClientSettings.TOOLCHAIN_ARCHIVE),
                        row.get(ClientSettings.TOOLCHAIN_ARCHIVE_COMPILER));
    }
}
