package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.util.regex.Pattern;

/**
 * A compiler with all it needs, named by its archive.
 *
 * @param archiveId BLAKE3 of the gzip-compressed tar, 64 lower-case hex digits from a well-behaved peer. A builder must
 *     ask {@link #isWellFormed()} before it lets this near a file name.
 */
public record Toolchain(String archiveId) implements WireMessage {
    private static final Pattern WELL_FORMED = Pattern.compile("[0-9a-f]{64}");

    public boolean isWellFormed() {
        return WELL_FORMED.matcher(archiveId).matches();
    }

    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("archive_id").string(archiveId);
        out.endStruct();
    }

    public static Toolchain decode(WireReader in) {
        in.beginStruct();
        Toolchain toolchain = new Toolchain(in.field("archive_id").string());
        in.endStruct();
        return toolchain;
    }

    /** The first digits: enough to tell toolchains apart in a log. */
    @Override
    public String toString() {
        return archiveId.length() <= 12 ? archiveId : archiveId.substring(0, 12);
    }
}
