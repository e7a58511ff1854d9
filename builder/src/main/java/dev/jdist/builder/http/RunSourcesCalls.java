package dev.jdist.builder.http;

import dev.jdist.builder.farm.Drain;
import dev.jdist.builder.farm.Fitness;
import dev.jdist.builder.job.JobSlots;
import dev.jdist.builder.job.OutputSpool;
import dev.jdist.builder.sources.Conversation;
import dev.jdist.builder.sources.SourceJobs;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.http.server.Answer;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.RequestException;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.spool.Spool;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.view.RunSourcesReply;
import dev.jdist.protocol.view.RunSourcesRequest;
import dev.jdist.protocol.view.SourceAnswers;
import dev.jdist.protocol.view.SourcesBody;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireDecoder;
import java.io.EOFException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What clients ask for by run_sources, and what they answer: jobs that take several calls. A job keeps its place and its slot from
 * its first call to its last, or until its client does not answer.
 */
final class RunSourcesCalls {
    /** How long a result may wait for the scheduler to note that its job is done. */
    private static final int REPORT_SECONDS = 1;

    private final JobPlaces places;
    private final ToolchainStore toolchains;
    private final SourceJobs jobs;
    private final Spools inputs;
    private final Spools outputs;
    private final JobSlots slots;
    private final Executor threads;
    private final ClientShares shares;
    private final Drain drain;
    private final JobFailures failures;
    private final Map<JobId, Running> running = new ConcurrentHashMap<>();

    /**
     * A job whose client has come for it.
     *
     * @param hasBegun whether it has a thread, which says when it is over
     */
    private record Running(
            JobPlaces.Claim claim, Conversation conversation, AtomicBoolean hasBegun, CompletableFuture<Void> over) {}

    /**
     * @param threads one for each job
     * @param shares how many jobs a client may have here
     */
    RunSourcesCalls(
            JobPlaces places,
            ToolchainStore toolchains,
            SourceJobs jobs,
            Spools inputs,
            Spools outputs,
            JobSlots slots,
            Executor threads,
            ClientShares shares,
            Drain drain,
            Fitness fitness) {
        this.places = places;
        this.toolchains = toolchains;
        this.jobs = jobs;
        this.inputs = inputs;
        this.outputs = outputs;
        this.slots = slots;
        this.threads = threads;
        this.shares = shares;
        this.drain = drain;
        this.failures = new JobFailures(fitness);
    }

    /** Lets a client in that comes for a job; what it says is still to be read. */
    Optional<HttpReply> admit(HttpExchange exchange) {
        JobId job = JobId.parse(exchange.parameter());
        Optional<String> obstacle = jobs.obstacle();
        if (obstacle.isPresent()) {
            return Optional.of(HttpReply.error(501, "this builder compiles preprocessed source only", obstacle.get()));
        }
        Optional<JobPlaces.Claim> found = places.claim(job);
        if (found.isEmpty()) {
            return Optional.of(exchange.reply(new RunSourcesReply.JobNotFound()));
        }
        JobPlaces.Claim claim = found.get();
        if (!shares.take(exchange.remoteAddress())) {
            claim.end();
            return Optional.of(HttpReply.error(
                    503,
                    "job " + job + " is refused",
                    shares.most() + " jobs of " + exchange.remoteAddress().getHostAddress() + " run here already"));
        }
        Running mine = new Running(claim, new Conversation(), new AtomicBoolean(), new CompletableFuture<>());
        running.put(job, mine);
        drain.track(mine.over);
        mine.over.whenComplete((done, error) -> {
            running.remove(job);
            shares.giveBack(exchange.remoteAddress());
            claim.end();
        });
        exchange.disconnected().whenComplete((done, error) -> mine.conversation.giveUp());
        exchange.answered().whenComplete((done, error) -> {
            // What the client said may have been too long, or never come.
            if (!mine.hasBegun.get()) {
                mine.over.complete(null);
            }
        });
        return Optional.empty();
    }

    /** @param body all that the client says at the beginning */
    Answer run(HttpExchange exchange, PrimitiveBytes body) throws Exception {
        JobId job = JobId.parse(exchange.parameter());
        Running mine = running.get(job);
        if (mine == null) {
            throw new EOFException("the client of job " + job + " disconnected");
        }
        Spool message = inputs.create(exchange.remoteAddress());
        try {
            RunSourcesRequest request = decode(body, message, RunSourcesRequest::decode);
            mine.claim.start();
            mine.hasBegun.set(true);
            begin(exchange, job, mine, request, message);
        } catch (RejectedExecutionException e) {
            end(mine, message);
            throw new RequestException(503, BuilderServer.STOPPING);
        } catch (Exception e) {
            end(mine, message);
            throw failures.of(exchange, job, e);
        }
        return next(exchange, job, mine);
    }

    private static void end(Running mine, Spool message) throws IOException {
        mine.over.complete(null);
        message.close();
    }

    private void begin(HttpExchange exchange, JobId job, Running mine, RunSourcesRequest request, Spool message) {
        threads.execute(() -> {
            try {
                run(exchange, job, mine, request, message);
            } finally {
                mine.over.complete(null);
            }
        });
    }

    private void run(HttpExchange exchange, JobId job, Running mine, RunSourcesRequest request, Spool message) {
        Optional<ToolchainStore.Lease> lease = Optional.empty();
        try {
            lease = toolchains.acquire(mine.claim.toolchain());
            if (lease.isEmpty()) {
                throw new IOException("expected toolchain " + mine.claim.toolchain() + ", but not available");
            }
            OutputSpool spool = new OutputSpool(outputs.create(exchange.remoteAddress()));
            try (ToolchainStore.Lease pinned = lease.get();
                    JobSlots.Slot slot = slots.acquire(exchange.remoteAddress())) {
                jobs.run(
                        job,
                        pinned.tree(),
                        request,
                        message,
                        mine.conversation,
                        spool,
                        () -> mine.claim
                                .end()
                                .completeOnTimeout(null, REPORT_SECONDS, TimeUnit.SECONDS)
                                .join());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            mine.conversation.giveUp();
        } catch (Exception e) {
            mine.conversation.fail(e);
        }
    }

    /** @param body what the client answers */
    Answer answer(HttpExchange exchange, PrimitiveBytes body) throws Exception {
        JobId job = JobId.parse(exchange.parameter());
        Running mine = running.get(job);
        if (mine == null) {
            return exchange.reply(new RunSourcesReply.JobNotFound());
        }
        exchange.disconnected().whenComplete((done, error) -> mine.conversation.giveUp());
        Spool message = inputs.create(exchange.remoteAddress());
        boolean isTaken = false;
        try {
            SourceAnswers said = decode(body, message, SourceAnswers::decode);
            isTaken = mine.conversation.answer(new Conversation.Answers(said, message));
            if (!isTaken) {
                throw new RequestException(400, "job " + job + " has asked nothing");
            }
        } catch (IOException | RuntimeException e) {
            mine.conversation.giveUp();
            throw failures.of(exchange, job, e);
        } finally {
            if (!isTaken) {
                message.close();
            }
        }
        return next(exchange, job, mine);
    }

    private Answer next(HttpExchange exchange, JobId job, Running mine) throws Exception {
        try {
            Conversation.Turn turn = mine.conversation.await();
            return exchange.reply(turn.reply(), turn.origin());
        } catch (Exception e) {
            throw failures.of(exchange, job, e);
        }
    }

    /** A client does not want a job any more. */
    HttpReply cancel(HttpExchange exchange) {
        Running mine = running.get(JobId.parse(exchange.parameter()));
        if (mine != null) {
            mine.conversation.giveUp();
        }
        return HttpReply.empty(200);
    }

    private static <T> T decode(PrimitiveBytes body, Spool message, WireDecoder<T> decoder) throws IOException {
        SourcesBody.read(body, message.toOutputStream());
        return decoder.fromBincode(message);
    }
}
