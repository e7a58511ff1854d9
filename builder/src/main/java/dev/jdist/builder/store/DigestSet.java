package dev.jdist.builder.store;

import dev.jdist.protocol.view.Sha256;
import java.nio.ByteBuffer;

/**
 * The digests that were added or asked for last, in little memory: at least {@link #LEAST} of them in at most {@link
 * #MOST_BYTES}.
 *
 * <p>They are in two tables. When the younger is full, it becomes the older one, whose digests are forgotten; one that is
 * asked for goes into the younger one again. Of a digest there are the first 128 bits: to have one taken for another, somebody
 * would have to find a content with the same 128, which is as good as impossible. Where in a table a digest
 * stands depends on random numbers, so that nobody can choose contents that all want the same place.
 */
final class DigestSet {
    /** Digests of a full table. */
    static final int LEAST = 49_152;
    /** Of two full tables. */
    static final long MOST_BYTES = 2L << 20;

    private static final int WORDS = 2;
    private static final int LEAST_PLACES = 64;

    /** Odd ones, by which the halves of a digest are multiplied. */
    private final long firstFactor;

    private final long secondFactor;

    private long[] younger = new long[WORDS * LEAST_PLACES];
    private long[] older = new long[0];
    private int count;

    /** The seeds are random numbers that nobody else knows. */
    DigestSet(long firstSeed, long secondSeed) {
        this.firstFactor = firstSeed | 1;
        this.secondFactor = secondSeed | 1;
    }

    /** Bytes of memory. */
    long bytes() {
        return (long) Long.BYTES * (younger.length + older.length);
    }

    boolean contains(Sha256 digest) {
        ByteBuffer bits = ByteBuffer.wrap(digest.toByteArray());
        long first = bits.getLong();
        long second = bits.getLong();
        if (isAt(younger, place(younger, first, second))) {
            return true;
        }
        boolean isOlder = older.length > 0 && isAt(older, place(older, first, second));
        if (isOlder) {
            add(first, second);
        }
        return isOlder;
    }

    void add(Sha256 digest) {
        ByteBuffer bits = ByteBuffer.wrap(digest.toByteArray());
        add(bits.getLong(), bits.getLong());
    }

    private void add(long first, long second) {
        int place = place(younger, first, second);
        if (isAt(younger, place)) {
            return;
        }
        if (count == LEAST) {
            older = younger;
            younger = new long[WORDS * LEAST_PLACES];
            count = 0;
        } else if (count + 1 > younger.length / WORDS / 4 * 3) {
            grow();
        }
        put(younger, first, second);
        count++;
    }

    private void grow() {
        long[] larger = new long[2 * younger.length];
        for (int place = 0; place < younger.length; place += WORDS) {
            if (isAt(younger, place)) {
                put(larger, younger[place], younger[place + 1]);
            }
        }
        younger = larger;
    }

    private void put(long[] table, long first, long second) {
        int place = place(table, first, second);
        table[place] = first;
        table[place + 1] = second;
    }

    /** Whether there is a digest: no content is known whose digest begins with 128 zeros. */
    private static boolean isAt(long[] table, int place) {
        return (table[place] | table[place + 1]) != 0;
    }

    private int firstPlace(long[] table, long first, long second) {
        int shift = Long.numberOfLeadingZeros(table.length / WORDS) + 1;
        return WORDS * (int) ((first * firstFactor + second * secondFactor) >>> shift);
    }

    /** How many places are looked at for a digest of the younger table. */
    int steps(Sha256 digest) {
        ByteBuffer bits = ByteBuffer.wrap(digest.toByteArray());
        long first = bits.getLong();
        long second = bits.getLong();
        int way = place(younger, first, second) - firstPlace(younger, first, second);
        return Math.floorMod(way, younger.length) / WORDS + 1;
    }

    /** Where a digest is, or would be. */
    private int place(long[] table, long first, long second) {
        int place = firstPlace(table, first, second);
        while (isAt(table, place) && (table[place] != first || table[place + 1] != second)) {
            place = (place + WORDS) % table.length;
        }
        return place;
    }
}
