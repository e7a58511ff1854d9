package dev.jdist.scheduler.farm;

import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.farm.Farm.Placement;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code alloc_job}: finds a place, tells the builder, and if that fails tries the next builder; waits while all
 * are full. A farm without any builder is refused at once, and so is a request that waited for {@link #TIMEOUT}.
 *
 * <p>A builder that has not answered after {@link #HEDGE_AFTER} may be gone, or only slow: the next one is told as well. The
 * client gets the first that takes its job, and the places on the others are free again, whenever they answer.
 *
 * <p>Waiting is what keeps a full farm from turning into a storm of compiles on the clients' own machines. A place that
 * becomes free goes to the client whose turn it is, see {@link FairQueue}.
 */
public final class Allocator {
    private static final Logger log = LoggerFactory.getLogger(Allocator.class);

    static final Duration TIMEOUT = Duration.ofSeconds(120);
    /** So soon a builder answers, unless something is wrong with it. */
    static final Duration HEDGE_AFTER = Duration.ofMillis(500);
    /** A jdist builder that has not answered by then is taken for gone. */
    static final Duration ASSIGN_TIMEOUT = Duration.ofSeconds(3);
    /** A stock builder answers nobody while it receives a toolchain. */
    static final Duration STOCK_ASSIGN_TIMEOUT = Duration.ofSeconds(30);

    private static final int MAX_WAITING = 20_000;
    /** So many builders are told at once of one job. */
    private static final int MAX_ASKED_AT_ONCE = 3;

    /** Tells a builder about a job: a call over the network, or a test's stand-in. */
    @FunctionalInterface
    public interface Assigner {
        CompletionStage<AssignJobResult> assign(Placement placement, Toolchain toolchain);
    }

    private static final String GONE = "the client disconnected";

    private final Farm farm;
    private final Blame blame;
    private final Assigner assigner;
    private final ScheduledExecutorService timer;

    /** Guarded by itself, as is the state of requests. */
    private final FairQueue<InetAddress, Request> waiting = new FairQueue<>(MAX_WAITING);

    /** One client's wish for a place. */
    private static final class Request {
        final InetAddress client;
        final Toolchain toolchain;
        final BuilderChoice choice;
        final CompletableFuture<AllocJobResult> result = new CompletableFuture<>();
        /** Builders that were told of the job, whatever they answered. */
        final Set<ServerId> told = new HashSet<>();
        /** How many of these have not answered yet. */
        int unanswered;

        boolean waits;
        String lastFailure = "";

        Request(InetAddress client, Toolchain toolchain, BuilderChoice choice) {
            this.client = client;
            this.toolchain = toolchain;
            this.choice = choice;
        }

        boolean accepts(ServerId builder) {
            return choice.allows(builder) && !told.contains(builder);
        }

        /** Whether it can be passed over only if no builder has room. */
        boolean acceptsAny() {
            return choice.isAny() && told.isEmpty();
        }

        Assignment on(Placement placement) {
            told.add(placement.server());
            unanswered++;
            return new Assignment(this, placement);
        }
    }

    public Allocator(Farm farm, Blame blame, Assigner assigner, ScheduledExecutorService timer) {
        this.farm = farm;
        this.blame = blame;
        this.assigner = assigner;
        this.timer = timer;
    }

    /**
     * Finds a place for a job of {@code client}.
     *
     * @param choice the builders that will do
     * @param gone completes when the client disconnected before it had the answer; the place, if one was found by then, is free again
     */
    public CompletableFuture<AllocJobResult> allocate(
            InetAddress client, Toolchain toolchain, BuilderChoice choice, CompletionStage<Void> gone) {
        Request request = new Request(client, toolchain, choice);
        gone.thenRun(() -> withdraw(request));
        attempt(request);
        return request.result;
    }

    /** Nobody waits for the answer any more; nobody else shall wait behind it. */
    private void withdraw(Request request) {
        AllocJobResult.Fail nothing = new AllocJobResult.Fail(GONE);
        request.result.complete(nothing);
        if (request.result.getNow(nothing) instanceof AllocJobResult.Success success) {
            // It was found just now, and nobody was told.
            abandon(success.jobAlloc().jobId(), GONE);
            return;
        }
        stopWaiting(request);
    }

    private void stopWaiting(Request request) {
        synchronized (waiting) {
            if (request.waits) {
                request.waits = false;
                waiting.remove(request.client, request);
            }
        }
    }

    /** Places have become free: hands them to those who wait. */
    public void capacityChanged() {
        for (Optional<Assignment> next = nextOfWaiting(); next.isPresent(); next = nextOfWaiting()) {
            assign(next.get());
        }
    }

    private record Assignment(Request request, Placement placement) {}

    /**
     * Takes out the first, in the order of their turns, for whom there is a place. Whoever can wait only for builders that
     * have not failed him, or that he chose, is passed over, so that he does not keep the others from the rest.
     */
    private Optional<Assignment> nextOfWaiting() {
        synchronized (waiting) {
            Deque<Request> passedOver = new ArrayDeque<>();
            Optional<Assignment> found = Optional.empty();
            boolean full = false;
            while (found.isEmpty() && !full && waiting.size() > 0) {
                Request request = waiting.next().orElseThrow();
                if (request.result.isDone()) {
                    continue;
                }
                found = place(request).map(request::on);
                if (found.isEmpty()) {
                    passedOver.push(request);
                    full = request.acceptsAny();
                } else {
                    request.waits = false;
                }
            }
            passedOver.forEach(request -> waiting.putBack(request.client, request));
            return found;
        }
    }

    /** Tells one more builder, or has the request wait, or refuses it if there is nothing to wait for. */
    private void attempt(Request request) {
        Optional<Assignment> assignment = Optional.empty();
        boolean hopeless = false;
        synchronized (waiting) {
            if (request.result.isDone() || request.waits || request.unanswered >= MAX_ASKED_AT_ONCE) {
                return;
            }
            // Whoever comes while others wait goes behind them.
            if (waiting.size() == 0 || !request.told.isEmpty()) {
                assignment = place(request).map(request::on);
            }
            if (assignment.isEmpty() && mayWait(request) && waiting.enter(request.client, request)) {
                timer.schedule(() -> giveUp(request), TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                request.waits = true;
            }
            hopeless = assignment.isEmpty() && !request.waits && request.unanswered == 0;
        }
        if (assignment.isPresent()) {
            assign(assignment.get());
        } else if (hopeless) {
            refuse(request);
        } else {
            // There may be a place for him that those before him cannot take.
            capacityChanged();
        }
    }

    /** A place on a builder of which nobody but this client complains, or else on any other. */
    private Optional<Placement> place(Request request) {
        return farm.place(builder -> request.accepts(builder) && !blame.isShared(builder, request.toolchain))
                .or(() -> farm.place(request::accepts));
    }

    /** Waiting helps only if some builder that will do has not failed this request yet. */
    private boolean mayWait(Request request) {
        return farm.status(request::accepts).numServers() > 0;
    }

    private void giveUp(Request request) {
        synchronized (waiting) {
            if (!request.waits || !waiting.remove(request.client, request)) {
                return;
            }
            request.waits = false;
            if (request.unanswered > 0) {
                return;
            }
        }
        refuse(request);
    }

    private void refuse(Request request) {
        String message = refusal(request);
        log.info("no slot for a job of {}: {}", request.client.getHostAddress(), message);
        request.result.complete(new AllocJobResult.Fail(message));
    }

    private String refusal(Request request) {
        long servers = farm.status(request.choice::allows).numServers();
        if (!request.lastFailure.isEmpty()) {
            return "no builder could be reached; the last: " + request.lastFailure;
        } else if (servers == 0 && !request.choice.isAny()) {
            return "the farm has no builder " + request.choice;
        }
        return "Insufficient capacity across " + servers + " available servers";
    }

    private void assign(Assignment assignment) {
        Placement placement = assignment.placement;
        CompletableFuture<AssignJobResult> answer =
                assigner.assign(placement, assignment.request.toolchain).toCompletableFuture();
        if (!answer.isDone()) {
            ScheduledFuture<?> look =
                    timer.schedule(() -> isSlow(assignment, answer), HEDGE_AFTER.toMillis(), TimeUnit.MILLISECONDS);
            answer.whenComplete((result, error) -> look.cancel(false));
        }
        answer.whenComplete((result, error) -> {
            if (error == null) {
                taken(assignment, result);
            } else {
                failed(assignment, Reason.of(Reason.rootOf(error)));
            }
        });
    }

    /** How long a builder may take to answer. */
    public static Duration timeout(Placement placement) {
        return placement.onJdist() ? ASSIGN_TIMEOUT : STOCK_ASSIGN_TIMEOUT;
    }

    /** The builder has not answered for a while: asks another one as well, and waits for both. */
    private void isSlow(Assignment assignment, CompletableFuture<AssignJobResult> answer) {
        Duration most = timeout(assignment.placement);
        Runnable giveUp =
                () -> answer.completeExceptionally(new IOException("no answer within " + most.toSeconds() + " s"));
        ScheduledFuture<?> cut = timer.schedule(giveUp, most.minus(HEDGE_AFTER).toMillis(), TimeUnit.MILLISECONDS);
        answer.whenComplete((result, error) -> cut.cancel(false));
        farm.unanswered(assignment.placement);
        if (!answer.isDone()) {
            attempt(assignment.request);
        }
    }

    private void failed(Assignment assignment, String reason) {
        Request request = assignment.request;
        Placement placement = assignment.placement;
        farm.assignmentFailed(placement);
        log.warn("builder {} did not take job {}: {}", placement.server(), placement.job(), reason);
        synchronized (waiting) {
            request.unanswered--;
            request.lastFailure = placement.server() + ": " + reason;
        }
        attempt(request);
    }

    private void taken(Assignment assignment, AssignJobResult answer) {
        Request request = assignment.request;
        Placement placement = assignment.placement;
        farm.assigned(placement, answer);
        synchronized (waiting) {
            request.unanswered--;
        }
        AllocJobResult.Success success = new AllocJobResult.Success(
                new JobAlloc(placement.token().value(), placement.job(), placement.server()),
                answer.needToolchain(),
                placement.certificate().digest());
        if (!request.result.complete(success)) {
            boolean hasOther = request.result.getNow(success) instanceof AllocJobResult.Success;
            abandon(placement.job(), hasOther ? "another builder was faster" : GONE);
            return;
        }
        stopWaiting(request);
        log.info(
                "job {} for {} goes to {}{}",
                placement.job(),
                request.client.getHostAddress(),
                placement.server(),
                answer.needToolchain() ? ", which needs toolchain " + request.toolchain : "");
        if (answer.needToolchain()) {
            // It takes no place while it waits.
            capacityChanged();
        }
    }

    /**
     * Nobody comes for a job, say its client or its builder.
     *
     * @param token the job's own
     * @return whether there is such a job with that token
     */
    public boolean giveBack(JobId job, String token) {
        boolean isKnown =
                farm.tokenKey(job).map(key -> JobToken.verify(token, job, key)).orElse(false);
        if (isKnown && farm.giveBack(job)) {
            capacityChanged();
        }
        return isKnown;
    }

    private void abandon(JobId job, String reason) {
        farm.abandon(job, reason);
        capacityChanged();
    }
}
