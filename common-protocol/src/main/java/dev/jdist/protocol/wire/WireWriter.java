package dev.jdist.protocol.wire;

/**
 * Receives one message, field by field. A record describes itself once to this interface and comes out as bincode
 * ({@link BincodeWriter}) or as JSON ({@link JsonWireWriter}), exactly as serde would write the Rust type.
 *
 * <p>Structs and variants nest and must be closed. Field names reach JSON only; order is what bincode keeps.
 */
public interface WireWriter {
    void beginStruct();

    /** Names the value that follows, and returns this writer so that the value can be written in the same breath. */
    WireWriter field(String name);

    void endStruct();

    /** An unsigned 64-bit number: Rust's {@code u64} and {@code usize}. */
    void u64(long value);

    void i32(int value);

    void bool(boolean value);

    void string(String value);

    /** Rust's {@code Vec<u8>}: length and bytes in bincode, an array of numbers in JSON. */
    void bytes(PrimitiveBytes value);

    void beginList(int size);

    void endList();

    /** Rust's tuple or tuple struct: bare fields in bincode, an array in JSON. */
    void beginTuple();

    void endTuple();

    /** An enum variant without fields: its index in bincode, its name in JSON. */
    void unitVariant(int index, String name);

    /** An enum variant with a payload: in JSON an object with the name as its only key. Write the payload next. */
    void beginVariant(int index, String name);

    void endVariant();

    /** Rust's {@code SocketAddr}: variant, bytes and port in bincode, {@code ip:port} in JSON. */
    void socketAddress(ServerId value);
}
