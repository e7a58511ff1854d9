package dev.jdist.client.cache.direct;

import dev.jdist.client.cache.direct.DirectoryCache.Listing;
import dev.jdist.client.cache.direct.ManifestEntry.SearchedDirectory;
import dev.jdist.client.cache.direct.ManifestRecorder.UnrecordableException;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Notes down where a compile looked for files, or may have looked: each name that its sources mention, in each directory
 * in which it could be. As long as none of these names comes or goes, the same files are found again.
 *
 * <p>The order of the directories does not matter here. A name that appears behind the one that is found changes nothing,
 * and costs a compile that could have been spared; that is rare.
 */
public final class IncludeLookupTrace {
    private final DirectoryCache directories;
    private final Map<Path, Optional<Listing>> listings = new HashMap<>();
    private final Map<Path, Names> searched = new LinkedHashMap<>();

    private static final class Names {
        private final Set<String> present = new TreeSet<>();
        private final Set<String> absent = new TreeSet<>();
    }

    IncludeLookupTrace(DirectoryCache directories) {
        this.directories = directories;
    }

    /** Looks for {@code name}, which may have directories in it, in {@code directory}; tells whether it is there. */
    boolean look(Path directory, String name) throws IOException {
        Optional<Listing> listing = listing(directory);
        if (listing.isEmpty()) {
            lookForDirectory(directory);
            return false;
        }
        int slash = name.indexOf('/');
        String first = slash < 0 ? name : name.substring(0, slash);
        String rest = slash < 0 ? "" : name.substring(slash).replaceFirst("^/+", "");
        if (first.isEmpty() || first.equals(".")) {
            return !rest.isEmpty() && look(directory, rest);
        }
        boolean there = first.equals("..") || listing.get().names().contains(first);
        Names names = searched.computeIfAbsent(directory, key -> new Names());
        (there ? names.present : names.absent).add(first);
        return there && (rest.isEmpty() || look(directory.resolve(first), rest));
    }

    /** Looks whether a directory is there, whoever looks for something in it. */
    void look(Path directory) throws IOException {
        if (listing(directory).isEmpty()) {
            lookForDirectory(directory);
        } else {
            searched.computeIfAbsent(directory, key -> new Names());
        }
    }

    /** What is not there as a whole matters as soon as its own name comes up in the directory above. */
    private void lookForDirectory(Path missing) throws IOException {
        Path parent = missing.getParent();
        if (parent != null) {
            look(parent, missing.getFileName().toString());
        }
    }

    private Optional<Listing> listing(Path directory) throws IOException {
        Optional<Listing> listing = listings.get(directory);
        if (listing == null) {
            listing = directories.list(directory);
            listings.put(directory, listing);
        }
        return listing;
    }

    /**
     * All that was looked for.
     *
     * @param began when the compile began whose search this is
     * @throws UnrecordableException if a file turned up since: the compile may not have seen it
     */
    List<SearchedDirectory> result(Moment began) throws IOException, UnrecordableException {
        List<SearchedDirectory> result = new ArrayList<>();
        Map<FileStat.Identity, Integer> first = new HashMap<>();
        for (Map.Entry<Path, Names> entry : searched.entrySet()) {
            Path directory = entry.getKey();
            Names names = entry.getValue();
            names.present.remove("..");
            Listing listing = listing(directory).orElseThrow();
            if (listing.stamp().changed() >= began.nanos()) {
                for (String name : names.present) {
                    rejectNew(directory.resolve(name), began);
                }
            }
            Optional<FileStat> stamp = Optional.of(listing.stamp()).filter(taken -> listing.settled());
            Integer same = first.putIfAbsent(listing.stamp().identity(), result.size());
            result.add(new SearchedDirectory(
                    directory,
                    stamp,
                    same == null ? result.size() : same,
                    List.copyOf(names.present),
                    List.copyOf(names.absent)));
        }
        return result;
    }

    private static void rejectNew(Path path, Moment began) throws IOException, UnrecordableException {
        Optional<FileStat> stamp = FileStat.of(path);
        if (stamp.isPresent() && stamp.get().changed() >= began.nanos() && Files.isRegularFile(path)) {
            throw new UnrecordableException(path + " appeared during the compile");
        }
    }
}
