package dev.jdist.sandbox.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A directory tree that is somebody else's root: one writable layer, perhaps over a read-only one, as an overlay shows
 * them.
 *
 * <p>Names are resolved here as the kernel would resolve them after {@code chroot}: an absolute link starts again at the
 * tree's root, {@code ..} at the root stays there. The operating system is only ever given paths whose every component
 * was looked at and is a real directory. That is safe as long as nobody else changes the tree meanwhile, so nothing here
 * may be called while the command runs.
 */
public final class RootedTree {
    /** As many links as Linux follows in one path. */
    private static final int MAX_LINKS = 40;
    /** Bytes of a name and of a path on Linux. */
    private static final int MAX_NAME = 255;

    private static final int MAX_PATH = 4095;
    /** Each level is looked at for each file below it: without this, few bytes would keep a processor busy for days. */
    private static final int MAX_DEPTH = 256;
    /** Bytes of a path once it is resolved: leaves room for that of the layer itself. */
    private static final int MAX_RESOLVED = 3500;

    private final Path upper;
    private final Optional<Path> lower;
    private final TreeOwner owner;
    private final Set<List<String>> placeholders = new HashSet<>();

    public RootedTree(Path upper, Optional<Path> lower) {
        this(upper, lower, TreeOwner.SELF);
    }

    /** @param owner of what is made in the upper layer */
    public RootedTree(Path upper, Optional<Path> lower, TreeOwner owner) {
        this.upper = upper;
        this.lower = lower;
        this.owner = owner;
    }

    /** The same, with an upper layer that got another name. */
    public RootedTree movedTo(Path otherUpper) {
        RootedTree moved = new RootedTree(otherUpper, lower, owner);
        moved.placeholders.addAll(placeholders);
        return moved;
    }

    public TreeOwner owner() {
        return owner;
    }

    /** Has what the upper layer has in this place be taken for nothing: the lower one's is mounted on it. */
    public void addPlaceholder(List<String> components) {
        placeholders.add(List.copyOf(components));
    }

    public boolean isPlaceholder(List<String> components) {
        return placeholders.contains(components);
    }

    /**
     * The components that {@code path} stands for once every link on the way is followed. What does not exist is taken
     * as it is written.
     *
     * @param path absolute, or taken as if it were
     * @param followLast whether to follow a link in the last place too
     */
    List<String> resolve(String path, boolean followLast) throws IOException {
        checkName(path);
        Deque<String> left = split(path);
        List<String> resolved = new ArrayList<>();
        int links = 0;
        while (!left.isEmpty()) {
            String name = left.pop();
            if (name.equals("..")) {
                if (!resolved.isEmpty()) {
                    resolved.remove(resolved.size() - 1);
                }
                continue;
            }
            resolved.add(name);
            if (resolved.size() > MAX_DEPTH) {
                throw new UnsafePathException(start(path) + " is more than " + MAX_DEPTH + " directories deep");
            }
            checkLength(resolved, path);
            Optional<Path> found = find(resolved);
            if (found.isPresent() && Files.isSymbolicLink(found.get()) && (followLast || !left.isEmpty())) {
                if (++links > MAX_LINKS) {
                    throw new UnsafePathException("too many links in " + path);
                }
                String target = Files.readSymbolicLink(found.get()).toString();
                resolved.remove(resolved.size() - 1);
                if (target.startsWith("/")) {
                    resolved.clear();
                }
                Deque<String> inserted = split(target);
                while (!inserted.isEmpty()) {
                    left.push(inserted.removeLast());
                }
            }
        }
        return resolved;
    }

    /** Where the file of these resolved components is: in the upper layer, else in the lower one, else nowhere. */
    private Optional<Path> find(List<String> components) {
        Path inUpper = under(upper, components);
        if (exists(inUpper) && !isPlaceholder(components)) {
            return Optional.of(inUpper);
        }
        return lower.map(layer -> under(layer, components))
                .filter(RootedTree::exists)
                .filter(inLower -> !isCovered(components));
    }

    /** Whether the upper layer has a file on the way to these components, or the mark of a directory's removal. */
    private boolean isCovered(List<String> components) {
        for (int depth = 1; depth < components.size(); depth++) {
            Path way = under(upper, components.subList(0, depth));
            if (!Files.isDirectory(way, LinkOption.NOFOLLOW_LINKS)) {
                return exists(way);
            }
        }
        return false;
    }

    /** Makes the directory {@code path} and those above it, where they are not there yet. */
    public void createDirectories(String path) throws IOException {
        createResolved(resolve(path, true), path);
    }

    /**
     * Where to write the file {@code path} in the upper layer, with the directories above it made. What stands there is
     * to be replaced, not followed: nothing does, if this returns.
     */
    public Path prepareFile(String path) throws IOException {
        List<String> components = resolve(path, false);
        if (components.isEmpty()) {
            throw new UnsafePathException("a file cannot be called " + path);
        }
        createResolved(components.subList(0, components.size() - 1), path);
        Path file = under(upper, components);
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new UnsafePathException(path + " is a directory already");
        }
        Files.deleteIfExists(file);
        return file;
    }

    /** The regular file {@code path} of either layer, or nothing where there is none. */
    public Optional<Path> findFile(String path) throws IOException {
        return find(resolve(path, true)).filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
    }

    private void createResolved(List<String> components, String wanted) throws IOException {
        for (int depth = 1; depth <= components.size(); depth++) {
            List<String> prefix = components.subList(0, depth);
            Path directory = under(upper, prefix);
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            if (exists(directory)) {
                throw new UnsafePathException(
                        "/" + String.join("/", prefix) + " is a file, so " + wanted + " cannot be under it");
            }
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(permissionsBelow(prefix, wanted)));
            owner.own(directory);
        }
    }

    /** The permissions of the directory that will be covered, so that covering it changes nothing. */
    private Set<PosixFilePermission> permissionsBelow(List<String> components, String wanted) throws IOException {
        Optional<Path> covered = lower.map(layer -> under(layer, components)).filter(RootedTree::exists);
        Set<PosixFilePermission> permissions = EnumSet.copyOf(PosixFilePermissions.fromString("rwxr-xr-x"));
        if (covered.isPresent()) {
            if (!Files.isDirectory(covered.get(), LinkOption.NOFOLLOW_LINKS)) {
                throw new UnsafePathException(
                        "/" + String.join("/", components) + " is a file, so " + wanted + " cannot be under it");
            }
            permissions.addAll(Files.getPosixFilePermissions(covered.get(), LinkOption.NOFOLLOW_LINKS));
        }
        return permissions;
    }

    public static void checkName(String path) throws UnsafePathException {
        if (path.isEmpty() || path.indexOf('\0') >= 0) {
            throw new UnsafePathException("a path is empty or has a NUL in it");
        }
        if (bytes(path) > MAX_PATH) {
            throw new UnsafePathException("the path " + start(path) + " is longer than " + MAX_PATH + " bytes");
        }
    }

    private static void checkLength(List<String> resolved, String path) throws UnsafePathException {
        int bytes = 0;
        for (String name : resolved) {
            bytes += 1 + bytes(name);
        }
        if (bytes(resolved.get(resolved.size() - 1)) > MAX_NAME || bytes > MAX_RESOLVED) {
            throw new UnsafePathException("a name in " + start(path) + " is too long for a file");
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** As much of a long name as a person wants to read. */
    private static String start(String path) {
        return path.length() <= 100 ? path : path.substring(0, 100) + "…";
    }

    private static Deque<String> split(String path) {
        Deque<String> names = new ArrayDeque<>();
        for (String name : path.split("/")) {
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return names;
    }

    private static Path under(Path layer, List<String> components) {
        Path path = layer;
        for (String component : components) {
            path = path.resolve(component);
        }
        return path;
    }

    private static boolean exists(Path path) {
        try {
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            // A component of the way is a file (ENOTDIR) or too long: there is nothing of that name.
            return false;
        }
    }
}
