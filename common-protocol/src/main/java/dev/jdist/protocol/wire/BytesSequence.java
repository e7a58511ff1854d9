package dev.jdist.protocol.wire;

import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several runs of bytes, one behind the other, each where it is. */
record BytesSequence(List<PrimitiveBytes> parts) implements PrimitiveBytes {
    BytesSequence {
        parts = List.copyOf(parts);
    }

    @Override
    public long length() {
        return parts.stream().mapToLong(PrimitiveBytes::length).sum();
    }

    @Override
    public InputStream toInputStream() {
        Iterator<PrimitiveBytes> left = parts.iterator();
        return new BlockInputStream() {
            private @Nullable InputStream part;

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                if (count == 0) {
                    return 0;
                }
                while (part != null || left.hasNext()) {
                    if (part == null) {
                        part = left.next().toInputStream();
                    }
                    int got = part.read(target, offset, count);
                    if (got >= 0) {
                        return got;
                    }
                    close();
                }
                return -1;
            }

            /** The part that is being read. */
            @Override
            public void close() throws IOException {
                if (part != null) {
                    part.close();
                    part = null;
                }
            }
        };
    }
}
