package dev.jdist.builder.http;

import dev.jdist.builder.farm.Drain;
import dev.jdist.builder.farm.Fitness;
import dev.jdist.builder.job.JobTable;
import dev.jdist.builder.toolchain.ArchiveException;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What clients ask for by submit_toolchain. */
final class ToolchainCalls {
    private static final Logger log = LoggerFactory.getLogger(ToolchainCalls.class);

    /** Toolchains that arrive at once, each of them once: on threads of their own, so that no job waits for one. */
    static final int MAX_UPLOADS = 16;
    /** Of one client, which has one or two compilers. */
    static final int MAX_UPLOADS_OF_A_CLIENT = 4;

    private final JobTable jobs;
    private final JobPlaces places;
    private final ToolchainStore toolchains;
    private final Fitness fitness;
    private final Drain drain;
    private final UploadGate turns;

    ToolchainCalls(JobTable jobs, JobPlaces places, ToolchainStore toolchains, Fitness fitness, Drain drain) {
        this.jobs = jobs;
        this.places = places;
        this.toolchains = toolchains;
        this.fitness = fitness;
        this.drain = drain;
        this.turns = new UploadGate(toolchains::contains, MAX_UPLOADS, MAX_UPLOADS_OF_A_CLIENT);
    }

    /** Lets in who is to send a toolchain. Whoever comes meanwhile waits, unread, and mostly need not send it then. */
    CompletionStage<Optional<HttpReply>> awaitTurn(HttpExchange exchange) {
        JobId job = JobId.parse(exchange.parameter());
        Optional<Toolchain> announced = jobs.toolchain(job);
        if (announced.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.of(exchange.reply(SubmitToolchainResult.JOB_NOT_FOUND)));
        }
        Toolchain toolchain = announced.get();
        if (toolchains.contains(toolchain)) {
            return CompletableFuture.completedFuture(Optional.of(isThere(exchange, job)));
        }
        drain.track(exchange.answered());
        exchange.disconnected().thenRun(() -> places.giveBack(job));
        return turns.enter(toolchain, exchange.remoteAddress(), exchange.answered())
                .thenApply(turn ->
                        toolchains.contains(toolchain) ? Optional.of(isThere(exchange, job)) : Optional.empty());
    }

    private HttpReply isThere(HttpExchange exchange, JobId job) {
        places.makeReady(job);
        return exchange.reply(SubmitToolchainResult.SUCCESS);
    }

    HttpReply submit(HttpExchange exchange, InputStream body) throws IOException, InterruptedException {
        JobId job = JobId.parse(exchange.parameter());
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
            places.giveBack(job);
            return exchange.reply(SubmitToolchainResult.CANNOT_CACHE);
        } catch (IOException e) {
            fitness.suspect();
            places.giveBack(job);
            throw e;
        }
        return isThere(exchange, job);
    }
}
