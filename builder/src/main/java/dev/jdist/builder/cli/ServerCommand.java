package dev.jdist.builder.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.jdist.builder.http.BuilderServer;
import dev.jdist.builder.http.BuilderSetup;
import dev.jdist.builder.job.JobRules;
import dev.jdist.builder.store.ContentStore;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.daemon.DaemonCommand;
import dev.jdist.protocol.daemon.PrivateDirectory;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.settings.ExposedSecrets;
import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.settings.ServerSettings;
import dev.jdist.sandbox.Isolation;
import dev.jdist.sandbox.bubblewrap.BubblewrapSandbox;
import dev.jdist.sandbox.bubblewrap.SandboxStrategy;
import dev.jdist.sandbox.docker.DockerEngine;
import dev.jdist.sandbox.tree.TreeOwner;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** {@code jdist server --config PATH}. */
@Command(name = "server", description = "Launch as a server, to handle distributed builds assigned by the scheduler")
public final class ServerCommand extends DaemonCommand<ServerConfig> {
    private static final Logger log = LoggerFactory.getLogger(ServerCommand.class);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    /** Set by the launcher: where jdist is installed. */
    private static final String HOME_PROPERTY = "jdist.home";
    /** Set by the launcher if it gave this process a mount namespace of its own. */
    private static final String PRIVATE_MOUNTS_PROPERTY = "jdist.private-mounts";

    ServerCommand() {
        super("server", STOP_TIMEOUT);
    }

    @Override
    protected ServerConfig read(Path file) throws ConfigException {
        return ServerConfig.read(file, Machine.ofThisProcess());
    }

    @Override
    protected void warnOfInsecurity(ServerConfig settings) {
        ExposedSecrets.warning(settings.values()).ifPresent(log::warn);
        if (settings.schedulerAuth() instanceof ServerConfig.SchedulerAuth.Insecure) {
            log.warn("DANGEROUSLY_INSECURE scheduler_auth: the scheduler takes anybody for a builder");
        }
    }

    @Override
    protected String reason(Exception failure) {
        if (failure instanceof AccessDeniedException denied) {
            return "no right to write to " + denied.getFile() + "; let cache_dir and build_dir be directories of the"
                    + " builder's user, or run it as root (sudo jdist server …)";
        }
        return super.reason(failure);
    }

    @Override
    protected void serve(ServerConfig settings, Listening listening)
            throws IOException, StartupException, InterruptedException {
        Path cacheDir = settings.cacheDir().toAbsolutePath();
        PrivateDirectory.named(cacheDir, "let cache_dir be another directory");
        int cpus = cpus(settings);
        JobRules rules = rules(settings);
        Duration drain = settings.get(ServerSettings.DRAIN);
        try (ContentStore contents = ContentStore.open(
                        PrivateDirectory.take(cacheDir.resolve("contents"), "let cache_dir be another directory"),
                        settings.get(ServerSettings.SOURCE_CACHE_SIZE));
                Isolation isolation = isolation(settings, rules, contents.directory())) {
            ToolchainStore toolchains = ToolchainStore.open(
                    PrivateDirectory.take(cacheDir.resolve("tc"), "let cache_dir be another directory"),
                    trees(settings),
                    settings.get(ServerSettings.TOOLCHAIN_CACHE_SIZE),
                    Clock.systemUTC(),
                    isolation);
            Thread check = new Thread(toolchains::checkArchives, "archive-check");
            check.setDaemon(true);
            check.start();
            BuilderSetup setup = new BuilderSetup(settings, isolation, toolchains, contents, cpus, rules);
            try (BuilderServer server = BuilderServer.start(setup)) {
                listening.at(settings.listenAddress());
                log.info("taking no more jobs; those that run have {} s to end", drain.toSeconds());
                if (!listening.awaitInPeace(server.drain(), drain)) {
                    log.info("jobs that still run are ended");
                }
            }
        }
    }

    /** @param contents the directory with the contents of clients' source files */
    private static Isolation isolation(ServerConfig settings, JobRules rules, Path contents)
            throws IOException, StartupException, InterruptedException {
        if (settings.builder() instanceof ServerConfig.Docker docker) {
            return DockerEngine.open(
                    helper(), settings.publicAddr().toString(), docker.image(), docker.arguments(), rules.limits());
        }
        ServerConfig.Overlay overlay = (ServerConfig.Overlay) settings.builder();
        Path buildDir = overlay.buildDir().toAbsolutePath();
        PrivateDirectory.named(buildDir, "let build_dir be another directory");
        boolean inMemory = Boolean.getBoolean(PRIVATE_MOUNTS_PROPERTY);
        BubblewrapSandbox sandbox = BubblewrapSandbox.open(
                helper(),
                overlay.bwrapPath(),
                buildDir.resolve("builds"),
                inMemory,
                wanted(overlay, Heartbeat.slots(cpus(settings)), Optional.of(contents)));
        long free = sandbox.freeScratch();
        sandbox.limitScratch(overlay.buildDirBytes().orElse(free - free / 10));
        sandbox.report().lines().forEach(log::info);
        sandbox.report().warnings().forEach(log::warn);
        return sandbox;
    }

    /** What the settings ask of sandboxes, of which so many may wait. */
    static BubblewrapSandbox.Wanted wanted(ServerConfig.Overlay overlay, int mostPrepared, Optional<Path> contents) {
        List<SandboxStrategy> candidates = overlay.sandbox()
                .flatMap(SandboxStrategy::labelled)
                .map(List::of)
                .orElse(SandboxStrategy.BEST_FIRST);
        TreeOwner owner = overlay.jobUid() == 0 ? TreeOwner.SELF : TreeOwner.of(overlay.jobUid());
        return new BubblewrapSandbox.Wanted(candidates, owner, mostPrepared, contents);
    }

    /** What jobs may take on this machine. */
    static JobRules rules(ServerConfig settings) {
        return JobRules.of(settings, Heartbeat.slots(cpus(settings)), physicalMemory());
    }

    /** How many CPUs the builder offers: as many as it was told, or else as this process may use. */
    static int cpus(ServerConfig settings) {
        return settings.get(ServerSettings.CPUS).orElse(Runtime.getRuntime().availableProcessors());
    }

    /** Bytes that this process, and so the container that it may be in, has. */
    private static long physicalMemory() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /** Where toolchains are unpacked. */
    private static Path trees(ServerConfig settings) {
        Path directory =
                settings.builder() instanceof ServerConfig.Overlay overlay ? overlay.buildDir() : settings.cacheDir();
        return directory.toAbsolutePath().resolve("toolchains");
    }

    /** The program {@code jdist-sandbox}. */
    static Path helper() throws StartupException {
        String home = System.getProperty(HOME_PROPERTY);
        if (home == null) {
            throw new StartupException("start the builder with bin/jdist: it knows where the sandbox program is");
        }
        return Path.of(home, "lib", "jdist-sandbox");
    }
}
