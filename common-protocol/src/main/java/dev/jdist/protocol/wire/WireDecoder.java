package dev.jdist.protocol.wire;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** How a message of type {@code T} is read: in practice always {@code T::decode}. */
@FunctionalInterface
public interface WireDecoder<T> {
    T decode(WireReader in);

    /**
     * Reads one message from bincode. Bytes behind the message are tolerated, as bincode's own {@code deserialize}
     * does.
     *
     * @throws WireFormatException if the bytes are not such a message
     */
    default T fromBincode(byte[] body) {
        return decode(BincodeReader.of(body));
    }

    /**
     * As above, for messages that may be larger than memory: what is large in one stays where it is.
     *
     * @throws IOException if the bytes cannot be read
     */
    default T fromBincode(PrimitiveBytes body) throws IOException {
        try (InputStream in = new BufferedInputStream(body.toInputStream())) {
            return decode(new BincodeReader(body, in));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Reads one message from JSON in UTF-8.
     *
     * @throws WireFormatException if the text is not such a message
     */
    default T fromJson(byte[] body) {
        return decode(JsonWireReader.of(body));
    }
}
