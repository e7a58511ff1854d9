package dev.jdist.client.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.crypto.digests.Blake3Digest;

/** Digests programs, which are large, once for as long as their stamps stay. */
public final class ProgramDigests {
    private static final int MAX_REMEMBERED = 1000;
    private static final int BUFFER = 1 << 16;

    private record Known(Stamp stamp, Digest digest) {}

    /** What a number of files came to, and their stamps at that time. */
    private record KnownSet(List<Stamp> stamps, String digest) {}

    private final Cache<Path, Known> known =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();
    /** Asked at every compile. */
    private final Cache<List<Path>, KnownSet> knownSets =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

    /**
     * Stands for the names and contents of files.
     *
     * @throws IOException if one of them cannot be read
     */
    public String digest(Collection<Path> files) throws IOException {
        List<Path> all = List.copyOf(files);
        List<Stamp> stamps = new ArrayList<>();
        for (Path file : all) {
            stamps.add(Stamp.of(file).orElseThrow(() -> new NoSuchFileException(file.toString())));
        }
        KnownSet before = knownSets.getIfPresent(all);
        if (before != null && before.stamps.equals(stamps)) {
            return before.digest;
        }
        KeyBuilder key = new KeyBuilder("programs");
        for (int i = 0; i < all.size(); i++) {
            key.add(all.get(i).toString()).add(digest(all.get(i), stamps.get(i)));
        }
        String digest = key.build().hex();
        knownSets.put(all, new KnownSet(stamps, digest));
        return digest;
    }

    /** A program that was replaced within the tick of a clock is executed in that tick at most. */
    private Digest digest(Path file, Stamp stamp) throws IOException {
        Known before = known.getIfPresent(file);
        if (before != null && before.stamp.equals(stamp)) {
            return before.digest;
        }
        Blake3Digest digest = new Blake3Digest();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        Digest result = Digest.finish(digest);
        known.put(file, new Known(stamp, result));
        return result;
    }
}
