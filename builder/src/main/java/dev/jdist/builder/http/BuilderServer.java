package dev.jdist.builder.http;

import dev.jdist.builder.farm.Drain;
import dev.jdist.builder.farm.Fitness;
import dev.jdist.builder.farm.IdleWatch;
import dev.jdist.builder.farm.SchedulerLink;
import dev.jdist.builder.job.CompilerCrash;
import dev.jdist.builder.job.JobLimitException;
import dev.jdist.builder.job.JobRunner;
import dev.jdist.builder.job.JobTable;
import dev.jdist.builder.job.OutputSpool;
import dev.jdist.builder.job.OutputSpools;
import dev.jdist.builder.toolchain.ArchiveException;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.auth.RandomKey;
import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.http.Tls;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.server.Answer;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.http.server.RequestException;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.wire.BincodeReader;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.sandbox.tree.UnsafePathException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
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
    /** Worker threads per CPU: most of them wait for bodies to arrive or for compilers to end. */
    private static final int WORKERS_PER_CPU = 8;
    /** And for jobs whose toolchain came a moment ago, for which all of them waited. */
    private static final int MORE_WORKERS = 80;

    /** Toolchains that arrive at once, each of them once: on threads of their own, so that no job waits for one. */
    private static final int MAX_UPLOADS = 16;
    /** How long a client waits for another's upload of the toolchain that it has too. */
    private static final Duration UPLOAD_TIMEOUT = Duration.ofMinutes(10);

    /** A client that has a place here begins to use it within this time. */
    private static final int CLAIM_SECONDS = 5;

    /** How long a result may wait for the scheduler to note that its job is done. */
    private static final int REPORT_SECONDS = 1;

    private static final int STOP_SECONDS = 3;

    private static final String STOPPING = "this builder is stopping";
    private static final String IN_USE = "this builder's machine is in use, and it takes jobs only when it is idle";

    private final JobTable jobs = new JobTable(System::nanoTime);
    private final Bytes jwtKey;
    private final ToolchainStore toolchains;
    private final JobRunner runner;
    private final OutputSpools spools;
    /** How many compilers run at once; the scheduler hands out as many jobs, so that few ever wait here. */
    private final Semaphore slots;

    private final Drain drain = new Drain();
    private final UploadGate turns;
    private final ThreadPoolExecutor workers;
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
        this.runner = new JobRunner(setup.isolation(), setup.rules());
        this.slots = new Semaphore(Heartbeat.slots(cpus), true);
        this.spools = OutputSpools.open(
                config.cacheDir().toAbsolutePath().resolve("outputs"),
                Heartbeat.slots(cpus),
                setup.rules().outputBytes());
        this.turns = new UploadGate(toolchains::contains);
        this.workers = pool("job", WORKERS_PER_CPU * cpus + MORE_WORKERS);
        this.uploads = pool("upload", MAX_UPLOADS);
        this.timer = Executors.newSingleThreadScheduledExecutor(daemon("idle-watch"));
        Secret token = SchedulerLink.token(config);
        ServerIdentity identity = ServerIdentity.loadOrCreate(
                config.cacheDir().resolve(IDENTITY_FILE), config.publicAddr(), Clock.systemUTC());
        this.jwtKey = identity.jobTokenKey();
        this.loops = EventLoops.start(EVENT_LOOP_THREADS);
        this.http = new HttpClient(loops);
        Heartbeat heartbeat = new Heartbeat(jwtKey, cpus, RandomKey.u64(), identity.toServerCertificate());
        this.scheduler = new SchedulerLink(http, config.schedulerUrl(), token, heartbeat, this::isOutOfReach);
        this.fitness = new Fitness(new BuilderProbe(config, setup.isolation()), setup.fitness(), scheduler::beatNow);
        Duration lookEvery = setup.lookEvery();
        this.idleWatch = setup.onlyWhenIdle()
                .map(settings -> new IdleWatch(settings, lookEvery, setup.cpuTimes(), scheduler::beatNow));
        this.server = HttpServer.start(
                loops, config.listenAddress().toSocketAddress(), Optional.of(Tls.server(identity)), routes());
        scheduler.start();
        fitness.start();
        idleWatch.ifPresent(
                watch -> timer.scheduleWithFixedDelay(watch::look, 0, lookEvery.toMillis(), TimeUnit.MILLISECONDS));
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
                        this::submitToolchain),
                HttpRoute.postStream(Endpoints.RUN_JOB, HttpRoute.Gate.atOnce(this::admitJob), workers, this::runJob),
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

    private Optional<HttpReply> admitJob(HttpExchange exchange) {
        Optional<HttpReply> refusal = refuse(exchange);
        if (refusal.isEmpty()) {
            drain.track(exchange.answered());
        }
        return refusal;
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
        if (!jobs.announce(job, toolchain)) {
            throw new RequestException(500, "job " + job + " is announced already, or there are too many jobs");
        }
        boolean needed = !toolchains.contains(toolchain);
        log.debug("job {} announced{}", job, needed ? "; toolchain " + toolchain + " is needed" : "");
        return CompletableFuture.completedFuture(
                exchange.reply(new AssignJobResult(needed ? JobState.PENDING : JobState.READY, needed)));
    }

    /** Lets in who is to send a toolchain. Whoever comes meanwhile waits, unread, and mostly need not send it then. */
    private CompletionStage<Optional<HttpReply>> awaitTurnToSubmit(HttpExchange exchange) {
        Optional<HttpReply> refusal = refuse(exchange);
        if (refusal.isPresent()) {
            return CompletableFuture.completedFuture(refusal);
        }
        JobId job = job(exchange);
        Optional<Toolchain> announced = jobs.toolchain(job);
        if (announced.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.of(exchange.reply(SubmitToolchainResult.JOB_NOT_FOUND)));
        }
        Toolchain toolchain = announced.get();
        if (toolchains.contains(toolchain)) {
            return CompletableFuture.completedFuture(Optional.of(toolchainIsThere(exchange, job)));
        }
        drain.track(exchange.answered());
        return turns.enter(toolchain, exchange.answered())
                .thenApply(turn -> toolchains.contains(toolchain)
                        ? Optional.of(toolchainIsThere(exchange, job))
                        : Optional.empty());
    }

    private HttpReply toolchainIsThere(HttpExchange exchange, JobId job) {
        scheduler.moved(job, JobState.READY);
        return exchange.reply(SubmitToolchainResult.SUCCESS);
    }

    private HttpReply submitToolchain(HttpExchange exchange, InputStream body)
            throws IOException, InterruptedException {
        JobId job = job(exchange);
        Optional<Toolchain> toolchain = jobs.toolchain(job);
        if (toolchain.isEmpty()) {
            return exchange.reply(SubmitToolchainResult.JOB_NOT_FOUND);
        }
        try {
            toolchains.receive(toolchain.get(), body);
            // Unpacked here, on a thread that no job needs, and refused here if it cannot be.
            toolchains.acquire(toolchain.get()).ifPresent(ToolchainStore.Lease::close);
        } catch (ArchiveException e) {
            log.warn("toolchain {} for job {} is refused: {}", toolchain.get(), job, e.getMessage());
            fitness.suspect();
            return exchange.reply(SubmitToolchainResult.CANNOT_CACHE);
        } catch (IOException e) {
            fitness.suspect();
            throw e;
        }
        return toolchainIsThere(exchange, job);
    }

    private Answer runJob(HttpExchange exchange, InputStream body) throws IOException, InterruptedException {
        JobId job = job(exchange);
        Optional<Toolchain> toolchain = jobs.claim(job);
        if (toolchain.isEmpty()) {
            return exchange.reply(new RunJobResult.JobNotFound());
        }
        if (!toolchains.contains(toolchain.get())) {
            // Its upload was refused. To the scheduler, only a job that was ready can start and give its place back.
            scheduler.moved(job, JobState.READY);
        }
        scheduler.moved(job, JobState.STARTED);
        try {
            return runJob(exchange, job, toolchain.get(), body);
        } catch (JobLimitException e) {
            log.warn(
                    "job {} of {} was killed: {}", job, exchange.remoteAddress().getHostAddress(), e.getMessage());
            throw new RequestException(StatusCodes.OVER_LIMIT, "job " + job + " was ended", e.getMessage());
        } catch (WireFormatException | ArchiveException | UnsafePathException | EOFException e) {
            if (exchange.disconnected().isDone()) {
                log.info("job {} is killed, as its client disconnected", job);
            } else {
                log.warn(
                        "job {} from {} is refused: {}",
                        job,
                        exchange.remoteAddress().getHostAddress(),
                        Reason.of(e));
            }
            // After a 4xx a stock client fails the build, after a 5xx it compiles locally.
            boolean contentRefused = e instanceof ArchiveException || e instanceof UnsafePathException;
            throw new RequestException(
                    contentRefused && !exchange.isFromJdist() ? 500 : 400, "job " + job + " is refused", Reason.of(e));
        } catch (InterruptedException e) {
            throw new RequestException(503, STOPPING);
        } catch (IOException e) {
            if (exchange.disconnected().isDone()) {
                log.info("job {} is killed, as its client disconnected", job);
            } else {
                log.warn("job {} failed: {}", job, e.toString());
                fitness.suspect();
            }
            throw new RequestException(500, "run build failed", Reason.of(e));
        } finally {
            reportEnd(job);
        }
    }

    /** Before the client hears of it: a stock scheduler refuses the next job of whoever has it while it counts this one. */
    private void reportEnd(JobId job) {
        scheduler
                .moved(job, JobState.COMPLETE)
                .completeOnTimeout(null, REPORT_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private Answer runJob(HttpExchange exchange, JobId job, Toolchain toolchain, InputStream body)
            throws IOException, InterruptedException {
        int head = readLength(body);
        if (head < 0 || head > WireLimits.COMMAND) {
            throw new WireFormatException("a command of " + Integer.toUnsignedString(head) + " bytes");
        }
        byte[] command = body.readNBytes(head);
        if (command.length < head) {
            throw new EOFException("the command is cut short after " + command.length + " of " + head + " bytes");
        }
        RunJobRequest request =
                RunJobRequest.decode(new BincodeReader(new java.io.ByteArrayInputStream(command), head));
        Optional<ToolchainStore.Lease> lease = toolchains.acquire(toolchain);
        if (lease.isEmpty()) {
            throw new IOException("expected toolchain " + toolchain + ", but not available");
        }
        OutputSpool spool = spools.create();
        boolean isHandedOver = false;
        try (ToolchainStore.Lease pinned = lease.get()) {
            RunJobResult.Complete result = runInSlot(exchange, job, pinned.tree(), request, body, spool);
            if (!exchange.isFromJdist() && CompilerCrash.explains(result.output())) {
                throw new IOException(
                        "the compiler crashed with exit code " + result.output().code());
            }
            Answer answer = exchange.reply(result, spool);
            isHandedOver = true;
            return answer;
        } finally {
            if (!isHandedOver) {
                spool.close();
            }
        }
    }

    /** Whoever has to wait for its toolchain waits before this, and keeps nobody from the processors. */
    private RunJobResult.Complete runInSlot(
            HttpExchange exchange,
            JobId job,
            Path toolchain,
            RunJobRequest request,
            InputStream body,
            OutputSpool spool)
            throws IOException, InterruptedException {
        slots.acquire();
        try {
            return runner.run(job, toolchain, request, body, exchange.disconnected(), spool);
        } finally {
            slots.release();
        }
    }

    private static int readLength(InputStream body) throws IOException {
        try {
            return new DataInputStream(body).readInt();
        } catch (EOFException e) {
            throw new WireFormatException("the body ends before the command");
        }
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
        uploads.shutdownNow();
        fitness.close();
        timer.shutdownNow();
        try {
            workers.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.close();
        loops.close();
    }
}
