package dev.jdist.client.cache.direct;

import dev.jdist.client.cache.direct.ManifestEntry.ReadFile;
import dev.jdist.client.cache.direct.ManifestEntry.SearchedDirectory;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks variants of one request against the files as they are now. Variants share most of their files; each is looked at
 * once.
 */
public final class ManifestVerifier {
    /**
     * So many names are asked for one by one, where a directory would have to be read: that in which the objects are written
     * changes all the time, and may be large.
     */
    private static final int MAX_ASKED = 100;

    private final SourceFileCache files;
    private final DirectoryCache directories;
    private final Map<Path, Optional<Digest>> digests = new HashMap<>();
    private final Map<Path, Optional<FileStat>> stamps = new HashMap<>();

    public ManifestVerifier(SourceFileCache files, DirectoryCache directories) {
        this.files = files;
        this.directories = directories;
    }

    /** Whether all files hold what they held, and no name has come or gone. */
    public boolean holds(ManifestEntry variant) throws IOException {
        for (ReadFile file : variant.files()) {
            if (!digest(file.path()).equals(Optional.of(file.digest()))) {
                return false;
            }
        }
        return directoriesHold(variant.directories());
    }

    /**
     * Whether all files are untouched, and no name has come or gone. A file that was touched may hold what it held.
     *
     * @param differing numbers of what has other stamps now
     */
    public boolean holds(VerifiedHit recent, BitSet differing) throws IOException {
        List<SearchedDirectory> withStamps = withStamps(recent);
        int number = recent.stamped().count() - withStamps.size();
        int firstDiffering = differing.nextSetBit(0);
        boolean filesHold = firstDiffering < 0 || firstDiffering >= number;
        for (SearchedDirectory directory : withStamps) {
            if (!differing.get(number++)) {
                stamps.put(directory.path(), directory.stamp());
            }
        }
        return filesHold && directoriesHold(recent.directories());
    }

    private static List<SearchedDirectory> withStamps(VerifiedHit recent) {
        return recent.directories().stream()
                .filter(directory -> directory.stamp().isPresent())
                .toList();
    }

    /** Whether a directory has another stamp than it had, as far as is known, or had none. */
    boolean isRestless(SearchedDirectory directory) {
        return directory.stamp().isEmpty()
                || stamps.containsKey(directory.path())
                        && !stamps.get(directory.path()).equals(directory.stamp());
    }

    private boolean directoriesHold(List<SearchedDirectory> searched) throws IOException {
        List<Optional<FileStat>> now = new ArrayList<>();
        for (SearchedDirectory directory : searched) {
            Optional<FileStat> stamp = stamp(directory.path());
            if (!holds(directory, stamp)) {
                return false;
            }
            now.add(stamp);
        }
        return areSame(searched, now);
    }

    /** Whether directories with these stamps are the same ones as those that were. */
    static boolean areSame(List<SearchedDirectory> searched, List<Optional<FileStat>> stamps) {
        return FileStat.firstSame(stamps)
                .equals(searched.stream().map(SearchedDirectory::sameAs).toList());
    }

    /** The stamp of a directory, looked at once. */
    Optional<FileStat> stamp(Path directory) throws IOException {
        Optional<FileStat> stamp = stamps.get(directory);
        if (stamp == null) {
            stamp = FileStat.of(directory);
            stamps.put(directory, stamp);
        }
        return stamp;
    }

    private Optional<Digest> digest(Path path) throws IOException {
        Optional<Digest> digest = digests.get(path);
        if (digest == null) {
            digest = files.content(path).map(SourceFileCache.Content::digest);
            digests.put(path, digest);
        }
        return digest;
    }

    private boolean holds(SearchedDirectory directory, Optional<FileStat> stamp) throws IOException {
        if (stamp.isPresent() && stamp.equals(directory.stamp())) {
            return true;
        }
        if (stamp.isPresent() && areFew(directory) && !directories.isKnown(directory.path(), stamp.get())) {
            return holdsName(directory);
        }
        Optional<Set<String>> listed = stamp.isEmpty()
                ? Optional.empty()
                : directories.list(directory.path(), stamp.get()).map(DirectoryCache.Listing::names);
        Set<String> names = listed.orElse(Set.of());
        return directory.present().stream()
                        .allMatch(name ->
                                names.contains(name) || name.equals(SearchedDirectory.ITSELF) && listed.isPresent())
                && containsNone(names, directory);
    }

    private static boolean areFew(SearchedDirectory directory) {
        return directory.present().size() + directory.absent().size() <= MAX_ASKED;
    }

    /** Asks for each name. A link that leads nowhere is not there: compilers do not find it either. */
    private static boolean holdsName(SearchedDirectory directory) {
        File place = directory.path().toFile();
        return directory.present().stream().allMatch(name -> new File(place, name).exists())
                && directory.absent().stream().noneMatch(name -> new File(place, name).exists());
    }

    /** A link that leads nowhere is in the directory, and not there. */
    private static boolean containsNone(Set<String> names, SearchedDirectory directory) {
        for (String name : directory.absent()) {
            if (names.contains(name) && new File(directory.path().toFile(), name).exists()) {
                return false;
            }
        }
        return true;
    }
}
