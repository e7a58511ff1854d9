package dev.jdist.client.compiler.cfamily;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where gcc looks for what it is made of: {@code -print-search-dirs} says so. Its specs are looked for where libraries are, in
 * directories of {@code LIBRARY_PATH}, too.
 *
 * @param places that decide: files, there or not, and directories that are not there
 * @param parts what is there
 * @param hasForeignSpecs whether there are specs which do not belong to this gcc
 */
record GccSearch(Set<Path> places, List<Path> parts, boolean hasForeignSpecs) {
    private static final List<String> PROGRAMS = List.of("as", "objcopy");
    private static final List<String> COMPILERS = List.of("cc1", "cc1plus", "cc1obj", "cc1objplus");
    private static final String SPECS = "specs";

    /** @param printed by gcc */
    static GccSearch of(String printed) {
        Set<Path> own = directories(printed, "install: ");
        Set<Path> places = new LinkedHashSet<>();
        List<Path> parts = new ArrayList<>();
        boolean foreign = false;
        for (Path directory : directories(printed, "libraries: =")) {
            foreign |= add(directory, SPECS, places, parts) && !own.contains(directory);
        }
        for (Path directory : directories(printed, "programs: =")) {
            for (String program : PROGRAMS) {
                add(directory, program, places, parts);
            }
            // All of them are in one directory: a language that is installed later comes there, too.
            if (COMPILERS.stream().anyMatch(name -> Files.isRegularFile(directory.resolve(name)))) {
                COMPILERS.forEach(name -> add(directory, name, places, parts));
            }
        }
        return new GccSearch(places, List.copyOf(parts), foreign);
    }

    private static Set<Path> directories(String printed, String title) {
        Set<Path> directories = new LinkedHashSet<>();
        printed.lines()
                .filter(line -> line.startsWith(title))
                .flatMap(line -> Stream.of(line.substring(title.length()).split(":")))
                .filter(name -> name.startsWith("/"))
                .forEach(name -> directories.add(real(name)));
        return directories;
    }

    /** Many names stand for few directories. */
    private static Path real(String name) {
        try {
            return Path.of(name).toRealPath();
        } catch (IOException | InvalidPathException e) {
            return Path.of(name.replace("\0", ""));
        }
    }

    /** Tells whether there is such a file. */
    private static boolean add(Path directory, String name, Set<Path> places, List<Path> parts) {
        if (!Files.isDirectory(directory)) {
            places.add(absence(directory));
            return false;
        }
        Path place = directory.resolve(name);
        places.add(place);
        boolean isThere = Files.isRegularFile(place);
        if (isThere) {
            parts.add(place);
        }
        return isThere;
    }

    /** What keeps a directory from being there: many that are not there are below one that is not. */
    private static Path absence(Path directory) {
        Path missing = directory;
        for (Path parent = directory.getParent();
                parent != null && Files.notExists(parent);
                parent = parent.getParent()) {
            missing = parent;
        }
        return missing;
    }
}
