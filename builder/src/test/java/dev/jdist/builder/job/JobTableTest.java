package dev.jdist.builder.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.builder.job.JobTable.Announced;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.Toolchain;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Jobs are announced, run once, and forgotten if nobody runs them. */
class JobTableTest {
    private static final Toolchain ONE = new Toolchain("1".repeat(64));
    private static final Toolchain TWO = new Toolchain("2".repeat(64));

    private long now = Long.MAX_VALUE - 5;
    private final JobTable jobs = new JobTable(() -> now);

    private static Announced ready(Toolchain toolchain) {
        return new Announced(toolchain, JobState.READY);
    }

    @Test
    void makeReady_pendingJob_isNewsOnce() {
        jobs.announce(new JobId(1), new Announced(ONE, JobState.PENDING));
        jobs.announce(new JobId(2), ready(ONE));

        assertTrue(jobs.makeReady(new JobId(1)));

        assertFalse(jobs.makeReady(new JobId(1)));
        assertFalse(jobs.makeReady(new JobId(2)), "it was ready from the beginning");
        assertFalse(jobs.makeReady(new JobId(3)), "nobody knows it");
        assertEquals(Optional.of(ready(ONE)), jobs.claim(new JobId(1)));
    }

    @Test
    void claim_announcedJob_givesItsToolchainOnce() {
        assertTrue(jobs.announce(new JobId(1), ready(ONE)));
        assertEquals(Optional.of(ONE), jobs.toolchain(new JobId(1)));
        assertEquals(Optional.of(ONE), jobs.toolchain(new JobId(1)));

        assertEquals(Optional.of(ready(ONE)), jobs.claim(new JobId(1)));

        assertEquals(Optional.empty(), jobs.claim(new JobId(1)));
        assertEquals(Optional.empty(), jobs.toolchain(new JobId(1)));
    }

    @Test
    void claim_unknownJob_isNothing() {
        assertEquals(Optional.empty(), jobs.claim(new JobId(7)));
        assertEquals(Optional.empty(), jobs.toolchain(new JobId(7)));
    }

    @Test
    void announce_knownJob_isRefusedAndChangesNothing() {
        jobs.announce(new JobId(1), ready(ONE));

        assertFalse(jobs.announce(new JobId(1), ready(TWO)));

        assertEquals(Optional.of(ready(ONE)), jobs.claim(new JobId(1)));
        assertTrue(jobs.announce(new JobId(1), ready(TWO)));
    }

    @Test
    void announce_afterTheLease_forgetsOldJobs() {
        jobs.announce(new JobId(1), ready(ONE));
        now += JobTable.LEASE.toNanos();
        jobs.announce(new JobId(2), ready(TWO));
        assertEquals(Optional.of(ONE), jobs.toolchain(new JobId(1)));

        now += 1;
        jobs.announce(new JobId(3), ready(TWO));

        assertEquals(Optional.empty(), jobs.toolchain(new JobId(1)));
        assertEquals(Optional.of(TWO), jobs.toolchain(new JobId(2)));
    }

    @Test
    void unclaimed_jobThatCouldRun_isToldOnceAndCanStillBeRun() {
        jobs.announce(new JobId(1), ready(ONE));
        jobs.announce(new JobId(2), new Announced(ONE, JobState.PENDING));
        now += JobTable.CLAIMED_WITHIN.toNanos();
        jobs.announce(new JobId(3), ready(TWO));
        assertEquals(List.of(), jobs.unclaimed());

        now += 1;

        assertEquals(List.of(new JobId(1)), jobs.unclaimed());
        assertEquals(List.of(), jobs.unclaimed());
        assertEquals(Optional.of(ready(ONE)), jobs.claim(new JobId(1)));
    }

    /** Else clients that never come would fill the table. */
    @Test
    void unclaimed_jobForWhichNobodyComes_isForgottenWithItsLeaseAtTheScheduler() {
        jobs.announce(new JobId(1), ready(ONE));
        now += JobTable.MISSED_LEASE.toNanos();
        jobs.unclaimed();
        assertFalse(jobs.isEmpty());

        now += 1;

        assertTrue(jobs.isEmpty());
    }

    /** Its client waited for the toolchain until then. */
    @Test
    void unclaimed_jobWhoseToolchainCame_hasItsTimeFromThen() {
        jobs.announce(new JobId(1), new Announced(ONE, JobState.PENDING));
        now += JobTable.LEASE.toNanos() / 2;
        jobs.makeReady(new JobId(1));
        now += JobTable.CLAIMED_WITHIN.toNanos();
        assertEquals(List.of(), jobs.unclaimed());

        now += 1;

        assertEquals(List.of(new JobId(1)), jobs.unclaimed());
        assertFalse(jobs.makeReady(new JobId(1)));
    }

    @Test
    void announce_tooManyJobs_isRefusedUntilOneIsClaimed() {
        for (int i = 0; i < JobTable.MAX_JOBS; i++) {
            assertTrue(jobs.announce(new JobId(i), ready(ONE)));
        }
        assertFalse(jobs.announce(new JobId(-1), ready(ONE)));

        jobs.claim(new JobId(5));

        assertTrue(jobs.announce(new JobId(-1), ready(ONE)));
    }
}
