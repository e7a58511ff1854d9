package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Bytes;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes what {@link PackedReader} reads. */
final class PackedWriter {
    private static final int FIRST = 512;
    private static final int MOST_VARINT = 10;
    private static final byte[] NOTHING = {};

    private ByteBuffer out = ByteBuffer.allocate(FIRST);
    private byte[] previous = NOTHING;

    void octet(int value) {
        room(1).put((byte) value);
    }

    /** An unsigned number: seven bits in each byte, the lowest first; the eighth bit says that more follow. */
    void number(long value) {
        room(MOST_VARINT);
        long left = value;
        while ((left & ~0x7fL) != 0) {
            out.put((byte) (left | 0x80));
            left >>>= 7;
        }
        out.put((byte) left);
    }

    /** A number that may be negative: 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
    void signed(long value) {
        number(value << 1 ^ value >> 63);
    }

    void fixed64(long value) {
        room(Long.BYTES).putLong(Long.reverseBytes(value));
    }

    void digest(Sha256 value) {
        value.writeTo(room(Sha256.BYTES));
    }

    void text(String value) {
        rest(ViewPath.utf8(value), 0);
    }

    /** One of several texts that follow each other, sorted: what it shares with the one before is not repeated. */
    void following(String value) {
        byte[] utf8 = ViewPath.utf8(value);
        int shared = Math.max(0, Arrays.mismatch(previous, utf8));
        if (Arrays.equals(previous, utf8)) {
            shared = utf8.length;
        }
        number(shared);
        rest(utf8, shared);
        previous = utf8;
    }

    private void rest(byte[] utf8, int from) {
        int length = utf8.length - from;
        number(length);
        room(length).put(utf8, from, length);
    }

    private ByteBuffer room(int count) {
        if (out.remaining() < count) {
            int needed = Math.addExact(out.position(), count);
            out = ByteBuffer.allocate((int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * out.capacity())))
                    .put(out.flip());
        }
        return out;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(out.array(), out.position());
    }

    Bytes toBytes() {
        return Bytes.wrap(toByteArray());
    }
}
