package dev.jdist.client.cache;

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
public record CompileResult(List<Optional<byte[]>> outputs, byte[] stdout, byte[] stderr) {
    private static final int MAX_OUTPUTS = 16;

    public CompileResult {
        outputs = List.copyOf(outputs);
    }

    /** Whether the compiler had nothing to say. */
    public boolean isSilent() {
        return stdout.length == 0 && stderr.length == 0;
    }

    byte[] encode() {
        int size = 3 * Integer.BYTES + stdout.length + stderr.length;
        for (Optional<byte[]> output : outputs) {
            size += Integer.BYTES + output.map(octets -> octets.length).orElse(0);
        }
        ByteBuffer out = ByteBuffer.allocate(size).putInt(outputs.size());
        for (Optional<byte[]> output : outputs) {
            out.putInt(output.map(octets -> octets.length).orElse(-1));
            output.ifPresent(out::put);
        }
        out.putInt(stdout.length).put(stdout);
        out.putInt(stderr.length).put(stderr);
        return out.array();
    }

    /** @return nothing if these octets are no result */
    static Optional<CompileResult> decode(byte[] octets) {
        ByteBuffer in = ByteBuffer.wrap(octets);
        try {
            int count = in.getInt();
            if (count < 0 || count > MAX_OUTPUTS) {
                return Optional.empty();
            }
            List<Optional<byte[]>> outputs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int length = in.getInt();
                outputs.add(length == -1 ? Optional.empty() : Optional.of(take(in, length)));
            }
            return Optional.of(new CompileResult(outputs, take(in, in.getInt()), take(in, in.getInt())));
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }

    private static byte[] take(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] octets = new byte[length];
        in.get(octets);
        return octets;
    }
}
