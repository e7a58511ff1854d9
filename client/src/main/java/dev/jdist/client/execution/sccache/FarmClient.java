package dev.jdist.client.execution.sccache;

import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.execution.Action;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.FarmException;
import dev.jdist.client.execution.ToolchainRefusedException;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpStatusException;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.protocol.wire.WireLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has jobs done by the farm. Thread-safe; each call blocks its thread until its job is done, here or there. */
public final class FarmClient implements CompileFarm {
    private static final Logger log = LoggerFactory.getLogger(FarmClient.class);

    /** A stock scheduler answers at once; ours may let us wait for a place. */
    private static final Duration ALLOC_TIMEOUT = Duration.ofSeconds(180);

    /** Without a byte that went out, as while another client's upload is awaited: how long all of it takes depends on the network. */
    private static final Duration UPLOAD_TIMEOUT = Duration.ofSeconds(600);

    private static final Duration RUN_TIMEOUT = Duration.ofSeconds(1200);
    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(10);
    /** So many builders are tried with one job. */
    private static final int ATTEMPTS = 3;

    private final HttpClient http;
    private final HttpUrl url;
    private final HttpTarget scheduler;
    private final FarmToken token;
    private final BuilderChoice choice;
    private final LocalSlots slots;
    private final Spools spools;
    private final CircuitBreaker breaker = new CircuitBreaker(System::nanoTime);
    private final Map<ServerId, ServerCertificate> certificates = new ConcurrentHashMap<>();
    /** Uploads under way; they complete when they have ended, well or not. */
    private final Map<Upload, CompletableFuture<Void>> uploads = new ConcurrentHashMap<>();
    /** Whether the scheduler gave a place on another builder than was asked for, and so has nothing to give. */
    private volatile boolean ignoresChoice;
    /** When uploads ended well, by {@link System#nanoTime}. */
    private final Map<Upload, Long> uploaded = new ConcurrentHashMap<>();

    /** One toolchain on its way to one builder. */
    private record Upload(ServerId builder, Toolchain toolchain) {}

    /**
     * @param choice the builders to use; a scheduler that lets nobody choose is not asked again
     * @param slots bound how many jobs are encoded at once
     * @param spools for jobs that wait to be sent
     */
    public FarmClient(
            HttpClient http,
            HttpUrl schedulerUrl,
            FarmToken token,
            BuilderChoice choice,
            LocalSlots slots,
            Spools spools) {
        this.spools = spools;
        this.http = http;
        this.url = schedulerUrl;
        this.scheduler = new HttpTarget.Scheduler(schedulerUrl);
        this.token = token;
        this.choice = choice;
        this.slots = slots;
    }

    @Override
    public HttpUrl schedulerUrl() {
        return url;
    }

    @Override
    public boolean isLoggedIn() {
        return token.current().isPresent();
    }

    @Override
    public SchedulerStatus status() throws IOException, InterruptedException {
        return http.call(HttpCall.get(scheduler, choice.appendTo(Endpoints.STATUS))
                        .within(STATUS_TIMEOUT))
                .decode(SchedulerStatus::decode);
    }

    @Override
    public ActionResult execute(Action action, CompletionStage<Void> gone)
            throws FarmException, IOException, InterruptedException {
        try (RemoteJob job = encode(action)) {
            return run(job, gone);
        }
    }

    private RemoteJob encode(Action action) throws IOException, InterruptedException {
        try (LocalSlots.Slot slot = slots.acquire()) {
            return RemoteJob.of(action, spools);
        }
    }

    ActionResult run(RemoteJob job, CompletionStage<Void> gone) throws FarmException, InterruptedException {
        FarmException last = null;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            long asked = System.nanoTime();
            AllocJobResult.Success place = allocate(job.toolchain().toolchain(), gone);
            try {
                return runAt(place, asked, job, gone);
            } catch (IOException e) {
                last = new FarmException(place.jobAlloc() + ": " + e.getMessage(), e);
                if (e instanceof ToolchainRefusedException && !isSound(job.toolchain())) {
                    throw last; // No builder will take it.
                }
                if (gone.toCompletableFuture().isDone()) {
                    throw last;
                }
                if (e instanceof HttpStatusException refused && refused.status() == StatusCodes.OVER_LIMIT) {
                    log.warn("compiling locally: {}", last.getMessage());
                    throw last;
                }
                log.info("{}; {}", last.getMessage(), attempt < ATTEMPTS ? "asking for another slot" : "giving up");
            }
        }
        throw last;
    }

    private static boolean isSound(PackagedToolchain toolchain) {
        try {
            return ArchiveDigest.of(toolchain.archive()).equals(toolchain.toolchain());
        } catch (IOException e) {
            return false;
        }
    }

    private AllocJobResult.Success allocate(Toolchain toolchain, CompletionStage<Void> gone)
            throws FarmException, InterruptedException {
        if (!breaker.allows()) {
            throw new FarmException("the scheduler failed a moment ago");
        }
        if (ignoresChoice) {
            throw new FarmException("the scheduler does not support [jdist] builders");
        }
        Secret shown = token.current().orElseThrow(() -> new FarmException("there is no token for the scheduler"));
        AllocJobResult result;
        try {
            HttpCall call = HttpCall.post(scheduler, choice.appendTo(Endpoints.ALLOC_JOB), shown, toolchain)
                    .within(ALLOC_TIMEOUT)
                    .probing(Endpoints.STATUS);
            result = call(call, gone).decode(AllocJobResult::decode);
            breaker.succeeded();
        } catch (IOException e) {
            if (gone.toCompletableFuture().isDone()) {
                throw new FarmException(Reason.of(e), e); // The scheduler has done nothing wrong.
            }
            if (breaker.failed()) {
                log.warn("compiling locally: {}", advice(e));
            }
            throw new FarmException(Reason.of(e), e);
        }
        if (result instanceof AllocJobResult.Success success) {
            checkChoice(success.jobAlloc().serverId());
            return success;
        }
        throw new FarmException("no slot: " + ((AllocJobResult.Fail) result).message());
    }

    private void checkChoice(ServerId given) throws FarmException {
        if (!choice.allows(given)) {
            if (!ignoresChoice) {
                log.warn(
                        "compiling locally: the {} gave a slot on {}, which is not in [jdist] builders: it is sccache's"
                                + " or an older one, and does not support that key; remove it, then jdist --stop-server",
                        scheduler,
                        given);
            }
            ignoresChoice = true;
            throw new FarmException("the scheduler does not support [jdist] builders");
        }
    }

    private String advice(IOException problem) {
        if (problem instanceof HttpStatusException refused && refused.status() == 401) {
            return "the " + scheduler + " refuses " + token.whenRefused();
        }
        return Reason.of(problem);
    }

    /** @param asked when the place was asked for */
    private ActionResult runAt(AllocJobResult.Success place, long asked, RemoteJob job, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        JobAlloc alloc = place.jobAlloc();
        HttpTarget builder =
                new HttpTarget.Builder(alloc.serverId(), certificate(alloc.serverId(), place.certDigest(), gone));
        Secret jobToken = new Secret(alloc.auth());
        if (place.needToolchain()) {
            submitToolchain(builder, alloc, asked, jobToken, job.toolchain(), gone);
        }
        HttpCall call = HttpCall.postStored(builder, Endpoints.RUN_JOB + alloc.jobId(), jobToken, job.body())
                .within(RUN_TIMEOUT)
                .withMaxAnswer(WireLimits.RESULT);
        return resultOf(call(call, gone), alloc.serverId());
    }

    /** Takes over an answer, which is read from where it is until the result is closed. */
    private static ActionResult resultOf(HttpAnswer answer, ServerId builder) throws IOException {
        boolean isHandedOver = false;
        try {
            if (answer.decode(RunJobResult::decode) instanceof RunJobResult.Complete complete) {
                ProcessOutput printed = complete.output();
                isHandedOver = true;
                return new ActionResult(
                        builder.toString(),
                        printed.code(),
                        printed.stdout(),
                        printed.stderr(),
                        complete.outputs().stream().map(ReceivedOutput::of).toList(),
                        answer);
            }
            throw new IOException("the builder does not know the job");
        } finally {
            if (!isHandedOver) {
                answer.close();
            }
        }
    }

    private ServerCertificate certificate(ServerId server, Bytes digest, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        ServerCertificate known = certificates.get(server);
        if (known != null && known.digest().equals(digest)) {
            return known;
        }
        ServerCertificate fresh = call(HttpCall.get(scheduler, Endpoints.SERVER_CERTIFICATE + server), gone)
                .decode(ServerCertificate::decode);
        certificates.put(server, fresh);
        return fresh;
    }

    /**
     * Gives a builder a toolchain. When several jobs need the same at once, one of them sends it; the others wait and then
     * send nothing, as a builder asks for no more once it has it, be it jdist or stock. They call all the same: it is the
     * call that makes a job ready.
     */
    private void submitToolchain(
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
            CompletableFuture<Void> mine = new CompletableFuture<>();
            CompletableFuture<Void> first = uploads.putIfAbsent(upload, mine);
            if (first == null) {
                try {
                    upload(HttpCall.postFile(builder, path, jobToken, toolchain.archive()), upload, toolchain, gone);
                    uploaded.put(upload, System.nanoTime());
                } finally {
                    uploads.remove(upload);
                    mine.complete(null);
                }
                return;
            }
            // If it fails for the one that sends it, the next one tries.
            awaitUpload(first);
        }
        submit(HttpCall.postBytes(builder, path, jobToken, new byte[0]), toolchain, gone);
    }

    /** Sends a toolchain, and says in the log what a first compile has to wait for. */
    private void upload(HttpCall call, Upload upload, PackagedToolchain toolchain, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        long size = Files.size(toolchain.archive());
        log.info("sending toolchain {} ({}) to builder {}", upload.toolchain, ByteSize.format(size), upload.builder);
        long began = System.nanoTime();
        submit(call, toolchain, gone);
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
        Long when = uploaded.get(upload);
        return when != null && when - asked > 0;
    }

    private void submit(HttpCall call, PackagedToolchain toolchain, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        SubmitToolchainResult result = call(call.within(UPLOAD_TIMEOUT), gone).decode(SubmitToolchainResult::decode);
        if (result == SubmitToolchainResult.CANNOT_CACHE) {
            throw new ToolchainRefusedException(
                    "the builder did not accept toolchain " + toolchain.toolchain() + ": " + result);
        }
        if (result != SubmitToolchainResult.SUCCESS) {
            throw new IOException("the builder did not accept toolchain " + toolchain.toolchain() + ": " + result);
        }
    }

    private static void awaitUpload(CompletableFuture<Void> upload) throws IOException, InterruptedException {
        try {
            upload.get(); // it ends, as it may not stand still
        } catch (ExecutionException e) {
            throw new IOException("the toolchain did not arrive in time", e);
        }
    }

    /** Makes a call that is taken back when nobody waits for it any more. */
    private HttpAnswer call(HttpCall call, CompletionStage<Void> gone) throws IOException, InterruptedException {
        CompletableFuture<HttpAnswer> answer = http.send(call);
        gone.thenRun(() -> answer.cancel(false));
        try {
            return answer.get();
        } catch (InterruptedException e) {
            if (!answer.cancel(false)) {
                answer.thenAccept(FarmClient::close);
            }
            throw e;
        } catch (ExecutionException e) {
            throw new IOException(call.target() + ": " + Reason.of(e), e.getCause());
        } catch (CancellationException e) {
            throw new IOException("the caller went away", e);
        }
    }

    private static void close(HttpAnswer nobodys) {
        try {
            nobodys.close();
        } catch (IOException e) {
            log.debug("cannot close an answer: {}", e.toString());
        }
    }
}
