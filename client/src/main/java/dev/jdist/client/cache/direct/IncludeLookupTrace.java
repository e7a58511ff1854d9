package dev.jdist.client.cache.direct;

import dev.jdist.client.cache.direct.DirectoryCache.Listing;
import dev.jdist.client.cache.direct.ManifestEntry.SearchedDirectory;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.UnchangedPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
    private final Map<Path, Boolean> existing = new HashMap<>();
    private final Set<Path> followed = new HashSet<>();
    private final Set<Path> questions = new HashSet<>();

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
        boolean isListed = first.equals("..") || listing.get().names().contains(first);
        boolean isThere = isListed && exists(directory.resolve(first));
        Names names = searched.computeIfAbsent(directory, key -> new Names());
        (isThere ? names.present : names.absent).add(first);
        if (isListed && !isThere) {
            lookBehind(directory.resolve(first));
        }
        return isThere && (rest.isEmpty() || look(directory.resolve(first), rest));
    }

    private boolean exists(Path path) {
        return existing.computeIfAbsent(path, Files::exists);
    }

    /** Where a link leads that leads nowhere: it may lead somewhere tomorrow, without a trace in its own directory. */
    private void lookBehind(Path link) throws IOException {
        if (Files.isSymbolicLink(link) && followed.add(link)) {
            Path target = link.resolveSibling(Files.readSymbolicLink(link));
            if (target.getParent() != null) {
                look(target.getParent(), target.getFileName().toString());
            }
        }
    }

    /** Notes that a source asks whether a file is there, and nothing more. */
    void noteQuestion(Path file) {
        questions.add(file);
    }

    /** Looks whether a directory is there, whoever looks for something in it. */
    void look(Path directory) throws IOException {
        if (listing(directory).isEmpty()) {
            lookForDirectory(directory);
        } else {
            searched.computeIfAbsent(directory, key -> new Names());
        }
    }

    /** Notes that this is a directory, and that it matters: under this name, a file may have been looked for. */
    void lookAtKind(Path directory) throws IOException {
        look(directory);
        searched.computeIfAbsent(directory, key -> new Names()).present.add(SearchedDirectory.ITSELF);
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

    /** All that was looked for. */
    List<SearchedDirectory> result() throws IOException {
        List<SearchedDirectory> result = new ArrayList<>();
        Map<FileStat.Identity, Integer> first = new HashMap<>();
        for (Map.Entry<Path, Names> entry : searched.entrySet()) {
            Path directory = entry.getKey();
            Names names = entry.getValue();
            names.present.remove("..");
            Listing listing = listing(directory).orElseThrow();
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

    /**
     * Looks whether all that was found is what the compile would have found.
     *
     * @param written directories in which the compile itself may write
     * @throws ChangedException if something turned up since it began, or was another one
     */
    void check(UnchangedPaths paths, List<Path> written) throws IOException, ChangedException {
        for (Map.Entry<Path, Names> entry : searched.entrySet()) {
            checkPresent(paths, entry.getKey());
            for (String name : entry.getValue().present) {
                checkPresent(paths, entry.getKey().resolve(name));
            }
        }
        Set<Optional<FileStat.Identity>> busy = new HashSet<>();
        for (Path directory : written) {
            busy.add(paths.check(directory).map(FileStat::identity));
        }
        for (Path file : questions) {
            checkQuestion(paths, file, busy);
        }
    }

    /**
     * What is not there may have been there for a moment, unless the directory in which it is missing has not changed. One in which
     * the compile itself writes always has.
     */
    private static void checkQuestion(UnchangedPaths paths, Path file, Set<Optional<FileStat.Identity>> busy)
            throws IOException, ChangedException {
        Path missing = file;
        while (paths.check(missing).isEmpty() && missing.getParent() != null) {
            Path directory = missing.getParent();
            Optional<FileStat> there = paths.check(directory);
            if (there.isPresent() && !busy.contains(there.map(FileStat::identity))) {
                paths.checkDirectory(directory);
            }
            missing = directory;
        }
    }

    private static void checkPresent(UnchangedPaths paths, Path path) throws IOException, ChangedException {
        if (paths.check(path).isEmpty()) {
            throw new ChangedException(path + " disappeared after the compile");
        }
    }
}
