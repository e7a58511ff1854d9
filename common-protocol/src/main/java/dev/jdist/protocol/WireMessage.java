package dev.jdist.protocol;

/** A message that can describe itself. Its class also has a static {@code decode(WireReader)}. */
public interface WireMessage {
    void encode(WireWriter out);

    /** This message as bincode 1 with its default options: little endian, fixed width. */
    default byte[] toBincode() {
        BincodeWriter out = new BincodeWriter();
        encode(out);
        return out.toByteArray();
    }

    /** This message as serde_json would print it, in UTF-8. */
    default byte[] toJson() {
        return JsonWireWriter.write(this);
    }
}
