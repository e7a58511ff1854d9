package dev.jdist.scheduler.http;

import dev.jdist.protocol.auth.RandomKey;
import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.http.server.RequestException;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.HeartbeatResult;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.message.UpdateJobStateResult;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.ClientAuthenticator;
import dev.jdist.scheduler.auth.ClientVerdict;
import dev.jdist.scheduler.auth.FailedAttempts;
import dev.jdist.scheduler.auth.LiveTokens;
import dev.jdist.scheduler.auth.NamedBuilders;
import dev.jdist.scheduler.auth.ServerAuthenticator;
import dev.jdist.scheduler.auth.TokenFile;
import dev.jdist.scheduler.auth.WebServers;
import dev.jdist.scheduler.farm.Allocator;
import dev.jdist.scheduler.farm.Blame;
import dev.jdist.scheduler.farm.Farm;
import dev.jdist.scheduler.farm.Farm.Placement;
import dev.jdist.scheduler.tls.SchedulerIdentity;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The scheduler's HTTP side: the five calls of {@code /api/v1/scheduler/}. */
public final class SchedulerServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SchedulerServer.class);

    private static final int EVENT_LOOP_THREADS = 2;
    private static final int JWT_KEY_BYTES = 32;
    /** How often those who wait are looked after although no job ended: leases may have. */
    private static final Duration TIDY_INTERVAL = Duration.ofSeconds(5);

    /** Not 401: a stock client compiles locally after a 5xx, and fails the build after a 4xx. */
    private static final HttpReply TOO_MANY_FAILURES =
            HttpReply.error(503, "too many wrong tokens came from this address; wait a second");

    private final FailedAttempts attempts = new FailedAttempts(System::nanoTime);
    private final ClientAuthenticator clients;
    private final Optional<LiveTokens> tokens;
    private final Optional<NamedBuilders> namedBuilders;
    private final ServerAuthenticator servers;
    private final RequestOrigin origin;
    private final Farm farm;
    private final Blame blame;
    private final Allocator allocator;
    private final HttpClient http;
    private final EventLoops loops;
    private final ScheduledExecutorService timer;
    private final HttpServer server;

    private SchedulerServer(SchedulerConfig config) throws IOException, StartupException, InterruptedException {
        Optional<SchedulerIdentity> identity = SchedulerIdentity.open(config, Clock.systemUTC());
        Optional<SslContext> tls =
                identity.isPresent() ? Optional.of(identity.get().toServerContext()) : Optional.empty();
        this.tokens = openTokens(config);
        ServerAuthenticator shared = ServerAuthenticator.of(config.serverAuth());
        this.namedBuilders = tokens.map(live -> new NamedBuilders(live, shared));
        this.servers = namedBuilders.<ServerAuthenticator>map(named -> named).orElse(shared);
        this.origin = new RequestOrigin(config.trustedProxies());
        // 48 bits are plenty, and keep the numbers readable.
        this.farm = new Farm(System::nanoTime, RandomKey.u64() >>> 16);
        this.loops = EventLoops.start(EVENT_LOOP_THREADS);
        this.http = new HttpClient(loops);
        ClientAuthenticator others = ClientAuthenticator.of(config.clientAuth(), WebServers.over(http));
        this.clients =
                tokens.map(live -> ClientAuthenticator.named(live, others)).orElse(others);
        clients.prepare();
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "timer");
            thread.setDaemon(true);
            return thread;
        });
        this.blame = new Blame(System::nanoTime);
        this.allocator = new Allocator(farm, blame, this::assign, timer);
        this.server = HttpServer.startBehindProxy(loops, config.publicAddr().toSocketAddress(), tls, routes());
        identity.ifPresent(own -> log.info(
                "speaking https, with the {}; for clients and builders: [jdist] scheduler_pin = \"{}\"",
                own,
                own.pin()));
        timer.scheduleWithFixedDelay(
                allocator::capacityChanged, TIDY_INTERVAL.toMillis(), TIDY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        tokens.ifPresent(LiveTokens::follow);
    }

    private Optional<LiveTokens> openTokens(SchedulerConfig config) throws StartupException {
        if (config.tokens().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LiveTokens(new TokenFile(config.tokens().get()), list -> dismissRevoked()));
        } catch (ConfigException e) {
            throw new StartupException(e.getMessage(), e);
        }
    }

    /**
     * Starts to listen.
     *
     * @throws IOException if the address cannot be had
     * @throws StartupException if the settings turn out to be wrong
     */
    public static SchedulerServer start(SchedulerConfig config)
            throws IOException, StartupException, InterruptedException {
        return new SchedulerServer(config);
    }

    InetSocketAddress address() {
        return server.address();
    }

    private List<HttpRoute> routes() {
        HttpRoute.Gate serverGate = HttpRoute.Gate.atOnce(this::refuseServer);
        return List.of(
                HttpRoute.post(Endpoints.ALLOC_JOB, this::checkClient, Toolchain::decode, this::allocJob),
                HttpRoute.get(Endpoints.SERVER_CERTIFICATE, this::serverCertificate),
                HttpRoute.post(Endpoints.HEARTBEAT, serverGate, Heartbeat::decode, this::heartbeat),
                HttpRoute.post(Endpoints.JOB_STATE, serverGate, JobState::decode, this::jobState),
                HttpRoute.post(Endpoints.RETURN_JOB, HttpRoute.Gate.OPEN, JobState::decode, this::returnJob),
                HttpRoute.get(Endpoints.STATUS, exchange -> exchange.reply(farm.status(choiceOf(exchange)::allows))));
    }

    private CompletionStage<Optional<HttpReply>> checkClient(HttpExchange exchange) {
        Optional<String> token = exchange.bearerToken();
        if (token.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.of(HttpReply.unauthorized("no_bearer_auth", "")));
        }
        InetAddress client = provenOrigin(exchange);
        if (!attempts.allows(client, token.get())) {
            return CompletableFuture.completedFuture(Optional.of(TOO_MANY_FAILURES));
        }
        return clients.check(token.get()).thenApply(verdict -> refusal(client, token.get(), verdict));
    }

    private Optional<HttpReply> refusal(InetAddress address, String token, ClientVerdict verdict) {
        String client = address.getHostAddress();
        if (verdict instanceof ClientVerdict.Refused refused) {
            warn(attempts.failed(address, refused.reason()), "client " + client + " was refused: " + refused.reason());
            return Optional.of(HttpReply.unauthorized("bearer_auth_failed", refused.toldToClient()));
        } else if (verdict instanceof ClientVerdict.Undecided undecided) {
            // Not 401: a stock client compiles locally after a 5xx, and fails the build after a 4xx.
            log.debug("client {} was answered 503: {}", client, undecided.reason());
            return Optional.of(HttpReply.error(503, "the scheduler cannot check tokens at the moment"));
        }
        attempts.succeeded(token);
        return Optional.empty();
    }

    /** @param failures that this is said of; 0 if it was said a moment ago */
    private static void warn(int failures, String what) {
        if (failures > 0) {
            log.warn("{}{}", what, failures == 1 ? "" : "; " + failures + " times since this was said last");
        }
    }

    private Optional<HttpReply> refuseServer(HttpExchange exchange) {
        String token = exchange.bearerToken().orElse("");
        InetAddress address = provenOrigin(exchange);
        if (!attempts.allows(address, token)) {
            return Optional.of(TOO_MANY_FAILURES);
        }
        Optional<ServerId> server = servers.identify(token);
        if (server.isEmpty()) {
            String complaint = servers.complaint(token);
            warn(
                    attempts.failed(address, complaint),
                    "a builder at " + exchange.remoteAddress().getHostAddress() + " was refused: " + complaint);
            return Optional.of(HttpReply.unauthorized("invalid_bearer_token", ""));
        }
        attempts.succeeded(token);
        InetAddress machine;
        try {
            machine = origin.of(exchange);
        } catch (IllegalArgumentException e) {
            log.warn("a proxy sent an X-Real-IP that is not an IP address");
            return Optional.of(HttpReply.empty(400));
        }
        if (!server.get().ip().equals(machine)) {
            log.warn(
                    "builder {} was refused: its requests come from {}; set public_addr there to that address (and"
                            + " bind_address to its own address, behind NAT), or configure the proxy in between to send X-Real-IP",
                    server.get(),
                    machine.getHostAddress());
            return Optional.of(HttpReply.unauthorized("invalid_bearer_token_mismatched_address", ""));
        }
        return Optional.empty();
    }

    /** Whose turn a client's job takes: that of its machine, and of the proxy where that does not name one. */
    private InetAddress clientOf(HttpExchange exchange) {
        try {
            return origin.of(exchange);
        } catch (IllegalArgumentException e) {
            return exchange.remoteAddress();
        }
    }

    /** Who asks, whatever it says that it is: one client could speak for many else, or guess tokens as if it were many. */
    private InetAddress provenOrigin(HttpExchange exchange) {
        try {
            return origin.proven(exchange);
        } catch (IllegalArgumentException e) {
            return exchange.remoteAddress();
        }
    }

    private static BuilderChoice choiceOf(HttpExchange exchange) {
        try {
            return BuilderChoice.ofQuery(exchange.query());
        } catch (IllegalArgumentException e) {
            throw new RequestException(400, "the query does not name valid builders", Reason.of(e));
        }
    }

    private CompletionStage<HttpReply> allocJob(HttpExchange exchange, Toolchain toolchain) {
        BuilderChoice choice = choiceOf(exchange);
        blame.note(provenOrigin(exchange), toolchain, choice.failed());
        return allocator
                .allocate(clientOf(exchange), toolchain, choice, exchange.disconnected())
                .thenApply(result -> {
                    if (exchange.isFromJdist() && result instanceof AllocJobResult.Success success) {
                        farm.clientIsJdist(success.jobAlloc().jobId());
                    }
                    return exchange.reply(result);
                });
    }

    private CompletionStage<AssignJobResult> assign(Placement placement, Toolchain toolchain) {
        HttpTarget target = new HttpTarget.Builder(placement.server(), placement.certificate());
        HttpCall call = HttpCall.post(target, Endpoints.ASSIGN_JOB + placement.job(), placement.token(), toolchain)
                .within(Allocator.timeout(placement));
        return http.send(call).thenApply(answer -> {
            try {
                return answer.decode(AssignJobResult::decode);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private HttpReply serverCertificate(HttpExchange exchange) {
        ServerId server;
        try {
            server = ServerId.parse(exchange.parameter());
        } catch (IllegalArgumentException e) {
            return HttpReply.empty(404);
        }
        return farm.certificate(server)
                .map(exchange::reply)
                .orElseGet(() -> HttpReply.error(500, "server cert not available"));
    }

    private CompletionStage<HttpReply> heartbeat(HttpExchange exchange, Heartbeat heartbeat) {
        check(heartbeat);
        ServerId server = speaker(exchange);
        boolean isNew = farm.heartbeat(server, heartbeat);
        if (exchange.isFromJdist()) {
            farm.noteJdist(server);
        }
        if (namedBuilders.isPresent()) {
            namedBuilders.get().joined(server, exchange.bearerToken().orElseThrow());
            // In case its token was revoked in this moment, and who had to leave was looked for before it joined.
            dismissRevoked();
        }
        if (isNew) {
            allocator.capacityChanged();
        }
        return CompletableFuture.completedFuture(exchange.reply(new HeartbeatResult(isNew)));
    }

    private static void check(Heartbeat heartbeat) {
        if (heartbeat.numCpus() <= 0 || heartbeat.numCpus() > Heartbeat.MAX_CPUS) {
            throw new RequestException(
                    500,
                    "Invalid number of CPUs (" + Long.toUnsignedString(heartbeat.numCpus())
                            + ") specified in heartbeat");
        }
        if (heartbeat.jwtKey().size() < JWT_KEY_BYTES) {
            throw new RequestException(500, "the jwt_key of a heartbeat must have 32 bytes");
        }
        ServerCertificate certificate = heartbeat.certificate();
        try {
            if (!ServerIdentity.digest(ServerIdentity.parseCertificate(certificate.pem()))
                    .equals(certificate.digest())) {
                throw new RequestException(500, "the digest is not that of the certificate");
            }
        } catch (IllegalArgumentException e) {
            throw new RequestException(500, "failed to interpret pem as certificate", Reason.of(e));
        }
    }

    /** Whoever has the job's own token may give the slot back: its client and its builder. */
    private CompletionStage<HttpReply> returnJob(HttpExchange exchange, JobState state) {
        boolean isKnown;
        try {
            isKnown = allocator.giveBack(
                    JobId.parse(exchange.parameter()), exchange.bearerToken().orElse(""));
        } catch (IllegalArgumentException e) {
            isKnown = false;
        }
        return CompletableFuture.completedFuture(HttpReply.empty(isKnown ? 200 : 404));
    }

    private CompletionStage<HttpReply> jobState(HttpExchange exchange, JobState state) {
        JobId job;
        try {
            job = JobId.parse(exchange.parameter());
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(HttpReply.empty(404));
        }
        Optional<String> problem = farm.updateState(job, speaker(exchange), state);
        if (state == JobState.COMPLETE) {
            allocator.capacityChanged();
        }
        if (problem.isPresent()) {
            return CompletableFuture.completedFuture(HttpReply.error(500, problem.get()));
        }
        return CompletableFuture.completedFuture(exchange.reply(new UpdateJobStateResult.Success()));
    }

    /** The builder that the gate let in, unless its token was revoked since. */
    private ServerId speaker(HttpExchange exchange) {
        return exchange.bearerToken()
                .flatMap(servers::identify)
                .orElseThrow(() -> new RequestException(401, "invalid_bearer_token"));
    }

    /** Gives no more jobs to builders whose tokens are no longer good. */
    private void dismissRevoked() {
        namedBuilders.ifPresent(named -> named.leaving().forEach(farm::dismiss));
    }

    @Override
    public void close() {
        server.close();
        tokens.ifPresent(LiveTokens::close);
        timer.shutdownNow();
        http.close();
        loops.close();
    }
}
