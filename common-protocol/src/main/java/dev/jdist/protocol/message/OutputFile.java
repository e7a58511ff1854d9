package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/**
 * One file that a compile wrote: a pair of its path and Rust's {@code OutputData(Vec<u8>, u64)}.
 *
 * @param path absolute, as the request named it
 * @param zlib the content, a zlib stream
 * @param size of the content before compression, in bytes
 */
public record OutputFile(String path, PrimitiveBytes zlib, long size) {
    void encode(WireWriter out) {
        out.beginTuple();
        out.string(path);
        out.beginTuple();
        out.bytes(zlib);
        out.u64(size);
        out.endTuple();
        out.endTuple();
    }

    static OutputFile decode(WireReader in) {
        in.beginTuple();
        String path = in.string();
        in.beginTuple();
        OutputFile file = new OutputFile(path, in.content(), in.u64());
        in.endTuple();
        in.endTuple();
        return file;
    }
}
