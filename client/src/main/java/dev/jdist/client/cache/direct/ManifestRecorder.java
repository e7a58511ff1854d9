package dev.jdist.client.cache.direct;

import dev.jdist.client.cache.direct.ManifestEntry.DependencyFile;
import dev.jdist.client.cache.direct.ManifestEntry.ReadFile;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.Directories;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.source.SourceScan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes a variant of what a compile read: the files' contents, and all places where names were or could be looked for. */
public final class ManifestRecorder {
    private final SourceFileCache files;
    private final DirectoryCache directories;

    /** What follows the name of a header in that of a precompiled one. */
    public static final List<String> PRECOMPILED = List.of(".gch", ".pch");

    private static final List<Path> OF_SYSTEM =
            Stream.of("/usr", "/opt", "/nix/store", "/gnu/store").map(Path::of).toList();

    public ManifestRecorder(SourceFileCache files, DirectoryCache directories) {
        this.files = files;
        this.directories = directories;
    }

    /**
     * Why a compile cannot be found again by its inputs.
     *
     * @param lasting whether nothing that is known of it helps to find it again, however often it is compiled
     */
    public record Obstacle(String reason, boolean lasting) {}

    /**
     * The files of a compile with their contents; without what it was that they came to.
     *
     * @param clock whether the time of day is mentioned in them
     * @param computed whether they ask for files whose names are not known
     * @param binaries contents of those that are no texts: compiled modules, if the unit uses any
     * @param obstacle why no entry can be made of it, if so
     */
    public record Record(
            List<ReadFile> files,
            List<ManifestEntry.SearchedDirectory> directories,
            boolean clock,
            boolean computed,
            Set<Digest> binaries,
            Optional<Obstacle> obstacle) {
        public ManifestEntry leadingTo(Digest result, Optional<byte[]> dependencies) {
            return new ManifestEntry(files, directories, result, dependencies.map(DependencyFile::new));
        }
    }

    /** What a file held, and how it stood then. */
    private record Read(FileStat stat, SourceFileCache.Content content) {}

    /**
     * Takes down what a compile read and where it looked.
     *
     * @param paths by which it is proven that this is what the compile found
     * @throws ChangedException if it need not be
     */
    public Record record(CompileInputs inputs, UnchangedPaths paths) throws IOException, ChangedException {
        Map<Path, Read> reads = new LinkedHashMap<>();
        for (Path path : inputs.read()) {
            FileStat stat =
                    FileStat.of(path).orElseThrow(() -> new ChangedException(path + " was read and is not there"));
            reads.put(path, new Read(stat, files.content(path, stat)));
        }
        Map<Path, SourceScan> scans = new HashMap<>();
        reads.forEach((path, read) -> scans.put(path, read.content.scan()));
        IncludeLookupTrace search = new IncludeLookupTrace(directories);
        boolean isWatched = inputs.looked().isPresent();
        Optional<String> precompiled = Optional.empty();
        if (isWatched) {
            followWatched(search, inputs);
        } else {
            precompiled = search(search, inputs, scans);
        }
        Optional<String> header = precompiled;
        List<ManifestEntry.SearchedDirectory> searched = search.result();
        // What is proven from here on holds for all that was read before.
        for (Map.Entry<Path, Read> read : reads.entrySet()) {
            paths.checkFile(read.getKey(), read.getValue().stat);
        }
        search.check(
                paths,
                List.of(inputs.cwd(), Directories.of(inputs.read().iterator().next())));
        return new Record(
                reads.entrySet().stream()
                        .map(read -> new ReadFile(
                                read.getKey(), read.getValue().content.digest()))
                        .toList(),
                searched,
                SourceScan.mentionClock(scans.values()),
                !isWatched && scans.values().stream().anyMatch(SourceScan::computed),
                reads.values().stream()
                        .filter(read -> read.content.scan().binary())
                        .map(read -> read.content.digest())
                        .collect(Collectors.toSet()),
                obstacle(inputs, reads)
                        .or(() -> header.map(name -> new Obstacle("there is a precompiled " + name, false))));
    }

    private static Optional<Obstacle> obstacle(CompileInputs inputs, Map<Path, Read> reads) {
        if (inputs.target().isPresent()
                && inputs.dependencies().isPresent()
                && !inputs.target().get().isOf(inputs.dependencies().get())) {
            return Optional.of(new Obstacle(
                    "the dependency file is not that of "
                            + inputs.target().get().name(),
                    false));
        }
        boolean once = false;
        for (Map.Entry<Path, Read> read : reads.entrySet()) {
            SourceScan scan = read.getValue().content.scan();
            if (scan.assemblerInput() && inputs.looked().isEmpty()) {
                return Optional.of(new Obstacle(read.getKey() + " makes the assembler read a file", true));
            }
            if (scan.binary() && inputs.looked().isPresent()) {
                // Its compiler compares the times of what it was made of.
                return Optional.of(new Obstacle(read.getKey() + " was made by a compiler", false));
            }
            once |= scan.once();
        }
        long contents = reads.values().stream()
                .map(read -> read.content.digest())
                .distinct()
                .count();
        // The compiler tells by times and links whether these are the same file.
        return once && contents < reads.size()
                ? Optional.of(new Obstacle("files with the same content are marked to be read once", false))
                : Optional.empty();
    }

    /** Looks where the compile looked for what it includes; where its programs look for their parts is another matter. */
    private static void followWatched(IncludeLookupTrace search, CompileInputs inputs) throws IOException {
        Set<Path> roots = new LinkedHashSet<>();
        for (Path root : inputs.searched()) {
            search.look(root);
            roots.add(placeOf(root));
        }
        roots.add(inputs.cwd());
        Set<Path> beside = new HashSet<>();
        inputs.read().forEach(file -> beside.add(Directories.of(file)));
        for (Path place : inputs.looked().orElseThrow()) {
            boolean isDirectory = Files.isDirectory(place);
            boolean isLink = Files.isSymbolicLink(place);
            Path directory = place.getParent();
            boolean isOfSources = directory != null
                    && (beside.contains(directory) || roots.stream().anyMatch(place::startsWith));
            if (directory != null && isOfSources) {
                search.look(directory, place.getFileName().toString());
                search.noteQuestion(place);
            }
            if (isDirectory && isOfSources) {
                search.lookAtKind(place);
            } else if (isDirectory && isLink) {
                search.look(place);
            }
            if (isDirectory && isLink) {
                search.look(place.toRealPath()); // the two are to stay the same
            }
        }
    }

    /** Without links, as far as it is there. */
    private static Path placeOf(Path directory) throws IOException {
        return Files.exists(directory) ? directory.toRealPath() : directory.normalize();
    }

    /** Looks for all that the compile may have looked for. @return a precompiled header that it may have found */
    private static Optional<String> search(IncludeLookupTrace search, CompileInputs inputs, Map<Path, SourceScan> scans)
            throws IOException {
        Set<Path> explained = new HashSet<>();
        Set<String> precompiled = new TreeSet<>();
        Path source = inputs.read().iterator().next();
        search.look(Directories.of(source));
        for (Path directory : inputs.searched()) {
            search.look(directory);
        }
        for (String name : inputs.forced()) {
            look(search, inputs, inputs.cwd(), name, explained);
            precompiled.addAll(precompiled(search, inputs, inputs.cwd(), name));
        }
        Set<String> everywhere = new HashSet<>();
        for (Map.Entry<Path, SourceScan> scan : scans.entrySet()) {
            Path beside = Directories.of(scan.getKey());
            for (String name : scan.getValue().names()) {
                explained.add(beside.resolve(name));
                search.look(beside, name);
                everywhere.add(name);
            }
        }
        askedFor(scans)
                .forEach((path, names) -> names.forEach(name -> {
                    search.noteQuestion(Directories.of(path).resolve(name));
                    inputs.searched().forEach(directory -> search.noteQuestion(directory.resolve(name)));
                }));
        for (String name : everywhere) {
            for (Path directory : inputs.searched()) {
                explained.add(directory.resolve(name));
                search.look(directory, name);
            }
        }
        for (String name : Objects.requireNonNull(scans.get(source)).names()) {
            precompiled.addAll(precompiled(search, inputs, Directories.of(source), name));
        }
        for (Path path : inputs.read()) {
            if (!explained.contains(path)) {
                lookForOthersOf(search, inputs, path, scans.keySet());
            }
        }
        return precompiled.stream().findFirst();
    }

    /** Looks for a name as a directive in a file of {@code beside} would have it looked for. */
    private static boolean look(
            IncludeLookupTrace search, CompileInputs inputs, Path beside, String name, Set<Path> explained)
            throws IOException {
        explained.add(beside.resolve(name));
        boolean found = search.look(beside, name);
        for (Path directory : inputs.searched()) {
            explained.add(directory.resolve(name));
            found |= search.look(directory, name);
        }
        return found;
    }

    /**
     * Names, by the file that mentions them, whose existence is all that is asked of them. One that was there for a moment only
     * is in no list of what a compile read. What the system's own headers ask for is not made and removed in a build.
     */
    private static Map<Path, Set<String>> askedFor(Map<Path, SourceScan> scans) {
        Set<String> included = new HashSet<>();
        scans.values().forEach(scan -> included.addAll(scan.included()));
        Map<Path, Set<String>> asked = new HashMap<>();
        scans.forEach((path, scan) -> {
            if (OF_SYSTEM.stream().noneMatch(path::startsWith)) {
                Set<String> names = new HashSet<>(scan.names());
                names.removeAll(included);
                asked.put(path, names);
            }
        });
        return asked;
    }

    /** A precompiled header replaces what it was made of, and says nothing of that. */
    private static List<String> precompiled(IncludeLookupTrace search, CompileInputs inputs, Path beside, String name)
            throws IOException {
        List<String> found = new ArrayList<>();
        for (String suffix : PRECOMPILED) {
            if (look(search, inputs, beside, name + suffix, new HashSet<>())) {
                found.add(name + suffix);
            }
        }
        return found;
    }

    /**
     * A file that no directive names literally: it was found in one of the directories, or beside a file that includes it,
     * under what follows that one's name.
     */
    private static void lookForOthersOf(IncludeLookupTrace search, CompileInputs inputs, Path path, Set<Path> read)
            throws IOException {
        Set<Path> places = new LinkedHashSet<>(inputs.searched());
        read.forEach(file -> places.add(Directories.of(file)));
        for (Path directory : places) {
            if (path.startsWith(directory) && !path.equals(directory)) {
                String name = directory.relativize(path).toString();
                for (Path other : places) {
                    search.look(other, name);
                }
            }
        }
    }
}
