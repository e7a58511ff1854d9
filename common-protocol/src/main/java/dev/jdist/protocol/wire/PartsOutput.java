package dev.jdist.protocol.wire;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Collects an encoded message: what is small as a copy, what may be large where it is. */
final class PartsOutput extends OutputStream {
    private static final int MOST_COPIED = 1 << 10;

    private final List<PrimitiveBytes> parts = new ArrayList<>();
    private final ByteArrayOutputStream copied = new ByteArrayOutputStream();

    @Override
    public void write(int next) {
        copied.write(next);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        copied.write(bytes, offset, count);
    }

    void writeBytes(byte[] bytes) {
        copied.writeBytes(bytes);
    }

    /** Adds bytes that are read when the message is, unless they are few. */
    void add(PrimitiveBytes content) {
        if (content instanceof Bytes few && few.size() <= MOST_COPIED) {
            copied.writeBytes(few.toByteArray());
        } else {
            endCopied();
            parts.add(content);
        }
    }

    private void endCopied() {
        if (copied.size() > 0) {
            parts.add(Bytes.wrap(copied.toByteArray()));
            copied.reset();
        }
    }

    PrimitiveBytes toBytes() {
        endCopied();
        return new BytesSequence(parts);
    }
}
