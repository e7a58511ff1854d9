package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** How sets of paths and of digests are packed: sorted, each once. */
final class PackedPaths {
    private static final String PATHS = "paths";
    private static final String DIGESTS = "digests";

    /** A path shares all with the one before, or all but a byte. */
    private static final int LEAST_BYTES = 2;

    private PackedPaths() {}

    /** @throws IllegalArgumentException if there are too many */
    static void checkCount(String what, int count, int limit) {
        if (count > limit) {
            throw new IllegalArgumentException(count + " " + what + " are over the limit of " + limit);
        }
    }

    /**
     * Paths as messages have them.
     *
     * @throws IllegalArgumentException if one is not in the one form that paths have, or there twice, or if they are too many
     */
    static List<String> sorted(Collection<String> paths) {
        checkCount(PATHS, paths.size(), WireLimits.PATHS);
        return ViewPath.sorted(paths);
    }

    static Bytes pack(List<String> paths) {
        PackedWriter out = new PackedWriter();
        out.number(paths.size());
        paths.forEach(out::following);
        return out.toBytes();
    }

    static List<String> unpack(WireReader field) {
        PackedReader in = PackedReader.of(field, PATHS, WireLimits.PATH_BYTES);
        List<String> paths = new ArrayList<>();
        String previous = "";
        for (int left = in.count(PATHS, WireLimits.PATHS, LEAST_BYTES); left > 0; left--) {
            String path = next(in, previous);
            try {
                ViewPath.checkPath(path);
            } catch (IllegalArgumentException e) {
                throw new WireFormatException(Reason.of(e), e);
            }
            paths.add(path);
            previous = path;
        }
        in.end();
        return paths;
    }

    /** A path, which comes behind {@code previous}; not yet checked otherwise. */
    static String next(PackedReader in, String previous) {
        String path = in.following("path", WireLimits.PATH);
        if (path.compareTo(previous) <= 0) {
            throw new WireFormatException(
                    path.isEmpty() ? "a path is empty" : "the paths in a list are not sorted, or one is there twice");
        }
        return path;
    }

    /**
     * Digests as messages have them.
     *
     * @throws IllegalArgumentException if one is there twice, or if they are too many
     */
    static List<Sha256> sortedDigests(Collection<Sha256> digests) {
        checkCount(DIGESTS, digests.size(), WireLimits.CONTENTS);
        return ViewPath.sorted("digest", digests, Comparator.naturalOrder());
    }

    static Bytes packDigests(List<Sha256> digests) {
        ByteBuffer out = ByteBuffer.allocate(digests.size() * Sha256.BYTES);
        digests.forEach(digest -> digest.writeTo(out));
        return Bytes.wrap(out.array());
    }

    static List<Sha256> unpackDigests(WireReader field) {
        byte[] packed = PackedReader.bytes(field, DIGESTS, WireLimits.CONTENTS * Sha256.BYTES);
        if (packed.length % Sha256.BYTES != 0) {
            throw new WireFormatException("digests of " + Sha256.BYTES + " bytes do not fill " + packed.length);
        }
        List<Sha256> digests = new ArrayList<>(packed.length / Sha256.BYTES);
        ByteBuffer in = ByteBuffer.wrap(packed);
        while (in.hasRemaining()) {
            Sha256 digest = Sha256.read(in);
            if (!digests.isEmpty() && digests.get(digests.size() - 1).compareTo(digest) >= 0) {
                throw new WireFormatException("the digests in a list are not sorted, or one is there twice");
            }
            digests.add(digest);
        }
        return digests;
    }
}
