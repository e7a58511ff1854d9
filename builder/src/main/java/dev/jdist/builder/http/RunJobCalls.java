package dev.jdist.builder.http;

import dev.jdist.builder.farm.Drain;
import dev.jdist.builder.farm.Fitness;
import dev.jdist.builder.job.CompilerCrash;
import dev.jdist.builder.job.JobRunner;
import dev.jdist.builder.job.JobSlots;
import dev.jdist.builder.job.OutputSpool;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.http.server.Answer;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.RequestException;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.BincodeReader;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What clients ask for by run_job: jobs, from the moment in which a client comes for one to the answer. Its inputs arrive in a
 * spool, and its outputs leave from one: a thread has the job only in between, and a slot only while its compiler runs.
 */
final class RunJobCalls {
    /** How long a result may wait for the scheduler to note that its job is done. */
    private static final int REPORT_SECONDS = 1;

    private final JobPlaces places;
    private final ToolchainStore toolchains;
    private final JobRunner runner;
    private final Spools outputs;
    private final JobSlots slots;
    private final JobFailures failures;
    private final Drain drain;
    private final Shares shares;
    private final Map<JobId, JobPlaces.Claim> claims = new ConcurrentHashMap<>();

    /**
     * What one client may have.
     *
     * @param calls jobs whose inputs come, which run, or whose results it has not taken
     * @param workers threads
     */
    record Shares(ClientShares calls, ClientShares workers) {}

    RunJobCalls(
            JobPlaces places,
            ToolchainStore toolchains,
            JobRunner runner,
            Spools outputs,
            JobSlots slots,
            Fitness fitness,
            Drain drain,
            Shares shares) {
        this.places = places;
        this.toolchains = toolchains;
        this.runner = runner;
        this.outputs = outputs;
        this.slots = slots;
        this.failures = new JobFailures(fitness);
        this.drain = drain;
        this.shares = shares;
    }

    /** Lets a client in that comes for a job with its inputs, which are still to be read. */
    Optional<HttpReply> admit(HttpExchange exchange) {
        JobId job = JobId.parse(exchange.parameter());
        Optional<JobPlaces.Claim> found = places.claim(job);
        if (found.isEmpty()) {
            return Optional.of(exchange.reply(new RunJobResult.JobNotFound()));
        }
        JobPlaces.Claim claim = found.get();
        if (outputs.isFullFor(exchange.remoteAddress())) {
            claim.end();
            return Optional.of(HttpReply.error(
                    503, "job " + job + " is refused", "results that were not fetched yet fill the room for them"));
        }
        if (!shares.calls().take(exchange.remoteAddress())) {
            claim.end();
            return Optional.of(HttpReply.error(
                    503,
                    "job " + job + " is refused",
                    shares.calls().most() + " jobs of "
                            + exchange.remoteAddress().getHostAddress()
                            + " run here or wait for it to take their results"));
        }
        claims.put(job, claim);
        drain.track(exchange.answered());
        exchange.answered().whenComplete((done, error) -> {
            claims.remove(job);
            shares.calls().giveBack(exchange.remoteAddress());
            claim.end(); // whatever became of the call
        });
        return Optional.empty();
    }

    /** @param body all of it */
    Answer run(HttpExchange exchange, PrimitiveBytes body) throws IOException, InterruptedException {
        JobId job = JobId.parse(exchange.parameter());
        JobPlaces.Claim claim = claims.get(job);
        if (claim == null) {
            throw new EOFException("the client of job " + job + " disconnected");
        }
        if (!shares.workers().take(exchange.remoteAddress())) {
            throw new RequestException(
                    503,
                    "job " + job + " is refused",
                    exchange.remoteAddress().getHostAddress() + " has "
                            + shares.workers().most() + " jobs here already");
        }
        claim.start();
        try (InputStream in = new BufferedInputStream(body.toInputStream())) {
            return run(exchange, job, claim.toolchain(), in);
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw failures.of(exchange, job, e);
        } finally {
            shares.workers().giveBack(exchange.remoteAddress());
            // Before the client hears of it: a stock scheduler refuses the next job of whoever has it while it counts
            // this.
            claim.end()
                    .completeOnTimeout(null, REPORT_SECONDS, TimeUnit.SECONDS)
                    .join();
        }
    }

    private Answer run(HttpExchange exchange, JobId job, Toolchain toolchain, InputStream body)
            throws IOException, InterruptedException {
        RunJobRequest request = readCommand(body);
        Optional<ToolchainStore.Lease> lease = toolchains.acquire(toolchain);
        if (lease.isEmpty()) {
            throw new IOException("expected toolchain " + toolchain + ", but not available");
        }
        OutputSpool spool = new OutputSpool(outputs.create(exchange.remoteAddress()));
        boolean isHandedOver = false;
        try (ToolchainStore.Lease pinned = lease.get()) {
            RunJobResult.Complete result;
            // Whoever has to wait for its toolchain has waited by now, and keeps nobody from the processors.
            try (JobSlots.Slot slot = slots.acquire(exchange.remoteAddress())) {
                result = runner.run(job, pinned.tree(), request, body, exchange.disconnected(), spool);
            }
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

    private static RunJobRequest readCommand(InputStream body) throws IOException {
        int head;
        try {
            head = new DataInputStream(body).readInt();
        } catch (EOFException e) {
            throw new WireFormatException("the body ends before the command");
        }
        if (head < 0 || head > WireLimits.COMMAND) {
            throw new WireFormatException("a command of " + Integer.toUnsignedString(head) + " bytes");
        }
        byte[] command = body.readNBytes(head);
        if (command.length < head) {
            throw new EOFException("the command is cut short after " + command.length + " of " + head + " bytes");
        }
        return RunJobRequest.decode(new BincodeReader(new ByteArrayInputStream(command), head));
    }
}
