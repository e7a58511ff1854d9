package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of the entries of one directory. It is stored and sent as a content: its packed form, of which there is one
 * for each listing, so that its digest is its name.
 *
 * @param complete whether a name that is not among the entries is absent; else nothing is known of it
 * @param entries by name, as Java sorts strings
 */
public record Listing(boolean complete, SortedMap<String, ViewNode> entries) {
    /** An entry shares all but a byte of its name with the one before, and has a node. */
    private static final int LEAST_BYTES = 3 + PackedNode.LEAST_BYTES;

    /**
     * @throws IllegalArgumentException if a name is empty, ".", "..", not Unicode, or has a "/" or NUL in it; if there are too
     *     many; if the listing is complete and says of a name that it is absent, which it does of all that it lacks
     */
    public Listing {
        SortedMap<String, ViewNode> copy = new TreeMap<>();
        copy.putAll(entries);
        if (copy.size() > WireLimits.LISTED) {
            throw new IllegalArgumentException(
                    "a listing of " + copy.size() + " entries is over the limit of " + WireLimits.LISTED);
        }
        copy.keySet().forEach(ViewPath::checkName);
        if (complete && copy.values().stream().anyMatch(ViewNode.Absent.class::isInstance)) {
            throw new IllegalArgumentException("a complete listing says of a name that it is absent");
        }
        entries = Collections.unmodifiableSortedMap(copy);
    }

    /** The form of which the digest is made. */
    public Bytes encode() {
        PackedWriter out = new PackedWriter();
        out.octet(complete ? 1 : 0);
        out.number(entries.size());
        entries.forEach((name, node) -> {
            out.following(name);
            PackedNode.write(node, out);
        });
        return out.toBytes();
    }

    /** SHA-256 of {@link #encode()}: computed at each call. */
    public Sha256 digest() {
        return Sha256.ofContent(encode().toByteArray());
    }

    /**
     * Reads what {@link #encode()} wrote.
     *
     * @throws WireFormatException if the bytes are nothing that it writes, or too many
     */
    public static Listing decode(byte[] packed) {
        if (packed.length > WireLimits.LISTING) {
            throw new WireFormatException(
                    "a listing of " + packed.length + " bytes is over the limit of " + WireLimits.LISTING);
        }
        PackedReader in = new PackedReader(packed, WireLimits.LISTING);
        int complete = in.octet();
        if (complete > 1) {
            throw new WireFormatException("a listing is complete (1) or not (0), not " + complete);
        }
        SortedMap<String, ViewNode> entries = new TreeMap<>();
        String previous = "";
        for (int left = in.count("entries of a directory", WireLimits.LISTED, LEAST_BYTES); left > 0; left--) {
            String name = in.following("name", WireLimits.NAME);
            if (name.compareTo(previous) <= 0) {
                throw new WireFormatException(
                        name.isEmpty()
                                ? "a name is empty"
                                : "the names in a listing are not sorted, or one is there twice");
            }
            entries.put(name, PackedNode.read(in));
            previous = name;
        }
        in.end();
        try {
            return new Listing(complete == 1, entries);
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }
}
