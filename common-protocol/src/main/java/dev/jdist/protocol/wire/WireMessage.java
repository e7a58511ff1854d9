package dev.jdist.protocol.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** A message that can describe itself. Its class also has a static {@code decode(WireReader)}. */
public interface WireMessage {
    void encode(WireWriter out);

    /** This message as bincode 1 with its default options: little endian, fixed width. */
    default byte[] toBincode() {
        return inMemory(this::writeBincode);
    }

    /** As {@link #toBincode()}, for messages that may be larger than memory. */
    default void writeBincode(OutputStream out) throws IOException {
        BincodeWriter.write(this, out);
    }

    /** This message as serde_json would print it, in UTF-8. */
    default byte[] toJson() {
        return inMemory(this::writeJson);
    }

    /** As {@link #toJson()}, for messages that may be larger than memory. */
    default void writeJson(OutputStream out) throws IOException {
        JsonWireWriter.write(this, out);
    }

    /** One of the two encodings, as a method of a message. */
    @FunctionalInterface
    interface Encoding {
        void writeTo(OutputStream out) throws IOException;
    }

    private static byte[] inMemory(Encoding encoding) {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream(256);
        try {
            encoding.writeTo(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return buffer.toByteArray();
    }
}
