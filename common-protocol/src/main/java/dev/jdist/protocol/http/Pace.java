package dev.jdist.protocol.http;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How fast a peer has to send or take a body: {@code bytes} in each {@code window}, and all of it within {@code total}. Time
 * in which this side did not let it does not count against the peer, except for the total.
 */
public record Pace(Duration window, long bytes, Duration total) {
    private static final Duration WINDOW = Duration.ofSeconds(30);

    /**
     * Of a job's inputs, and of its answer: 1 KiB a second, 20 minutes in all. A link of 100 kB/s that 90 jobs share is fast
     * enough. Whoever is slower holds a connection and what is spooled. A stock client waits for as long.
     */
    public static final Pace OF_JOB = new Pace(WINDOW, 30 << 10, Duration.ofMinutes(20));

    /** Of a toolchain, which holds a thread: 8 KiB a second, an hour in all. */
    public static final Pace OF_TOOLCHAIN = new Pace(WINDOW, 240 << 10, Duration.ofHours(1));

    /** Looks after one body until it is stopped. Belongs to an event loop. */
    public static final class Watch {
        private final Pace pace;
        private final LongSupplier moved;
        private final BooleanSupplier wasPaused;
        private long last;
        private int looks;
        private @Nullable ScheduledFuture<?> timer;

        private Watch(Pace pace, LongSupplier moved, BooleanSupplier wasPaused) {
            this.pace = pace;
            this.moved = moved;
            this.wasPaused = wasPaused;
            this.last = moved.getAsLong();
        }

        /** What the peer has done too slowly since this was called last; nothing if it was fast enough. */
        private Optional<String> look() {
            looks++;
            long now = moved.getAsLong();
            long step = now - last;
            last = now;
            boolean excused = wasPaused.getAsBoolean();
            if (pace.window.multipliedBy(looks).compareTo(pace.total) > 0) {
                return Optional.of("not done within " + inWords(pace.total));
            } else if (step < pace.bytes && !excused) {
                return Optional.of(
                        step + " bytes in " + inWords(pace.window) + ", and " + pace.bytes + " are the least");
            }
            return Optional.empty();
        }

        public void stop() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }

    /**
     * Begins to look at one body.
     *
     * @param moved how many bytes of it have gone over the wire
     * @param wasPaused whether this side did not let the peer, at some time since this was asked last
     * @param tooSlow called on {@code loop}, with what is wrong
     */
    public Watch watch(EventExecutor loop, LongSupplier moved, BooleanSupplier wasPaused, Consumer<String> tooSlow) {
        Watch watch = new Watch(this, moved, wasPaused);
        watch.timer = loop.scheduleWithFixedDelay(
                () -> watch.look().ifPresent(problem -> {
                    watch.stop();
                    tooSlow.accept(problem);
                }),
                window.toMillis(),
                window.toMillis(),
                TimeUnit.MILLISECONDS);
        return watch;
    }

    private static String inWords(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
