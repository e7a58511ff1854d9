package dev.jdist.builder.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * How many of something each client has, which no client may have all of. Clients are told apart by their addresses, as the
 * scheduler does: a job's token does not say whose it is.
 */
final class ClientShares {
    private final int most;

    @GuardedBy("this")
    private final Map<InetAddress, Integer> taken = new HashMap<>();

    /** @param most that one client may have */
    ClientShares(int most) {
        this.most = most;
    }

    int most() {
        return most;
    }

    /** Takes one for a client. @return false if it has all that it may have */
    synchronized boolean take(InetAddress client) {
        int own = taken.getOrDefault(client, 0);
        if (own >= most) {
            return false;
        }
        taken.put(client, own + 1);
        return true;
    }

    synchronized void giveBack(InetAddress client) {
        taken.computeIfPresent(client, (who, own) -> own == 1 ? null : own - 1);
    }
}
