package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code server.conf}: a builder. Each key can be asked for by {@link #get}; the rest says what several come to. */
public record ServerConfig(SettingValues values) {
    /** What {@code [jdist] sandbox} may be, best first. */
    public static final List<String> SANDBOXES =
            List.of("root-overlay", "rootless-overlay", "bwrap-overlay", "directory");

    /** How jobs are run: {@code [builder]}. */
    public sealed interface Builder {}

    /**
     * {@code type = "overlay"}: under bubblewrap, on an overlay of their toolchain, or what does for one.
     *
     * @param buildDir scratch space and unpacked toolchains; made if it is not there
     * @param sandbox {@code [jdist] sandbox}: one of {@link #SANDBOXES}, or nothing for the best that works
     * @param jobUid {@code [jdist] job_uid}: the user of jobs; 0 for the builder's own
     * @param buildDirBytes {@code [jdist] build_dir_bytes}: of the files of all jobs together, or nothing for most of what is free
     */
    public record Overlay(
            Path buildDir, Path bwrapPath, Optional<String> sandbox, int jobUid, Optional<Long> buildDirBytes)
            implements Builder {}

    /**
     * {@code type = "docker"}: in containers of the Docker engine that the program {@code docker} finds.
     *
     * @param image over which toolchains are unpacked: {@code [jdist] docker_image}
     * @param arguments more arguments of {@code docker run}: {@code [jdist] docker_args}
     */
    public record Docker(Optional<String> image, List<String> arguments) implements Builder {
        public Docker {
            arguments = List.copyOf(arguments);
        }
    }

    /** How this builder shows the scheduler that it belongs to the farm. */
    public sealed interface SchedulerAuth {
        record Insecure() implements SchedulerAuth {}

        record Token(Secret token) implements SchedulerAuth {}

        /** @param token as {@code jdist auth generate-jwt-hs256-server-token} prints it */
        record JwtToken(Secret token) implements SchedulerAuth {}
    }

    public static ServerConfig read(Path file, Machine machine) throws ConfigException {
        return from(ConfigTable.read(file), machine);
    }

    public static ServerConfig from(ConfigTable root, Machine machine) throws ConfigException {
        ServerConfig config = new ServerConfig(ServerSettings.FILE.read(root, machine));
        SchedulerPin.check(root, Optional.of(config.schedulerUrl()), config.schedulerPin());
        return config;
    }

    /** What is in force for one of {@link ServerSettings}. */
    public <T> T get(Setting<T> setting) {
        return values.get(setting);
    }

    /** Its name in the farm. */
    public ServerId publicAddr() {
        return get(ServerSettings.PUBLIC_ADDR);
    }

    public ServerId listenAddress() {
        return get(ServerSettings.BIND_ADDRESS).orElse(publicAddr());
    }

    public HttpUrl schedulerUrl() {
        return get(ServerSettings.SCHEDULER_URL);
    }

    /** The key that the scheduler must have. */
    public Optional<CertificatePin> schedulerPin() {
        return get(ServerSettings.SCHEDULER_PIN);
    }

    /** Where toolchain archives and the builder's certificate are kept. */
    public Path cacheDir() {
        return get(ServerSettings.CACHE_DIR);
    }

    public Builder builder() {
        return get(ServerSettings.BUILDER_TYPE).equals("docker")
                ? new Docker(get(ServerSettings.DOCKER_IMAGE), get(ServerSettings.DOCKER_ARGS))
                : new Overlay(
                        get(ServerSettings.BUILD_DIR),
                        get(ServerSettings.BWRAP_PATH),
                        get(ServerSettings.SANDBOX),
                        get(ServerSettings.JOB_UID),
                        get(ServerSettings.BUILD_DIR_BYTES));
    }

    public SchedulerAuth schedulerAuth() {
        return switch (get(ServerSettings.AUTH_TYPE)) {
            case "token" -> new SchedulerAuth.Token(get(ServerSettings.AUTH_TOKEN));
            case "jwt_token" -> new SchedulerAuth.JwtToken(get(ServerSettings.AUTH_TOKEN));
            default -> new SchedulerAuth.Insecure();
        };
    }

    /** Nothing for a builder that takes jobs at any time. */
    public Optional<IdleSettings> onlyWhenIdle() {
        return values.find(ServerSettings.ONLY_WHEN_IDLE).orElse(false)
                ? Optional.of(new IdleSettings(get(ServerSettings.IDLE_CPU_PERCENT), get(ServerSettings.IDLE_SECS)))
                : Optional.empty();
    }
}
