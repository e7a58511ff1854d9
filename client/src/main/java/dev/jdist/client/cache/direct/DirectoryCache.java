package dev.jdist.client.cache.direct;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.files.FileStat;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** The names in directories, read once and remembered for as long as the directories' stamps stay. */
public final class DirectoryCache {
    /** Names remembered in all; a directory counts for itself too. */
    private static final int MAX_NAMES = 500_000;

    /**
     * The names in a directory.
     *
     * @param settled whether the stamp is sure to change when the names do
     */
    public record Listing(FileStat stamp, boolean settled, Set<String> names) {}

    private record Known(FileStat stamp, Set<String> names) {}

    private final Cache<Path, Known> known = Caffeine.newBuilder()
            .maximumWeight(MAX_NAMES)
            .weigher((Path path, Known listing) -> 1 + listing.names.size())
            .build();
    private final LongSupplier clock;

    /** @param clock nanoseconds since 1970 */
    public DirectoryCache(LongSupplier clock) {
        this.clock = clock;
    }

    /** @return nothing if there is no such directory */
    public Optional<Listing> list(Path directory) throws IOException {
        Optional<FileStat> stamp = FileStat.of(directory);
        return stamp.isEmpty() ? Optional.empty() : list(directory, stamp.get());
    }

    /** Whether the names in a directory with this stamp are known without reading it. */
    boolean isKnown(Path directory, FileStat stamp) {
        Known before = known.getIfPresent(directory);
        return before != null && before.stamp.equals(stamp);
    }

    /** The names in a directory whose stamp was just taken. */
    public Optional<Listing> list(Path directory, FileStat stamp) throws IOException {
        boolean settled = stamp.isSettled(clock.getAsLong());
        Known before = known.getIfPresent(directory);
        if (before != null && before.stamp.equals(stamp)) {
            return Optional.of(new Listing(stamp, settled, before.names));
        }
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        }
        if (settled) {
            known.put(directory, new Known(stamp, names));
        }
        return Optional.of(new Listing(stamp, settled, names));
    }
}
