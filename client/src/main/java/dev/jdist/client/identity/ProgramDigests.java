package dev.jdist.client.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.cache.KeyBuilder;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileDigestStore;
import dev.jdist.client.files.FileDigestStore.Known;
import dev.jdist.client.files.FileStat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Digests programs, which are large, once for as long as their stamps stay. What was digested is kept for the next daemon,
 * as far as its stamps can be trusted.
 */
public final class ProgramDigests {
    private static final int MAX_REMEMBERED = 1000;

    /**
     * What a number of files came to.
     *
     * @param stamps of the files at that time, in their order
     */
    public record Digested(List<Path> files, List<FileStat> stamps, String digest) {}

    private final FileDigestStore kept;
    private final LongSupplier now;
    private final Cache<Path, Known> known =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();
    /** Asked at every compile. */
    private final Cache<List<Path>, Digested> knownSets =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

    /**
     * @param directory of the cache
     * @param writable whether anything may be changed there
     */
    public ProgramDigests(Path directory, boolean writable) {
        this(new FileDigestStore(directory, writable), FileStat::now);
    }

    /** @param now nanoseconds since 1970 */
    public ProgramDigests(FileDigestStore kept, LongSupplier now) {
        this.kept = kept;
        this.now = now;
        known.putAll(kept.read());
    }

    /**
     * Stands for the names and contents of files.
     *
     * @throws IOException if one of them cannot be read
     */
    public Digested digest(Collection<Path> files) throws IOException {
        List<Path> all = List.copyOf(files);
        List<FileStat> stamps = new ArrayList<>();
        for (Path file : all) {
            stamps.add(FileStat.of(file).orElseThrow(() -> new NoSuchFileException(file.toString())));
        }
        Digested before = knownSets.getIfPresent(all);
        if (before != null && before.stamps.equals(stamps)) {
            return before;
        }
        KeyBuilder key = new KeyBuilder("programs");
        boolean read = false;
        for (int i = 0; i < all.size(); i++) {
            Known one = known.getIfPresent(all.get(i));
            if (one == null || !one.stamp().equals(stamps.get(i))) {
                one = digest(all.get(i), stamps.get(i));
                read = true;
            }
            key.add(all.get(i).toString()).add(one.digest());
        }
        Digested digested = new Digested(all, List.copyOf(stamps), key.build().hex());
        knownSets.put(all, digested);
        if (read) {
            kept.write(known.asMap());
        }
        return digested;
    }

    /** A program that was replaced within the tick of a clock is executed in that tick at most, by this daemon. */
    private Known digest(Path file, FileStat stamp) throws IOException {
        boolean settled = stamp.isSettled(now.getAsLong());
        Digest digest;
        try (InputStream in = Files.newInputStream(file)) {
            digest = Digest.of(in);
        }
        boolean unchanged = FileStat.of(file).equals(Optional.of(stamp));
        Known result = new Known(stamp, digest, settled && unchanged);
        known.put(file, result);
        return result;
    }
}
