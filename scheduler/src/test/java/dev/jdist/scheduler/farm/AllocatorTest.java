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
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.farm.Farm.Placement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Finding a place: who is asked, who waits, who is refused. No network, no threads, no waiting. */
class AllocatorTest extends AllocatorFixture {
    @Test
    void allocate_noBuilder_isRefusedAtOnce() {
        assertEquals("Insufficient capacity across 0 available servers", failure(allocate(1)));
        assertTrue(timer.isIdle());
    }

    @Test
    void allocate_freeBuilder_isToldTheClient() {
        farm.heartbeat(builder(1), heartbeat(4, 7));
        builders.atOnce.put(builder(1), new AssignJobResult(JobState.PENDING, true));

        CompletableFuture<AllocJobResult> result = allocate(1);

        Placement asked = builders.asked.remove();
        assertEquals(
                new AllocJobResult.Success(
                        new JobAlloc(asked.token().value(), asked.job(), builder(1)),
                        true,
                        Samples.certificate(7).digest()),
                result.join());
        assertEquals(1, farm.status().inProgress());
    }

    @Test
    void allocate_builderThatTakesItsTime_isWaitedFor() {
        farm.heartbeat(builder(1), heartbeat(4));

        CompletableFuture<AllocJobResult> result = allocate(1);
        assertFalse(result.isDone());
        builders.answers.get(builders.asked.remove()).complete(READY);

        success(result);
    }

    // Builders that fail.

    @Test
    void allocate_deadBuilder_triesTheNext() {
        join(1, 4);
        join(2, 4);
        builders.dead.add(builder(1));
        builders.dead.add(builder(2));
        farm.heartbeat(builder(3), heartbeat(1));
        builders.atOnce.put(builder(3), READY);

        assertEquals(builder(3), success(allocate(1)).serverId());
        assertEquals(1, farm.status().inProgress());
    }

    @Test
    void allocate_allBuildersDead_saysWhatTheLastSaid() {
        join(1, 4);
        join(2, 4);
        builders.dead.addAll(List.of(builder(1), builder(2)));

        String message = failure(allocate(1));

        assertTrue(message.matches("no builder could be reached; the last: 10.0.0.[12]:10501: connection refused"));
        assertEquals(2, builders.asked.size());
        assertEquals(0, farm.status().inProgress());
    }

    @Test
    void allocate_oneDeadAndOneFull_waitsForTheFull() {
        join(1, 1);
        List<JobAlloc> jobs = fill(2);
        join(2, 1);
        builders.dead.add(builder(2));

        CompletableFuture<AllocJobResult> result = allocate(1);
        assertFalse(result.isDone());
        complete(jobs.get(0));

        assertEquals(builder(1), success(result).serverId());
    }

    /** Somebody who waits for a full builder must not keep those behind him from a free one that failed him. */
    @Test
    void allocate_behindOneWhoCannotUseTheFreeBuilder_getsIt() {
        join(1, 1);
        fill(2);
        join(2, 4);
        builders.dead.add(builder(2));
        CompletableFuture<AllocJobResult> unlucky = allocate(1);
        assertFalse(unlucky.isDone());
        builders.dead.clear();

        CompletableFuture<AllocJobResult> next = allocate(2);

        assertEquals(builder(2), success(next).serverId());
        assertFalse(unlucky.isDone());
    }

    @Test
    void capacityChanged_firstCannotUseThePlace_servesTheSecondAndKeepsTheFirstInFront() {
        join(1, 1);
        List<JobAlloc> first = fill(2);
        join(2, 1);
        builders.dead.add(builder(2));
        CompletableFuture<AllocJobResult> unlucky = allocate(1);
        builders.dead.clear();
        List<JobAlloc> second = fill(2);
        CompletableFuture<AllocJobResult> next = allocate(2);
        CompletableFuture<AllocJobResult> last = allocate(3);

        complete(second.get(0));
        assertEquals(builder(2), success(next).serverId());
        assertFalse(unlucky.isDone() || last.isDone());
        complete(first.get(0));

        assertEquals(builder(1), success(unlucky).serverId());
        assertFalse(last.isDone());
    }

    // Waiting.

    @Test
    void allocate_fullFarm_waitsForAPlace() {
        join(1, 1);
        List<JobAlloc> jobs = fill(2);

        CompletableFuture<AllocJobResult> result = allocate(1);
        assertFalse(result.isDone());
        complete(jobs.get(1));

        assertEquals(builder(1), success(result).serverId());
        assertEquals(2, farm.status().inProgress());
    }

    @Test
    void giveBack_ofAJobOfAJdistClient_servesTheNext() {
        join(1, 1);
        List<JobAlloc> jobs = fill(2);
        CompletableFuture<AllocJobResult> waiting = allocate(1);
        JobAlloc unused = jobs.get(0);
        assertFalse(allocator.giveBack(unused.jobId(), jobs.get(1).auth()));
        assertTrue(allocator.giveBack(unused.jobId(), unused.auth()), "but it is a stock client's");
        assertFalse(waiting.isDone());
        farm.clientIsJdist(unused.jobId());

        assertTrue(allocator.giveBack(unused.jobId(), unused.auth()));

        assertEquals(builder(1), success(waiting).serverId());
    }

    @Test
    void allocate_fullFarm_isServedByANewBuilder() {
        join(1, 1);
        fill(2);
        CompletableFuture<AllocJobResult> result = allocate(1);

        join(2, 1);
        allocator.capacityChanged();

        assertEquals(builder(2), success(result).serverId());
    }

    @Test
    void capacityChanged_severalPlaces_serveInTurnsBetweenClients() {
        join(1, 1);
        fill(2);
        List<CompletableFuture<AllocJobResult>> greedy = List.of(allocate(1), allocate(1), allocate(1), allocate(1));
        CompletableFuture<AllocJobResult> modest = allocate(2);

        join(2, 1);
        allocator.capacityChanged();

        success(greedy.get(0));
        success(modest);
        assertFalse(greedy.get(1).isDone());
    }

    @Test
    void allocate_whileOthersWait_goesBehindThem() {
        join(1, 1);
        List<JobAlloc> jobs = fill(2);
        CompletableFuture<AllocJobResult> first = allocate(1);
        CompletableFuture<AllocJobResult> second = allocate(1);

        complete(jobs.get(0));
        assertTrue(first.isDone());
        assertFalse(second.isDone());
        complete(jobs.get(1));
        assertTrue(second.isDone());
    }

    @Test
    void allocate_fullForTooLong_isRefused() {
        join(1, 1);
        List<JobAlloc> jobs = fill(2);
        CompletableFuture<AllocJobResult> result = allocate(1);

        timer.advance(Allocator.TIMEOUT);

        assertEquals("Insufficient capacity across 1 available servers", failure(result));
        complete(jobs.get(0));
        assertEquals(1, farm.status().inProgress());
    }

    @Test
    void allocate_servedInTime_isNotRefusedLater() {
        join(1, 1);
        List<JobAlloc> jobs = fill(2);
        CompletableFuture<AllocJobResult> result = allocate(1);
        complete(jobs.get(0));

        timer.advance(Allocator.TIMEOUT);

        success(result);
    }

    @Test
    void allocate_moreThanMayWait_isRefusedAtOnce() {
        join(1, 1);
        fill(2);
        List<CompletableFuture<AllocJobResult>> waiting = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            waiting.add(allocate(1));
        }
        assertFalse(waiting.get(waiting.size() - 1).isDone());

        assertEquals("Insufficient capacity across 1 available servers", failure(allocate(2)));
    }

    // Clients that choose.

    private CompletableFuture<AllocJobResult> allocateOn(int client, int... chosen) {
        Set<ServerId> only = new java.util.HashSet<>();
        for (int number : chosen) {
            only.add(builder(number));
        }
        return allocator.allocate(client(client), TOOLCHAIN, new BuilderChoice(only), new CompletableFuture<>());
    }

    @Test
    void allocate_chosenBuilder_getsTheJobsThoughOthersAreFree() {
        join(1, 8);
        join(2, 1);

        assertEquals(builder(2), success(allocateOn(1, 2)).serverId());
        assertEquals(builder(2), success(allocateOn(1, 2)).serverId());
        assertFalse(allocateOn(1, 2).isDone(), "it is full");
    }

    @Test
    void allocate_chosenBuildersNotThere_isRefusedAtOnceWithTheirNames() {
        join(1, 8);

        assertEquals("the farm has no builder 10.0.0.2:10501, 10.0.0.3:10501", failure(allocateOn(1, 3, 2)));
        assertTrue(timer.isIdle());
    }

    @Test
    void allocate_chosenBuilderDead_isRefusedAndNobodyElseAsked() {
        join(1, 8);
        join(2, 8);
        builders.dead.add(builder(2));

        assertEquals(
                "no builder could be reached; the last: 10.0.0.2:10501: connection refused", failure(allocateOn(1, 2)));
        assertEquals(1, builders.asked.size());
    }

    @Test
    void allocate_chosenBuilderFullForTooLong_isRefusedWithTheirNumber() {
        join(1, 8);
        join(2, 1);
        List<CompletableFuture<AllocJobResult>> results = List.of(allocateOn(1, 2), allocateOn(1, 2), allocateOn(1, 2));

        timer.advance(Allocator.TIMEOUT);

        assertEquals("Insufficient capacity across 1 available servers", failure(results.get(2)));
    }

    /** Those who wait for a full builder of their choice must not keep others from free ones. */
    @Test
    void allocate_behindOneWhoWaitsForHisChoice_getsAFreeBuilder() {
        join(1, 1);
        List<JobAlloc> jobs = fill(2);
        join(2, 1);
        CompletableFuture<AllocJobResult> choosy = allocateOn(1, 1);

        assertEquals(builder(2), success(allocate(2)).serverId());
        assertFalse(choosy.isDone());
        complete(jobs.get(0));
        assertEquals(builder(1), success(choosy).serverId());
    }

    @Test
    void capacityChanged_choosyBeforeOthers_servesWhomThePlaceSuits() {
        join(1, 1);
        fill(2);
        join(2, 1);
        List<JobAlloc> second = fill(2);
        CompletableFuture<AllocJobResult> choosy = allocateOn(1, 1);
        CompletableFuture<AllocJobResult> next = allocate(2);

        complete(second.get(0));

        assertEquals(builder(2), success(next).serverId());
        assertFalse(choosy.isDone());
    }

    // Clients that go away.

    @Test
    void allocate_clientGoneWhileWaiting_leavesThePlaceToOthers() {
        join(1, 1);
        List<JobAlloc> jobs = fill(2);
        CompletableFuture<Void> gone = new CompletableFuture<>();
        CompletableFuture<AllocJobResult> leaving = allocator.allocate(client(1), TOOLCHAIN, BuilderChoice.ANY, gone);
        CompletableFuture<AllocJobResult> staying = allocate(1);

        gone.complete(null);
        complete(jobs.get(0));

        assertEquals("the client disconnected", failure(leaving));
        success(staying);
        assertEquals(2, farm.status().inProgress());
    }

    /** Those who come and go must not fill the room for those who stay. */
    @Test
    void allocate_manyClientsGone_leaveRoomToWait() {
        join(1, 1);
        fill(2);
        for (int i = 0; i < 20_000; i++) {
            CompletableFuture<Void> gone = new CompletableFuture<>();
            allocator.allocate(client(1), TOOLCHAIN, BuilderChoice.ANY, gone);
            gone.complete(null);
        }

        assertFalse(allocate(2).isDone());
    }

    @Test
    void allocate_clientGoneWhileTheBuilderIsAsked_givesThePlaceBack() {
        farm.heartbeat(builder(1), heartbeat(1));
        CompletableFuture<Void> gone = new CompletableFuture<>();
        allocator.allocate(client(1), TOOLCHAIN, BuilderChoice.ANY, gone);
        CompletableFuture<AllocJobResult> second = allocate(2);
        CompletableFuture<AllocJobResult> waiting = allocate(3);

        gone.complete(null);
        builders.answers.get(builders.asked.remove()).complete(READY);
        builders.answers.get(builders.asked.remove()).complete(READY);
        builders.answers.get(builders.asked.remove()).complete(READY);

        success(second);
        success(waiting);
        assertEquals(2, farm.status().inProgress());
    }

    @Test
    void allocate_clientGoneWhileTheAnswerIsOnItsWay_givesThePlaceBack() {
        join(1, 1);
        fill(1);
        CompletableFuture<Void> gone = new CompletableFuture<>();
        success(allocator.allocate(client(1), TOOLCHAIN, BuilderChoice.ANY, gone));
        CompletableFuture<AllocJobResult> waiting = allocate(2);
        assertFalse(waiting.isDone());

        gone.complete(null);

        success(waiting);
        assertEquals(2, farm.status().inProgress());
    }

    @Test
    void allocate_clientGoneAndBuilderDead_asksNobodyElse() {
        farm.heartbeat(builder(1), heartbeat(1));
        CompletableFuture<Void> gone = new CompletableFuture<>();
        allocator.allocate(client(1), TOOLCHAIN, BuilderChoice.ANY, gone);
        join(2, 1);

        gone.complete(null);
        builders.answers.get(builders.asked.remove()).completeExceptionally(new IOException("reset"));

        assertTrue(builders.asked.isEmpty());
        assertEquals(0, farm.status().inProgress());
    }
}
