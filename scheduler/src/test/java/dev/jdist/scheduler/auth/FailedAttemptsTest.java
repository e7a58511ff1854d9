package dev.jdist.scheduler.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailedAttemptsTest {
    private long now = 1;
    private final FailedAttempts attempts = new FailedAttempts(() -> now);
    private InetAddress guesser;
    private InetAddress other;

    @BeforeEach
    void addresses() throws UnknownHostException {
        guesser = InetAddress.getByName("10.0.0.1");
        other = InetAddress.getByName("10.0.0.2");
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            attempts.failed(guesser, "wrong");
        }
    }

    @Test
    void address_withAFewWrongTokens_mayShowMore() {
        fail(FailedAttempts.BURST - 1);

        assertTrue(attempts.allows(guesser, "right"));
    }

    @Test
    void address_thatGuesses_mayShowOneInAWhile() {
        fail(FailedAttempts.BURST);
        assertFalse(attempts.allows(guesser, "right"));
        assertTrue(attempts.allows(other, "right"));

        int looked = 0;
        for (int i = 0; i < 600; i++) {
            now += Duration.ofMillis(100).toNanos();
            if (attempts.allows(guesser, "guess " + i)) {
                looked++;
                attempts.failed(guesser, "wrong");
            }
        }
        assertTrue(looked >= 59 && looked <= 61, looked + " in a minute");
    }

    @Test
    void address_thatGuessedWithoutEnd_isForgivenAsSoonAsAnyOther() {
        fail(1_000_000);
        now += FailedAttempts.INTERVAL.multipliedBy(2).toNanos();

        assertTrue(attempts.allows(guesser, "right"));
    }

    @Test
    void token_thatWasRight_isLookedAtWhoeverGuessesBesideIt() {
        attempts.succeeded("right");
        fail(FailedAttempts.BURST);

        assertTrue(attempts.allows(guesser, "right"));
        assertFalse(attempts.allows(guesser, "wrong"));
    }

    @Test
    void failures_areToldOnceAMinuteWithTheirNumber() {
        assertEquals(1, attempts.failed(guesser, "wrong"));
        for (int i = 0; i < 9; i++) {
            assertEquals(0, attempts.failed(guesser, "wrong"));
        }
        assertEquals(1, attempts.failed(other, "wrong"));

        now += Duration.ofMinutes(1).toNanos();
        assertEquals(10, attempts.failed(guesser, "wrong"));
    }

    @Test
    void anotherComplaint_isToldAtOnceButNotWithoutEnd() {
        assertEquals(1, attempts.failed(guesser, "unknown"));
        assertEquals(0, attempts.failed(guesser, "unknown"));
        assertEquals(2, attempts.failed(guesser, "for another address"));

        int told = 0;
        for (int i = 0; i < 100; i++) {
            told += Math.min(1, attempts.failed(guesser, "complaint " + i));
        }
        assertEquals(8, told);
    }

    @Test
    void manyAddresses_takeABoundedRoom() throws UnknownHostException {
        fail(FailedAttempts.BURST);
        for (int i = 0; i < 20_000; i++) {
            attempts.failed(InetAddress.getByAddress(new byte[] {11, 0, (byte) (i >> 8), (byte) i}), "wrong");
            attempts.succeeded("token " + i);
        }

        assertTrue(attempts.allows(guesser, "wrong"), "forgotten, as the oldest");
    }
}
