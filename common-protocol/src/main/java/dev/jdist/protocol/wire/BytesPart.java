package dev.jdist.protocol.wire;

import java.io.IOException;
import java.io.InputStream;

/**
 * Some of the bytes of something larger, where they are.
 *
 * @param first number of the first one
 */
record BytesPart(PrimitiveBytes whole, long first, long length) implements PrimitiveBytes {
    @Override
    public InputStream toInputStream() throws IOException {
        InputStream in = whole.toInputStream();
        in.skipNBytes(first);
        return new BlockInputStream() {
            private long left = length;

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                if (count == 0) {
                    return 0;
                } else if (left == 0) {
                    return -1;
                }
                int got = in.read(target, offset, (int) Math.min(count, left));
                left -= Math.max(got, 0);
                return got;
            }

            @Override
            public long skip(long count) throws IOException {
                long skipped = in.skip(Math.min(count, left));
                left -= skipped;
                return skipped;
            }

            @Override
            public void close() throws IOException {
                in.close();
            }
        };
    }
}
