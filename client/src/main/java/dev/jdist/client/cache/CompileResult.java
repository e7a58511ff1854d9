package dev.jdist.client.cache;

import dev.jdist.protocol.wire.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a successful compile left.
 *
 * @param outputs in the order in which the unit names them; nothing for one that was not made
 */
public record CompileResult(List<Optional<Bytes>> outputs, Bytes stdout, Bytes stderr) {
    private static final int MAX_OUTPUTS = 16;
    private static final int ABSENT = -1;

    public CompileResult {
        outputs = List.copyOf(outputs);
    }

    /** Whether the compiler had nothing to say. */
    public boolean isSilent() {
        return stdout.isEmpty() && stderr.isEmpty();
    }

    public byte[] encode() {
        int size = 3 * Integer.BYTES + stdout.size() + stderr.size();
        for (Optional<Bytes> output : outputs) {
            size += Integer.BYTES + output.map(Bytes::size).orElse(0);
        }
        ByteBuffer out = ByteBuffer.allocate(size).putInt(outputs.size());
        for (Optional<Bytes> output : outputs) {
            output.ifPresentOrElse(bytes -> put(out, bytes), () -> out.putInt(ABSENT));
        }
        put(out, stdout);
        put(out, stderr);
        return out.array();
    }

    private static void put(ByteBuffer out, Bytes bytes) {
        bytes.writeTo(out.putInt(bytes.size()));
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
            List<Optional<Bytes>> outputs = new ArrayList<>();
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
