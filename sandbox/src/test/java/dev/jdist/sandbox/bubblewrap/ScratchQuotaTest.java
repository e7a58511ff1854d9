package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScratchQuotaTest {
    private final ScratchQuota quota = new ScratchQuota(100);

    @Test
    void commandsWithinTheQuota_goOn() {
        assertFalse(quota.isExceededBy("a", 60));
        assertFalse(quota.isExceededBy("b", 40));
        assertFalse(quota.isExceededBy("a", 60));
    }

    @Test
    void commandsBeyondIt_onlyTheLargestEnds() {
        assertFalse(quota.isExceededBy("large", 70));
        assertFalse(quota.isExceededBy("small", 31));
        assertFalse(quota.isExceededBy("smaller", 5));

        assertTrue(quota.isExceededBy("large", 70));
    }

    @Test
    void equalCommandsBeyondIt_onlyOneEnds() {
        assertFalse(quota.isExceededBy("first", 60));
        assertFalse(quota.isExceededBy("second", 60));

        assertTrue(quota.isExceededBy("first", 60));
        quota.release("first");
        assertFalse(quota.isExceededBy("second", 60));
    }

    @Test
    void commandAlone_endsBeyondIt() {
        assertFalse(quota.isExceededBy("a", 100));
        assertTrue(quota.isExceededBy("a", 101));
    }

    @Test
    void set_countsFromNowOn() {
        quota.set(10);

        assertTrue(quota.isExceededBy("a", 11));
    }
}
