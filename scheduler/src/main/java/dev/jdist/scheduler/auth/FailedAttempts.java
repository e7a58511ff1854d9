package dev.jdist.scheduler.auth;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.wire.Bytes;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Bounds how fast tokens can be guessed: after {@link #BURST} wrong ones, an address may show one in {@link #INTERVAL}. Tokens that
 * were right are let through all the same, so that whoever shares an address with somebody who guesses, or who has an old
 * token, can go on working.
 *
 * <p>Any thread may call it. It keeps a bounded number of addresses and tokens.
 */
public final class FailedAttempts {
    static final int BURST = 50;
    static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final int MOST_ADDRESSES = 10_000;
    private static final int MOST_TOKENS = 10_000;
    private static final int MOST_COMPLAINTS = 10;
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

    private final LongSupplier nanos;

    @GuardedBy("this")
    private final Map<InetAddress, Record> records = new LinkedHashMap<>();

    /** Digests of tokens that were right. */
    @GuardedBy("this")
    private final Set<Bytes> good = new LinkedHashSet<>();

    private static final class Record {
        /** Failures that are not forgiven yet. */
        double failures;

        long at;
        int unsaid;
        /** Since when the complaints below count as said. */
        long minute;

        final Set<String> said = new HashSet<>();
    }

    /** @param nanos a clock such as {@link System#nanoTime} */
    public FailedAttempts(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether a token may be looked at. */
    public synchronized boolean allows(InetAddress address, String token) {
        Record record = records.get(address);
        return record == null || forgive(record) < BURST || good.contains(NamedToken.digestOf(token));
    }

    public synchronized void succeeded(String token) {
        Bytes digest = NamedToken.digestOf(token);
        if (!good.contains(digest)) {
            dropOldest(good, MOST_TOKENS);
            good.add(digest);
        }
    }

    /**
     * Notes a wrong token.
     *
     * @param complaint what is wrong with it
     * @return how many failures of this address are to be logged now; 0 if this was said of it less than a minute ago, or a lot
     *     else was
     */
    public synchronized int failed(InetAddress address, String complaint) {
        Record record = records.get(address);
        if (record == null) {
            dropOldest(records.keySet(), MOST_ADDRESSES);
            record = new Record();
            record.at = nanos.getAsLong();
            record.minute = record.at;
            records.put(address, record);
        }
        record.failures = Math.min(BURST, forgive(record)) + 1;
        record.unsaid++;
        if (nanos.getAsLong() - record.minute >= BETWEEN_WARNINGS.toNanos()) {
            record.minute = nanos.getAsLong();
            record.said.clear();
        }
        if (record.said.size() >= MOST_COMPLAINTS || !record.said.add(complaint)) {
            return 0;
        }
        int told = record.unsaid;
        record.unsaid = 0;
        return told;
    }

    @GuardedBy("this")
    private double forgive(Record record) {
        long now = nanos.getAsLong();
        record.failures = Math.max(0, record.failures - (double) (now - record.at) / INTERVAL.toNanos());
        record.at = now;
        return record.failures;
    }

    private static <T> void dropOldest(Set<T> kept, int most) {
        if (kept.size() >= most) {
            var oldest = kept.iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
