package dev.jdist.protocol.config;

import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@code server.conf}: a builder.
 *
 * @param cacheDir where toolchain archives and the builder's certificate are kept
 * @param publicAddr where clients and the scheduler reach it; also its name
 * @param bindAddress where it listens, if not there: {@code bind_address}
 * @param toolchainCacheSize octets of toolchains to keep
 * @param jobs what jobs may take
 * @param onlyWhenIdle nothing for a builder that takes jobs at any time
 * @param cpus how many CPUs it offers: {@code [jdist] cpus}; nothing for as many as it sees
 */
public record ServerConfig(
        Builder builder,
        Path cacheDir,
        ServerId publicAddr,
        Optional<ServerId> bindAddress,
        HttpUrl schedulerUrl,
        SchedulerAuth schedulerAuth,
        long toolchainCacheSize,
        JobSettings jobs,
        Optional<IdleSettings> onlyWhenIdle,
        OptionalInt cpus) {
    /** What {@code [jdist] sandbox} may be, best first. */
    public static final List<String> SANDBOXES =
            List.of("root-overlay", "rootless-overlay", "bwrap-overlay", "directory");

    /** What a stock builder keeps where nothing is set. */
    public static final long DEFAULT_TOOLCHAIN_CACHE_SIZE = 10 * ByteSize.GIB;

    /** The most that a scheduler lets a builder offer. */
    private static final long MOST_CPUS = 65_536;

    /** A builder that takes jobs at any time, and offers all CPUs that it sees. */
    public ServerConfig(
            Builder builder,
            Path cacheDir,
            ServerId publicAddr,
            Optional<ServerId> bindAddress,
            HttpUrl schedulerUrl,
            SchedulerAuth schedulerAuth,
            long toolchainCacheSize,
            JobSettings jobs) {
        this(
                builder,
                cacheDir,
                publicAddr,
                bindAddress,
                schedulerUrl,
                schedulerAuth,
                toolchainCacheSize,
                jobs,
                Optional.empty(),
                OptionalInt.empty());
    }

    /** How jobs are run: {@code [builder]}. */
    public sealed interface Builder {}

    /**
     * {@code type = "overlay"}: under bubblewrap, on an overlay of their toolchain, or what does for one.
     *
     * @param buildDir scratch space and unpacked toolchains; made if it is not there
     * @param sandbox {@code [jdist] sandbox}: one of {@link #SANDBOXES}, or nothing for the best that works
     */
    public record Overlay(Path buildDir, Path bwrapPath, Optional<String> sandbox) implements Builder {}

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

    public ServerId listenAddress() {
        return bindAddress.orElse(publicAddr);
    }

    public static ServerConfig read(Path file, BuilderDefaults defaults) throws ConfigException {
        return from(ConfigTable.read(file), defaults);
    }

    static ServerConfig from(ConfigTable root, BuilderDefaults defaults) throws ConfigException {
        ConfigTable jdist = root.table("jdist");
        JobSettings jobs = JobSettings.from(jdist);
        Optional<IdleSettings> onlyWhenIdle = IdleSettings.from(jdist);
        OptionalInt cpus = cpus(jdist);
        ServerConfig config = new ServerConfig(
                builder(root.requiredTable("builder"), jdist, defaults),
                root.path("cache_dir").orElse(defaults.cacheDir()),
                root.requiredAddress("public_addr"),
                root.address("bind_address"),
                root.requiredUrl("scheduler_url"),
                schedulerAuth(root.requiredTable("scheduler_auth")),
                root.byteSize("toolchain_cache_size", DEFAULT_TOOLCHAIN_CACHE_SIZE),
                jobs,
                onlyWhenIdle,
                cpus);
        if (config.publicAddr().ip().isAnyLocalAddress()) {
            throw root.problem(
                    "public_addr",
                    "= " + config.publicAddr() + " is no address that a client can connect to; write this machine's"
                            + " own, and use bind_address to listen on all");
        }
        if (config.publicAddr().port() == 0) {
            throw root.problem(
                    "public_addr",
                    "= " + config.publicAddr() + " is no address that a client can connect to; write the port as well");
        }
        root.rejectUnknownKeys();
        return config;
    }

    private static Builder builder(ConfigTable table, ConfigTable jdist, BuilderDefaults defaults)
            throws ConfigException {
        Optional<String> image = jdist.text("docker_image");
        List<String> arguments = jdist.texts("docker_args");
        Builder builder;
        switch (table.choice("type", "overlay", "docker", "pot")) {
            case "overlay" -> {
                for (String key : List.of("docker_image", "docker_args")) {
                    if (jdist.has(key)) {
                        throw jdist.problem(key, "is for builder.type = \"docker\" only");
                    }
                }
                builder = new Overlay(
                        table.path("build_dir").orElse(defaults.buildDir()),
                        table.path("bwrap_path").orElse(defaults.bwrapPath()),
                        sandbox(jdist));
            }
            case "docker" -> {
                for (String key : List.of("sandbox", "only_when_idle")) {
                    if (jdist.has(key)) {
                        throw jdist.problem(key, "is for builder.type = \"overlay\" only");
                    }
                }
                if (image.isPresent() && (image.get().isBlank() || image.get().startsWith("-"))) {
                    throw jdist.problem("docker_image", "= \"" + image.get() + "\" is not the name of an image");
                }
                builder = new Docker(image, arguments);
            }
            default ->
                throw table.problem(
                        "type",
                        "= \"pot\" is FreeBSD's jail manager; jdist builders run on Linux: use \"overlay\" or"
                                + " \"docker\"");
        }
        table.rejectUnknownKeys();
        jdist.rejectUnknownKeys();
        return builder;
    }

    private static OptionalInt cpus(ConfigTable jdist) throws ConfigException {
        Optional<Long> cpus = jdist.number("cpus");
        return cpus.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of((int) JobSettings.number(jdist, "cpus", cpus.get(), 1, MOST_CPUS));
    }

    private static Optional<String> sandbox(ConfigTable jdist) throws ConfigException {
        Optional<String> sandbox = jdist.text("sandbox");
        if (sandbox.isPresent() && !SANDBOXES.contains(sandbox.get())) {
            throw jdist.problem(
                    "sandbox", "= \"" + sandbox.get() + "\" is not known; known: " + String.join(", ", SANDBOXES));
        }
        return sandbox;
    }

    private static SchedulerAuth schedulerAuth(ConfigTable table) throws ConfigException {
        SchedulerAuth auth = switch (table.choice("type", "token", "jwt_token", "DANGEROUSLY_INSECURE")) {
            case "token" -> new SchedulerAuth.Token(table.requiredSecret("token"));
            case "jwt_token" -> new SchedulerAuth.JwtToken(table.requiredSecret("token"));
            default -> new SchedulerAuth.Insecure();
        };
        table.rejectUnknownKeys();
        return auth;
    }
}
