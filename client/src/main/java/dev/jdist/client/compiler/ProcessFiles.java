package dev.jdist.client.compiler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Tells names that mean something else in each process, such as {@code /dev/fd/3}, {@code /proc/self/cwd/a.c} and links to
 * these: what the daemon finds there is not what the compiler finds. One object serves one compile, as it remembers what it
 * has seen.
 */
public final class ProcessFiles {
    private static final Path PROC = Path.of("/proc");

    /** As in Linux. */
    private static final int MAX_LINKS = 40;

    /** Directories on the way to which there is no link. */
    private final Set<Path> plain = new HashSet<>();

    /** @param name relative to {@code cwd}, or absolute; any text may be asked about */
    public boolean contain(Path cwd, String name) {
        try {
            return contain(cwd.resolve(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** @param path absolute */
    public boolean contain(Path path) {
        Deque<Path> rest = new ArrayDeque<>();
        path.forEach(rest::add);
        Path at = path.getRoot();
        int links = 0;
        while (!rest.isEmpty()) {
            Path name = rest.pop();
            if (name.toString().equals("..")) {
                at = at.getParent() == null ? at : at.getParent();
                continue;
            } else if (name.toString().isEmpty() || name.toString().equals(".")) {
                continue;
            }
            Path next = at.resolve(name);
            if (next.equals(PROC)) {
                return true;
            } else if (plain.contains(next)) {
                at = next;
            } else if (!Files.isSymbolicLink(next)) {
                if (!rest.isEmpty()) {
                    plain.add(next);
                }
                at = next;
            } else if (++links > MAX_LINKS) {
                return false;
            } else {
                Path target;
                try {
                    target = Files.readSymbolicLink(next);
                } catch (IOException e) {
                    return false;
                }
                Deque<Path> names = new ArrayDeque<>();
                target.forEach(names::add);
                while (!names.isEmpty()) {
                    rest.push(names.removeLast());
                }
                at = target.isAbsolute() ? target.getRoot() : at;
            }
        }
        return false;
    }
}
