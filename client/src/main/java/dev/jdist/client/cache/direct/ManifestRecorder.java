package dev.jdist.client.cache.direct;

import dev.jdist.client.cache.direct.ManifestEntry.DependencyFile;
import dev.jdist.client.cache.direct.ManifestEntry.ReadFile;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.Directories;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.text.ClockMacros;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Makes a variant of what a compile read: the files' contents, and all places where names were or could be looked for. */
public final class ManifestRecorder {
    private final SourceFileCache files;
    private final DirectoryCache directories;

    /** What follows the name of a header in that of a precompiled one. */
    public static final List<String> PRECOMPILED = List.of(".gch", ".pch");

    public ManifestRecorder(SourceFileCache files, DirectoryCache directories) {
        this.files = files;
        this.directories = directories;
    }

    /** Why a compile cannot be found again by its inputs. */
    public static final class UnrecordableException extends Exception {
        private static final long serialVersionUID = 1;

        /** Whether nothing that is known of it helps to find it again, however often it is compiled. */
        private final boolean lasting;

        UnrecordableException(String message) {
            this(message, false);
        }

        private UnrecordableException(String message, boolean lasting) {
            super(message);
            this.lasting = lasting;
        }

        public boolean isLasting() {
            return lasting;
        }
    }

    /**
     * The files of a compile with their contents; without what it was that they came to.
     *
     * @param clock whether the time of day is mentioned in them
     * @param computed whether they ask for files whose names are not known
     */
    public record Record(
            List<ReadFile> files, List<ManifestEntry.SearchedDirectory> directories, boolean clock, boolean computed) {
        public ManifestEntry leadingTo(Digest result, Optional<byte[]> dependencies) {
            return new ManifestEntry(files, directories, result, dependencies.map(DependencyFile::new));
        }
    }

    public Record record(CompileInputs inputs) throws IOException, UnrecordableException {
        if (inputs.target().isPresent()
                && inputs.dependencies().isPresent()
                && !inputs.target().get().isOf(inputs.dependencies().get())) {
            throw new UnrecordableException("the dependency file is not that of "
                    + inputs.target().get().name());
        }
        Map<Path, SourceScan> scans = new HashMap<>();
        List<ReadFile> read = new ArrayList<>();
        boolean clock = false;
        List<Set<String>> clockPieces = new ArrayList<>();
        boolean computed = false;
        boolean once = false;
        for (Path path : inputs.read()) {
            Optional<FileStat> stamp = FileStat.of(path);
            if (stamp.isEmpty() || stamp.get().changed() >= inputs.began().nanos()) {
                throw new UnrecordableException(path + " changed during the compile");
            }
            SourceFileCache.Content content = files.content(path, stamp.get());
            if (content.scan().assemblerInput()) {
                throw new UnrecordableException(path + " makes the assembler read a file", true);
            }
            clock |= content.scan().clock();
            clockPieces.add(content.scan().clockPieces());
            computed |= content.scan().computed();
            once |= content.scan().once();
            read.add(new ReadFile(path, content.digest()));
            scans.put(path, content.scan());
        }
        if (once && read.stream().map(ReadFile::digest).distinct().count() < read.size()) {
            // The compiler tells by times and links whether these are the same file.
            throw new UnrecordableException("files with the same content are marked to be read once");
        }
        clock |= ClockMacros.canBeMadeTogether(clockPieces);
        return new Record(read, searched(inputs, scans), clock, computed);
    }

    private List<ManifestEntry.SearchedDirectory> searched(CompileInputs inputs, Map<Path, SourceScan> scans)
            throws IOException, UnrecordableException {
        IncludeLookupTrace search = new IncludeLookupTrace(directories);
        Set<Path> explained = new HashSet<>();
        Path source = inputs.read().iterator().next();
        search.look(Directories.of(source));
        for (Path directory : inputs.searched()) {
            search.look(directory);
        }
        for (String name : inputs.forced()) {
            look(search, inputs, inputs.cwd(), name, explained);
            rejectPrecompiled(search, inputs, inputs.cwd(), name);
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
        for (String name : everywhere) {
            for (Path directory : inputs.searched()) {
                explained.add(directory.resolve(name));
                search.look(directory, name);
            }
        }
        for (String name : Objects.requireNonNull(scans.get(source)).names()) {
            rejectPrecompiled(search, inputs, Directories.of(source), name);
        }
        for (Path path : inputs.read()) {
            if (!explained.contains(path)) {
                lookForOthersOf(search, inputs, path, scans.keySet());
            }
        }
        return search.result(inputs.began());
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

    /** A precompiled header replaces what it was made of, and says nothing of that. */
    private static void rejectPrecompiled(IncludeLookupTrace search, CompileInputs inputs, Path beside, String name)
            throws IOException, UnrecordableException {
        for (String suffix : PRECOMPILED) {
            if (look(search, inputs, beside, name + suffix, new HashSet<>())) {
                throw new UnrecordableException("there is a precompiled " + name + suffix);
            }
        }
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
