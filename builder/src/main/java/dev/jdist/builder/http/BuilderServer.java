package dev.jdist.builder.http;

import dev.jdist.builder.farm.Drain;
import dev.jdist.builder.farm.Fitness;
import dev.jdist.builder.farm.IdleWatch;
import dev.jdist.builder.farm.SchedulerLink;
import dev.jdist.builder.job.JobRunner;
import dev.jdist.builder.job.JobSlots;
import dev.jdist.builder.job.JobTable;
import dev.jdist.builder.job.SpoolDirectory;
import dev.jdist.builder.sources.SourceJobs;
import dev.jdist.builder.store.ClientContents;
import dev.jdist.builder.toolchain.ArchiveLimits;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.auth.RandomKey;
import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.IdleMemory;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.Pace;
import dev.jdist.protocol.http.Tls;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.http.server.RequestException;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.WireLimits;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A builder's HTTPS side: the three calls of {@code /api/v1/distserver/}, and two questions of whoever runs it. */
public final class BuilderServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BuilderServer.class);

    /** In {@code cache_dir}: the key and the certificate. */
    public static final String IDENTITY_FILE = "identity.pem";

    private static final int EVENT_LOOP_THREADS = 2;
    /** Worker threads per CPU: most of them wait for slots, or for compilers to end. */
    private static final int WORKERS_PER_CPU = 8;
    /** And for jobs whose toolchain came a moment ago, for which all of them waited. */
    private static final int MORE_WORKERS = 80;

    /** Of each four workers, one client may have so many. */
    private static final int WORKERS_OF_A_CLIENT = 3;
    /** Jobs whose toolchain is awaited, which a scheduler gives out beside those that have slots. */
    private static final int JOBS_WITHOUT_SLOTS = 64;
    /** Jobs of a client for each that a scheduler gives it at once: it has not taken the results of the others yet. */
    private static final int CALLS_PER_JOB = 2;

    /** How long a client waits for another's upload of the toolchain that it has too. */
    private static final Duration UPLOAD_TIMEOUT = Duration.ofMinutes(10);

    /** A client that has a place here begins to use it within this time. */
    private static final int CLAIM_SECONDS = 5;

    /** How often jobs are looked for whose clients do not come. */
    private static final Duration LOOK_FOR_UNCLAIMED = Duration.ofMillis(500);

    /** Bytes of the inputs of a job as they are sent: compressed, they are at most a little more than they are. */
    private static final long MOST_OF_A_REQUEST = WireLimits.COMMAND + ArchiveLimits.INPUT_BYTES;

    private static final int STOP_SECONDS = 3;

    /** Bytes of inputs for which there is room for each job, however little a job may put out. */
    private static final long LEAST_INPUTS = 64 << 20;

    static final String STOPPING = "this builder is stopping";
    private static final String IN_USE = "this builder's machine is in use, and it takes jobs only when it is idle";

    private final JobTable jobs = new JobTable(System::nanoTime);
    private final Bytes jwtKey;
    private final ToolchainStore toolchains;
    private final Spools inputs;
    private final Spools outputs;
    private final RunJobCalls runJobs;
    private final RunSourcesCalls runSources;
    private final ToolchainCalls submits;

    private final Drain drain = new Drain();
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor sourceJobs;
    private final ThreadPoolExecutor uploads;
    private final Fitness fitness;
    private final Optional<IdleWatch> idleWatch;
    private final ScheduledExecutorService timer;
    private final EventLoops loops;
    private final HttpClient http;
    private final SchedulerLink scheduler;
    private final HttpServer server;

    private BuilderServer(BuilderSetup setup) throws IOException, StartupException {
        ServerConfig config = setup.config();
        int cpus = setup.cpus();
        this.toolchains = setup.toolchains();
        int slots = Heartbeat.slots(cpus);
        SpoolDirectory directory =
                SpoolDirectory.open(config.cacheDir().toAbsolutePath().resolve("spool"));
        long outputBytes = setup.rules().outputBytes();
        // Two rooms: inputs that do not come to an end must not take the place of outputs.
        this.inputs = new Spools(directory, Spools.Limits.ofFiles(forAll(slots, Math.max(outputBytes, LEAST_INPUTS))));
        this.outputs = new Spools(directory, Spools.Limits.ofFiles(forAll(slots, outputBytes)));
        int threads = WORKERS_PER_CPU * cpus + MORE_WORKERS;
        this.workers = pool("job", threads);
        // Twice as many as there are uploads: one whose client is gone may still be unpacking.
        this.uploads = pool("upload", 2 * ToolchainCalls.MAX_UPLOADS);
        this.timer = Executors.newSingleThreadScheduledExecutor(daemon("idle"));
        Secret token = SchedulerLink.token(config);
        ServerIdentity identity = ServerIdentity.loadOrCreate(
                config.cacheDir().resolve(IDENTITY_FILE), config.publicAddr(), Clock.systemUTC());
        this.jwtKey = identity.jobTokenKey();
        this.loops = EventLoops.start(EVENT_LOOP_THREADS);
        this.http = new HttpClient(loops);
        Heartbeat heartbeat = new Heartbeat(jwtKey, cpus, RandomKey.u64(), identity.toServerCertificate());
        this.scheduler = new SchedulerLink(
                http,
                new HttpTarget.Scheduler(config.schedulerUrl(), config.schedulerPin()),
                token,
                heartbeat,
                this::isOutOfReach);
        this.fitness = new Fitness(new BuilderProbe(config, setup.isolation()), setup.fitness(), scheduler::beatNow);
        JobPlaces places = new JobPlaces(jobs, scheduler);
        JobRunner runner = new JobRunner(setup.isolation(), setup.rules());
        JobSlots jobSlots = new JobSlots(slots);
        this.runJobs = new RunJobCalls(
                places,
                toolchains,
                runner,
                outputs,
                jobSlots,
                fitness,
                drain,
                new RunJobCalls.Shares(
                        new ClientShares(CALLS_PER_JOB * (slots + JOBS_WITHOUT_SLOTS)),
                        new ClientShares(threads * WORKERS_OF_A_CLIENT / 4)));
        this.sourceJobs = pool("sources", threads);
        this.runSources = new RunSourcesCalls(
                places,
                toolchains,
                new SourceJobs(new ClientContents(setup.contents()), runner),
                inputs,
                outputs,
                jobSlots,
                sourceJobs,
                new ClientShares(threads * WORKERS_OF_A_CLIENT / 4),
                drain,
                fitness);
        this.submits = new ToolchainCalls(jobs, places, toolchains, fitness, drain);
        Duration lookEvery = setup.lookEvery();
        this.idleWatch = setup.onlyWhenIdle()
                .map(settings -> new IdleWatch(settings, lookEvery, setup.cpuTimes(), scheduler::beatNow));
        this.server = HttpServer.start(
                loops, config.listenAddress().toSocketAddress(), Optional.of(Tls.server(identity)), routes());
        scheduler.start();
        fitness.start();
        IdleMemory memory = new IdleMemory();
        timer.scheduleWithFixedDelay(
                places::giveUnclaimedBack,
                LOOK_FOR_UNCLAIMED.toMillis(),
                LOOK_FOR_UNCLAIMED.toMillis(),
                TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(() -> memory.look(drain.isAnythingUnderWay()), 1, 1, TimeUnit.SECONDS);
        idleWatch.ifPresent(
                watch -> timer.scheduleWithFixedDelay(watch::look, 0, lookEvery.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static long forAll(int jobs, long bytesOfAJob) {
        return bytesOfAJob > Long.MAX_VALUE / jobs ? Long.MAX_VALUE : jobs * bytesOfAJob;
    }

    /** No job is taken now, and no client has anything here any more. */
    private boolean isOutOfReach() {
        return whyNoJobs().isPresent() && jobs.isEmpty() && !drain.isAnythingUnderWay();
    }

    /** Why this builder takes no jobs at present. */
    private Optional<String> whyNoJobs() {
        return isInUse()
                ? Optional.of(IN_USE)
                : fitness.problem().map(problem -> "no job can be run on this builder: " + problem);
    }

    private boolean isInUse() {
        return idleWatch.isPresent() && idleWatch.get().isInUse();
    }

    private static ThreadPoolExecutor pool(String name, int most) {
        return new ThreadPoolExecutor(0, most, 60, TimeUnit.SECONDS, new SynchronousQueue<>(), daemon(name));
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Starts to listen and to register with the scheduler. */
    public static BuilderServer start(BuilderSetup setup) throws IOException, StartupException {
        return new BuilderServer(setup);
    }

    private List<HttpRoute> routes() {
        HttpRoute.Gate gate = HttpRoute.Gate.atOnce(this::refuse);
        return List.of(
                HttpRoute.post(Endpoints.ASSIGN_JOB, gate, Toolchain::decode, this::assignJob),
                HttpRoute.postStream(
                        Endpoints.SUBMIT_TOOLCHAIN,
                        HttpRoute.Gate.within(UPLOAD_TIMEOUT, this::awaitTurnToSubmit),
                        uploads,
                        Pace.OF_TOOLCHAIN,
                        submits::submit),
                HttpRoute.postSpooled(
                        Endpoints.RUN_JOB,
                        HttpRoute.Gate.atOnce(exchange -> refuse(exchange).or(() -> runJobs.admit(exchange))),
                        workers,
                        new HttpRoute.Intake(inputs, MOST_OF_A_REQUEST, Pace.OF_JOB),
                        runJobs::run),
                HttpRoute.postSpooled(
                        Endpoints.RUN_SOURCES,
                        HttpRoute.Gate.atOnce(exchange -> refuse(exchange).or(() -> runSources.admit(exchange))),
                        workers,
                        new HttpRoute.Intake(inputs, MOST_OF_A_REQUEST, Pace.OF_JOB),
                        runSources::run),
                HttpRoute.postSpooled(
                        Endpoints.ANSWER_SOURCES,
                        gate,
                        workers,
                        new HttpRoute.Intake(inputs, MOST_OF_A_REQUEST, Pace.OF_JOB),
                        runSources::answer),
                HttpRoute.small(
                        "POST",
                        Endpoints.CANCEL_SOURCES,
                        gate,
                        (exchange, body) -> CompletableFuture.completedFuture(runSources.cancel(exchange))),
                HttpRoute.get(Endpoints.LIVE, exchange -> HttpReply.empty(200)),
                HttpRoute.get(
                        Endpoints.READY,
                        exchange -> whyNotReady()
                                .map(why -> HttpReply.error(503, why))
                                .orElseGet(() -> HttpReply.empty(200))));
    }

    private Optional<String> whyNotReady() {
        if (drain.hasBegun()) {
            return Optional.of(STOPPING);
        }
        Optional<String> why = whyNoJobs();
        if (why.isPresent()) {
            return why;
        }
        return scheduler.isRegistered()
                ? Optional.empty()
                : Optional.of("this builder is not registered with its scheduler");
    }

    /** Every request bears the token of the job that its path names. */
    private Optional<HttpReply> refuse(HttpExchange exchange) {
        Optional<String> token = exchange.bearerToken();
        if (token.isEmpty()) {
            return Optional.of(HttpReply.unauthorized("invalid_jwt", errorText("no Authorization header")));
        }
        try {
            if (JobToken.verify(token.get(), job(exchange), jwtKey)) {
                return Optional.empty();
            }
        } catch (IllegalArgumentException e) {
            return Optional.of(HttpReply.empty(404));
        }
        return Optional.of(HttpReply.unauthorized("invalid_jwt", errorText("the token is not valid for this job")));
    }

    private CompletionStage<Optional<HttpReply>> awaitTurnToSubmit(HttpExchange exchange) {
        Optional<HttpReply> refusal = refuse(exchange);
        return refusal.isPresent() ? CompletableFuture.completedFuture(refusal) : submits.awaitTurn(exchange);
    }

    private static String errorText(String description) {
        return new String(HttpReply.errorJson(description), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static JobId job(HttpExchange exchange) {
        return JobId.parse(exchange.parameter());
    }

    private CompletionStage<HttpReply> assignJob(HttpExchange exchange, Toolchain toolchain) {
        JobId job = job(exchange);
        if (drain.hasBegun()) {
            throw new RequestException(503, STOPPING);
        }
        Optional<String> why = whyNoJobs();
        if (why.isPresent()) {
            throw new RequestException(503, why.get());
        }
        boolean needed = !toolchains.contains(toolchain);
        JobState state = needed ? JobState.PENDING : JobState.READY;
        if (!jobs.announce(job, new JobTable.Announced(toolchain, state))) {
            throw new RequestException(500, "job " + job + " is announced already, or there are too many jobs");
        }
        log.debug("job {} announced{}", job, needed ? "; toolchain " + toolchain + " is needed" : "");
        return CompletableFuture.completedFuture(exchange.reply(new AssignJobResult(state, needed)));
    }

    /**
     * Takes no more jobs: the scheduler, when it is refused, finds another builder, and hears nothing of this one any more.
     *
     * @return completes when the jobs that were taken are done, as far as their clients came for them
     */
    public CompletionStage<Void> drain() {
        CompletionStage<Void> unclaimed = jobs.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : new CompletableFuture<Void>().completeOnTimeout(null, CLAIM_SECONDS, TimeUnit.SECONDS);
        drain.track(unclaimed);
        scheduler.close();
        fitness.close();
        return drain.begin();
    }

    @Override
    public void close() {
        scheduler.close();
        server.close();
        workers.shutdownNow();
        sourceJobs.shutdownNow();
        uploads.shutdownNow();
        fitness.close();
        timer.shutdownNow();
        try {
            workers.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inputs.close();
        outputs.close();
        http.close();
        loops.close();
    }
}
