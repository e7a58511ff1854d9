package dev.jdist.scheduler.farm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.ServerId;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which builders failed the jobs of which clients, as clients say when they ask for a slot.
 *
 * <p>A client may be wrong, or lie: what one client says counts for its own requests alone, which exclude the builder
 * anyway. When two clients say the same of a builder, it is used for jobs of that toolchain only if no other builder has
 * room, whoever asks. Clients repeat what they say with each request as long as they leave the builder alone, so nothing
 * has to be remembered for long. The number of cases is bounded; the oldest ones go first.
 */
public final class Blame {
    private static final Logger log = LoggerFactory.getLogger(Blame.class);

    static final Duration LIFETIME = Duration.ofSeconds(10);
    static final int MOST_CASES = 4096;

    private final LongSupplier nanoTime;

    /** In the order in which they came up. */
    @GuardedBy("this")
    private final Map<Case, Witnesses> cases = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Case, Witnesses> eldest) {
            return size() > MOST_CASES;
        }
    };

    private record Case(ServerId builder, Toolchain toolchain) {}

    /**
     * The two clients that spoke last; the same one twice if there is only one.
     *
     * @param lastAt when it spoke, by the clock
     */
    private record Witnesses(InetAddress last, long lastAt, InetAddress other, long otherAt) {
        Witnesses(InetAddress only, long now) {
            this(only, now, only, now);
        }

        Witnesses and(InetAddress client, long now) {
            if (!client.equals(last)) {
                return new Witnesses(client, now, last, lastAt);
            }
            return last.equals(other) ? new Witnesses(client, now) : new Witnesses(client, now, other, otherAt);
        }

        boolean areTwo(long now) {
            return !last.equals(other) && now - lastAt <= LIFETIME.toNanos() && now - otherAt <= LIFETIME.toNanos();
        }
    }

    /** @param nanoTime the clock, as {@link System#nanoTime()} */
    public Blame(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * A client says that builders failed its jobs.
     *
     * @param client the address from which it speaks, and which it cannot choose
     */
    public synchronized void note(InetAddress client, Toolchain toolchain, Iterable<ServerId> builders) {
        long now = nanoTime.getAsLong();
        for (ServerId builder : builders) {
            Case brought = new Case(builder, toolchain);
            Witnesses before = cases.remove(brought);
            Witnesses after = before == null ? new Witnesses(client, now) : before.and(client, now);
            cases.put(brought, after);
            boolean wasShared = before != null && before.areTwo(now);
            if (after.areTwo(now) && !wasShared) {
                log.warn(
                        "builder {} failed the clients {} and {}, and gets jobs of toolchain {} only if no other builder"
                                + " has room; what happened is in their logs",
                        builder,
                        after.other.getHostAddress(),
                        after.last.getHostAddress(),
                        toolchain);
            }
        }
    }

    /** Whether several clients say that a builder fails jobs of a toolchain. */
    synchronized boolean isShared(ServerId builder, Toolchain toolchain) {
        Witnesses witnesses = cases.get(new Case(builder, toolchain));
        return witnesses != null && witnesses.areTwo(nanoTime.getAsLong());
    }

    synchronized int size() {
        return cases.size();
    }
}
