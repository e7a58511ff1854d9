package dev.jdist.builder.http;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.HeartbeatResult;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.UpdateJobStateResult;
import dev.jdist.protocol.testing.FreePorts;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** A scheduler on loopback that hands out no job, and notes what its builder says to it. */
public final class ListeningScheduler implements AutoCloseable {
    private final BlockingQueue<Heartbeat> heartbeats = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> returned = new LinkedBlockingQueue<>();
    private final HttpServer server;
    private volatile CompletableFuture<Void> answersToEnds = CompletableFuture.completedFuture(null);

    ListeningScheduler(EventLoops loops) throws IOException {
        server = HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                List.of(
                        HttpRoute.post(Endpoints.HEARTBEAT, HttpRoute.Gate.OPEN, Heartbeat::decode, this::heartbeat),
                        HttpRoute.post(Endpoints.JOB_STATE, HttpRoute.Gate.OPEN, JobState::decode, this::report),
                        HttpRoute.post(
                                Endpoints.RETURN_JOB, HttpRoute.Gate.OPEN, JobState::decode, (exchange, state) -> {
                                    returned.add(exchange.parameter());
                                    return CompletableFuture.completedFuture(HttpReply.empty(200));
                                })));
    }

    private CompletableFuture<HttpReply> heartbeat(HttpExchange exchange, Heartbeat heartbeat) {
        heartbeats.add(heartbeat);
        return CompletableFuture.completedFuture(exchange.reply(new HeartbeatResult(true)));
    }

    private CompletableFuture<HttpReply> report(HttpExchange exchange, JobState state) {
        reports.add(exchange.parameter() + " " + state);
        HttpReply noted = exchange.reply(new UpdateJobStateResult.Success());
        return state == JobState.COMPLETE
                ? answersToEnds.thenApply(done -> noted)
                : CompletableFuture.completedFuture(noted);
    }

    HttpUrl url() {
        return HttpUrl.parse("http://127.0.0.1:" + server.address().getPort());
    }

    BlockingQueue<Heartbeat> heartbeats() {
        return heartbeats;
    }

    /** {@code JOB STATE} each. */
    BlockingQueue<String> reports() {
        return reports;
    }

    /** Jobs for which no client came. */
    BlockingQueue<String> returned() {
        return returned;
    }

    /** Answers to reports of jobs that are over from now on only when this completes. */
    void answerToEndsAfter(CompletableFuture<Void> event) {
        answersToEnds = event;
    }

    /** An address for a builder. */
    static ServerId freeAddress() throws IOException {
        return ServerId.parse("127.0.0.1:" + FreePorts.next());
    }

    @Override
    public void close() {
        server.close();
    }
}
