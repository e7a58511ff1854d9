package dev.jdist.builder.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.Toolchain;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class UploadGateTest {
    private static final Toolchain GCC = new Toolchain("ab".repeat(32));
    private static final Toolchain CLANG = new Toolchain("cd".repeat(32));

    private final Set<Toolchain> arrived = new HashSet<>();
    private final UploadGate turns = new UploadGate(arrived::contains, 5, 2);

    /** One client that wants to send a toolchain. */
    private final class Sender {
        final CompletableFuture<Void> over = new CompletableFuture<>();
        final CompletableFuture<Void> turn;

        Sender(Toolchain toolchain) {
            this(toolchain, 1);
        }

        Sender(Toolchain toolchain, int client) {
            turn = turns.enter(toolchain, address(client), over).toCompletableFuture();
        }

        boolean mayGoOn() {
            return turn.isDone();
        }

        void end() {
            over.complete(null);
        }
    }

    private static InetAddress address(int client) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) client});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Toolchain toolchain(int number) {
        return new Toolchain(String.format("%064d", number));
    }

    @Test
    void enter_moreThanAClientMaySend_waitsUntilOneOfItsOwnEnds() {
        Sender first = new Sender(toolchain(1), 1);
        Sender second = new Sender(toolchain(2), 1);
        Sender third = new Sender(toolchain(3), 1);
        Sender others = new Sender(toolchain(4), 2);
        assertTrue(first.mayGoOn() && second.mayGoOn());
        assertFalse(third.mayGoOn());
        assertTrue(others.mayGoOn(), "the client in front of it has enough");

        others.end();
        assertFalse(third.mayGoOn(), "another client's");
        second.end();

        assertTrue(third.mayGoOn());
    }

    @Test
    void enter_moreThanThereAreThreads_waitsInOrder() {
        List<Sender> senders = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            senders.add(new Sender(toolchain(i), i));
        }
        assertEquals(5, senders.stream().filter(Sender::mayGoOn).count());

        senders.get(0).end();
        assertTrue(senders.get(5).mayGoOn());
        assertFalse(senders.get(6).mayGoOn());

        senders.get(6).end(); // gave up
        senders.get(1).end();
        Sender last = new Sender(toolchain(8), 8);
        assertTrue(last.mayGoOn());
    }

    @Test
    void enter_first_isHisTurnAtOnce() {
        assertTrue(new Sender(GCC).mayGoOn());
        assertTrue(new Sender(CLANG).mayGoOn(), "another toolchain");
    }

    @Test
    void enter_whileItArrives_waitsUntilItIsThere() {
        Sender first = new Sender(GCC);
        List<Sender> others = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            others.add(new Sender(GCC));
        }
        assertTrue(others.stream().noneMatch(Sender::mayGoOn));

        arrived.add(GCC);
        first.end();

        assertTrue(others.stream().allMatch(Sender::mayGoOn));
    }

    @Test
    void enter_uploadThatBreaksOff_isTakenOverByTheNextAlone() {
        Sender first = new Sender(GCC);
        Sender second = new Sender(GCC);
        Sender third = new Sender(GCC);

        first.end();

        assertTrue(second.mayGoOn());
        assertFalse(third.mayGoOn());
    }

    @Test
    void enter_senderWhoGivesUpWaiting_isPassedOver() {
        Sender first = new Sender(GCC);
        Sender second = new Sender(GCC);
        Sender third = new Sender(GCC);

        second.end();
        assertFalse(third.mayGoOn(), "the first still sends");
        first.end();

        assertTrue(third.mayGoOn());
    }

    @Test
    void enter_afterAllHaveLeft_startsAnew() {
        Sender first = new Sender(GCC);
        Sender second = new Sender(GCC);
        arrived.add(GCC);
        first.end();
        arrived.remove(GCC); // evicted
        Sender third = new Sender(GCC);
        Sender fourth = new Sender(GCC);
        assertTrue(third.mayGoOn());

        second.end();
        assertFalse(fourth.mayGoOn(), "the second is not in this line");
        third.end();

        assertTrue(fourth.mayGoOn());
    }
}
