package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The keys of {@code server.conf}, the file of a builder.
 *
 * <p>A new key is one more constant here, and {@code config.get(ServerSettings.THAT_KEY)} where it is used. Parser,
 * messages, {@code jdist config show} and the page docs/settings.md follow; the test of that page says how to write it
 * anew.
 */
public final class ServerSettings {
    public static final SettingsFile FILE = new SettingsFile();

    private static final SettingsTable TOP = FILE.top();
    private static final SettingsTable BUILDER = TOP.requiredTable("builder");
    private static final SettingsTable SCHEDULER_AUTH = TOP.requiredTable("scheduler_auth");
    private static final SettingsTable JDIST = TOP.table("jdist");

    private static final Duration LONGEST = Duration.ofDays(7);
    private static final long LEAST_BYTES = ByteSize.MIB;
    /** What the sandbox itself and the smallest compiler need. */
    private static final int LEAST_PROCESSES = 16;
    /** From the range of 32-bit numbers that systemd's list of users and groups leaves to nobody. */
    private static final int DEFAULT_JOB_UID = 1_879_075_428;

    public static final Setting<ServerId> PUBLIC_ADDR = TOP.key(
                    "public_addr", SettingType.ADDRESS.checked(ServerSettings::checkReachable))
            .required("where clients and the scheduler reach it; its name in the farm");

    public static final Setting<Optional<ServerId>> BIND_ADDRESS = TOP.key("bind_address", SettingType.ADDRESS)
            .optional("`public_addr`", "where it listens: other than `public_addr` behind NAT or in a container");

    public static final Setting<HttpUrl> SCHEDULER_URL =
            TOP.key("scheduler_url", SettingType.URL).required("the scheduler, `http://` or `https://`");

    public static final Setting<Optional<CertificatePin>> SCHEDULER_PIN =
            JDIST.key(SchedulerPin.KEY, SchedulerPin.TYPE).optional(SchedulerPin.ABSENCE, SchedulerPin.HELP);

    public static final Setting<Path> CACHE_DIR = TOP.key("cache_dir", SettingType.PATH)
            .byDefault(
                    "`/var/cache/jdist/toolchains` for root, `~/.cache/jdist/toolchains` for others",
                    machine -> machine.isRoot()
                            ? Path.of("/var/cache/jdist/toolchains")
                            : machine.environment().cacheHome().resolve("jdist/toolchains"),
                    "toolchain archives, clients' source files, and the builder's certificate");

    public static final Setting<Long> TOOLCHAIN_CACHE_SIZE = TOP.key("toolchain_cache_size", SettingType.SIZE)
            .byDefault(
                    ClientSettings.DEFAULT_TOOLCHAIN_CACHE_SIZE,
                    "archives and unpacked toolchains together, a file that several toolchains have counting once; the"
                            + " least recently used goes first");

    public static final Setting<Long> SOURCE_CACHE_SIZE = JDIST.key(
                    "source_cache_size", SettingType.size(LEAST_BYTES, Long.MAX_VALUE))
            .byDefault(
                    5 * ByteSize.GIB,
                    "clients' source files, each content once, in `cache_dir/contents`; the least recently used goes first");

    public static final Setting<String> BUILDER_TYPE = BUILDER.key(
                    "type",
                    SettingType.choiceBut(
                            Optional.of("pot"),
                            "= \"pot\" is FreeBSD's jail manager; jdist builders run on Linux: use \"overlay\" or"
                                    + " \"docker\"",
                            "overlay",
                            "docker"))
            .required("how jobs are run: see below");

    public static final Setting<Path> BUILD_DIR = BUILDER.key("build_dir", SettingType.PATH)
            .inVariant(BUILDER_TYPE, "overlay")
            .byDefault(
                    "`/var/lib/jdist/build` for root, `~/.cache/jdist/build` for others",
                    machine -> machine.isRoot()
                            ? Path.of("/var/lib/jdist/build")
                            : machine.environment().cacheHome().resolve("jdist/build"),
                    "unpacked toolchains and running jobs; made if it is not there");

    public static final Setting<Path> BWRAP_PATH = BUILDER.key("bwrap_path", SettingType.PATH)
            .inVariant(BUILDER_TYPE, "overlay")
            .byDefault(
                    "`bwrap` in `PATH`, else `/usr/bin/bwrap`",
                    machine -> machine.environment().onPath("bwrap").orElse(Path.of("/usr/bin/bwrap")),
                    "bubblewrap, 0.3.0 or later");

    public static final Setting<Optional<String>> SANDBOX = JDIST.key(
                    "sandbox", SettingType.TEXT.checked(ServerSettings::checkSandbox))
            .onlyWith(BUILDER_TYPE, "overlay")
            .optional("the best that works", "the one kind of sandbox to use: [see below](#sandboxes)");

    public static final Setting<Integer> JOB_UID = JDIST.key(
                    "job_uid", SettingType.integer("number", 0, Integer.MAX_VALUE))
            .onlyWith(BUILDER_TYPE, "overlay")
            .byDefault(
                    "`" + DEFAULT_JOB_UID + "` for root, `0` for others",
                    machine -> machine.isRoot() ? DEFAULT_JOB_UID : 0,
                    "the user of jobs, and its group, where root runs the builder; nobody else may have that number. `0`"
                            + " is the builder's own user");

    public static final Setting<Optional<String>> DOCKER_IMAGE = JDIST.key(
                    "docker_image", SettingType.TEXT.checked(ServerSettings::checkImage))
            .onlyWith(BUILDER_TYPE, "docker")
            .optional("none is needed", "an image over which toolchains are unpacked");

    public static final Setting<List<String>> DOCKER_ARGS = JDIST.key("docker_args", SettingType.TEXTS)
            .onlyWith(BUILDER_TYPE, "docker")
            .byDefault(List.of(), "more arguments of `docker run`, after jdist's own");

    public static final Setting<String> AUTH_TYPE = SCHEDULER_AUTH
            .key("type", SettingType.choice("token", "jwt_token", "DANGEROUSLY_INSECURE"))
            .required("how the builder shows the scheduler that it belongs to the farm");

    public static final Setting<Secret> AUTH_TOKEN = SCHEDULER_AUTH
            .key("token", SettingType.SECRET)
            .inVariant(AUTH_TYPE, "token", "jwt_token")
            .required("what the scheduler's `[server_auth]` lets in");

    public static final Setting<Optional<Integer>> CPUS = JDIST.key(
                    "cpus", SettingType.integer("number", 1, Heartbeat.MAX_CPUS))
            .optional("all that it sees", "how many CPUs it offers");

    public static final Setting<Duration> JOB_TIMEOUT = JDIST.key(
                    "job_timeout_secs", SettingType.seconds(Duration.ofSeconds(1), LONGEST))
            .byDefault(
                    Duration.ofSeconds(1200), "how long a compiler may run; a stock client waits no longer than this");

    public static final Setting<Optional<Long>> JOB_MEMORY = JDIST.key(
                    "job_memory", SettingType.size(LEAST_BYTES, Long.MAX_VALUE))
            .optional(
                    "twice the machine's memory divided by the jobs at once; at least 2 GiB, at most all",
                    "memory of all processes of a job together");

    public static final Setting<Integer> JOB_PROCESSES = JDIST.key(
                    "job_processes", SettingType.integer("number", LEAST_PROCESSES, Integer.MAX_VALUE))
            .byDefault(512, "processes and threads of a job at once");

    public static final Setting<Long> JOB_SCRATCH_BYTES = JDIST.key(
                    "job_scratch_bytes", SettingType.size(LEAST_BYTES, Long.MAX_VALUE))
            .byDefault(
                    4 * ByteSize.GIB, "what a job has in files beside its toolchain: inputs, temporary files, outputs");

    public static final Setting<Optional<Long>> BUILD_DIR_BYTES = JDIST.key(
                    "build_dir_bytes", SettingType.size(LEAST_BYTES, Long.MAX_VALUE))
            .onlyWith(BUILDER_TYPE, "overlay")
            .optional(
                    "90 % of what is free",
                    "what all jobs together have in files beside their toolchains: when it is more, the job that has most is"
                            + " ended, and the others go on");

    public static final Setting<Long> JOB_OUTPUT_BYTES = JDIST.key(
                    "job_output_bytes", SettingType.size(LEAST_BYTES, Long.MAX_VALUE))
            .byDefault(
                    ByteSize.GIB,
                    "the outputs of a job that are sent back, not compressed; they wait in `cache_dir`, compressed,"
                            + " until the client has taken them");

    public static final Setting<Long> JOB_LOG_BYTES = JDIST.key(
                    "job_log_bytes", SettingType.size(LEAST_BYTES, ByteSize.GIB))
            .byDefault(8 * ByteSize.MIB, "what a compiler prints, for each of its two streams");

    public static final Setting<Integer> JOB_NICE = JDIST.key("job_nice", SettingType.integer("number", 0, 19))
            .byDefault(
                    10,
                    "`overlay`: by how much jobs stand back behind other programs: [see"
                            + " below](#a-builder-on-somebodys-workstation)");

    public static final Setting<Duration> DRAIN = JDIST.key("drain_secs", SettingType.seconds(Duration.ZERO, LONGEST))
            .byDefault(Duration.ofSeconds(60), "how long jobs may go on after SIGTERM");

    public static final Setting<Boolean> ONLY_WHEN_IDLE = JDIST.key("only_when_idle", SettingType.FLAG)
            .onlyWith(BUILDER_TYPE, "overlay")
            .byDefault(
                    false,
                    "take jobs only while nobody else uses the machine: [see"
                            + " below](#a-builder-on-somebodys-workstation)");

    public static final Setting<Integer> IDLE_CPU_PERCENT = JDIST.key(
                    "idle_cpu_percent", SettingType.integer("percent", 1, 90))
            .onlyWith(ONLY_WHEN_IDLE, true)
            .byDefault(20, "what other programs may take of all CPUs together");

    public static final Setting<Duration> IDLE_SECS = JDIST.key(
                    "idle_secs", SettingType.seconds(Duration.ofSeconds(5), Duration.ofDays(1)))
            .onlyWith(ONLY_WHEN_IDLE, true)
            .byDefault(Duration.ofSeconds(60), "how long they must have left the machine alone");

    private ServerSettings() {}

    private static void checkReachable(ConfigTable table, String key, ServerId address) throws ConfigException {
        String unusable = "= " + address + " is no address that a client can connect to; write ";
        if (address.ip().isAnyLocalAddress()) {
            throw table.problem(key, unusable + "this machine's own, and use bind_address to listen on all");
        }
        if (address.port() == 0) {
            throw table.problem(key, unusable + "the port as well");
        }
    }

    private static void checkSandbox(ConfigTable table, String key, String sandbox) throws ConfigException {
        if (!ServerConfig.SANDBOXES.contains(sandbox)) {
            throw table.problem(
                    key, "= \"" + sandbox + "\" is not known; known: " + String.join(", ", ServerConfig.SANDBOXES));
        }
    }

    private static void checkImage(ConfigTable table, String key, String image) throws ConfigException {
        if (image.isBlank() || image.startsWith("-")) {
            throw table.problem(key, "= \"" + image + "\" is not the name of an image");
        }
    }
}
