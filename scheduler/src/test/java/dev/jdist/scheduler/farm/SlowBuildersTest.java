package dev.jdist.scheduler.farm;

import static dev.jdist.scheduler.farm.Samples.TOOLCHAIN;
import static dev.jdist.scheduler.farm.Samples.builder;
import static dev.jdist.scheduler.farm.Samples.client;
import static dev.jdist.scheduler.farm.Samples.heartbeat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.scheduler.farm.Farm.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Builders that take their time to answer, or never do: the next one is asked meanwhile, and no place is lost. */
class SlowBuildersTest extends AllocatorFixture {
    /** A builder that is asked before any other one, and says nothing until the test does. */
    private CompletableFuture<AssignJobResult> askSlowBuilder(int number, Runnable request) {
        farm.heartbeat(builder(number), heartbeat(64));
        farm.noteJdist(builder(number));
        request.run();
        Placement placement = builders.asked.removeLast();
        assertEquals(builder(number), placement.server());
        return builders.answers.get(placement);
    }

    private static Duration before(Duration time) {
        return time.minusMillis(1);
    }

    @Test
    void slowBuilder_halfASecondLater_theNextOneGetsTheJob() {
        List<CompletableFuture<AllocJobResult>> results = new ArrayList<>();
        CompletableFuture<AssignJobResult> slow = askSlowBuilder(1, () -> results.add(allocate(1)));
        join(2, 1);

        timer.advance(before(Allocator.HEDGE_AFTER));
        assertTrue(builders.asked.isEmpty(), "it has the time that a builder needs");
        timer.advance(Duration.ofMillis(1));

        assertEquals(builder(2), success(results.get(0)).serverId());
        slow.complete(READY);
        assertEquals(1, farm.status().inProgress(), "the place on the slow one is free again");
        assertTrue(timer.isIdle());
    }

    @Test
    void slowBuilder_answersFirst_getsTheJob() {
        List<CompletableFuture<AllocJobResult>> results = new ArrayList<>();
        CompletableFuture<AssignJobResult> slow = askSlowBuilder(1, () -> results.add(allocate(1)));
        farm.heartbeat(builder(2), heartbeat(1));
        timer.advance(Allocator.HEDGE_AFTER);
        Placement other = builders.asked.remove();

        slow.complete(READY);

        assertEquals(builder(1), success(results.get(0)).serverId());
        builders.answers.get(other).complete(READY);
        assertEquals(1, farm.status().inProgress());
        assertTrue(timer.isIdle());
    }

    /** Else each of a build's jobs would wait for it again. */
    @Test
    void slowBuilder_untilItAnswers_isPassedOver() {
        CompletableFuture<AssignJobResult> slow = askSlowBuilder(1, () -> allocate(1));
        join(2, 1);
        timer.advance(Allocator.HEDGE_AFTER);

        assertEquals(builder(2), success(allocate(1)).serverId());
        slow.complete(READY);

        allocate(1);
        assertEquals(builder(1), builders.asked.removeLast().server(), "it was slow, which is no failure");
    }

    @Test
    void slowBuilder_othersFull_isUsedAllTheSame() {
        CompletableFuture<AssignJobResult> slow = askSlowBuilder(1, () -> allocate(1));
        join(2, 1);
        timer.advance(Allocator.HEDGE_AFTER);
        fill(1);

        CompletableFuture<AllocJobResult> result = allocate(1);
        assertEquals(builder(1), builders.asked.removeLast().server());
        slow.complete(READY);
        assertFalse(result.isDone());
    }

    /** The other one may be full only now. */
    @Test
    void slowBuilder_othersFull_theFirstPlaceThatIsFreedIsTaken() {
        join(2, 1);
        List<JobAlloc> jobs = fill(2);
        List<CompletableFuture<AllocJobResult>> results = new ArrayList<>();
        CompletableFuture<AssignJobResult> slow = askSlowBuilder(1, () -> results.add(allocate(1)));
        timer.advance(Allocator.HEDGE_AFTER);
        assertFalse(results.get(0).isDone());

        complete(jobs.get(0));

        assertEquals(builder(2), success(results.get(0)).serverId());
        slow.complete(READY);
        assertEquals(2, farm.status().inProgress());
    }

    @Test
    void slowBuilder_answersWhileTheJobWaitsForOthers_leavesNobodyInTheQueue() {
        join(2, 1);
        List<JobAlloc> jobs = fill(2);
        List<CompletableFuture<AllocJobResult>> results = new ArrayList<>();
        CompletableFuture<AssignJobResult> slow = askSlowBuilder(1, () -> results.add(allocate(1)));
        timer.advance(Allocator.HEDGE_AFTER);

        slow.complete(READY);

        assertEquals(builder(1), success(results.get(0)).serverId());
        complete(jobs.get(0));
        assertEquals(2, farm.status().inProgress(), "nobody took the place that became free");
    }

    @Test
    void silentBuilder_isCutAfterThreeSeconds() {
        List<CompletableFuture<AllocJobResult>> results = new ArrayList<>();
        askSlowBuilder(1, () -> results.add(allocate(1)));

        timer.advance(before(Allocator.ASSIGN_TIMEOUT));
        assertFalse(results.get(0).isDone());
        timer.advance(Duration.ofMillis(1));

        assertEquals(
                "no builder could be reached; the last: 10.0.0.1:10501: no answer within 3 s", failure(results.get(0)));
        assertEquals(0, farm.status().inProgress());
    }

    @Test
    void silentBuilder_thatAnswersAfterAll_keepsNoPlace() {
        List<CompletableFuture<AllocJobResult>> results = new ArrayList<>();
        CompletableFuture<AssignJobResult> late = askSlowBuilder(1, () -> results.add(allocate(1)));
        timer.advance(Allocator.ASSIGN_TIMEOUT);

        late.complete(READY);

        failure(results.get(0));
        assertEquals(0, farm.status().inProgress());
        assertTrue(timer.isIdle());
    }

    /** It receives a toolchain, during which it answers nobody. */
    @Test
    void silentStockBuilder_isWaitedForLonger() {
        farm.heartbeat(builder(1), heartbeat(4));
        CompletableFuture<AllocJobResult> result = allocate(1);

        timer.advance(before(Allocator.STOCK_ASSIGN_TIMEOUT));
        assertFalse(result.isDone());
        timer.advance(Duration.ofMillis(1));

        assertTrue(failure(result).endsWith("no answer within 30 s"));
    }

    @Test
    void farmOfSilentBuilders_fewAreAskedAtOnceAndEachOnce() {
        for (int i = 1; i <= 5; i++) {
            farm.heartbeat(builder(i), heartbeat(4));
            farm.noteJdist(builder(i));
        }
        CompletableFuture<AllocJobResult> result = allocate(1);

        timer.advance(before(Allocator.ASSIGN_TIMEOUT));
        assertEquals(3, builders.asked.size());
        timer.advance(Allocator.ASSIGN_TIMEOUT.multipliedBy(2));

        assertEquals(
                5, builders.asked.stream().map(Placement::server).distinct().count());
        assertEquals(5, builders.asked.size());
        assertTrue(failure(result).endsWith("no answer within 3 s"));
        assertEquals(0, farm.status().inProgress());
    }

    @Test
    void clientGoneWhileTwoAreAsked_bothPlacesAreFreeAgain() {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        CompletableFuture<AssignJobResult> slow =
                askSlowBuilder(1, () -> allocator.allocate(client(1), TOOLCHAIN, BuilderChoice.ANY, gone));
        farm.heartbeat(builder(2), heartbeat(1));
        timer.advance(Allocator.HEDGE_AFTER);
        Placement other = builders.asked.remove();

        gone.complete(null);
        slow.complete(READY);
        builders.answers.get(other).complete(READY);

        assertEquals(0, farm.status().inProgress());
    }
}
