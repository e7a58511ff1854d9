package dev.jdist.protocol.view;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import java.io.BufferedInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The body of a call that carries sources: a bincode message in a zstd frame (RFC 8878). It is never in memory as a whole:
 * sources may be large, and small ones may stand for large ones.
 */
public final class SourcesBody {
    /** Sources become a fifth of their size by level 1, at 500 MB a second; more takes the client longer than the network. */
    private static final int LEVEL = 1;

    /** Logarithm of the window for which a sender may have memory taken here: 8 MiB. The level above takes 512 KiB. */
    private static final int MOST_WINDOW = 23;

    private static final int BUFFER = 64 << 10;

    private SourcesBody() {}

    /**
     * Compresses a message.
     *
     * @param out not closed
     */
    public static void write(WireMessage message, OutputStream out) throws IOException {
        try (OutputStream compressed =
                new ZstdOutputStreamNoFinalizer(new OpenOutput(out), RecyclingBufferPool.INSTANCE, LEVEL)) {
            message.bincode().writeTo(compressed);
        }
    }

    /**
     * Decompresses what {@link #write} wrote.
     *
     * @param body compressed
     * @param out for the bincode message, from where it is to be decoded; not closed. What was written to it is worth nothing
     *     if this throws
     * @throws WireFormatException if the body is no zstd, is cut off, needs too much memory, or has more than {@link
     *     WireLimits#SOURCES}
     */
    public static void read(PrimitiveBytes body, OutputStream out) throws IOException {
        read(body, out, WireLimits.SOURCES);
    }

    static void read(PrimitiveBytes body, OutputStream out, long most) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long length = 0;
        try (InputStream compressed = new BufferedInputStream(body.toInputStream());
                ZstdInputStreamNoFinalizer in =
                        new ZstdInputStreamNoFinalizer(compressed, RecyclingBufferPool.INSTANCE)) {
            in.setLongMax(MOST_WINDOW);
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                length += count;
                if (length > most) {
                    throw new WireFormatException(
                            body.length() + " bytes decompress to more than the limit of " + most);
                }
                out.write(buffer, 0, count);
            }
        } catch (ZstdIOException e) {
            throw new WireFormatException("the body is not a zstd frame: " + Reason.of(e), e);
        }
    }

    /** Stays open when what writes to it is closed. */
    private static final class OpenOutput extends FilterOutputStream {
        OpenOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            out.write(bytes, offset, count);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
