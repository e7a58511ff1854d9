package dev.jdist.scheduler.farm;

import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.Tls;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;

/** A builder that takes every job that comes with the right token, over real TLS, and runs none. */
public final class FakeBuilder implements AutoCloseable {
    private static final Bytes KEY = Bytes.utf8("0123456789abcdef0123456789abcdef");

    public final ServerId id;
    public final BlockingQueue<JobId> assigned = new LinkedBlockingQueue<>();
    private final ServerIdentity identity;
    private final EventLoops loops = EventLoops.start(1);
    private final HttpServer server;

    public FakeBuilder() throws IOException {
        // Below those that Linux gives out: such a one could be a connection's before this listens.
        id = ServerId.parse("127.0.0.1:" + ThreadLocalRandom.current().nextInt(20_000, 32_000));
        identity = ServerIdentity.create(id, Instant.now());
        server = HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), id.port()),
                Optional.of(Tls.server(identity)),
                List.of(HttpRoute.post(
                        Endpoints.ASSIGN_JOB,
                        HttpRoute.Gate.atOnce(exchange -> JobToken.verify(
                                        exchange.bearerToken().orElse(""), JobId.parse(exchange.parameter()), KEY)
                                ? Optional.empty()
                                : Optional.of(HttpReply.empty(401))),
                        Toolchain::decode,
                        (exchange, toolchain) -> {
                            assigned.add(JobId.parse(exchange.parameter()));
                            return CompletableFuture.completedFuture(
                                    exchange.reply(new AssignJobResult(JobState.PENDING, true)));
                        })));
    }

    public Heartbeat heartbeat(long cpus) {
        return new Heartbeat(KEY, cpus, 1, identity.toServerCertificate());
    }

    public boolean accepts(String token, JobId job) {
        return JobToken.verify(token, job, KEY);
    }

    @Override
    public void close() {
        server.close();
        loops.close();
    }
}
