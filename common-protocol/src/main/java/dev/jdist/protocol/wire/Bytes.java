package dev.jdist.protocol.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/** An immutable run of bytes with value equality. Prints as its length only, so that keys never reach a log. */
public final class Bytes implements PrimitiveBytes {
    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private final byte[] bytes;
    private final int from;
    private final int size;

    private Bytes(byte[] bytes, int from, int size) {
        this.bytes = bytes;
        this.from = from;
        this.size = size;
    }

    public static Bytes copyOf(byte[] bytes) {
        return wrap(bytes.clone());
    }

    /** Takes {@code bytes} as they are: for large buffers whose only owner hands them over and forgets them. */
    public static Bytes wrap(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Bytes(bytes, 0, bytes.length);
    }

    public static Bytes utf8(String text) {
        return wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Some of these bytes, without a copy.
     *
     * @param first number of the first one
     * @throws IndexOutOfBoundsException if there are fewer
     */
    public Bytes slice(int first, int count) {
        Objects.checkFromIndexSize(first, count, size);
        return count == 0 ? EMPTY : new Bytes(bytes, from + first, count);
    }

    @Override
    public Bytes part(long first, long count) {
        Objects.checkFromIndexSize(first, count, (long) size);
        return slice((int) first, (int) count);
    }

    /** These, with {@code more} behind them. */
    public Bytes plus(Bytes more) {
        if (more.isEmpty()) {
            return this;
        } else if (isEmpty()) {
            return more;
        }
        ByteBuffer both = ByteBuffer.allocate(size + more.size);
        writeTo(both);
        more.writeTo(both);
        return wrap(both.array());
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public byte[] toByteArray() {
        return Arrays.copyOfRange(bytes, from, from + size);
    }

    @Override
    public long length() {
        return size;
    }

    @Override
    public InputStream toInputStream() {
        return new ByteArrayInputStream(bytes, from, size);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes, from, size);
    }

    /** Writes them behind what a buffer holds already. */
    public void writeTo(ByteBuffer out) {
        out.put(bytes, from, size);
    }

    /** The bytes read as UTF-8; what is not UTF-8 becomes U+FFFD. */
    public String toUtf8() {
        return new String(bytes, from, size, StandardCharsets.UTF_8);
    }

    public String toHex() {
        return HexFormat.of().formatHex(bytes, from, from + size);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that
                && Arrays.equals(bytes, from, from + size, that.bytes, that.from, that.from + that.size);
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(bytes, from, size).hashCode();
    }

    @Override
    public String toString() {
        return size + " bytes";
    }
}
