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
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.ServerId;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Builders that failed clients: what one client says is for itself, what two say is for all. */
class BlameTest {
    private static final Toolchain OTHER = new Toolchain("f".repeat(64));

    private final FakeClock clock = new FakeClock();
    private final Blame blame = new Blame(clock);
    private final Farm farm = new Farm(clock, 1);
    private final FakeBuilders builders = new FakeBuilders();
    private final Allocator allocator = new Allocator(farm, blame, builders, new FakeTimer());

    private void blame(int client) {
        blame.note(client(client), TOOLCHAIN, List.of(builder(1)));
    }

    private boolean isShared() {
        return blame.isShared(builder(1), TOOLCHAIN);
    }

    @Test
    void oneClient_howeverOften_isNotBelieved() {
        for (int i = 0; i < 100; i++) {
            blame(1);
            assertFalse(isShared());
        }
    }

    @Test
    void twoClients_areBelievedAboutThatBuilderAndToolchain() {
        blame(1);
        blame(2);

        assertTrue(isShared());
        assertFalse(blame.isShared(builder(2), TOOLCHAIN));
        assertFalse(blame.isShared(builder(1), OTHER));
    }

    @Test
    void twoClients_asLongAsBothRepeatIt_areBelieved() {
        blame(1);
        clock.advance(Blame.LIFETIME);
        blame(2);
        assertTrue(isShared());
        clock.advance(Blame.LIFETIME.dividedBy(2));
        blame(2);
        assertFalse(isShared(), "the first has not repeated it");
        blame(1);
        assertTrue(isShared());
        clock.advance(Blame.LIFETIME.plusNanos(1));
        assertFalse(isShared());
    }

    @Test
    void manyClients_takeTurns_areBelieved() {
        for (int i = 1; i <= 20; i++) {
            blame(i);
            assertEquals(i > 1, isShared());
        }
    }

    /** Whoever invents toolchains gets rid of what is true, and of nothing else. */
    @Test
    void cases_areBounded() {
        for (int i = 0; i < 2 * Blame.MOST_CASES; i++) {
            blame.note(client(1), new Toolchain(String.format("%064x", i)), List.of(builder(1)));
        }
        assertEquals(Blame.MOST_CASES, blame.size());
    }

    // Places.

    private void join(int number, long cpus) {
        farm.heartbeat(builder(number), heartbeat(cpus));
        builders.atOnce.put(builder(number), new AssignJobResult(JobState.READY, false));
    }

    private AllocJobResult allocate(int client, int... failed) {
        Set<ServerId> named = new java.util.HashSet<>();
        for (int number : failed) {
            named.add(builder(number));
        }
        InetAddress from = client(client);
        BuilderChoice choice = BuilderChoice.ANY.without(named).orElseThrow();
        blame.note(from, TOOLCHAIN, choice.failed());
        CompletableFuture<AllocJobResult> result =
                allocator.allocate(from, TOOLCHAIN, choice, new CompletableFuture<>());
        assertTrue(result.isDone());
        return result.join();
    }

    private static ServerId builderOf(AllocJobResult result) {
        return ((AllocJobResult.Success) result).jobAlloc().serverId();
    }

    @Test
    void failedBuilder_isNotGivenToItsClientAndIsToOthers() {
        join(1, 64);
        join(2, 4);

        assertEquals(builder(2), builderOf(allocate(1, 1)));
        assertEquals(builder(1), builderOf(allocate(2)));
    }

    @Test
    void failedBuilder_nothingElseThere_isARefusalAtOnce() {
        join(1, 64);

        assertEquals(new AllocJobResult.Fail("the farm has no builder other than 10.0.0.1:10501"), allocate(1, 1));
    }

    @Test
    void builderThatFailedTwoClients_isUsedForOthersOnlyIfNothingElseIsFree() {
        join(1, 64);
        join(2, 1);
        assertEquals(builder(2), builderOf(allocate(1, 1)));
        blame(2);

        assertEquals(builder(2), builderOf(allocate(3)));
        assertEquals(builder(1), builderOf(allocate(3)), "the other one is full");
    }
}
