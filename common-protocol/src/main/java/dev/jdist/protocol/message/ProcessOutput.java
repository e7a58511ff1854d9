package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

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
        ProcessOutput output =
                new ProcessOutput(in.field("code").i32(), printed(in.field("stdout")), printed(in.field("stderr")));
        in.endStruct();
        return output;
    }

    private static Bytes printed(WireReader in) {
        PrimitiveBytes content = in.content();
        if (content instanceof Bytes inMemory) {
            return inMemory;
        }
        if (content.length() > WireLimits.PRINTED) {
            throw new WireFormatException(
                    content.length() + " bytes of output are over the limit of " + WireLimits.PRINTED);
        }
        try (InputStream bytes = content.toInputStream()) {
            return Bytes.wrap(bytes.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
