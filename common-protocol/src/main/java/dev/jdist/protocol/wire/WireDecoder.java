package dev.jdist.protocol.wire;

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
     * Reads one message from JSON in UTF-8.
     *
     * @throws WireFormatException if the text is not such a message
     */
    default T fromJson(byte[] body) {
        return decode(JsonWireReader.of(body));
    }
}
