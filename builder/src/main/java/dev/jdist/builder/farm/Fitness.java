package dev.jdist.builder.farm;

import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether this machine can still run jobs: its sandboxes or its engine work, and its directories can be written to. A
 * builder whose jobs would all fail must not take them from builders that work.
 *
 * <p>It is looked at now and then, and at once after a job failed for a reason that was not the job's. Found unfit twice in a row,
 * the builder steps back, which the log says once, with what is to be done. It is looked at often from then on, and the
 * builder is back when all works again.
 */
public final class Fitness implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Fitness.class);

    /**
     * How often the machine is looked at.
     *
     * @param fit while nothing fails
     * @param unfit while no job can be run
     */
    public record Intervals(Duration fit, Duration unfit) {
        public static final Intervals DEFAULT = new Intervals(Duration.ofSeconds(30), Duration.ofSeconds(3));
    }

    /** Jobs that fail bring no more looks than this: who sends jobs may see to it that they fail. */
    static final Duration BETWEEN_SUSPICIONS = Duration.ofSeconds(2);

    /** What may have stopped working. */
    public interface Probe {
        /**
         * Looks whether all is there, which costs next to nothing.
         *
         * @throws IOException if not; the message says what to do
         */
        void look() throws IOException, InterruptedException;

        /**
         * Does what a job takes.
         *
         * @throws IOException if that fails; the message says what to do
         */
        void prove() throws IOException, InterruptedException;
    }

    /** Runs something later, one after the other: a thread with a clock, or a test's stand-in. */
    @FunctionalInterface
    interface Later {
        void run(Runnable task, Duration delay);
    }

    private final Probe probe;
    private final Intervals intervals;
    private final Runnable onFit;
    private final Later later;
    private final LongSupplier nanos;
    private final Runnable stop;

    /** What is wrong. */
    private volatile Optional<String> problem = Optional.empty();

    private volatile long lastLook;

    /** @param onFit called whenever the machine is fit again */
    public Fitness(Probe probe, Intervals intervals, Runnable onFit) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "fitness");
            made.setDaemon(true);
            return made;
        });
        this.probe = probe;
        this.intervals = intervals;
        this.onFit = onFit;
        this.later = (task, delay) -> thread.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        this.nanos = System::nanoTime;
        this.stop = thread::shutdownNow;
        this.lastLook = nanos.getAsLong();
    }

    Fitness(Probe probe, Intervals intervals, Runnable onFit, Later later, LongSupplier nanos) {
        this.probe = probe;
        this.intervals = intervals;
        this.onFit = onFit;
        this.later = later;
        this.nanos = nanos;
        this.stop = () -> {};
        this.lastLook = nanos.getAsLong();
    }

    /** Begins to look. The builder has just proven that it can run jobs. */
    public void start() {
        later.run(this::lookAndGoOn, intervals.fit());
    }

    /** Why no job can be run; nothing if one can. */
    public Optional<String> problem() {
        return problem;
    }

    /** A job failed, and not by its own fault. Does not block. */
    public void suspect() {
        if (problem.isEmpty() && nanos.getAsLong() - lastLook >= BETWEEN_SUSPICIONS.toNanos()) {
            lastLook = nanos.getAsLong();
            later.run(() -> judge(true), Duration.ZERO);
        }
    }

    private void lookAndGoOn() {
        judge(problem.isPresent());
        later.run(this::lookAndGoOn, problem.isPresent() ? intervals.unfit() : intervals.fit());
    }

    /** @param thoroughly whether to do what a job takes */
    private void judge(boolean thoroughly) {
        try {
            Optional<String> found = find(thoroughly);
            if (found.isPresent() && problem.isEmpty()) {
                found = find(true);
            }
            lastLook = nanos.getAsLong();
            note(found);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<String> find(boolean thoroughly) throws InterruptedException {
        try {
            if (thoroughly) {
                probe.prove();
            } else {
                probe.look();
            }
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.of(Reason.of(e));
        }
    }

    private void note(Optional<String> found) {
        boolean wasFit = problem.isEmpty();
        problem = found;
        if (found.isPresent() && wasFit) {
            log.warn(
                    "this builder takes no jobs, as none can be run: {}. It is tried again every {} s",
                    found.get(),
                    intervals.unfit().toSeconds());
        } else if (found.isEmpty() && !wasFit) {
            log.info("jobs can be run again; taking jobs");
            onFit.run();
        }
    }

    @Override
    public void close() {
        stop.run();
    }
}
