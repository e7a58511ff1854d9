package dev.jdist.protocol.wire;

import java.io.IOException;
import java.io.InputStream;

/** A stream whose bytes come in blocks: who asks for one byte gets it as a block of one. */
public abstract class BlockInputStream extends InputStream {
    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] target, int offset, int length) throws IOException;
}
