package dev.jdist.protocol.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Some bytes, wherever they are: in memory as {@link Bytes}, or in a file if they are many. They can be read again. */
public interface PrimitiveBytes {
    long length();

    InputStream toInputStream() throws IOException;

    default void writeTo(OutputStream out) throws IOException {
        try (InputStream in = toInputStream()) {
            in.transferTo(out);
        }
    }
}
