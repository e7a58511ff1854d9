package dev.jdist.builder.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.message.Toolchain;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Whose turn it is to send a toolchain, in the order in which clients came: each toolchain is sent by one at a time, and no
 * client sends more than a few at once, nor all of them more than there are threads for. When a toolchain has arrived, all
 * who wait for it go on at once; if its upload ends otherwise, it is the next one's turn. Nobody holds a thread while he
 * waits.
 */
public final class UploadGate {
    private final Predicate<Toolchain> arrived;
    private final int most;
    private final ClientShares shares;

    @GuardedBy("this")
    private final Set<Turn> waiting = new LinkedHashSet<>();

    @GuardedBy("this")
    private final Map<Toolchain, Turn> sending = new HashMap<>();

    /** Told apart by identity. */
    private static final class Turn {
        final Toolchain toolchain;
        final InetAddress client;
        final CompletableFuture<Void> come = new CompletableFuture<>();

        Turn(Toolchain toolchain, InetAddress client) {
            this.toolchain = toolchain;
            this.client = client;
        }
    }

    /**
     * @param arrived whether a toolchain is there, so that nobody has to send it any more
     * @param most uploads at once
     * @param mostOfAClient uploads of one client at once
     */
    public UploadGate(Predicate<Toolchain> arrived, int most, int mostOfAClient) {
        this.arrived = arrived;
        this.most = most;
        this.shares = new ClientShares(mostOfAClient);
    }

    /**
     * Joins those who want to send a toolchain.
     *
     * @param over completes when whoever enters is done, well or not, be it before his turn has come
     * @return completes when it is his turn, or the toolchain has arrived
     */
    CompletionStage<Void> enter(Toolchain toolchain, InetAddress client, CompletionStage<?> over) {
        Turn turn = new Turn(toolchain, client);
        List<Turn> next;
        synchronized (this) {
            waiting.add(turn);
            next = begin();
        }
        next.forEach(begun -> begun.come.complete(null));
        over.whenComplete((done, error) -> leave(turn).forEach(begun -> begun.come.complete(null)));
        return turn.come;
    }

    /** Takes out who is done. @return those who may go on thereby */
    private synchronized List<Turn> leave(Turn turn) {
        waiting.remove(turn);
        if (!sending.remove(turn.toolchain, turn)) {
            return List.of();
        }
        shares.giveBack(turn.client);
        List<Turn> next = new ArrayList<>();
        if (arrived.test(turn.toolchain)) {
            waiting.stream()
                    .filter(other -> other.toolchain.equals(turn.toolchain))
                    .forEach(next::add);
            next.forEach(waiting::remove);
        }
        next.addAll(begin());
        return next;
    }

    /** Has those begin whose turn it is. */
    @GuardedBy("this")
    private List<Turn> begin() {
        List<Turn> begun = new ArrayList<>();
        for (Iterator<Turn> others = waiting.iterator(); others.hasNext() && sending.size() < most; ) {
            Turn next = others.next();
            if (!sending.containsKey(next.toolchain) && shares.take(next.client)) {
                sending.put(next.toolchain, next);
                begun.add(next);
                others.remove();
            }
        }
        return begun;
    }
}
