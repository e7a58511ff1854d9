package dev.jdist.client.cache.storage;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.jdist.protocol.wire.Reason;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * What stands around the content of an entry in every storage: a zstd frame (RFC 8878) with the content's length and a checksum.
 * What was damaged, cut off or written by another program is recognised by it. Behind it stands the {@link EntryOrigin}, if there
 * is one.
 */
public final class EntryFrame implements AutoCloseable {
    /** An object file of this size was made by no compiler. */
    static final int MAX_CONTENT_BYTES = 1 << 30;

    /** Of the magic number and of the byte behind it, the frame header descriptor. */
    private static final int DESCRIPTOR = 4;

    private static final int HAS_CHECKSUM = 1 << 2;

    /** Contexts that wait for their next use: to make one takes as long as to decompress a small object. */
    private final BlockingQueue<ZstdDecompressCtx> idle =
            new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());

    /** The bytes are not those of an entry. The message says why. */
    public static final class DamagedException extends Exception {
        private static final long serialVersionUID = 1;

        DamagedException(String message) {
            super(message);
        }
    }

    /** @param level of zstd's compression */
    static byte[] encode(byte[] content, int level, Optional<EntryOrigin> origin) {
        byte[] frame;
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            frame = context.setLevel(level).setChecksum(true).compress(content);
        }
        if (origin.isEmpty()) {
            return frame;
        }
        byte[] tail = origin.get().encode();
        byte[] all = Arrays.copyOf(frame, frame.length + tail.length);
        System.arraycopy(tail, 0, all, frame.length, tail.length);
        return all;
    }

    /** The content of an entry. */
    public byte[] decode(byte[] frame) throws DamagedException {
        ZstdDecompressCtx context = Optional.ofNullable(idle.poll()).orElseGet(ZstdDecompressCtx::new);
        try {
            return decode(frame, context);
        } catch (ZstdException e) {
            throw new DamagedException(Reason.of(e));
        } finally {
            if (!idle.offer(context)) {
                context.close();
            }
        }
    }

    private static byte[] decode(byte[] frame, ZstdDecompressCtx context) throws DamagedException {
        if (frame.length <= DESCRIPTOR) {
            throw new DamagedException("only " + frame.length + " bytes long");
        }
        long length = Zstd.getFrameContentSize(frame);
        if (length < 0 || length > MAX_CONTENT_BYTES) {
            throw new DamagedException("not a zstd frame of a plausible size");
        } else if ((frame[DESCRIPTOR] & HAS_CHECKSUM) == 0) {
            throw new DamagedException("a zstd frame without a checksum");
        }
        byte[] content = new byte[(int) length];
        if (context.decompress(content, frame) != length) {
            throw new DamagedException("shorter than its header says");
        }
        return content;
    }

    @Override
    public void close() {
        idle.forEach(ZstdDecompressCtx::close);
        idle.clear();
    }
}
