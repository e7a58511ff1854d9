package dev.jdist.protocol.wire;

/** Writes bincode 1, default options: little endian, fixed-width integers, 8-byte lengths, 4-byte variant indexes. */
public final class BincodeWriter implements WireWriter {
    private static final int V4 = 0;
    private static final int V6 = 1;

    private final PartsOutput out = new PartsOutput();

    private BincodeWriter() {}

    static PrimitiveBytes write(WireMessage message) {
        BincodeWriter writer = new BincodeWriter();
        message.encode(writer);
        return writer.out.toBytes();
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
        out.add(value);
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

    private void littleEndian(long value, int width) {
        for (int i = 0; i < width; i++) {
            out.write((byte) (value >>> (8 * i)));
        }
    }
}
