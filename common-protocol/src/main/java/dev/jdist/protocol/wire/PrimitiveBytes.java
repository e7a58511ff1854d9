package dev.jdist.protocol.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/** Some bytes, wherever they are: in memory as {@link Bytes}, or in a file if they are many. They can be read again. */
public interface PrimitiveBytes {
    long length();

    InputStream toInputStream() throws IOException;

    default void writeTo(OutputStream out) throws IOException {
        try (InputStream in = toInputStream()) {
            in.transferTo(out);
        }
    }

    /**
     * Some of these bytes, which stay where they are.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    default PrimitiveBytes part(long first, long count) {
        Objects.checkFromIndexSize(first, count, length());
        return new BytesPart(this, first, count);
    }
}
