package dev.jdist.client.toolchain;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the files that an executable needs to start: its loader and its libraries, and theirs, by the rules of ld.so(8),
 * without running anything.
 */
public final class SharedLibraries {
    private static final int MAX_LIBRARIES = 1000;

    /** Where loaders look by themselves, Debian's in its multiarch directories as well. */
    private static final List<String> DEFAULT_DIRECTORIES = List.of("/lib64", "/usr/lib64", "/lib", "/usr/lib");

    /** What ldconfig(8) last found. The loader sees no library that it does not name, but those in its own directories. */
    static final Path LOADER_CACHE = Path.of("/etc/ld.so.cache");

    private static final Pattern BUILT_IN = Pattern.compile("(/usr)?/lib(64)?(/[a-z0-9_]+-linux-gnu[a-z0-9]*)?");

    private final SearchEnvironment environment;
    private final List<Path> systemDirectories;
    private final Set<Path> usedOfEnvironment = new HashSet<>();
    private final Set<Path> settings;
    private final boolean hasCache;
    private final Set<Path> passedOver = new HashSet<>();
    private final Set<Path> missing = new HashSet<>();
    private boolean needsLoaderCache;

    /** @param settings files that say which directories these are */
    private SharedLibraries(
            SearchEnvironment environment, List<Path> systemDirectories, Set<Path> settings, boolean hasCache) {
        this.environment = environment;
        this.systemDirectories = systemDirectories;
        this.settings = settings;
        this.hasCache = hasCache;
    }

    /** With the search path of this machine, and what an environment adds to it. */
    static SharedLibraries ofSystem(SearchEnvironment environment) throws IOException {
        List<Path> directories = new ArrayList<>();
        Set<Path> settings = new HashSet<>();
        readConfiguration(Path.of("/etc/ld.so.conf"), directories, settings);
        DEFAULT_DIRECTORIES.forEach(directory -> directories.add(Path.of(directory)));
        try (DirectoryStream<Path> musl = Files.newDirectoryStream(Path.of("/etc"), "ld-musl-*.path")) {
            for (Path file : musl) {
                settings.add(file);
                for (String directory : Files.readString(file).split("[:\\n]")) {
                    directories.add(Path.of(directory.strip()));
                }
            }
        }
        // Where there is a cache, the loader reads no other settings, and looks nowhere before it has looked there.
        boolean hasCache = Files.exists(LOADER_CACHE);
        settings.add(LOADER_CACHE);
        return new SharedLibraries(
                environment, directories, hasCache ? Set.of(LOADER_CACHE) : Set.copyOf(settings), hasCache);
    }

    /** Adds the directories of an ld.so.conf, and of the files that it includes. */
    private static void readConfiguration(Path file, List<Path> directories, Set<Path> seen) throws IOException {
        if (!seen.add(file) || !Files.isReadable(file)) {
            return;
        }
        for (String line : Files.readAllLines(file)) {
            String text = line.replaceAll("#.*", "").strip();
            if (text.startsWith("include ")) {
                Path pattern =
                        file.resolveSibling(text.substring("include ".length()).strip());
                if (pattern.getParent() != null && Files.isDirectory(pattern.getParent())) {
                    try (DirectoryStream<Path> included = Files.newDirectoryStream(
                            pattern.getParent(), pattern.getFileName().toString())) {
                        List<Path> sorted = new ArrayList<>();
                        included.forEach(sorted::add);
                        sorted.sort(null);
                        for (Path each : sorted) {
                            readConfiguration(each, directories, seen);
                        }
                    }
                }
            } else if (text.startsWith("/")) {
                directories.add(Path.of(text));
            }
        }
    }

    private record Object(Path path, ElfFile elf, List<String> inheritedRpath) {}

    /** A program, and where its loader looks last: one that lies apart from the system's has a place of its own. */
    private record Start(ElfFile elf, List<Path> directories, boolean ofSystem) {}

    /**
     * The loader and all libraries of {@code executable}, under the names by which they are looked for.
     *
     * @throws IOException if it is not an ELF file, or one of its libraries is missing
     */
    Set<Path> of(Path executable) throws IOException {
        ElfFile elf = ElfFile.read(executable)
                .orElseThrow(() -> new IOException(executable
                        + " is a script that does more than call a compiler with its arguments;"
                        + " name the compiler itself, or give [[dist.toolchains]] an archive for it"));
        Optional<Path> loader = elf.interpreter().map(Path::of);
        if (loader.filter(Files::isDirectory).isPresent()) {
            throw new IOException(executable + " wants to be loaded by " + loader.get() + ", which is a directory");
        }
        Start start = start(elf);
        Set<Path> found = new LinkedHashSet<>();
        // Like the loader: who needs a name that is there already gets that one, and nothing is looked for.
        Set<String> names = new HashSet<>();
        Deque<Object> left = new ArrayDeque<>();
        if (loader.isPresent()) {
            found.add(loader.get());
            names.add(loader.get().getFileName().toString());
        }
        Object program = new Object(executable, elf, List.of());
        left.add(program);
        if (loader.isPresent()) {
            preload(program, start, found, left);
        }
        while (!left.isEmpty()) {
            Object object = left.remove();
            for (String name : object.elf.needed()) {
                if (!names.add(name)) {
                    continue;
                }
                Path library = find(name, object, start)
                        .orElseThrow(() -> new IOException(object.path + " needs " + name + ", which cannot be found"));
                if (found.add(library)) {
                    if (found.size() > MAX_LIBRARIES) {
                        throw new IOException(executable + " needs more than " + MAX_LIBRARIES + " libraries");
                    }
                    ElfFile its = ElfFile.read(library)
                            .orElseThrow(() ->
                                    new IOException(object.path + " needs " + library + ", which is not an ELF file"));
                    its.soname().ifPresent(names::add);
                    left.add(new Object(library, its, rpathFor(object)));
                }
            }
        }
        return found;
    }

    /** Adds what the environment has the loader load first. The loader warns of what it does not find, and goes on. */
    private void preload(Object program, Start start, Set<Path> found, Deque<Object> left) throws IOException {
        for (String name : environment.preloaded()) {
            Optional<Path> library = find(name, program, start);
            Optional<ElfFile> elf =
                    library.filter(Files::isRegularFile).isPresent() ? ElfFile.read(library.get()) : Optional.empty();
            if (elf.isPresent() && found.add(library.get())) {
                left.add(new Object(library.get(), elf.get(), List.of()));
            }
        }
    }

    /** Files that decided which libraries were found: settings of the loader, and what only had the name of a library. */
    Set<Path> decisive() {
        Set<Path> all = new HashSet<>(settings);
        all.addAll(passedOver);
        return all;
    }

    /** Where libraries were looked for in vain. */
    Set<Path> missing() {
        return missing;
    }

    /** The directories of {@code LD_LIBRARY_PATH} through which some library was found, in its order. */
    List<Path> usedOfEnvironment() {
        return environment.libraries().stream()
                .filter(usedOfEnvironment::contains)
                .toList();
    }

    /**
     * Where the loader of a program looks last. One that lies apart from the system's, as in a store of packages or below
     * /opt, knows nothing of /etc/ld.so.conf but the directory that it was installed in.
     */
    private Start start(ElfFile elf) {
        Optional<Path> own = elf.interpreter()
                .map(loader -> Path.of(loader).getParent())
                .filter(directory -> directory != null
                        && !BUILT_IN.matcher(directory.toString()).matches());
        if (own.isEmpty()) {
            return new Start(elf, systemDirectories, true);
        }
        List<Path> directories = new ArrayList<>();
        directories.add(own.get());
        // The loader may be called by a link, and be installed where that leads to.
        try {
            Path real = directoryOf(Path.of(elf.interpreter().get()).toRealPath());
            if (!BUILT_IN.matcher(real.toString()).matches()) {
                directories.add(real);
                return new Start(elf, directories, false);
            }
        } catch (IOException e) {
            return new Start(elf, directories, false);
        }
        directories.addAll(systemDirectories);
        return new Start(elf, directories, true);
    }

    /** Whether some library was found only thanks to ld.so.conf, so that the loader needs its cache to find it too. */
    boolean needsLoaderCache() {
        return needsLoaderCache;
    }

    private Optional<Path> find(String name, Object object, Start start) throws IOException {
        if (name.contains("/")) {
            return Optional.of(Path.of(name));
        }
        // RUNPATH comes behind the environment, RPATH before it.
        boolean isLate = !object.elf.runpath().isEmpty();
        List<Path> own = new ArrayList<>();
        for (String directory : isLate ? object.elf.runpath() : rpathFor(object)) {
            own.add(expand(directory, object.path));
        }
        Optional<Path> near = isLate ? Optional.empty() : find(name, own, start.elf, true);
        if (near.isEmpty()) {
            near = find(name, environment.libraries(), start.elf, true);
            near.ifPresent(library -> usedOfEnvironment.add(directoryOf(library)));
        }
        if (near.isEmpty() && isLate) {
            near = find(name, own, start.elf, true);
        }
        if (near.isPresent()) {
            return near;
        }
        Optional<Path> far = find(name, start.directories, start.elf, !start.ofSystem || !hasCache);
        needsLoaderCache |= far.filter(library -> start.ofSystem)
                .filter(library ->
                        !BUILT_IN.matcher(directoryOf(library).toString()).matches())
                .isPresent();
        return far;
    }

    /** @param isDecisive whether a file that appears in one of these directories would be taken */
    private Optional<Path> find(String name, List<Path> directories, ElfFile executable, boolean isDecisive)
            throws IOException {
        for (Path directory : directories) {
            Path candidate = directory.resolve(name);
            boolean isThere = Files.exists(candidate);
            if (isThere && Files.isRegularFile(candidate) && fits(candidate, executable)) {
                return Optional.of(candidate);
            } else if (isDecisive) {
                (isThere ? passedOver : missing).add(candidate.toAbsolutePath().normalize());
            }
        }
        return Optional.empty();
    }

    /** A library for another processor of the same name is passed over, as ld.so does. */
    private static boolean fits(Path library, ElfFile executable) throws IOException {
        return ElfFile.read(library)
                .filter(elf -> elf.machine() == executable.machine() && elf.wide() == executable.wide())
                .isPresent();
    }

    private static List<String> rpathFor(Object object) {
        List<String> directories = new ArrayList<>();
        for (String directory : object.elf.rpath()) {
            directories.add(expand(directory, object.path).toString());
        }
        directories.addAll(object.inheritedRpath);
        return directories;
    }

    /** What a program names may be the root of all files, which is in no other directory. */
    private static Path directoryOf(Path path) {
        return Objects.requireNonNullElse(path.getParent(), path);
    }

    private static Path expand(String directory, Path object) {
        String origin = directoryOf(object.toAbsolutePath()).toString();
        try {
            origin = directoryOf(object.toRealPath()).toString();
        } catch (IOException e) {
            // The name as it stands will do.
        }
        return Path.of(directory.replace("${ORIGIN}", origin).replace("$ORIGIN", origin));
    }
}
