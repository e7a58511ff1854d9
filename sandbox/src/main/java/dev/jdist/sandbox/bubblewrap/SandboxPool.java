package dev.jdist.sandbox.bubblewrap;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.sandbox.JobLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sandboxes that were made before there was a command for them: most of what a sandbox costs is to make it.
 *
 * <p>A command that ends leaves one for the next on the same tree, and a second if it found none itself. So there are soon
 * as many as commands run at once, and a tree that was used once does not fill the machine. They are made when a command
 * has ended, as that is when its processor is free. Together there are at most so many as commands run at once: the tree that was
 * not used for longest has to give up its own for another's. What nobody wanted for a minute is ended.
 *
 * <p>All are made and ended by one thread, the executor's: the kernel ends a sandbox with the thread that started it, and so
 * whoever has something done there knows that all before it is done. The lock guards the shelves only.
 */
public final class SandboxPool<S extends SandboxPool.Waiting> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SandboxPool.class);
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofSeconds(15);

    /** What waits for a command. */
    interface Waiting {
        /** False if somebody ended it. */
        boolean isAlive();

        /** Lets it end. Does not block. */
        void kill();

        /** Ends and removes it. */
        void discard();
    }

    /** Makes one. */
    interface Maker<S> {
        S make(Path lower, JobLimits limits) throws IOException;
    }

    /** Those of one tree. */
    private static final class Shelf<S> {
        final JobLimits limits;
        /** Oldest first. */
        final Deque<S> waiting = new ArrayDeque<>();
        /** How many are yet to be made. */
        int ordered;

        long lastUse;

        Shelf(JobLimits limits) {
            this.limits = limits;
        }

        int size() {
            return waiting.size() + ordered;
        }
    }

    private final int most;
    private final Maker<S> maker;
    private final Executor executor;
    private final Runnable stop;
    private final LongSupplier nanos;

    @GuardedBy("this")
    private final Map<Path, Shelf<S>> shelves = new HashMap<>();

    @GuardedBy("this")
    private boolean closed;

    /**
     * @param executor of one thread
     * @param stop ends that thread, when nothing is left for it to do
     * @param nanos a clock
     */
    SandboxPool(int most, Maker<S> maker, Executor executor, Runnable stop, LongSupplier nanos) {
        this.most = most;
        this.maker = maker;
        this.executor = executor;
        this.stop = stop;
        this.nanos = nanos;
    }

    /** A pool with a thread of its own. @param most how many wait at once; 0 for none */
    static <S extends Waiting> SandboxPool<S> start(int most, Maker<S> maker) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "sandboxes");
            thread.setDaemon(true);
            return thread;
        });
        SandboxPool<S> pool = new SandboxPool<>(most, maker, executor, executor::shutdown, System::nanoTime);
        if (most > 0) {
            executor.scheduleWithFixedDelay(pool::endIdle, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        }
        return pool;
    }

    /** One that is the caller's from now on, if there is any for such commands. */
    synchronized Optional<S> take(Path lower, JobLimits limits) {
        Shelf<S> shelf = shelves.get(lower);
        if (shelf == null || !shelf.limits.equals(withoutTime(limits))) {
            return Optional.empty();
        }
        shelf.lastUse = nanos.getAsLong();
        for (S first = shelf.waiting.poll(); first != null; first = shelf.waiting.poll()) {
            if (first.isAlive()) {
                return Optional.of(first);
            }
            executor.execute(first::discard);
        }
        return Optional.empty();
    }

    /** The time of a command begins with it. */
    private static JobLimits withoutTime(JobLimits limits) {
        return limits.within(Duration.ZERO);
    }

    /** Has one made for the next command, two if there was none for the last. */
    synchronized void replace(Path lower, JobLimits limits, boolean found) {
        if (closed || most == 0) {
            return;
        }
        Shelf<S> shelf = shelves.get(lower);
        if (shelf == null || !shelf.limits.equals(withoutTime(limits))) {
            clear(lower);
            shelf = new Shelf<>(withoutTime(limits));
            shelves.put(lower, shelf);
        }
        shelf.lastUse = nanos.getAsLong();
        for (int i = found ? 1 : 2; i > 0 && shelf.size() < most; i--) {
            makeRoom(shelf);
            shelf.ordered++;
            Shelf<S> wanting = shelf;
            executor.execute(() -> make(lower, wanting));
        }
    }

    @GuardedBy("this")
    private void makeRoom(Shelf<S> except) {
        while (shelves.values().stream().mapToInt(Shelf::size).sum() >= most) {
            Path oldest = shelves.entrySet().stream()
                    .filter(entry -> entry.getValue() != except)
                    .min(Comparator.comparingLong(entry -> entry.getValue().lastUse - nanos.getAsLong()))
                    .orElseThrow()
                    .getKey();
            clear(oldest);
        }
    }

    @GuardedBy("this")
    private void clear(Path lower) {
        List<S> doomed = remove(lower);
        if (!doomed.isEmpty()) {
            executor.execute(() -> discard(doomed));
        }
    }

    @GuardedBy("this")
    private List<S> remove(Path lower) {
        Shelf<S> shelf = shelves.remove(lower);
        return shelf == null ? List.of() : new ArrayList<>(shelf.waiting);
    }

    private void make(Path lower, Shelf<S> shelf) {
        if (!isCurrent(lower, shelf)) {
            return;
        }
        try {
            S made = maker.make(lower, shelf.limits);
            if (!add(lower, shelf, made)) {
                made.discard();
            }
        } catch (IOException e) {
            log.debug("no sandbox is prepared for {}: {}", lower, e.toString());
            cancel(shelf);
        }
    }

    private synchronized boolean isCurrent(Path lower, Shelf<S> shelf) {
        return shelves.get(lower) == shelf;
    }

    private synchronized boolean add(Path lower, Shelf<S> shelf, S made) {
        shelf.ordered--;
        return isCurrent(lower, shelf) && shelf.waiting.add(made);
    }

    private synchronized void cancel(Shelf<S> shelf) {
        shelf.ordered--;
    }

    /** Ends all on this tree. Nobody can take one any more. @return completes when they have ended */
    synchronized CompletableFuture<Void> giveUp(Path lower) {
        List<S> doomed = remove(lower);
        // Behind whatever the thread is making: that is ended too, as its shelf is gone.
        return done(() -> discard(doomed));
    }

    /** All at once, as each takes a while. */
    private void discard(List<S> doomed) {
        doomed.forEach(Waiting::kill);
        doomed.forEach(Waiting::discard);
    }

    /** Ends what nobody wanted for long. */
    synchronized void endIdle() {
        long now = nanos.getAsLong();
        shelves.entrySet().stream()
                .filter(entry -> now - entry.getValue().lastUse >= IDLE.toNanos())
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::clear);
    }

    /** How many wait on this tree. */
    synchronized int waiting(Path lower) {
        Shelf<S> shelf = shelves.get(lower);
        return shelf == null ? 0 : shelf.waiting.size();
    }

    /** Returns when all have been started that are to be. */
    void awaitWaiting() {
        done(() -> {}).join();
    }

    /** Has the thread do something behind all that it is to do already. */
    private synchronized CompletableFuture<Void> done(Runnable task) {
        return closed ? CompletableFuture.completedFuture(null) : CompletableFuture.runAsync(task, executor);
    }

    /** Ends all, and returns when they have ended. None is made any more. */
    @Override
    public void close() {
        List<S> doomed = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            shelves.values().forEach(shelf -> doomed.addAll(shelf.waiting));
            shelves.clear();
        }
        CompletableFuture.runAsync(() -> discard(doomed), executor).join();
        stop.run();
    }
}
