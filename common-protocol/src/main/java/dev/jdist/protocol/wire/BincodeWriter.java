package dev.jdist.protocol.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Writes bincode 1, default options: little endian, fixed-width integers, 8-byte lengths, 4-byte variant indexes. */
public final class BincodeWriter implements WireWriter {
    private static final int V4 = 0;
    private static final int V6 = 1;

    private final OutputStream out;

    private BincodeWriter(OutputStream out) {
        this.out = out;
    }

    static void write(WireMessage message, OutputStream out) throws IOException {
        try {
            message.encode(new BincodeWriter(out));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
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
        littleEndian(value ? 1 : 0, 1);
    }

    @Override
    public void string(String value) {
        bytes(Bytes.utf8(value));
    }

    @Override
    public void bytes(PrimitiveBytes value) {
        u64(value.length());
        write(value);
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
        write(Bytes.wrap(address));
        littleEndian(value.port(), Short.BYTES);
    }

    private void write(PrimitiveBytes value) {
        try {
            value.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void littleEndian(long value, int width) {
        byte[] octets = new byte[width];
        for (int i = 0; i < width; i++) {
            octets[i] = (byte) (value >>> (8 * i));
        }
        write(Bytes.wrap(octets));
    }
}
