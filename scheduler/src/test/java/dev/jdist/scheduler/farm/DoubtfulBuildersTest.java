package dev.jdist.scheduler.farm;

import static dev.jdist.scheduler.farm.Samples.builder;
import static dev.jdist.scheduler.farm.Samples.heartbeat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.farm.Farm.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Builders that may not do a job are passed over while others have room, and used if none has. */
class DoubtfulBuildersTest {
    private static final AssignJobResult READY = new AssignJobResult(JobState.READY, false);
    private static final Duration MOMENT = Duration.ofNanos(1);

    private final FakeClock clock = new FakeClock();
    private final Farm farm = new Farm(clock, 1);

    /** The one in question has more CPUs, and so is preferred to the other as long as nothing speaks against it. */
    @BeforeEach
    void join() {
        farm.heartbeat(builder(1), heartbeat(64));
        farm.heartbeat(builder(2), heartbeat(1));
    }

    private ServerId next() {
        Placement placement = farm.place(any -> true).orElseThrow();
        farm.abandon(placement.job(), "test");
        return placement.server();
    }

    /** Occupies the other builder a little, so that the one in question is the less loaded. */
    private void load() {
        assertEquals(builder(2), farm.place(builder(2)::equals).orElseThrow().server());
        assertEquals(builder(1), next());
    }

    @Test
    void jdistBuilder_heartbeatOverdue_isPassedOver() {
        farm.noteJdist(builder(1));
        load();
        clock.advance(Farm.JDIST_HEARTBEAT_OVERDUE);
        assertEquals(builder(1), next());

        clock.advance(MOMENT);
        assertEquals(builder(2), next());

        farm.heartbeat(builder(1), heartbeat(64));
        assertEquals(builder(1), next());
    }

    /** It sends a heartbeat every 30 s. */
    @Test
    void stockBuilder_heartbeatOverdue_isPassedOverLater() {
        load();
        clock.advance(Farm.STOCK_HEARTBEAT_OVERDUE);
        farm.heartbeat(builder(2), heartbeat(1));
        assertEquals(builder(1), next());

        clock.advance(MOMENT);
        assertEquals(builder(2), next());
    }

    @Test
    void overdueBuilder_othersFull_isUsed() {
        farm.noteJdist(builder(1));
        clock.advance(Farm.JDIST_HEARTBEAT_OVERDUE.plus(MOMENT));
        List<ServerId> given = new ArrayList<>();
        for (int i = 0; i <= Heartbeat.slots(1); i++) {
            given.add(farm.place(any -> true).orElseThrow().server());
        }

        assertEquals(List.of(builder(2), builder(2), builder(1)), given);
    }

    @Test
    void overdueBuilder_thatReportsOfAJob_isAlive() {
        farm.noteJdist(builder(1));
        Placement placement = farm.place(builder(1)::equals).orElseThrow();
        farm.assigned(placement, READY);
        load();
        clock.advance(Farm.JDIST_HEARTBEAT_OVERDUE.plus(MOMENT));
        assertEquals(builder(2), next());

        assertTrue(
                farm.updateState(placement.job(), builder(1), JobState.STARTED).isEmpty());
        assertEquals(builder(1), next());
    }

    @Test
    void unansweredBuilder_untilEachJobIsAnsweredOrGone_isPassedOver() {
        Placement one = farm.place(builder(1)::equals).orElseThrow();
        Placement two = farm.place(builder(1)::equals).orElseThrow();
        load();
        farm.unanswered(one);
        farm.unanswered(two);
        assertEquals(builder(2), next());

        farm.assigned(one, READY);
        assertEquals(builder(2), next());
        farm.abandon(two.job(), "test");
        assertEquals(builder(1), next());
    }

    /** The answer and the look at the clock come from different threads. */
    @Test
    void answeredBuilder_notedAsUnansweredLater_isNot() {
        Placement placement = farm.place(builder(1)::equals).orElseThrow();
        load();
        farm.assigned(placement, READY);

        farm.unanswered(placement);

        assertEquals(builder(1), next());
    }
}
