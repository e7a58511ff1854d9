package dev.jdist.client.view;

import dev.jdist.client.files.Directories;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * What a packed toolchain has, by directory.
 *
 * @param files names of regular files
 * @param others names of links and of directories, those above files included
 */
record PackedPaths(Map<Path, Set<String>> files, Map<Path, Set<String>> others) {
    private static final Path ROOT = Path.of("/");
    private static final int BUFFER = 1 << 16;

    /** Reads the names in an archive. */
    static PackedPaths of(Path archive) throws IOException {
        PackedPaths paths = new PackedPaths(new HashMap<>(), new HashMap<>());
        try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), BUFFER);
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(in, BUFFER))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path place = ROOT.resolve(entry.getName()).normalize();
                if (place.getParent() != null) {
                    boolean isFile = !entry.isDirectory() && !entry.isSymbolicLink();
                    paths.add(place, isFile ? paths.files : paths.others);
                }
            }
        }
        return paths;
    }

    private void add(Path place, Map<Path, Set<String>> kind) {
        Path parent = Directories.of(place);
        kind.computeIfAbsent(parent, key -> new HashSet<>())
                .add(place.getFileName().toString());
        if (parent.getParent() != null) {
            add(parent, others);
        }
    }

    boolean isFile(Path place) {
        return isIn(files, place);
    }

    private static boolean isIn(Map<Path, Set<String>> kind, Path place) {
        Path parent = place.getParent();
        return parent != null
                && kind.getOrDefault(parent, Set.of())
                        .contains(place.getFileName().toString());
    }

    /** Whether there is a link or a directory. */
    boolean isOther(Path place) {
        return isIn(others, place);
    }

    /** All names in a directory. */
    Set<String> names(Path directory) {
        Set<String> names = new HashSet<>(files.getOrDefault(directory, Set.of()));
        names.addAll(others.getOrDefault(directory, Set.of()));
        return names;
    }
}
