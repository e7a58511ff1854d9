package dev.jdist.client.execution.sccache;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.Pace;
import dev.jdist.protocol.http.Tls;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** A scheduler and three builders on loopback that do what a test says, and remember what they were asked. */
public final class FarmPeer implements AutoCloseable {
    private static final ServerId NAME = ServerId.parse("127.0.0.1:10501");
    private static final int BUILDERS = 3;
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    /** Answers alloc_job; by default there is a place at a builder that has the toolchain. */
    interface Allocation {
        CompletionStage<HttpReply> answer(HttpExchange exchange, Toolchain toolchain);
    }

    /** Answers one of the builder's calls. */
    interface Call {
        HttpReply answer(HttpExchange exchange, byte[] body) throws Exception;
    }

    final Queue<String> log = new ConcurrentLinkedQueue<>();
    final Queue<byte[]> uploads = new ConcurrentLinkedQueue<>();
    final Queue<byte[]> jobs = new ConcurrentLinkedQueue<>();
    /** Jobs whose slots the client does not use, each with the token that it showed. */
    final BlockingQueue<String> returned = new LinkedBlockingQueue<>();

    final AtomicInteger allocations = new AtomicInteger();
    /** Which of the builders were given a job or a toolchain. */
    final Queue<Integer> usedBuilders = new ConcurrentLinkedQueue<>();

    volatile Allocation allocation = (exchange, toolchain) -> now(exchange.reply(place(false)));
    volatile Call upload = (exchange, body) -> exchange.reply(SubmitToolchainResult.SUCCESS);
    volatile Call run = (exchange, body) -> exchange.reply(result());
    volatile ServerIdentity identity = ServerIdentity.create(NAME, Instant.now());
    /** What the scheduler says of the builder; as a rule, the truth. */
    volatile ServerCertificate certificate = identity.toServerCertificate();

    private final EventLoops loops;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer scheduler;
    private final List<HttpServer> builders = new CopyOnWriteArrayList<>();

    FarmPeer(EventLoops loops) throws IOException {
        this.loops = loops;
        this.scheduler = HttpServer.start(
                loops,
                ANY_PORT,
                Optional.empty(),
                List.of(
                        HttpRoute.post(Endpoints.ALLOC_JOB, HttpRoute.Gate.OPEN, Toolchain::decode, this::allocate),
                        HttpRoute.post(
                                Endpoints.RETURN_JOB, HttpRoute.Gate.OPEN, JobState::decode, (exchange, state) -> {
                                    returned.add(exchange.parameter() + " "
                                            + exchange.bearerToken().orElseThrow());
                                    return now(HttpReply.empty(200));
                                }),
                        HttpRoute.get(Endpoints.SERVER_CERTIFICATE, this::certificate),
                        HttpRoute.get(Endpoints.STATUS, exchange -> exchange.reply(new SchedulerStatus(1, 8, 3)))));
        for (int i = 0; i < BUILDERS; i++) {
            builders.add(startBuilder(i, ANY_PORT));
        }
    }

    private HttpServer startBuilder(int index, InetSocketAddress address) throws IOException {
        return HttpServer.start(
                loops,
                address,
                Optional.of(Tls.server(identity)),
                List.of(
                        HttpRoute.postStream(
                                Endpoints.SUBMIT_TOOLCHAIN,
                                HttpRoute.Gate.OPEN,
                                threads,
                                Pace.OF_TOOLCHAIN,
                                (exchange, body) -> {
                                    byte[] bytes = body.readAllBytes();
                                    note("upload " + exchange.parameter(), exchange);
                                    usedBuilders.add(index);
                                    uploads.add(bytes);
                                    return upload.answer(exchange, bytes);
                                }),
                        HttpRoute.postStream(
                                Endpoints.RUN_JOB, HttpRoute.Gate.OPEN, threads, Pace.OF_JOB, (exchange, body) -> {
                                    byte[] bytes = body.readAllBytes();
                                    note("run " + exchange.parameter(), exchange);
                                    usedBuilders.add(index);
                                    jobs.add(bytes);
                                    return run.answer(exchange, bytes);
                                })));
    }

    /** The builder comes back at the same address with another key, and the scheduler knows of it. */
    void replaceBuilder() throws IOException {
        InetSocketAddress address = builders.get(0).address();
        builders.get(0).close();
        identity = ServerIdentity.create(NAME, Instant.now());
        certificate = identity.toServerCertificate();
        builders.set(0, startBuilder(0, address));
    }

    /** Ends a builder without the scheduler's noticing. */
    void stopBuilder(int index) {
        builders.get(index).close();
    }

    /** An allocation as jdist's schedulers do it: on the first builder that has not failed the client. */
    CompletionStage<HttpReply> obedient(HttpExchange exchange, Toolchain toolchain) {
        BuilderChoice choice = BuilderChoice.ofQuery(exchange.query());
        for (int i = 0; i < BUILDERS; i++) {
            if (choice.allows(server(i))) {
                return now(exchange.reply(place(i, false)));
            }
        }
        return now(exchange.reply(new AllocJobResult.Fail("the farm has no builder " + choice)));
    }

    private CompletionStage<HttpReply> allocate(HttpExchange exchange, Toolchain toolchain) {
        note("alloc " + toolchain, exchange);
        allocations.incrementAndGet();
        return allocation.answer(exchange, toolchain);
    }

    private HttpReply certificate(HttpExchange exchange) {
        note("certificate of " + (isBuilder(exchange.parameter()) ? "builder" : "nobody"), exchange);
        return exchange.reply(certificate);
    }

    private boolean isBuilder(String address) {
        return IntStream.range(0, BUILDERS).anyMatch(i -> server(i).toString().equals(address));
    }

    private void note(String what, HttpExchange exchange) {
        log.add(what + exchange.bearerToken().map(token -> " with " + token).orElse(""));
    }

    HttpUrl url() {
        return HttpUrl.parse("http://127.0.0.1:" + scheduler.address().getPort());
    }

    ServerId server() {
        return server(0);
    }

    ServerId server(int index) {
        return ServerId.parse("127.0.0.1:" + builders.get(index).address().getPort());
    }

    AllocJobResult place(boolean needToolchain) {
        return place(0, needToolchain);
    }

    AllocJobResult place(int index, boolean needToolchain) {
        int number = allocations.get();
        return new AllocJobResult.Success(
                new JobAlloc("job token " + number, new JobId(number), server(index)),
                needToolchain,
                certificate.digest());
    }

    static RunJobResult.Complete result() {
        return new RunJobResult.Complete(
                new ProcessOutput(0, Bytes.EMPTY, Bytes.utf8("a warning")),
                List.of(new OutputFile("/w/a.o", Bytes.utf8("zlib"), 4)));
    }

    static CompletionStage<HttpReply> now(HttpReply reply) {
        return CompletableFuture.completedFuture(reply);
    }

    @Override
    public void close() {
        scheduler.close();
        builders.forEach(HttpServer::close);
        threads.shutdownNow();
    }
}
