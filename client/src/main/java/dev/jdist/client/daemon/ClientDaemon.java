package dev.jdist.client.daemon;

import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.CompilePipeline;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.execution.sccache.Audits;
import dev.jdist.client.execution.sccache.CompileFarm;
import dev.jdist.client.execution.sccache.FarmClient;
import dev.jdist.client.execution.sccache.FarmToken;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.identity.CompilerRegistry;
import dev.jdist.client.inputs.DirectivesKeptInputs;
import dev.jdist.client.inputs.InputForm;
import dev.jdist.client.inputs.MacrosSentInputs;
import dev.jdist.client.inputs.Preprocessor;
import dev.jdist.client.inputs.SearchPaths;
import dev.jdist.client.inputs.SourcesSentInputs;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.launcher.LauncherFrame;
import dev.jdist.client.launcher.LauncherMessages.MalformedException;
import dev.jdist.client.launcher.LauncherServer;
import dev.jdist.client.login.CachedConfig;
import dev.jdist.client.login.StoredToken;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.toolchain.ToolchainCache;
import dev.jdist.client.toolchain.TrialCompile;
import dev.jdist.client.view.SourceViews;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.daemon.IdleMemory;
import dev.jdist.protocol.daemon.PrivateDirectory;
import dev.jdist.protocol.daemon.Shutdown;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.settings.ClientConfig;
import dev.jdist.protocol.settings.ClientSettings;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.protocol.wire.WireLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client daemon, whole: started, it serves launchers until it is closed. */
public final class ClientDaemon implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClientDaemon.class);

    private static final int EVENT_LOOP_THREADS = 2;
    /** Requests at once; each beyond them is told to become its compiler. */
    private static final int MAX_REQUESTS = 2000;
    /** Bytes of jobs and answers in files: room for the largest answer, and for thousands that are not. */
    private static final long MOST_SPOOLED = 2 * WireLimits.RESULT;
    /** How long running requests may take to end when the daemon stops. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    /** In the cache's directory: what audits found. */
    private static final String AUDITS = "jdist-audits";

    private static final String OTHER_VIEW = "caller in another namespace";

    private final Statistics statistics = new Statistics();
    private final OwnView view;
    private final Shutdown shutdown;
    /** Whether the log says so: once is enough. */
    private final AtomicBoolean strangerSeen = new AtomicBoolean();

    private final EventLoops loops;
    private final EventLoops launcherLoops;
    /** Jobs that wait to be sent, and answers until they are in their places. */
    private final Spools spools;

    private final HttpClient http;
    private final Scratch scratch;
    private final ThreadPoolExecutor requests;
    private final ScheduledExecutorService timer;
    private final IdleTimer idle;
    private final Optional<CacheService> cache;
    private final Optional<FarmClient> farm;
    private final CompileService compiles;
    private final ControlService questions;
    private final LauncherServer server;

    private ClientDaemon(ClientConfig config, Environment environment, Path socket, OwnView view, Shutdown shutdown)
            throws ConfigException, IOException, StartupException {
        this.view = view;
        this.shutdown = shutdown;
        int maxFrame = environment.maxFrameLength();
        this.loops = EventLoops.start(EVENT_LOOP_THREADS);
        this.launcherLoops = EventLoops.forUnixSockets();
        this.spools = new Spools(this::newSpoolFile, Spools.Limits.ofFiles(MOST_SPOOLED));
        this.http = new HttpClient(loops, spools);
        this.idle = new IdleTimer(environment.idleTimeout(), System::nanoTime);
        this.requests = new ThreadPoolExecutor(
                0, MAX_REQUESTS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> daemonThread(task, "request"));
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> daemonThread(task, "idle"));
        SourceFileCache sources = new SourceFileCache(FileStat::now, sendsSources(config));
        LocalSlots slots = new LocalSlots(Runtime.getRuntime().availableProcessors());
        this.cache = CacheService.open(config.cache(), sources, statistics);
        Optional<ToolchainCache> toolchains =
                config.dist().schedulerUrl().isPresent() ? Optional.of(toolchains(config.dist())) : Optional.empty();
        this.farm = farm(config, new CachedConfig(environment.cachedConfigFile()), slots, toolchains);
        this.questions = new ControlService(statistics, farm.map(CompileFarm.class::cast), cache, shutdown);
        // The socket first: it decides whether this is the daemon, and only the daemon may touch the scratch space.
        this.server = LauncherServer.open(launcherLoops, socket, maxFrame, this::accept);
        this.scratch = Scratch.open(PrivateDirectory.takeOrName(
                socket.resolveSibling(socket.getFileName() + ".d"),
                "name another socket in SCCACHE_SERVER_UDS",
                Scratch::remove));
        Preprocessor preprocessor = new Preprocessor(slots, scratch, sources);
        InputForm inputs = SourcesSentInputs.form(
                config.dist().rewriteIncludesOnly()
                        ? DirectivesKeptInputs.form(preprocessor)
                        : MacrosSentInputs.form(preprocessor),
                preprocessor);
        this.compiles = new CompileService(
                new CompilerRegistry(CompilerFamilies.ALL, scratch),
                cache,
                farm.map(executor -> new Distribution(executor, toolchains.orElseThrow(), inputs)),
                new CompilePipeline(slots, scratch, new SearchPaths(scratch), sources, views(config, sources)),
                statistics);
        IdleMemory memory = new IdleMemory();
        timer.scheduleWithFixedDelay(
                () -> {
                    memory.look(idle.wasBusy());
                    if (idle.hasExpired()) {
                        log.info("nothing to do for a while; ending");
                        shutdown.request();
                    }
                },
                1,
                1,
                TimeUnit.SECONDS);
        InheritedLimits.of(Path.of("/proc/self")).forEach(log::warn);
        log.info("of whoever started it, this daemon has {}", InheritedLimits.standing(Path.of("/proc/self")));
        server.serve();
    }

    /** @param view of the launcher that started it: others are not served */
    public static ClientDaemon start(
            ClientConfig config, Environment environment, Path socket, String view, Shutdown shutdown)
            throws ConfigException, IOException, StartupException {
        return new ClientDaemon(config, environment, socket, new OwnView(view), shutdown);
    }

    private static Optional<SourceViews> views(ClientConfig config, SourceFileCache sources) {
        return sendsSources(config) ? Optional.of(new SourceViews(sources, FileStat::now)) : Optional.empty();
    }

    private static boolean sendsSources(ClientConfig config) {
        return !config.get(ClientSettings.SOURCES).equals("never");
    }

    private Path newSpoolFile() {
        return scratch.newFile(".spool");
    }

    private static Thread daemonThread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private Optional<FarmClient> farm(
            ClientConfig config, CachedConfig logins, LocalSlots slots, Optional<ToolchainCache> toolchains) {
        ClientConfig.Dist dist = config.dist();
        if (dist.schedulerUrl().isEmpty() || toolchains.isEmpty()) {
            log.info("no scheduler is set, so everything is compiled here");
            return Optional.empty();
        }
        HttpTarget.Scheduler scheduler =
                new HttpTarget.Scheduler(dist.schedulerUrl().get(), dist.schedulerPin());
        log.info(
                "distributing to {} of {}",
                dist.builders().isAny() ? "the farm" : "the builders " + dist.builders(),
                scheduler.url());
        FarmClient farm = new FarmClient(
                http,
                scheduler,
                token(dist, logins),
                dist.builders(),
                slots,
                spools,
                timer,
                audits(config, toolchains.get()));
        if (!farm.isLoggedIn()) {
            log.info("nothing is distributed until somebody logs in");
        }
        return Optional.of(farm);
    }

    private Audits.Settings audits(ClientConfig config, ToolchainCache toolchains) {
        Optional<Path> history = Optional.of(config.cache())
                .filter(kept -> kept.writable() && cache.isPresent())
                .map(kept -> kept.directory().resolve(AUDITS));
        return new Audits.Settings(
                config.get(ClientSettings.AUDIT_PER_MILLE), toolchains::unpack, history, new Audits.Listener() {
                    @Override
                    public void audited(Optional<Boolean> agreed) {
                        statistics.audited(agreed);
                    }

                    @Override
                    public void distrust(ServerId builder, Predicate<EntryOrigin> results) {
                        cache.ifPresent(service -> service.distrust(builder, results));
                    }
                });
    }

    private static ToolchainCache toolchains(ClientConfig.Dist dist) throws IOException, StartupException {
        String remedy = "let [dist] cache_dir be another directory";
        Path directory = PrivateDirectory.take(
                PrivateDirectory.named(dist.cacheDir(), remedy).resolve("jdist"), remedy);
        return new ToolchainCache(directory, dist.toolchainCacheSize(), dist.toolchains(), new TrialCompile());
    }

    /** What these settings have this client show the scheduler. */
    public static FarmToken token(ClientConfig.Dist dist, CachedConfig logins) {
        if (dist.auth() instanceof ClientConfig.OAuth auth) {
            return new StoredToken(logins, auth.authUrl());
        }
        return FarmToken.fixed(((ClientConfig.Auth.Token) dist.auth()).token());
    }

    /** Called on an event loop. */
    private void accept(Launcher launcher, LauncherFrame words) {
        if (words.isShort()) {
            compiles.prepare(launcher, words.id());
        }
        idle.begin(); // from here on, whatever happens, it ends
        try {
            requests.execute(() -> {
                try {
                    serve(launcher, words);
                } catch (RuntimeException | Error e) {
                    log.error("a compile goes without jdist", e);
                    launcher.become();
                } finally {
                    idle.end();
                }
            });
        } catch (RejectedExecutionException e) {
            idle.end();
            launcher.become();
        }
    }

    private void serve(Launcher launcher, LauncherFrame words) {
        if (compiles.serveAgain(launcher, words.id())) {
            return;
        }
        try {
            Optional<CallerRequest> request = words.read();
            if (request.isEmpty()) {
                launcher.become();
            } else if (request.get().isQuestion()) {
                questions.serve(launcher, request.get());
            } else if (!view.isThatOf(request.get())) {
                refuseStranger(launcher);
            } else {
                compiles.serve(launcher, request.get());
            }
        } catch (MalformedException e) {
            log.warn("a launcher's compile goes without jdist: {}", e.getMessage());
            launcher.become();
        }
    }

    /** The sandbox of a daemon may be gone: the next launcher then starts another daemon. */
    private void refuseStranger(Launcher launcher) {
        if (!strangerSeen.getAndSet(true)) {
            log.warn(
                    "a launcher in another mount or process namespace, or under another root directory, compiles without"
                            + " jdist; SCCACHE_SERVER_UDS with a path of its own gives it a daemon of its own");
        }
        compiles.refuse(launcher, OTHER_VIEW);
        if (view.isDeserted()) {
            log.info("nobody is left in this namespace; ending");
            shutdown.request();
        }
    }

    @Override
    public void close() {
        server.close();
        farm.ifPresent(FarmClient::close);
        requests.shutdown();
        try {
            if (!requests.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                requests.shutdownNow();
                requests.awaitTermination(1, TimeUnit.SECONDS);
            }
            scratch.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.debug("scratch space is left behind: {}", e.toString());
        }
        cache.ifPresent(CacheService::close);
        questions.sayFarewell();
        timer.shutdownNow();
        http.close();
        launcherLoops.close();
        loops.close();
        spools.close();
    }
}
