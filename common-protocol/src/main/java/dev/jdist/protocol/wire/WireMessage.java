package dev.jdist.protocol.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A message that can describe itself. Its class also has a static {@code decode(WireReader)}. */
public interface WireMessage {
    void encode(WireWriter out);

    /** This message as bincode 1 with its default options: little endian, fixed width. */
    default byte[] toBincode() {
        return inMemory(bincode());
    }

    /** As {@link #toBincode()}, for messages that may be larger than memory: what is large in one is read where it is. */
    default PrimitiveBytes bincode() {
        return BincodeWriter.write(this);
    }

    /** This message as serde_json would print it, in UTF-8. */
    default byte[] toJson() {
        return inMemory(json());
    }

    /** As {@link #toJson()}, for messages that may be larger than memory. */
    default PrimitiveBytes json() {
        return JsonWireWriter.write(this);
    }

    private static byte[] inMemory(PrimitiveBytes encoded) {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream(256);
        try {
            encoded.writeTo(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return buffer.toByteArray();
    }
}
