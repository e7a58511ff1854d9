package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.sandbox.JobLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How many sandboxes wait, for whom, and for how long. The pool's thread does something when a test lets it. */
class SandboxPoolTest {
    private static final Path GCC = Path.of("/gcc");
    private static final Path CLANG = Path.of("/clang");
    private static final JobLimits LIMITS = new JobLimits(Duration.ofSeconds(5), 1 << 20, 50, 1 << 20, 1 << 20, 0);
    private static final JobLimits OTHERS = new JobLimits(Duration.ofSeconds(5), 2 << 20, 50, 1 << 20, 1 << 20, 0);

    private static final class Fake implements SandboxPool.Waiting {
        final Path lower;
        boolean isAlive = true;
        boolean isDiscarded;

        Fake(Path lower) {
            this.lower = lower;
        }

        @Override
        public boolean isAlive() {
            return isAlive;
        }

        @Override
        public void kill() {
            isAlive = false;
        }

        @Override
        public void discard() {
            isAlive = false;
            isDiscarded = true;
        }
    }

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Fake> made = new ArrayList<>();
    private long now = Long.MAX_VALUE - 5;
    private boolean isBroken;
    private boolean isStopped;
    private SandboxPool<Fake> pool = pool(3);

    private SandboxPool<Fake> pool(int most) {
        return new SandboxPool<>(most, this::make, tasks::add, () -> isStopped = true, () -> now);
    }

    private Fake make(Path lower, JobLimits limits) throws IOException {
        if (isBroken) {
            throw new IOException("no more processes");
        }
        made.add(new Fake(lower));
        return made.get(made.size() - 1);
    }

    private void letThreadWork() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** A command came and went, and the thread did what came of that. */
    private Optional<Fake> command(Path lower) {
        Optional<Fake> taken = pool.take(lower, LIMITS);
        pool.replace(lower, LIMITS, taken.isPresent());
        letThreadWork();
        return taken;
    }

    private long living(Path lower) {
        return made.stream()
                .filter(each -> each.isAlive && each.lower.equals(lower))
                .count();
    }

    @Test
    void take_beforeAnyCommand_isNothing() {
        assertEquals(Optional.empty(), pool.take(GCC, LIMITS));
        assertTrue(tasks.isEmpty());
    }

    @Test
    void replace_afterTheFirst_makesTwoAndThenOneForEach() {
        command(GCC);
        assertEquals(2, pool.waiting(GCC));

        assertEquals(Optional.of(made.get(0)), command(GCC), "the oldest is ready");
        assertEquals(2, pool.waiting(GCC));
        assertEquals(Optional.of(made.get(1)), command(GCC));
        assertEquals(4, made.size());
    }

    @Test
    void replace_manyThatFindNone_makesNoMoreThanRunAtOnce() {
        for (int i = 0; i < 10; i++) {
            pool.replace(GCC, LIMITS, false);
        }
        letThreadWork();

        assertEquals(3, made.size());
        assertEquals(3, pool.waiting(GCC));
    }

    @Test
    void replace_forAnotherTree_endsThoseOfTheOneThatWasNotUsedForLongest() {
        command(GCC);
        now += 10;
        command(CLANG);

        assertEquals(0, pool.waiting(GCC));
        assertEquals(2, pool.waiting(CLANG));
        assertEquals(0, living(GCC));
        assertTrue(made.get(0).isDiscarded && made.get(1).isDiscarded);
    }

    @Test
    void take_withOtherLimits_isNothing() {
        command(GCC);

        assertEquals(Optional.empty(), pool.take(GCC, OTHERS));
        assertTrue(pool.take(GCC, LIMITS.within(Duration.ofDays(1))).isPresent());
    }

    @Test
    void replace_withOtherLimits_endsThoseWithTheFirst() {
        command(GCC);
        pool.replace(GCC, OTHERS, false);
        letThreadWork();

        assertEquals(2, living(GCC));
        assertTrue(made.get(0).isDiscarded);
        assertTrue(pool.take(GCC, OTHERS).isPresent());
    }

    @Test
    void take_whereOneWasKilled_isAnother() {
        command(GCC);
        made.get(0).isAlive = false;

        assertEquals(Optional.of(made.get(1)), pool.take(GCC, LIMITS));
        letThreadWork();
        assertTrue(made.get(0).isDiscarded);
    }

    @Test
    void make_thatFails_isTriedAfterTheNextCommand() {
        isBroken = true;
        for (int i = 0; i < 5; i++) {
            command(GCC);
        }
        isBroken = false;
        command(GCC);

        assertEquals(2, pool.waiting(GCC));
    }

    @Test
    void giveUp_whileMoreAreToBeMade_makesNoneAndEndsTheRest() {
        command(GCC);
        pool.replace(GCC, LIMITS, true);

        CompletableFuture<Void> done = pool.giveUp(GCC);
        assertEquals(Optional.empty(), pool.take(GCC, LIMITS));
        assertFalse(done.isDone());
        letThreadWork();

        assertTrue(done.isDone());
        assertEquals(2, made.size());
        assertEquals(0, living(GCC));
    }

    /** The thread is making one when the tree is given up. */
    @Test
    void giveUp_whileOneIsBeingMade_endsThatToo() {
        List<CompletableFuture<Void>> done = new ArrayList<>();
        pool = new SandboxPool<>(
                1,
                (lower, limits) -> {
                    done.add(pool.giveUp(GCC));
                    return make(lower, limits);
                },
                tasks::add,
                () -> {},
                () -> now);
        pool.replace(GCC, LIMITS, false);
        letThreadWork();

        assertTrue(done.get(0).isDone());
        assertTrue(made.get(0).isDiscarded);
    }

    @Test
    void endIdle_afterAMinute_endsThem() {
        command(GCC);
        now += Duration.ofSeconds(59).toNanos();
        pool.endIdle();
        letThreadWork();
        assertEquals(2, living(GCC));

        now += Duration.ofSeconds(1).toNanos();
        pool.endIdle();
        letThreadWork();
        assertEquals(0, living(GCC));
    }

    @Test
    void close_endsAllAndMakesNoMore() {
        pool = new SandboxPool<>(3, this::make, Runnable::run, () -> isStopped = true, () -> now);
        pool.replace(CLANG, LIMITS, false);
        pool.close();
        pool.replace(CLANG, LIMITS, false);

        assertEquals(0, living(CLANG));
        assertTrue(isStopped);
        assertTrue(pool.giveUp(CLANG).isDone());
        pool.close();
    }

    @Test
    void poolOfNone_makesNone() {
        pool = pool(0);
        command(GCC);

        assertEquals(List.of(), made);
    }
}
