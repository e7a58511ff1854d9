package dev.jdist.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes bincode 1, default options: little endian, fixed-width integers, 8-byte lengths, 4-byte variant indexes. */
final class BincodeWriter implements WireWriter {
    private static final int V4 = 0;
    private static final int V6 = 1;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    byte[] toByteArray() {
        return out.toByteArray();
    }

    @Override
    public void beginStruct() {}

    @Override
    public WireWriter field(String name) {
        return this;
    }

    @Override
    public void endStruct() {}

    @Override
    public void u64(long value) {
        littleEndian(value, Long.BYTES);
    }

    @Override
    public void i32(int value) {
        littleEndian(value, Integer.BYTES);
    }

    @Override
    public void bool(boolean value) {
        out.write(value ? 1 : 0);
    }

    @Override
    public void string(String value) {
        octets(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void bytes(Bytes value) {
        octets(value.shared());
    }

    @Override
    public void beginList(int size) {
        u64(size);
    }

    @Override
    public void endList() {}

    @Override
    public void beginTuple() {}

    @Override
    public void endTuple() {}

    @Override
    public void unitVariant(int index, String name) {
        i32(index);
    }

    @Override
    public void beginVariant(int index, String name) {
        i32(index);
    }

    @Override
    public void endVariant() {}

    @Override
    public void socketAddress(ServerId value) {
        byte[] address = value.ip().getAddress();
        i32(address.length == 4 ? V4 : V6);
        out.writeBytes(address);
        littleEndian(value.port(), Short.BYTES);
    }

    private void octets(byte[] value) {
        u64(value.length);
        out.writeBytes(value);
    }

    private void littleEndian(long value, int width) {
        for (int i = 0; i < width; i++) {
            out.write((int) (value >>> (8 * i)));
        }
    }
}
