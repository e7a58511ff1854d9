package dev.jdist.protocol.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Bytes as the elements of a JSON array: {@code 1,255,0}. Made while they are read. */
final class JsonNumbers implements PrimitiveBytes {
    private static final int BUFFER = 8 << 10;

    private final PrimitiveBytes bytes;

    JsonNumbers(PrimitiveBytes bytes) {
        this.bytes = bytes;
    }

    /** Takes reading all of them. */
    @Override
    public long length() {
        long length = Math.max(0, bytes.length() - 1);
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = bytes.toInputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    int value = buffer[i] & 0xff;
                    length += value < 10 ? 1 : value < 100 ? 2 : 3;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return length;
    }

    @Override
    public InputStream toInputStream() throws IOException {
        InputStream in = bytes.toInputStream();
        return new BlockInputStream() {
            private final byte[] source = new byte[BUFFER];
            private final byte[] text = new byte[4 * BUFFER];
            private boolean begun;
            private int next;
            private int end;

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                if (count == 0) {
                    return 0;
                }
                while (next == end) {
                    int got = in.read(source);
                    if (got < 0) {
                        return -1;
                    }
                    print(got);
                }
                int step = Math.min(count, end - next);
                System.arraycopy(text, next, target, offset, step);
                next += step;
                return step;
            }

            private void print(int count) {
                next = 0;
                end = 0;
                for (int i = 0; i < count; i++) {
                    if (begun) {
                        text[end++] = ',';
                    }
                    begun = true;
                    int value = source[i] & 0xff;
                    if (value >= 100) {
                        text[end++] = (byte) ('0' + value / 100);
                    }
                    if (value >= 10) {
                        text[end++] = (byte) ('0' + value / 10 % 10);
                    }
                    text[end++] = (byte) ('0' + value % 10);
                }
            }

            @Override
            public void close() throws IOException {
                in.close();
            }
        };
    }
}
