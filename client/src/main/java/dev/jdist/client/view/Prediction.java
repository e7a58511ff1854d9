package dev.jdist.client.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.files.Directories;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a unit will read, told from the names in its sources without a preprocessor: both branches of each condition, nothing of what
 * macros put together. Only how soon a builder has its files depends on its being right.
 *
 * <p>Thread-safe.
 */
final class Prediction {
    /** So many files, in all ways of searching, are remembered; each takes some 100 bytes and 8 for each file that it includes. */
    private static final int MAX_REMEMBERED = 200_000;
    /** A unit that reads more is not followed further. */
    private static final int MAX_FILES = 20_000;

    private final SourceFileCache contents;
    private final Cache<Question, Included> remembered =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

    /** A file, as read by compilers that look in these directories. */
    private record Question(List<Path> searched, Path file) {}

    private record Included(FileStat stat, List<Path> files) {}

    Prediction(SourceFileCache contents) {
        this.contents = contents;
    }

    /**
     * Follows files to all that they include.
     *
     * @param roots where to begin
     * @param searched directories in which included files are looked for, in order
     * @return the roots and what they include, as far as it is there
     */
    Set<Path> closure(Collection<Path> roots, List<Path> searched) {
        Set<Path> found = new LinkedHashSet<>(roots);
        Deque<Path> rest = new ArrayDeque<>(roots);
        while (!rest.isEmpty() && found.size() < MAX_FILES) {
            Path file = rest.removeFirst();
            for (Path included : included(file, searched)) {
                if (found.add(included)) {
                    rest.addLast(included);
                }
            }
        }
        return found;
    }

    private List<Path> included(Path file, List<Path> searched) {
        try {
            Optional<SourceFileCache.Known> known = contents.remembered(file);
            Question question = new Question(searched, file);
            Included before = remembered.getIfPresent(question);
            if (before != null && known.isPresent() && known.get().stamp().equals(before.stat)) {
                return before.files;
            }
            Optional<FileStat> stat = FileStat.of(file);
            if (stat.isEmpty() || !Files.isRegularFile(file)) {
                return List.of();
            }
            List<Path> files =
                    find(file, contents.content(file, stat.get()).scan().names(), searched);
            remembered.put(question, new Included(stat.get(), files));
            return files;
        } catch (IOException e) {
            return List.of(); // the compiler will say so, if it matters
        }
    }

    private static List<Path> find(Path file, Collection<String> names, List<Path> searched) {
        Set<Path> found = new LinkedHashSet<>();
        for (String name : names) {
            try {
                find(file, name, searched, found);
            } catch (InvalidPathException e) {
                // No name of a file, and no directive perhaps.
            }
        }
        return new ArrayList<>(found);
    }

    /** The first of this name; behind the file itself, as {@code #include_next} looks, one more. */
    private static void find(Path file, String name, List<Path> searched, Set<Path> found) {
        Path beside = Directories.of(file).resolve(name).normalize();
        if (!beside.equals(file) && Files.isRegularFile(beside)) {
            found.add(beside);
            return;
        }
        for (Path directory : searched) {
            Path candidate = directory.resolve(name);
            if (!candidate.normalize().equals(file) && Files.isRegularFile(candidate)) {
                found.add(candidate);
                return;
            }
        }
    }
}
