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

    private static final Pattern BUILT_IN = Pattern.compile("(/usr)?/lib(64)?(/[a-z0-9_]+-linux-gnu[a-z0-9]*)?");

    private final List<Path> systemDirectories;
    private boolean needsLoaderCache;

    private SharedLibraries(List<Path> systemDirectories) {
        this.systemDirectories = systemDirectories;
    }

    /** With the search path of this machine. */
    static SharedLibraries ofSystem() throws IOException {
        List<Path> directories = new ArrayList<>();
        readConfiguration(Path.of("/etc/ld.so.conf"), directories, new HashSet<>());
        DEFAULT_DIRECTORIES.forEach(directory -> directories.add(Path.of(directory)));
        try (DirectoryStream<Path> musl = Files.newDirectoryStream(Path.of("/etc"), "ld-musl-*.path")) {
            for (Path file : musl) {
                for (String directory : Files.readString(file).split("[:\\n]")) {
                    directories.add(Path.of(directory.strip()));
                }
            }
        }
        return new SharedLibraries(directories);
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
        left.add(new Object(executable, elf, List.of()));
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
        List<Path> directories = new ArrayList<>();
        List<String> own = object.elf.runpath().isEmpty() ? rpathFor(object) : object.elf.runpath();
        for (String directory : own) {
            directories.add(expand(directory, object.path));
        }
        Optional<Path> near = find(name, directories, start.elf);
        if (near.isPresent()) {
            return near;
        }
        Optional<Path> far = find(name, start.directories, start.elf);
        needsLoaderCache |= far.filter(library -> start.ofSystem)
                .filter(library ->
                        !BUILT_IN.matcher(directoryOf(library).toString()).matches())
                .isPresent();
        return far;
    }

    private static Optional<Path> find(String name, List<Path> directories, ElfFile executable) throws IOException {
        for (Path directory : directories) {
            Path candidate = directory.resolve(name);
            if (Files.isRegularFile(candidate) && fits(candidate, executable)) {
                return Optional.of(candidate);
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
