package dev.jdist.scheduler.farm;

import static dev.jdist.scheduler.farm.Samples.TOOLCHAIN;
import static dev.jdist.scheduler.farm.Samples.builder;
import static dev.jdist.scheduler.farm.Samples.client;
import static dev.jdist.scheduler.farm.Samples.heartbeat;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A farm whose builders, clock and timer are the test's: no network, no threads, no waiting. */
abstract class AllocatorFixture {
    static final AssignJobResult READY = new AssignJobResult(JobState.READY, false);

    final FakeClock clock = new FakeClock();
    final Farm farm = new Farm(clock, 1);
    final FakeBuilders builders = new FakeBuilders();
    final FakeTimer timer = new FakeTimer();
    final Allocator allocator = new Allocator(farm, new Blame(clock), builders, timer);

    /** A builder that answers at once. */
    void join(int number, long cpus) {
        farm.heartbeat(builder(number), heartbeat(cpus));
        builders.atOnce.put(builder(number), READY);
    }

    CompletableFuture<AllocJobResult> allocate(int client) {
        return allocator.allocate(client(client), TOOLCHAIN, BuilderChoice.ANY, new CompletableFuture<>());
    }

    static JobAlloc success(CompletableFuture<AllocJobResult> result) {
        assertTrue(result.isDone());
        return ((AllocJobResult.Success) result.join()).jobAlloc();
    }

    static String failure(CompletableFuture<AllocJobResult> result) {
        assertTrue(result.isDone());
        return ((AllocJobResult.Fail) result.join()).message();
    }

    void complete(JobAlloc job) {
        assertTrue(
                farm.updateState(job.jobId(), job.serverId(), JobState.STARTED).isEmpty());
        assertTrue(
                farm.updateState(job.jobId(), job.serverId(), JobState.COMPLETE).isEmpty());
        allocator.capacityChanged();
    }

    /** Takes all places of a farm of one-CPU builders. */
    List<JobAlloc> fill(int places) {
        List<JobAlloc> jobs = new ArrayList<>();
        for (int i = 0; i < places; i++) {
            jobs.add(success(allocate(9)));
        }
        return jobs;
    }
}
