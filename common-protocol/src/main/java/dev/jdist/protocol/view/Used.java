package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What a command had to do with a path. Sorted by path, and by kind.
 *
 * @param path absolute, without "." and ".."
 */
public record Used(String path, Kind kind) implements Comparable<Used> {
    private static final String USED = "used paths";

    /** Path (two numbers) and kind. */
    private static final int LEAST_BYTES = 3;

    private static final Comparator<Used> ORDER =
            Comparator.comparing(Used::path).thenComparing(Used::kind);

    private static final List<Kind> KINDS = List.of(Kind.values());

    /** The number of a kind on the wire is its place here. */
    public enum Kind {
        /** The content was opened or executed. */
        READ,
        /** It is there, and was looked at. */
        SEEN,
        /** There was nothing. */
        ABSENT,
        /** The names in this directory were read. */
        LISTED
    }

    /** @throws IllegalArgumentException if the path is not in the one form that paths have */
    public Used {
        ViewPath.checkPath(path);
    }

    @Override
    public int compareTo(Used other) {
        return ORDER.compare(this, other);
    }

    static List<Used> sorted(Collection<Used> used) {
        PackedPaths.checkCount(USED, used.size(), WireLimits.PATHS);
        return ViewPath.sorted("use of a path", used, ORDER);
    }

    static Bytes pack(List<Used> used) {
        PackedWriter out = new PackedWriter();
        out.number(used.size());
        for (Used next : used) {
            out.following(next.path());
            out.octet(next.kind().ordinal());
        }
        return out.toBytes();
    }

    static List<Used> unpack(WireReader field) {
        PackedReader in = PackedReader.of(field, USED, WireLimits.PATH_BYTES);
        List<Used> used = new ArrayList<>();
        for (int left = in.count(USED, WireLimits.PATHS, LEAST_BYTES); left > 0; left--) {
            Used next = read(in);
            if (!used.isEmpty() && used.get(used.size() - 1).compareTo(next) >= 0) {
                throw new WireFormatException("the used paths are not sorted, or one is there twice");
            }
            used.add(next);
        }
        in.end();
        return used;
    }

    private static Used read(PackedReader in) {
        String path = in.following("path", WireLimits.PATH);
        int kind = in.octet();
        if (kind >= KINDS.size()) {
            throw new WireFormatException("a path was used in an unknown way, " + kind);
        }
        try {
            return new Used(path, KINDS.get(kind));
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }
}
