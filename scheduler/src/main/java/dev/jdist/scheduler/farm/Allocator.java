package dev.jdist.scheduler.farm;

import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.farm.Farm.Placement;
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
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code alloc_job}: finds a place, tells the builder, and if that fails tries the next builder; waits while all
 * are full. A farm without any builder is refused at once, and so is a request that waited for {@link #TIMEOUT}.
 *
 * <p>Waiting is what keeps a full farm from turning into a storm of compiles on the clients' own machines. A place that
 * becomes free goes to the client whose turn it is, see {@link FairQueue}.
 */
public final class Allocator {
    private static final Logger log = LoggerFactory.getLogger(Allocator.class);

    static final Duration TIMEOUT = Duration.ofSeconds(120);
    private static final int MAX_WAITING = 20_000;

    /** Tells a builder about a job: a call over the network, or a test's stand-in. */
    @FunctionalInterface
    public interface Assigner {
        CompletionStage<AssignJobResult> assign(Placement placement, Toolchain toolchain);
    }

    private final Farm farm;
    private final Assigner assigner;
    private final ScheduledExecutorService timer;

    /** Guarded by itself. */
    private final FairQueue<InetAddress, Request> waiting = new FairQueue<>(MAX_WAITING);

    /** One client's wish for a place. */
    private static final class Request {
        final InetAddress client;
        final Toolchain toolchain;
        final BuilderChoice choice;
        final CompletableFuture<AllocJobResult> result = new CompletableFuture<>();
        /** Builders that were asked in vain. */
        final Set<ServerId> failed = new HashSet<>();

        String lastFailure = "";

        Request(InetAddress client, Toolchain toolchain, BuilderChoice choice) {
            this.client = client;
            this.toolchain = toolchain;
            this.choice = choice;
        }

        boolean accepts(ServerId builder) {
            return choice.allows(builder) && !failed.contains(builder);
        }

        /** Whether it can be passed over only if no builder has room. */
        boolean acceptsAny() {
            return choice.isAny() && failed.isEmpty();
        }
    }

    public Allocator(Farm farm, Assigner assigner, ScheduledExecutorService timer) {
        this.farm = farm;
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
        request.result.complete(new AllocJobResult.Fail("the client disconnected"));
        if (request.result.join() instanceof AllocJobResult.Success success) {
            // It was found just now, and nobody was told.
            abandon(success.jobAlloc().jobId());
            return;
        }
        synchronized (waiting) {
            waiting.remove(request.client, request);
        }
    }

    /** Places have become free: hands them to those who wait. */
    public void capacityChanged() {
        for (Optional<Assignment> next = nextOfWaiting(); next.isPresent(); next = nextOfWaiting()) {
            assign(next.get().request, next.get().placement);
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
                found = farm.place(request::accepts).map(placement -> new Assignment(request, placement));
                if (found.isEmpty()) {
                    passedOver.push(request);
                    full = request.acceptsAny();
                }
            }
            passedOver.forEach(request -> waiting.putBack(request.client, request));
            return found;
        }
    }

    private void attempt(Request request) {
        if (request.result.isDone()) {
            return;
        }
        Optional<Placement> placement = Optional.empty();
        boolean waits = false;
        synchronized (waiting) {
            // Whoever comes while others wait goes behind them.
            if (waiting.size() == 0 || !request.failed.isEmpty()) {
                placement = farm.place(request::accepts);
            }
            if (placement.isEmpty() && mayWait(request) && waiting.enter(request.client, request)) {
                timer.schedule(() -> giveUp(request), TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                waits = true;
            }
        }
        if (waits) {
            // There may be a place for him that those before him cannot take.
            capacityChanged();
        } else if (placement.isPresent()) {
            assign(request, placement.get());
        } else {
            refuse(request);
        }
    }

    /** Waiting helps only if some builder that will do has not failed this request yet. */
    private boolean mayWait(Request request) {
        return farm.status(request::accepts).numServers() > 0;
    }

    private void giveUp(Request request) {
        synchronized (waiting) {
            if (!waiting.remove(request.client, request)) {
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

    private void assign(Request request, Placement placement) {
        assigner.assign(placement, request.toolchain).whenComplete((answer, error) -> {
            if (error != null) {
                farm.assignmentFailed(placement);
                request.failed.add(placement.server());
                request.lastFailure = placement.server() + ": " + rootMessage(error);
                log.warn("builder {} did not take job {}: {}", placement.server(), placement.job(), rootMessage(error));
                attempt(request);
                return;
            }
            farm.assigned(placement, answer);
            AllocJobResult.Success success = new AllocJobResult.Success(
                    new JobAlloc(placement.token().value(), placement.job(), placement.server()),
                    answer.needToolchain(),
                    placement.certificate().digest());
            if (request.result.complete(success)) {
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
            } else {
                abandon(placement.job());
            }
        });
    }

    private void abandon(JobId job) {
        farm.abandon(job);
        capacityChanged();
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return Reason.of(root);
    }
}
