package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Follows names as the kernel does, from the root on: through each directory, through links to where they lead, and by
 * {@code ..} out of the directory that was really reached. Each entry on the way is looked at once.
 *
 * <p>For one thread.
 */
final class PathWalk {
    /** As many as Linux follows. */
    private static final int MAX_LINKS = 40;

    /** Is told of each entry on the way, once. */
    interface Visitor {
        /** @param place where it is, without links on the way to it */
        void visit(Path place, FileEntry entry) throws IOException, ChangedException;
    }

    private final Visitor visitor;
    private final Map<Path, Optional<FileEntry>> seen = new HashMap<>();

    PathWalk(Visitor visitor) {
        this.visitor = visitor;
    }

    /**
     * Goes to the end of a path.
     *
     * @param path absolute
     * @return what is there; nothing if there is no such file
     */
    Optional<FileStat> follow(Path path) throws IOException, ChangedException {
        Deque<Path> rest = new ArrayDeque<>();
        path.forEach(rest::addLast);
        Path at = path.getRoot();
        FileStat stat = null;
        boolean isFile = false;
        int links = 0;
        while (!rest.isEmpty()) {
            Path name = rest.removeFirst();
            String word = name.toString();
            if (isFile) {
                return Optional.empty(); // nothing is in a file
            }
            if (word.isEmpty() || word.equals(".")) {
                continue;
            } else if (word.equals("..")) {
                at = at.getParent() == null ? at : at.getParent();
                stat = null;
                continue;
            }
            Path place = at.resolve(name);
            Optional<FileEntry> entry = look(place);
            if (entry.isEmpty()) {
                return Optional.empty();
            } else if (entry.get().isLink()) {
                if (++links > MAX_LINKS) {
                    throw new FileSystemLoopException(path.toString());
                }
                Path target = Files.readSymbolicLink(place);
                Deque<Path> behind = new ArrayDeque<>();
                target.forEach(behind::addLast);
                while (!behind.isEmpty()) {
                    rest.addFirst(behind.removeLast());
                }
                at = target.isAbsolute() ? target.getRoot() : at;
                stat = null;
            } else {
                at = place;
                stat = entry.get().stat();
                isFile = !entry.get().isDirectory();
            }
        }
        return stat == null ? FileStat.of(at) : Optional.of(stat);
    }

    private Optional<FileEntry> look(Path place) throws IOException, ChangedException {
        Optional<FileEntry> entry = seen.get(place);
        if (entry == null) {
            entry = FileEntry.at(place);
            seen.put(place, entry);
            if (entry.isPresent()) {
                visitor.visit(place, entry.get());
            }
        }
        return entry;
    }
}
