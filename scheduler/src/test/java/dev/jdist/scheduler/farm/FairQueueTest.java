package dev.jdist.scheduler.farm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Clients take turns; the requests of one keep their order. */
class FairQueueTest {
    private final FairQueue<Character, String> room = new FairQueue<>(100);

    private void enter(String... waiters) {
        for (String waiter : waiters) {
            assertTrue(room.enter(waiter.charAt(0), waiter));
        }
    }

    private List<String> drain() {
        List<String> all = new ArrayList<>();
        for (Optional<String> next = room.next(); next.isPresent(); next = room.next()) {
            all.add(next.get());
        }
        return all;
    }

    @Test
    void next_emptyRoom_isNothing() {
        assertEquals(Optional.empty(), room.next());
        assertEquals(0, room.size());
    }

    @Test
    void next_oneClient_isInOrderOfArrival() {
        enter("a1", "a2", "a3");

        assertEquals(List.of("a1", "a2", "a3"), drain());
        assertEquals(0, room.size());
    }

    @Test
    void next_severalClients_isInTurns() {
        enter("a1", "a2", "a3", "a4", "b1", "c1", "c2");

        assertEquals(List.of("a1", "b1", "c1", "a2", "c2", "a3", "a4"), drain());
    }

    @Test
    void next_latecomer_doesNotWaitForAThousandOfAnother() {
        for (int i = 0; i < 90; i++) {
            enter("a" + i);
        }
        room.next();
        enter("b1");
        room.next();

        assertEquals(Optional.of("b1"), room.next());
    }

    @Test
    void enter_fullRoom_isRefusedUntilSomebodyLeaves() {
        FairQueue<Character, String> small = new FairQueue<>(2);
        assertTrue(small.enter('a', "a1"));
        assertTrue(small.enter('b', "b1"));
        assertFalse(small.enter('c', "c1"));

        small.next();
        assertTrue(small.enter('c', "c1"));
        small.remove('b', "b1");
        assertTrue(small.enter('c', "c2"));
        assertFalse(small.enter('c', "c3"));
        assertEquals(2, small.size());
    }

    @Test
    void putBack_ofTheNext_restoresItsTurn() {
        enter("a1", "a2", "b1");

        room.putBack('a', room.next().orElseThrow());

        assertEquals(3, room.size());
        assertEquals(List.of("a1", "b1", "a2"), drain());
    }

    @Test
    void putBack_ofSeveralInReverse_restoresTheirOrder() {
        enter("a1", "a2", "b1", "c1");
        String first = room.next().orElseThrow();
        String second = room.next().orElseThrow();

        room.putBack('b', second);
        room.putBack('a', first);

        assertEquals(List.of("a1", "b1", "c1", "a2"), drain());
    }

    @Test
    void remove_waiter_isGoneAndTheOthersStay() {
        enter("a1", "a2", "b1");

        assertTrue(room.remove('a', "a1"));
        assertFalse(room.remove('a', "a1"));
        assertFalse(room.remove('b', "a2"));
        assertFalse(room.remove('z', "z1"));

        assertEquals(2, room.size());
        assertEquals(List.of("a2", "b1"), drain());
    }

    @Test
    void remove_lastOfAClient_takesItsTurnAway() {
        enter("a1", "b1", "b2");

        room.remove('a', "a1");

        assertEquals(List.of("b1", "b2"), drain());
    }
}
