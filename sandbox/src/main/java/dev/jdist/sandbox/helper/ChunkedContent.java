package dev.jdist.sandbox.helper;

import dev.jdist.sandbox.SandboxException;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A file that arrives in chunks, up to an empty one. */
public final class ChunkedContent extends InputStream {
    private final DataInputStream in;
    private int left;
    private boolean ended;

    public ChunkedContent(DataInputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && !ended) {
            left = in.readInt();
            if (left < 0 || left > ServeRequests.MAX_CHUNK) {
                throw new SandboxException("the container sent a chunk of " + left + " bytes");
            }
            ended = left == 0;
        }
        if (ended) {
            return -1;
        }
        int count = Math.min(length, left);
        in.readFully(target, offset, count);
        left -= count;
        return count;
    }
}
