package dev.jdist.client.source;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.WholeFiles;
import dev.jdist.protocol.view.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What files hold, read once and remembered for as long as their stamps stay. A file that changed within the last tick of
 * its file system is read each time, as its stamp proves nothing yet.
 */
public final class SourceFileCache {
    /** A large project has tens of thousands of headers; each entry is some 200 bytes. */
    private static final int MAX_REMEMBERED = 50_000;

    /**
     * What a file holds.
     *
     * @param digest by which the cache knows it
     * @param sha256 by which builders know it; nothing where none is to know it
     */
    public record Content(Digest digest, Optional<Sha256> sha256, SourceScan scan) {}

    /** What a file held while it had that stamp. */
    public record Known(FileStat stamp, Content content) {}

    private final Cache<Path, Known> known =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();
    private final LongSupplier clock;

    private final boolean isForBuilders;

    /** @param clock nanoseconds since 1970 */
    public SourceFileCache(LongSupplier clock) {
        this(clock, false);
    }

    /** @param isForBuilders whether builders are to know contents, too, by another digest */
    public SourceFileCache(LongSupplier clock, boolean isForBuilders) {
        this.clock = clock;
        this.isForBuilders = isForBuilders;
    }

    private Content contentOf(byte[] bytes) {
        return new Content(
                Digest.of(bytes),
                isForBuilders ? Optional.of(Sha256.ofContent(bytes)) : Optional.empty(),
                SourceScan.of(bytes));
    }

    /** @return nothing if there is no such file */
    public Optional<Content> content(Path path) throws IOException {
        Optional<FileStat> stamp = FileStat.of(path);
        return stamp.isEmpty() ? Optional.empty() : Optional.of(content(path, stamp.get()));
    }

    /** What is in those of these files that are there. */
    public List<SourceScan> scans(Collection<Path> paths) throws IOException {
        List<SourceScan> scans = new ArrayList<>();
        for (Path path : paths) {
            content(path).ifPresent(content -> scans.add(content.scan));
        }
        return scans;
    }

    /** What a file held when it was last read, if it then had a stamp that any later change takes from it. */
    public Optional<Known> remembered(Path path) {
        return Optional.ofNullable(known.getIfPresent(path));
    }

    /** The content of a file whose stamp was just taken. */
    public Content content(Path path, FileStat stamp) throws IOException {
        Known before = known.getIfPresent(path);
        if (before != null && before.stamp.equals(stamp)) {
            return before.content;
        }
        Content content = WholeFiles.SHARED.look(path, this::contentOf);
        if (stamp.isSettled(clock.getAsLong())) {
            known.put(path, new Known(stamp, content));
        }
        return content;
    }
}
