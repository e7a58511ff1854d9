package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.ToolchainRefusedException;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives builders the toolchains that they lack, each once however many jobs need it. Thread-safe. */
final class ToolchainUploads {
    private static final Logger log = LoggerFactory.getLogger(ToolchainUploads.class);

    /** Without a byte that went out, as while another client's upload is awaited: how long all of it takes depends on the network. */
    private static final Duration TIMEOUT = Duration.ofSeconds(600);

    private final CallerCalls calls;
    /** Uploads under way; they complete when they have ended, well or not. */
    private final Map<Upload, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
    /** When uploads ended well, by {@link System#nanoTime}. */
    private final Map<Upload, Long> arrived = new ConcurrentHashMap<>();
    /** What the builder did wrong last. */
    private final Map<Upload, Refusal> refused = new ConcurrentHashMap<>();

    /** One toolchain on its way to one builder. */
    private record Upload(ServerId builder, Toolchain toolchain) {}

    /** @param when by {@link System#nanoTime} */
    private record Refusal(long when, IOException reason) {}

    ToolchainUploads(CallerCalls calls) {
        this.calls = calls;
    }

    /**
     * Gives a builder a toolchain. When several jobs need the same at once, one of them sends it; the others wait and then
     * send nothing, as a builder asks for no more once it has it, be it jdist or stock. They call all the same: it is the
     * call that makes a job ready. If the builder does not take it from one, it does not get it from the others, which had
     * their slots before.
     *
     * @param asked when the job's slot was asked for, by {@link System#nanoTime}
     * @throws BuilderException if the builder is to blame
     * @throws ToolchainRefusedException if the archive is damaged, and no builder will take it
     */
    void submit(
            HttpTarget builder,
            JobAlloc alloc,
            long asked,
            Secret jobToken,
            PackagedToolchain toolchain,
            CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        Upload upload = new Upload(alloc.serverId(), toolchain.toolchain());
        String path = Endpoints.SUBMIT_TOOLCHAIN + alloc.jobId();
        while (!arrivedSince(upload, asked)) {
            Refusal last = refused.get(upload);
            if (last != null && last.when - asked > 0) {
                throw again(last.reason);
            }
            CompletableFuture<Void> mine = new CompletableFuture<>();
            CompletableFuture<Void> first = underWay.putIfAbsent(upload, mine);
            if (first == null) {
                try {
                    send(HttpCall.postFile(builder, path, jobToken, toolchain.archive()), upload, toolchain, gone);
                } finally {
                    underWay.remove(upload);
                    mine.complete(null);
                }
                return;
            }
            // If the one that sends it goes away, the next one sends it.
            await(first);
        }
        call(HttpCall.postBytes(builder, path, jobToken, new byte[0]), toolchain, gone);
    }

    private void send(HttpCall call, Upload upload, PackagedToolchain toolchain, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        try {
            upload(call, upload, toolchain, gone);
            arrived.put(upload, System.nanoTime());
        } catch (BuilderException | ToolchainRefusedException e) {
            IOException reason = e instanceof ToolchainRefusedException && isSound(toolchain)
                    ? new BuilderException(BuilderFault.TOOLCHAIN, Reason.of(e), e)
                    : e;
            if (!gone.toCompletableFuture().isDone()) {
                refused.put(upload, new Refusal(System.nanoTime(), reason));
            }
            throw reason;
        }
    }

    private static boolean isSound(PackagedToolchain toolchain) {
        try {
            return ArchiveDigest.of(toolchain.archive()).equals(toolchain.toolchain());
        } catch (IOException e) {
            return false;
        }
    }

    /** What another thread met, for this one. */
    private static IOException again(IOException refusal) {
        return refusal instanceof BuilderException builders
                ? new BuilderException(builders.fault(), Reason.of(builders), builders)
                : new ToolchainRefusedException(Reason.of(refusal));
    }

    /** Sends a toolchain, and says in the log what a first compile has to wait for. */
    private void upload(HttpCall call, Upload upload, PackagedToolchain toolchain, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        long size = Files.size(toolchain.archive());
        log.info("sending toolchain {} ({}) to builder {}", upload.toolchain, ByteSize.format(size), upload.builder);
        long began = System.nanoTime();
        call(call, toolchain, gone);
        double seconds = (System.nanoTime() - began) / 1e9;
        log.info(
                "sent toolchain {} to builder {}: {} in {} s, {} per second",
                upload.toolchain,
                upload.builder,
                ByteSize.format(size),
                String.format(Locale.ROOT, "%.1f", seconds),
                ByteSize.format((long) (size / Math.max(seconds, 0.001))));
    }

    /** Whether a toolchain has got there after a job's place was asked for, so that it was missed and is not any more. */
    private boolean arrivedSince(Upload upload, long asked) {
        Long when = arrived.get(upload);
        return when != null && when - asked > 0;
    }

    private void call(HttpCall call, PackagedToolchain toolchain, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        SubmitToolchainResult result;
        try {
            result = calls.make(call.within(TIMEOUT), gone).decode(SubmitToolchainResult::decode);
        } catch (IOException e) {
            throw BuilderException.inUpload(e);
        }
        String refusal = "the builder did not accept toolchain " + toolchain.toolchain() + ": " + result;
        if (result == SubmitToolchainResult.CANNOT_CACHE) {
            throw new ToolchainRefusedException(refusal);
        }
        if (result != SubmitToolchainResult.SUCCESS) {
            throw new BuilderException(BuilderFault.JOB, refusal);
        }
    }

    private static void await(CompletableFuture<Void> upload) throws InterruptedException {
        try {
            upload.get(); // it ends, as it may not stand still
        } catch (ExecutionException e) {
            throw new AssertionError("it completes whatever happens", e);
        }
    }
}
