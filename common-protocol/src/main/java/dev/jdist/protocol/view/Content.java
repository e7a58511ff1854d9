package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The bytes of a regular file, or of an encoded {@link Listing}, on their way to a builder.
 *
 * @param digest of the bytes, as the client says: whoever stores them has to compute it
 * @param bytes in a message that was read from a spool they stay there, and go when it is closed
 */
public record Content(Sha256 digest, PrimitiveBytes bytes) {
    /** The content that is a listing. */
    public static Content of(Listing listing) {
        byte[] encoded = listing.encode().toByteArray();
        return new Content(Sha256.ofContent(encoded), Bytes.wrap(encoded));
    }

    /**
     * Contents as messages have them, in the order in which they were given.
     *
     * @throws IllegalArgumentException if one is there twice, or if they are too many
     */
    static List<Content> checked(List<Content> contents) {
        PackedPaths.checkCount("contents", contents.size(), WireLimits.CONTENTS);
        Set<Sha256> digests = new HashSet<>();
        for (Content content : contents) {
            if (!digests.add(content.digest())) {
                throw new IllegalArgumentException("a content is there twice");
            }
        }
        return List.copyOf(contents);
    }

    static void encode(List<Content> contents, WireWriter out) {
        out.beginList(contents.size());
        for (Content content : contents) {
            out.beginTuple();
            out.bytes(content.digest().toBytes());
            out.bytes(content.bytes());
            out.endTuple();
        }
        out.endList();
    }

    static List<Content> decode(WireReader in) {
        List<Content> contents = new ArrayList<>();
        for (int left = in.beginList(WireLimits.CONTENTS); left > 0; left--) {
            in.beginTuple();
            contents.add(new Content(decodeDigest(in), in.content()));
            in.endTuple();
        }
        in.endList();
        return contents;
    }

    static Sha256 decodeDigest(WireReader field) {
        try {
            return Sha256.of(PackedReader.bytes(field, "a digest", Sha256.BYTES));
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }
}
