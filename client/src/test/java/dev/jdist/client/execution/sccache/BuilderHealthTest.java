package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.execution.sccache.BuilderHealth.Admission;
import dev.jdist.client.execution.sccache.CompileFarm.LeftAlone;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.ServerId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which builders are left alone, for how long, and who finds out whether they work again. */
class BuilderHealthTest {
    private static final ServerId ONE = ServerId.parse("10.0.0.1:10501");
    private static final ServerId TWO = ServerId.parse("10.0.0.2:10501");
    private static final Toolchain GCC = new Toolchain("a".repeat(64));
    private static final Toolchain CLANG = new Toolchain("b".repeat(64));

    // Near the overflow, where clocks of nanoseconds may be.
    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());
    private final BuilderHealth health = new BuilderHealth(now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private Admission admit() {
        return health.admit(GCC, Set.of());
    }

    private boolean isLeftAlone(Toolchain toolchain) {
        Admission admission = health.admit(toolchain, Set.of());
        health.decide(admission, toolchain, Optional.empty());
        return admission.leftAlone().contains(ONE);
    }

    private void fail(BuilderFault fault) {
        health.failed(ONE, GCC, fault, "reason");
    }

    /** Gives a unit the slot that it may use as a probe. */
    private void probe() {
        Admission admission = admit();
        assertEquals(Set.of(ONE), admission.probes());
        assertTrue(health.decide(admission, GCC, Optional.of(ONE)));
    }

    @Test
    void unknownBuilder_mayBeUsed() {
        Admission admission = admit();
        assertEquals(Set.of(), admission.leftAlone());
        assertTrue(health.decide(admission, GCC, Optional.of(ONE)));
        assertFalse(health.decide(admission, GCC, Optional.empty()));
    }

    @ParameterizedTest
    @EnumSource(value = BuilderFault.class, mode = EnumSource.Mode.EXCLUDE, names = "DIFFERS")
    void fault_ofABuilderThatHasNotWorked_hasItLeftAloneAtOnce(BuilderFault fault) {
        fail(fault);
        assertTrue(isLeftAlone(GCC));
        assertEquals(!fault.isOfToolchain(), isLeftAlone(CLANG));
        assertEquals(
                List.of(new LeftAlone(
                        fault.isOfToolchain() ? ONE + " with toolchain " + GCC : ONE.toString(), "reason", 1)),
                health.leftAlone());
        pass(BuilderHealth.FIRST_PAUSE);
        assertFalse(isLeftAlone(GCC));
    }

    @ParameterizedTest
    @EnumSource(value = BuilderFault.class, mode = EnumSource.Mode.EXCLUDE, names = "DIFFERS")
    void faultThatMayBeTheUnits_ofABuilderThatHasWorked_countsIfItRecurs(BuilderFault fault) {
        health.succeeded(ONE, GCC);
        int needed = fault.mayBeTheJobs() ? BuilderHealth.STRIKES : 1;
        for (int i = 1; i <= needed; i++) {
            assertFalse(isLeftAlone(GCC));
            fail(fault);
        }
        assertTrue(isLeftAlone(GCC));
    }

    @Test
    void faultsThatMayBeTheUnits_withSuccessesInBetween_countForNothing() {
        for (int i = 0; i < 10; i++) {
            health.succeeded(ONE, GCC);
            fail(BuilderFault.COMPILER);
            fail(BuilderFault.COMPILER);
            assertFalse(isLeftAlone(GCC));
        }
    }

    /** Units that were on it when an audit proved it wrong seem to be good, or fail as well. */
    @Test
    void accusedBuilder_isLeftAloneForAllOfThePause_whateverItsUnitsSay() {
        Duration day = Duration.ofHours(24);
        health.succeeded(ONE, GCC);
        health.accuse(ONE, "reason", day);
        health.succeeded(ONE, GCC);
        health.open(ONE, GCC);
        fail(BuilderFault.GONE);
        assertTrue(health.isAccused(ONE));
        assertEquals(List.of(new LeftAlone(ONE.toString(), "reason", day.toSeconds())), health.leftAlone());
        pass(day.minusNanos(1));
        assertTrue(isLeftAlone(GCC));
        assertTrue(isLeftAlone(CLANG));
        assertTrue(health.isAccused(ONE));

        pass(Duration.ofNanos(1));
        assertFalse(health.isAccused(ONE));
        probe();
        health.succeeded(ONE, GCC);
        assertEquals(List.of(), health.leftAlone());
    }

    @Test
    void failedProbes_doubleThePauseUpToAMinute() {
        fail(BuilderFault.GONE);
        for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            pass(Duration.ofSeconds(seconds).minusNanos(1));
            assertTrue(isLeftAlone(GCC));
            pass(Duration.ofNanos(1));
            probe();
            fail(BuilderFault.GONE);
        }
    }

    @Test
    void probe_whileItIsUnderWay_isTheOnlyOne() {
        fail(BuilderFault.GONE);
        pass(BuilderHealth.FIRST_PAUSE);
        probe();

        Admission other = admit();
        assertEquals(Set.of(ONE), other.leftAlone());
        assertFalse(health.decide(other, GCC, Optional.of(ONE)), "a stock scheduler gives it all the same");
        health.succeeded(ONE, GCC);
        assertEquals(Set.of(), admit().leftAlone());
        assertEquals(List.of(), health.leftAlone());
    }

    @Test
    void probe_thatGetsAnotherBuilder_isLeftToTheNext() {
        fail(BuilderFault.GONE);
        pass(BuilderHealth.FIRST_PAUSE);
        Admission admission = admit();
        assertTrue(health.decide(admission, GCC, Optional.of(TWO)));

        probe();
    }

    /** Its caller went away, for example. */
    @Test
    void probe_thatTellsNothing_isLeftToTheNext() {
        fail(BuilderFault.UPLOAD);
        pass(BuilderHealth.FIRST_PAUSE);
        probe();
        health.open(ONE, GCC);

        probe();
        fail(BuilderFault.UPLOAD);
        pass(Duration.ofSeconds(2).minusNanos(1));
        assertTrue(isLeftAlone(GCC), "it is the second failure in a row");
    }

    @Test
    void probe_thatMeetsAnotherFault_isOver() {
        fail(BuilderFault.TOOLCHAIN);
        pass(BuilderHealth.FIRST_PAUSE);
        probe();
        fail(BuilderFault.GONE);
        pass(BuilderHealth.FIRST_PAUSE);

        probe();
    }

    @Test
    void unitsThatWereUnderWay_andFailAsWell_makeThePauseNoLonger() {
        for (int i = 0; i < 30; i++) {
            fail(BuilderFault.GONE);
        }
        pass(BuilderHealth.FIRST_PAUSE);
        fail(BuilderFault.GONE);
        assertFalse(isLeftAlone(GCC));
    }

    @Test
    void unitThatAskedBeforeTheFailure_andGetsTheBuilder_leavesIt() {
        Admission admission = admit();
        fail(BuilderFault.TOOLCHAIN);
        assertFalse(health.decide(admission, GCC, Optional.of(ONE)));
    }

    @Test
    void builderThatFailedTheVeryUnit_isNotProbedByIt() {
        fail(BuilderFault.GONE);
        pass(BuilderHealth.FIRST_PAUSE);

        Admission admission = health.admit(GCC, Set.of(ONE, TWO));

        assertEquals(Set.of(ONE, TWO), admission.leftAlone());
        assertFalse(health.decide(admission, GCC, Optional.of(TWO)));
        probe();
    }

    // Compilers that fail: it takes the local compiler to know why.

    @Test
    void suspect_untilTheLocalCompilerHasDecided_isLeftAlone() {
        health.suspect(ONE, GCC);
        pass(Duration.ofSeconds(30));
        assertTrue(isLeftAlone(GCC));
        assertFalse(isLeftAlone(CLANG));
        assertEquals(List.of(), health.leftAlone(), "nothing is certain");

        health.open(ONE, GCC);
        assertFalse(isLeftAlone(GCC));
    }

    @Test
    void suspect_thatWasRightlySo_isLeftAloneForTheFirstPause() {
        health.suspect(ONE, GCC);
        health.suspect(ONE, GCC);
        fail(BuilderFault.COMPILER);
        fail(BuilderFault.COMPILER);
        assertEquals(1, health.leftAlone().size());
        pass(BuilderHealth.FIRST_PAUSE);
        probe();
    }

    /** Most compiles that fail elsewhere fail here, too. */
    @Test
    void suspect_thatHasWorkedBefore_isUsed() {
        health.succeeded(ONE, GCC);
        health.suspect(ONE, GCC);
        assertFalse(isLeftAlone(GCC));
    }

    @Test
    void builderThatIsNotOfferedAnyMore_isForgotten() {
        fail(BuilderFault.GONE);
        pass(BuilderHealth.FIRST_PAUSE.plus(BuilderHealth.FORGOTTEN_AFTER));
        assertEquals(Set.of(ONE), admit().probes());
        health.decide(admit(), GCC, Optional.empty());
        health.open(ONE, GCC);
        pass(Duration.ofNanos(1));

        assertEquals(Set.of(), admit().probes());
        assertEquals(List.of(), health.leftAlone());
    }
}
