package dev.jdist.builder.farm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A machine that works or not, and time that passes when it is told to. */
class FitnessTest {
    private record Task(Runnable task, long due) {}

    private static final Fitness.Intervals INTERVALS = Fitness.Intervals.DEFAULT;

    private final List<Task> tasks = new ArrayList<>();
    private long now = 1;
    private int backs;

    private Optional<String> broken = Optional.empty();
    private int failuresLeft = Integer.MAX_VALUE;
    private final List<String> looks = new ArrayList<>();

    private final Fitness fitness = new Fitness(
            new Fitness.Probe() {
                @Override
                public void look() throws IOException {
                    looks.add("look");
                    fail();
                }

                @Override
                public void prove() throws IOException {
                    looks.add("prove");
                    fail();
                }
            },
            INTERVALS,
            () -> backs++,
            (task, delay) -> tasks.add(new Task(task, now + delay.toNanos())),
            () -> now);

    private void fail() throws IOException {
        if (broken.isPresent() && failuresLeft-- > 0) {
            throw new IOException(broken.get());
        }
    }

    @BeforeEach
    void start() {
        fitness.start();
    }

    private void pass(Duration time) {
        long end = now + time.toNanos();
        for (; ; ) {
            Optional<Task> next =
                    tasks.stream().filter(task -> task.due <= end).min((a, b) -> Long.compare(a.due, b.due));
            if (next.isEmpty()) {
                now = end;
                return;
            }
            tasks.remove(next.get());
            now = Math.max(now, next.get().due);
            next.get().task.run();
        }
    }

    @Test
    void machineThatWorks_isLookedAtNowAndThen() {
        pass(Duration.ofMinutes(2));
        assertEquals(List.of("look", "look", "look", "look"), looks);
        assertEquals(Optional.empty(), fitness.problem());
        assertEquals(0, backs);
    }

    @Test
    void machineThatBreaks_isFoundUnfitAndThenFitAgain() {
        broken = Optional.of("the engine is down; start it");
        pass(INTERVALS.fit());
        assertEquals(broken, fitness.problem());
        pass(Duration.ofMinutes(1));
        assertEquals(broken, fitness.problem());
        assertEquals(0, backs);
        broken = Optional.empty();
        pass(INTERVALS.unfit());
        assertEquals(Optional.empty(), fitness.problem());
        assertEquals(1, backs);
    }

    /** One look may fail because the machine is busy. */
    @Test
    void oneFailure_isNotBelieved() {
        broken = Optional.of("timeout");
        failuresLeft = 1;
        pass(INTERVALS.fit());
        assertEquals(Optional.empty(), fitness.problem());
        assertEquals(List.of("look", "prove"), looks);
    }

    @Test
    void jobThatFails_bringsAThoroughLookAtOnce() {
        pass(Fitness.BETWEEN_SUSPICIONS);
        broken = Optional.of("no bubblewrap");
        fitness.suspect();
        pass(Duration.ZERO);
        assertEquals(broken, fitness.problem());
        assertTrue(looks.stream().allMatch("prove"::equals), looks.toString());
    }

    @Test
    void jobsThatFailAllTheTime_bringFewLooks() {
        for (int i = 0; i < 100; i++) {
            pass(Duration.ofMillis(100));
            fitness.suspect();
        }
        pass(Duration.ZERO);
        assertEquals(5, looks.size());
        assertEquals(Optional.empty(), fitness.problem());
    }

    @Test
    void secondProblem_isTheOneThatIsTold() {
        broken = Optional.of("one");
        pass(INTERVALS.fit());
        broken = Optional.of("two");
        pass(INTERVALS.unfit());
        assertEquals(broken, fitness.problem());
    }
}
