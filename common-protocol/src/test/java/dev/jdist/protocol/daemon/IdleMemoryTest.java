package dev.jdist.protocol.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class IdleMemoryTest {
    private int releases;
    private final IdleMemory memory = new IdleMemory(() -> releases++);

    private void look(int times, boolean isBusy) {
        for (int i = 0; i < times; i++) {
            memory.look(isBusy);
        }
    }

    @Test
    void look_afterWorkAndQuiet_releasesOnce() {
        look(3, true);
        look(IdleMemory.QUIET_LOOKS - 1, false);
        assertEquals(0, releases);

        look(100, false);
        assertEquals(1, releases);

        look(1, true);
        look(100, false);
        assertEquals(2, releases);
    }

    @Test
    void look_workBetweenPauses_waitsForALongOne() {
        for (int i = 0; i < 10; i++) {
            look(1, true);
            look(IdleMemory.QUIET_LOOKS - 1, false);
        }
        assertEquals(0, releases);
    }

    @Test
    void look_withoutAnyWork_doesNothing() {
        look(100, false);
        assertEquals(0, releases);
    }
}
