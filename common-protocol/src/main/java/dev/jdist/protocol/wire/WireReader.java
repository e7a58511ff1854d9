package dev.jdist.protocol.wire;

/**
 * Gives out one message, field by field; the mirror of {@link WireWriter}. Every method throws
 * {@link WireFormatException} where the input does not hold what is asked for, and checks each length against the bytes
 * that remain and the limits of {@link WireLimits} before it allocates.
 */
public interface WireReader {
    void beginStruct();

    /** Moves to the named field, and returns this reader so that the value can be read in the same breath. */
    WireReader field(String name);

    void endStruct();

    long u64();

    int i32();

    boolean bool();

    String string();

    Bytes bytes();

    /** As {@link #bytes()}, for what may be large: it may stay where it is, and be read from there. */
    default PrimitiveBytes content() {
        return bytes();
    }

    /** The number of elements that follow, at most {@code limit}. */
    int beginList(int limit);

    void endList();

    void beginTuple();

    void endTuple();

    /**
     * The index of the variant that stands here, by its position among {@code names}. Read its payload next, if it has
     * one, then call {@link #endVariant()} in either case.
     */
    int variant(String... names);

    void endVariant();

    ServerId socketAddress();
}
