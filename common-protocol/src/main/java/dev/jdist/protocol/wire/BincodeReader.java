package dev.jdist.protocol.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads bincode 1, default options, from a stream of which at most {@code remaining} bytes may be taken. No length is
 * believed beyond what remains, and nothing is allocated before that check.
 */
public final class BincodeReader implements WireReader {
    private final InputStream in;
    /** What is read, if parts of it can be had later; its first byte is the first one of the stream. */
    private final @Nullable PrimitiveBytes whole;

    private long remaining;

    /** Reads from {@code in}, which is not closed; at most {@code limit} bytes. */
    public BincodeReader(InputStream in, long limit) {
        this.in = in;
        this.whole = null;
        this.remaining = limit;
    }

    /** Reads from {@code in}, which begins where {@code whole} does. */
    BincodeReader(PrimitiveBytes whole, InputStream in) {
        this.in = in;
        this.whole = whole;
        this.remaining = whole.length();
    }

    static BincodeReader of(byte[] body) {
        return new BincodeReader(new ByteArrayInputStream(body), body.length);
    }

    @Override
    public void beginStruct() {}

    @Override
    public WireReader field(String name) {
        return this;
    }

    @Override
    public void endStruct() {}

    @Override
    public long u64() {
        return littleEndian(Long.BYTES);
    }

    @Override
    public int i32() {
        return (int) littleEndian(Integer.BYTES);
    }

    @Override
    public boolean bool() {
        int next = octets(1)[0] & 0xff;
        if (next != 0 && next != 1) {
            throw new WireFormatException("a bool is 0 or 1, not " + next);
        }
        return next == 1;
    }

    @Override
    public String string() {
        byte[] utf8 = octets(length("string", WireLimits.STRING));
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WireFormatException("a string is not UTF-8", e);
        }
    }

    @Override
    public Bytes bytes() {
        return Bytes.wrap(octets(length("byte string", WireLimits.BYTES)));
    }

    @Override
    public PrimitiveBytes content() {
        if (whole == null) {
            return bytes();
        }
        int length = length("byte string", WireLimits.BYTES);
        PrimitiveBytes part = whole.part(whole.length() - remaining, length);
        try {
            in.skipNBytes(length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        remaining -= length;
        return part;
    }

    @Override
    public int beginList(int limit) {
        // An element takes at least one byte on this wire, so a count above what remains is a lie.
        return length("list", limit);
    }

    @Override
    public void endList() {}

    @Override
    public void beginTuple() {}

    @Override
    public void endTuple() {}

    @Override
    public int variant(String... names) {
        int index = i32();
        if (index < 0 || index >= names.length) {
            throw new WireFormatException(
                    "variant " + Integer.toUnsignedString(index) + " of an enum with " + names.length);
        }
        return index;
    }

    @Override
    public void endVariant() {}

    @Override
    public ServerId socketAddress() {
        byte[] address = octets(variant("V4", "V6") == 0 ? 4 : 16);
        return ServerId.of(address, (int) littleEndian(Short.BYTES));
    }

    private int length(String what, int limit) {
        long length = u64();
        if (length < 0 || length > limit) {
            throw new WireFormatException(
                    "a " + what + " of " + Long.toUnsignedString(length) + " is over the limit of " + limit);
        }
        if (length > remaining) {
            throw new WireFormatException(
                    "a " + what + " of " + length + " does not fit into the " + remaining + " bytes that remain");
        }
        return (int) length;
    }

    private long littleEndian(int width) {
        byte[] octets = octets(width);
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | octets[i] & 0xff;
        }
        return value;
    }

    private byte[] octets(int count) {
        if (count > remaining) {
            throw new WireFormatException(
                    "the message ends early: " + count + " bytes wanted, " + remaining + " remain");
        }
        try {
            byte[] octets = in.readNBytes(count);
            if (octets.length < count) {
                throw new WireFormatException("the message ends early");
            }
            remaining -= count;
            return octets;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
