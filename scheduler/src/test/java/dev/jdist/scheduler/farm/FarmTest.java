package dev.jdist.scheduler.farm;

import static dev.jdist.scheduler.farm.Samples.builder;
import static dev.jdist.scheduler.farm.Samples.heartbeat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.farm.Farm.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which builder gets a job, and when builders and jobs are forgotten. */
class FarmTest {
    private static final AssignJobResult READY = new AssignJobResult(JobState.READY, false);
    private static final AssignJobResult PENDING = new AssignJobResult(JobState.PENDING, true);
    private static final Duration MOMENT = Duration.ofNanos(1);

    private final FakeClock clock = new FakeClock();
    private final Farm farm = new Farm(clock, 1000);

    private Placement place() {
        return farm.place(any -> true).orElseThrow();
    }

    private Placement assigned(AssignJobResult result) {
        Placement placement = place();
        farm.assigned(placement, result);
        return placement;
    }

    private Optional<String> update(Placement placement, JobState to) {
        return farm.updateState(placement.job(), placement.server(), to);
    }

    /** Keeps all builders of the test alive while time goes by. */
    private void advance(Duration time, ServerId... alive) {
        clock.advance(time);
        for (ServerId server : alive) {
            farm.heartbeat(server, heartbeat(4));
        }
    }

    @Test
    void dismiss_aBuilder_forgetsItAndItsJobs() {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(READY);

        farm.dismiss(builder(1));
        farm.dismiss(builder(2));

        assertEquals(new SchedulerStatus(0, 0, 0), farm.status());
        assertEquals(Optional.empty(), farm.certificate(builder(1)));
        assertEquals(Optional.of("Unknown job"), update(placement, JobState.STARTED));
        assertTrue(farm.heartbeat(builder(1), heartbeat(4)), "it may come back with another token");
    }

    // Placement.

    @Test
    void place_noBuilder_isNowhere() {
        assertEquals(Optional.empty(), farm.place(any -> true));
    }

    @Test
    void place_oneBuilder_isThereWithItsCertificateAndAToken() {
        farm.heartbeat(builder(1), heartbeat(4, 7));

        Placement placement = place();

        assertEquals(builder(1), placement.server());
        assertEquals(Samples.certificate(7), placement.certificate());
        assertTrue(JobToken.verify(placement.token().value(), placement.job(), Samples.key(7)));
        assertEquals(new SchedulerStatus(1, 4, 1), farm.status());
    }

    @Test
    void place_again_countsJobsUp() {
        farm.heartbeat(builder(1), heartbeat(4));

        assertEquals(new JobId(1000), place().job());
        assertEquals(new JobId(1001), place().job());
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 3", "7, 8", "8, 10", "16, 19", "64, 73"})
    void place_untilFull_isCpusAndAFewMore(long cpus, long capacity) {
        farm.heartbeat(builder(1), heartbeat(cpus));
        for (long i = 0; i < capacity; i++) {
            place();
        }

        assertEquals(Optional.empty(), farm.place(any -> true));
        assertEquals(capacity, Heartbeat.slots(cpus));
    }

    /** They take no processor, and those whose toolchains are there would wait for an upload that is not theirs. */
    @Test
    void place_jobsThatWaitForAToolchain_keepNobodyOut() {
        farm.heartbeat(builder(1), heartbeat(2));
        farm.noteJdist(builder(1));
        List<Placement> waiting = new ArrayList<>();
        for (int i = 0; i < Farm.MOST_WAITING; i++) {
            waiting.add(assigned(PENDING));
        }
        for (int i = 0; i < Heartbeat.slots(2); i++) {
            assigned(READY);
        }
        assertEquals(Optional.empty(), farm.place(any -> true));

        waiting.forEach(placement -> update(placement, JobState.READY));
        assertEquals(Optional.empty(), farm.place(any -> true), "now they count");
    }

    @Test
    void place_moreThatWaitThanMay_count() {
        farm.heartbeat(builder(1), heartbeat(2));
        farm.noteJdist(builder(1));
        for (int i = 0; i < Farm.MOST_WAITING + Heartbeat.slots(2); i++) {
            assigned(PENDING);
        }

        assertEquals(Optional.empty(), farm.place(any -> true));
    }

    @Test
    void place_jobThatWaitedAndIsGone_givesItsPlaceBack() {
        farm.heartbeat(builder(1), heartbeat(2));
        farm.noteJdist(builder(1));
        for (int round = 0; round < 2 * Farm.MOST_WAITING; round++) {
            farm.abandon(assigned(PENDING).job(), "test");
        }
        for (int i = 0; i < Farm.MOST_WAITING + Heartbeat.slots(2); i++) {
            assigned(PENDING);
        }
    }

    /** It starts all that it has at once. */
    @Test
    void place_stockBuilderWithJobsThatWait_countsThem() {
        farm.heartbeat(builder(1), heartbeat(2));
        for (int i = 0; i < Heartbeat.slots(2); i++) {
            assigned(PENDING);
        }

        assertEquals(Optional.empty(), farm.place(any -> true));
    }

    /** A builder with three times the CPUs gets three times the jobs. */
    @Test
    void place_unequalBuilders_loadsThemPerCpu() {
        farm.heartbeat(builder(1), heartbeat(4));
        farm.heartbeat(builder(2), heartbeat(12));
        Map<ServerId, Integer> counts = new HashMap<>();
        for (int i = 0; i < 16; i++) {
            counts.merge(place().server(), 1, Integer::sum);
        }

        assertEquals(Map.of(builder(1), 4, builder(2), 12), counts);
    }

    @Test
    void place_equalBuilders_takesTurns() {
        for (int i = 1; i <= 3; i++) {
            farm.heartbeat(builder(i), heartbeat(8));
        }
        List<ServerId> first = List.of(place().server(), place().server(), place().server());
        List<ServerId> second = List.of(place().server(), place().server(), place().server());

        assertEquals(Set.of(builder(1), builder(2), builder(3)), Set.copyOf(first));
        assertEquals(first, second);
    }

    @Test
    void place_afterAJobEnded_prefersTheFreedBuilder() {
        farm.heartbeat(builder(1), heartbeat(1));
        farm.heartbeat(builder(2), heartbeat(1));
        List<Placement> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(assigned(READY));
        }
        assertEquals(Optional.empty(), farm.place(any -> true));
        Placement ended = all.get(2);

        update(ended, JobState.STARTED);
        update(ended, JobState.COMPLETE);

        assertEquals(ended.server(), place().server());
        assertEquals(Optional.empty(), farm.place(any -> true));
    }

    @Test
    void place_excludedBuilder_isNotChosen() {
        farm.heartbeat(builder(1), heartbeat(4));
        farm.heartbeat(builder(2), heartbeat(4));

        for (int i = 0; i < 5; i++) {
            assertEquals(
                    builder(2),
                    farm.place(other -> !other.equals(builder(1))).orElseThrow().server());
        }
        assertEquals(Optional.empty(), farm.place(other -> !other.equals(builder(1))));
    }

    // Heartbeats.

    @Test
    void heartbeat_firstOfABuilder_isNewAndLaterOnesAreNot() {
        assertTrue(farm.heartbeat(builder(1), heartbeat(4)));
        assertFalse(farm.heartbeat(builder(1), heartbeat(4)));
        assertTrue(farm.heartbeat(builder(2), heartbeat(4)));
        assertEquals(new SchedulerStatus(2, 8, 0), farm.status());
    }

    @Test
    void heartbeat_otherNonce_isARestartThatForgetsJobs() {
        farm.heartbeat(builder(1), heartbeat(4, 1));
        farm.heartbeat(builder(2), heartbeat(4, 1));
        Placement lost = farm.place(other -> !other.equals(builder(2))).orElseThrow();
        Placement kept = farm.place(other -> !other.equals(builder(1))).orElseThrow();

        assertTrue(farm.heartbeat(builder(1), heartbeat(4, 2)));

        assertEquals(new SchedulerStatus(2, 8, 1), farm.status());
        assertEquals(Optional.of("Unknown job"), update(lost, JobState.READY));
        assertEquals(Optional.empty(), update(kept, JobState.READY));
        assertEquals(Optional.of(Samples.certificate(2)), farm.certificate(builder(1)));
    }

    /** The answer to an assignment that was under way while the builder restarted. */
    @Test
    void assigned_afterARestart_changesNothing() {
        farm.heartbeat(builder(1), heartbeat(4, 1));
        Placement one = place();
        Placement two = place();
        farm.heartbeat(builder(1), heartbeat(4, 2));

        farm.assigned(one, READY);
        farm.assignmentFailed(two);
        farm.abandon(one.job(), "test");

        assertEquals(new SchedulerStatus(1, 4, 0), farm.status());
    }

    @Test
    void heartbeat_everyNowAndThen_keepsABuilder() {
        farm.heartbeat(builder(1), heartbeat(4));
        for (int i = 0; i < 10; i++) {
            clock.advance(Farm.HEARTBEAT_TIMEOUT);
            assertFalse(farm.heartbeat(builder(1), heartbeat(4)));
        }
    }

    @Test
    void prune_silentBuilder_isDroppedWithItsJobs() {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = place();
        clock.advance(Duration.ofSeconds(45));
        farm.heartbeat(builder(2), heartbeat(8));

        clock.advance(Duration.ofSeconds(45));
        assertEquals(new SchedulerStatus(2, 12, 1), farm.status());
        clock.advance(MOMENT);

        assertEquals(new SchedulerStatus(1, 8, 0), farm.status());
        assertEquals(Optional.of("Unknown job"), update(placement, JobState.READY));
        assertEquals(Optional.empty(), farm.certificate(builder(1)));
        assertEquals(builder(2), place().server());
        assertTrue(farm.heartbeat(builder(1), heartbeat(4)));
    }

    @Test
    void prune_builderThatReportsJobs_isAlive() {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(PENDING);

        clock.advance(Duration.ofSeconds(80));
        assertEquals(Optional.empty(), update(placement, JobState.READY));
        clock.advance(Duration.ofSeconds(50));

        assertEquals(1, farm.status().numServers());
    }

    @Test
    void certificate_ofAnUnknownBuilder_isNothing() {
        assertEquals(Optional.empty(), farm.certificate(builder(9)));
    }

    // Moves of jobs.

    @Test
    void updateState_inOrder_isAccepted() {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(PENDING);

        assertEquals(Optional.empty(), update(placement, JobState.READY));
        assertEquals(Optional.empty(), update(placement, JobState.STARTED));
        assertEquals(1, farm.status().inProgress());
        assertEquals(Optional.empty(), update(placement, JobState.COMPLETE));
        assertEquals(0, farm.status().inProgress());
    }

    @Test
    void updateState_jobThatWasReadyAtOnce_starts() {
        farm.heartbeat(builder(1), heartbeat(4));

        assertEquals(Optional.empty(), update(assigned(READY), JobState.STARTED));
    }

    @ParameterizedTest
    @CsvSource({
        "PENDING, PENDING",
        "PENDING, STARTED",
        "READY, PENDING",
        "READY, READY",
        "STARTED, PENDING",
        "STARTED, READY",
        "STARTED, STARTED"
    })
    void updateState_outOfOrder_isRefusedAndChangesNothing(JobState from, JobState to) {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(PENDING);
        for (JobState state : List.of(JobState.READY, JobState.STARTED)) {
            if (state.compareTo(from) <= 0) {
                assertEquals(Optional.empty(), update(placement, state));
            }
        }

        assertEquals(
                Optional.of("Invalid job state transition from " + from.name().toLowerCase(Locale.ROOT) + " to "
                        + to.name().toLowerCase(Locale.ROOT)),
                update(placement, to));

        JobState next = JobState.values()[from.ordinal() + 1];
        assertEquals(Optional.empty(), update(placement, next));
    }

    /** The report before was lost. Stock refuses it, and keeps the slot for up to five minutes. */
    @ParameterizedTest
    @CsvSource({"PENDING", "READY"})
    void updateState_completeTooSoon_isRefusedAndFreesTheSlot(JobState from) {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(from == JobState.PENDING ? PENDING : READY);

        assertEquals(
                Optional.of(
                        "Invalid job state transition from " + from.name().toLowerCase(Locale.ROOT) + " to complete"),
                update(placement, JobState.COMPLETE));

        assertEquals(0, farm.status().inProgress());
    }

    @ParameterizedTest
    @EnumSource(JobState.class)
    void updateState_completedJob_isUnknown(JobState to) {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(READY);
        update(placement, JobState.STARTED);
        update(placement, JobState.COMPLETE);

        assertEquals(Optional.of("Unknown job"), update(placement, to));
    }

    @Test
    void updateState_jobOfAnotherBuilder_isRefused() {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(READY);
        farm.heartbeat(builder(2), heartbeat(4));

        assertEquals(
                Optional.of("Job id 1000 is not registered on server ServerId(10.0.0.2:10501)"),
                farm.updateState(placement.job(), builder(2), JobState.STARTED));
        assertEquals(Optional.empty(), update(placement, JobState.STARTED));
    }

    // Leases.

    @ParameterizedTest
    @CsvSource({"PENDING, 300", "READY, 60", "STARTED, 1260"})
    void prune_jobThatStandsStill_isDroppedAfterItsLease(JobState state, long seconds) {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(state == JobState.PENDING ? PENDING : READY);
        if (state == JobState.STARTED) {
            update(placement, JobState.STARTED);
        }
        for (long i = 0; i < seconds / 30; i++) {
            advance(Duration.ofSeconds(30), builder(1));
        }
        assertEquals(1, farm.status().inProgress());

        advance(MOMENT, builder(1));

        assertEquals(new SchedulerStatus(1, 4, 0), farm.status());
        assertEquals(Optional.of("Unknown job"), update(placement, JobState.COMPLETE));
    }

    /** A lease starts anew with each move. */
    @Test
    void prune_jobThatMoves_isKept() {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement placement = assigned(PENDING);
        for (JobState state : List.of(JobState.READY, JobState.STARTED, JobState.COMPLETE)) {
            advance(Duration.ofSeconds(60), builder(1));
            assertEquals(Optional.empty(), update(placement, state));
        }
    }

    @Test
    void prune_expiredJob_makesItsPlaceFree() {
        farm.heartbeat(builder(1), heartbeat(1));
        assigned(READY);
        assigned(READY);
        assertEquals(Optional.empty(), farm.place(any -> true));

        clock.advance(Farm.UNCLAIMED_READY_TIMEOUT.plus(MOMENT));

        assertTrue(farm.place(any -> true).isPresent());
    }

    @Test
    void abandon_assignedJob_makesItsPlaceFree() {
        farm.heartbeat(builder(1), heartbeat(1));
        Placement placement = assigned(READY);
        place();

        farm.abandon(placement.job(), "test");
        farm.abandon(placement.job(), "test");

        assertEquals(1, farm.status().inProgress());
        assertTrue(farm.place(any -> true).isPresent());
    }

    // Builders that fail.

    @Test
    void assignmentFailed_builder_isLeftAloneForAWhile() {
        farm.heartbeat(builder(1), heartbeat(4));
        Placement failed = place();
        farm.heartbeat(builder(2), heartbeat(4));

        farm.assignmentFailed(failed);

        assertEquals(0, farm.status().inProgress());
        for (int i = 0; i < 3; i++) {
            assertEquals(builder(2), place().server());
        }
        clock.advance(Duration.ofSeconds(1).plus(MOMENT));
        assertEquals(builder(1), place().server());
    }

    @Test
    void assignmentFailed_builder_isUsedIfNothingElseIsFree() {
        farm.heartbeat(builder(1), heartbeat(1));
        farm.assignmentFailed(place());
        farm.heartbeat(builder(2), heartbeat(1));

        assertEquals(
                List.of(builder(2), builder(2), builder(1)),
                List.of(place().server(), place().server(), place().server()));
    }

    /** Pauses of 1, 2, 4, … and at most 60 s. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 4", "6, 32", "7, 60", "8, 60", "100, 60"})
    void assignmentFailed_again_doublesThePause(int failures, long seconds) {
        farm.heartbeat(builder(1), heartbeat(4));
        for (int i = 0; i < failures; i++) {
            farm.assignmentFailed(place());
        }
        farm.heartbeat(builder(2), heartbeat(40));
        place();

        clock.advance(Duration.ofSeconds(seconds).minus(MOMENT));
        farm.heartbeat(builder(1), heartbeat(4));
        farm.heartbeat(builder(2), heartbeat(40));
        assertEquals(builder(2), place().server());
        clock.advance(MOMENT);
        assertEquals(builder(1), place().server());
    }

    @Test
    void assigned_afterFailures_forgivesThem() {
        farm.heartbeat(builder(1), heartbeat(4));
        for (int i = 0; i < 5; i++) {
            farm.assignmentFailed(place());
        }
        assigned(READY);
        advance(Duration.ofSeconds(60), builder(1));
        farm.assignmentFailed(place());
        farm.heartbeat(builder(2), heartbeat(4));
        place();
        place();

        clock.advance(Duration.ofSeconds(1).plus(MOMENT));

        assertEquals(builder(1), place().server());
    }
}
