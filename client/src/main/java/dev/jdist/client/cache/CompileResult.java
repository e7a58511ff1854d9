package dev.jdist.client.cache;

import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a successful compile left.
 *
 * @param outputs in the order in which the unit names them; nothing for one that was not made. They are where they came to,
 *     in memory or in a file
 */
public record CompileResult(List<Optional<PrimitiveBytes>> outputs, Bytes stdout, Bytes stderr)
        implements EntryStore.Content {
    private static final int MAX_OUTPUTS = 16;
    private static final int ABSENT = -1;

    public CompileResult {
        outputs = List.copyOf(outputs);
    }

    /** Whether the compiler had nothing to say. */
    public boolean isSilent() {
        return stdout.isEmpty() && stderr.isEmpty();
    }

    @Override
    public long length() {
        long size = 3L * Integer.BYTES + stdout.size() + stderr.size();
        for (Optional<PrimitiveBytes> output : outputs) {
            size += Integer.BYTES + output.map(PrimitiveBytes::length).orElse(0L);
        }
        return size;
    }

    /** Of at most so many bytes as fit into an array. @throws IOException if an output cannot be read */
    @Override
    public byte[] encode() throws IOException {
        byte[] all = new byte[Math.toIntExact(length())];
        ByteBuffer out = ByteBuffer.wrap(all).putInt(outputs.size());
        for (Optional<PrimitiveBytes> output : outputs) {
            if (output.isPresent()) {
                put(out, all, output.get());
            } else {
                out.putInt(ABSENT);
            }
        }
        put(out, all, stdout);
        put(out, all, stderr);
        return all;
    }

    /** @param all the bytes of {@code out} */
    private static void put(ByteBuffer out, byte[] all, PrimitiveBytes bytes) throws IOException {
        int length = (int) bytes.length();
        out.putInt(length);
        try (InputStream in = bytes.toInputStream()) {
            if (in.readNBytes(all, out.position(), length) < length || in.read() >= 0) {
                throw new IOException("an output has another length than it was said to have");
            }
        }
        out.position(out.position() + length);
    }

    /** @return nothing if these bytes are no result */
    public static Optional<CompileResult> decode(byte[] bytes) {
        Bytes all = Bytes.wrap(bytes);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            int count = in.getInt();
            if (count < 0 || count > MAX_OUTPUTS) {
                return Optional.empty();
            }
            List<Optional<PrimitiveBytes>> outputs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int length = in.getInt();
                outputs.add(length == ABSENT ? Optional.empty() : Optional.of(take(all, in, length)));
            }
            return Optional.of(new CompileResult(outputs, take(all, in, in.getInt()), take(all, in, in.getInt())));
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private static Bytes take(Bytes all, ByteBuffer in, int length) {
        Bytes taken = all.slice(in.position(), length);
        in.position(in.position() + length);
        return taken;
    }
}
