package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what is packed, which has one form for each value: numbers are as short as they can be, and texts share as much
 * with the one before as they can. All methods throw {@link WireFormatException} if something else is there.
 */
final class PackedReader {
    private static final byte[] NOTHING = {};

    private final ByteBuffer in;
    private final long mostText;
    private byte[] previous = NOTHING;
    private long text;

    /** @param mostText bytes of all texts that follow each other, each in full */
    PackedReader(byte[] packed, long mostText) {
        this.in = ByteBuffer.wrap(packed);
        this.mostText = mostText;
    }

    /** What a field of a message has packed. */
    static PackedReader of(WireReader field, String what, int mostBytes) {
        return new PackedReader(bytes(field, what, mostBytes), mostBytes);
    }

    /** The bytes of a field, in memory. */
    static byte[] bytes(WireReader field, String what, int mostBytes) {
        PrimitiveBytes packed = field.content();
        if (packed.length() > mostBytes) {
            throw new WireFormatException(what + ": " + packed.length() + " bytes are over the limit of " + mostBytes);
        }
        if (packed instanceof Bytes inMemory) {
            return inMemory.toByteArray();
        }
        try (InputStream bytes = packed.toInputStream()) {
            return bytes.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int octet() {
        need(1);
        return in.get() & 0xff;
    }

    long number() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int next = octet();
            // The tenth byte has the 64th bit.
            if (shift == 63 && next > 1) {
                throw new WireFormatException("a number has more than 64 bits");
            }
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                if (next == 0 && shift > 0) {
                    throw new WireFormatException("a number is longer than it has to be");
                }
                return value;
            }
        }
    }

    long signed() {
        long value = number();
        return value >>> 1 ^ -(value & 1);
    }

    long fixed64() {
        need(Long.BYTES);
        return Long.reverseBytes(in.getLong());
    }

    Sha256 digest() {
        need(Sha256.BYTES);
        return Sha256.read(in);
    }

    /**
     * How many of something follow.
     *
     * @param leastBytes that each of them takes
     */
    int count(String what, int limit, int leastBytes) {
        long count = number();
        if (count < 0 || count > limit) {
            throw new WireFormatException(
                    Long.toUnsignedString(count) + " " + what + " are over the limit of " + limit);
        }
        if (count * leastBytes > in.remaining()) {
            throw new WireFormatException(
                    count + " " + what + " do not fit into the " + in.remaining() + " bytes that remain");
        }
        return (int) count;
    }

    String text(String what, int mostBytes) {
        int length = length(what, mostBytes);
        byte[] utf8 = new byte[length];
        in.get(utf8);
        return decode(what, utf8);
    }

    /** One of several texts that follow each other. It is not known yet whether they are sorted. */
    String following(String what, int mostBytes) {
        long shared = number();
        if (shared < 0 || shared > previous.length) {
            throw new WireFormatException(
                    "a " + what + " shares " + Long.toUnsignedString(shared) + " bytes with one of " + previous.length);
        }
        int length = length(what, mostBytes - (int) shared);
        byte[] utf8 = Arrays.copyOf(previous, (int) shared + length);
        in.get(utf8, (int) shared, length);
        if (length > 0 && shared < previous.length && utf8[(int) shared] == previous[(int) shared]) {
            throw new WireFormatException("a " + what + " shares more with the one before than it says");
        }
        text += utf8.length;
        if (text > mostText) {
            throw new WireFormatException("the texts in a list have more than " + mostText + " bytes");
        }
        previous = utf8;
        return decode(what, utf8);
    }

    private int length(String what, int most) {
        long length = number();
        if (length < 0 || length > most) {
            throw new WireFormatException(
                    "a " + what + " has " + Long.toUnsignedString(length) + " bytes where " + most + " are the most");
        }
        need((int) length);
        return (int) length;
    }

    private static String decode(String what, byte[] utf8) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WireFormatException("a " + what + " is not UTF-8", e);
        }
    }

    private void need(int count) {
        if (count > in.remaining()) {
            throw new WireFormatException(
                    "the packed bytes end early: " + count + " wanted, " + in.remaining() + " remain");
        }
    }

    /** There is nothing more. */
    void end() {
        if (in.hasRemaining()) {
            throw new WireFormatException(in.remaining() + " bytes follow what is packed");
        }
    }
}
