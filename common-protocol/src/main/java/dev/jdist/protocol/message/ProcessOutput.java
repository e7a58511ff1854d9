package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/** What a compiler left behind: its exit code (a signal cannot be told on this wire) and what it printed. */
public record ProcessOutput(int code, Bytes stdout, Bytes stderr) implements WireMessage {
    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("code").i32(code);
        out.field("stdout").bytes(stdout);
        out.field("stderr").bytes(stderr);
        out.endStruct();
    }

    public static ProcessOutput decode(WireReader in) {
        in.beginStruct();
        ProcessOutput output = new ProcessOutput(
                in.field("code").i32(),
                in.field("stdout").bytes(),
                in.field("stderr").bytes());
        in.endStruct();
        return output;
    }
}
