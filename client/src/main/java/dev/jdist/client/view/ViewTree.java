package dev.jdist.client.view;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.client.files.FileEntry;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.protocol.view.Listing;
import dev.jdist.protocol.view.ViewNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that is known of the file system, for compiles with one toolchain. It grows with each unit, so that the units after it find
 * what they read in it, and builders know it by its digest. Each look at it is at the files as they are; what came of a look never
 * changes.
 *
 * <p>Thread-safe.
 */
final class ViewTree {
    private static final Logger log = LoggerFactory.getLogger(ViewTree.class);

    private static final Path ROOT = Path.of("/");
    /** As many as Linux follows. */
    private static final int MAX_LINKS = 40;

    /** What was looked at so long ago is not looked at again, in nanoseconds: the units of a build ask for the same headers. */
    private static final long FRESH = 100_000_000;
    /** Bytes of a file that is sent to builders. */
    private static final long MOST_CONTENT = 256L << 20;

    private final PackedPaths packed;
    private final SourceFileCache contents;
    private final LongSupplier clock;

    @GuardedBy("this")
    private final Place root = new Place(null, ROOT);

    /** One place; those in a directory are its children. */
    private static final class Place {
        private final @Nullable Place parent;
        private final Path path;
        private final Map<String, Place> children = new HashMap<>();
        /** Of a directory. */
        private Set<String> names = Set.of();
        /** Whether names come and go in it at present, as where objects are written. */
        private boolean isBusy;

        private @Nullable FileStat stat;
        private boolean isDirectory;
        /** Nothing for a directory of which something changed since. */
        private @Nullable Vouched vouched;

        private long looked;

        Place(@Nullable Place parent, Path path) {
            this.parent = parent;
            this.path = path;
        }

        /** Where something is vouched for, all above it is, too. */
        void change() {
            vouched = null;
            for (Place above = parent; above != null && above.vouched != null; above = above.parent) {
                above.vouched = null;
            }
        }
    }

    /** @param clock nanoseconds since 1970 */
    ViewTree(PackedPaths packed, SourceFileCache contents, LongSupplier clock) {
        this.packed = packed;
        this.contents = contents;
        this.clock = clock;
    }

    /**
     * Looks at paths, and at all on the way to them.
     *
     * @param paths absolute; they may lead through links, and to nothing
     * @return the tree with what is there
     */
    Vouched.Directory look(Collection<Path> paths) throws IOException {
        readAhead(paths);
        synchronized (this) {
            long now = clock.getAsLong();
            lookAt(root, now);
            for (Path path : paths) {
                follow(path, now);
            }
            return directory(root);
        }
    }

    /**
     * What is at a place.
     *
     * @param path absolute; its directories are no links
     */
    Vouched at(Path path) throws IOException {
        readAhead(Set.of(path));
        synchronized (this) {
            Optional<Place> place = place(path);
            return place.isEmpty() ? new Vouched.Absent() : vouched(place.get());
        }
    }

    /**
     * A directory with all its names, also where they come and go.
     *
     * @param path absolute; it and its directories are no links
     * @return nothing if there is none
     */
    synchronized Optional<Vouched.Directory> all(Path path) throws IOException {
        return place(path).filter(place -> place.isDirectory).map(place -> directory(place, true));
    }

    @GuardedBy("this")
    private Optional<Place> place(Path path) throws IOException {
        long now = clock.getAsLong();
        Place at = root;
        lookAt(root, now);
        for (Path name : path) {
            if (!at.isDirectory) {
                return Optional.empty();
            }
            at = child(at, name.toString(), now);
        }
        return Optional.of(at);
    }

    /** Reads files that are not known yet: nobody else need wait for that. */
    private void readAhead(Collection<Path> paths) {
        for (Path path : paths) {
            try {
                if (contents.remembered(path).isEmpty() && !packed.isFile(path) && Files.isRegularFile(path)) {
                    contents.content(path);
                }
            } catch (IOException | IllegalArgumentException e) {
                log.debug("{} cannot be read ahead: {}", path, e.toString());
            }
        }
    }

    @GuardedBy("this")
    private void follow(Path path, long now) throws IOException {
        Deque<Path> rest = new ArrayDeque<>();
        path.forEach(rest::addLast);
        Place at = root;
        int links = 0;
        while (!rest.isEmpty() && at.isDirectory) {
            String name = rest.removeFirst().toString();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            } else if (name.equals("..")) {
                at = at.parent == null ? at : at.parent;
                continue;
            }
            Place next = child(at, name, now);
            if (next.vouched instanceof Vouched.Link link) {
                if (++links > MAX_LINKS) {
                    return;
                }
                Path target = Path.of(link.node().target());
                Deque<Path> behind = new ArrayDeque<>();
                target.forEach(behind::addLast);
                while (!behind.isEmpty()) {
                    rest.addFirst(behind.removeLast());
                }
                at = target.isAbsolute() ? root : at;
            } else {
                at = next;
            }
        }
    }

    @GuardedBy("this")
    private Place child(Place directory, String name, long now) throws IOException {
        Place child = directory.children.get(name);
        if (child == null) {
            child = new Place(directory, directory.path.resolve(name));
            lookAt(child, now);
            if (child.isDirectory || !(child.vouched instanceof Vouched.Absent)) {
                directory.children.put(name, child);
                directory.change();
            }
        } else {
            lookAt(child, now);
        }
        boolean isListed = directory.names.contains(name);
        boolean isThere = child.isDirectory || !(child.vouched instanceof Vouched.Absent);
        if (isListed != isThere) {
            directory.looked = 0;
            lookAt(directory, now);
        }
        return child;
    }

    /** Looks what is at a place now. */
    @GuardedBy("this")
    private void lookAt(Place place, long now) throws IOException {
        if (place.looked != 0 && now - place.looked < FRESH && now >= place.looked) {
            return;
        }
        place.looked = now;
        if (place.parent != null && packed.isFile(place.path)) {
            if (!(place.vouched instanceof Vouched.Packed)) {
                set(place, null, new Vouched.Packed());
            }
            return;
        }
        Optional<FileEntry> entry = FileEntry.at(place.path);
        if (entry.isPresent() && entry.get().isDirectory()) {
            lookAtDirectory(place, entry.get().stat(), now);
        } else if (entry.isEmpty()) {
            boolean isPacked = place.parent != null && packed.isOther(place.path);
            Vouched there = isPacked ? new Vouched.Packed() : new Vouched.Absent();
            if (!there.equals(place.vouched)) {
                set(place, null, there);
            }
        } else if (!entry.get().stat().equals(place.stat) || isUnsettled(place.vouched)) {
            set(place, entry.get().stat(), entryOf(place.path, entry.get(), now));
        }
    }

    private static boolean isUnsettled(@Nullable Vouched vouched) {
        return vouched == null || vouched instanceof Vouched.RegularFile file && !file.isSettled();
    }

    @GuardedBy("this")
    private void set(Place place, @Nullable FileStat stat, Vouched vouched) {
        if (!vouched.equals(place.vouched)) {
            place.change();
        }
        place.isDirectory = false;
        place.names = Set.of();
        place.children.clear();
        place.stat = stat;
        place.vouched = vouched;
    }

    @GuardedBy("this")
    private void lookAtDirectory(Place place, FileStat stat, long now) throws IOException {
        if (place.isDirectory && stat.equals(place.stat) && !place.isBusy) {
            return;
        }
        Set<String> names = packed.names(place.path);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(place.path)) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            set(place, null, new Vouched.Absent());
            return;
        } catch (IOException e) {
            log.debug("{} cannot be listed: {}", place.path, e.toString());
            set(place, stat, new Vouched.Unseen());
            return;
        }
        if (!place.isDirectory || !names.equals(place.names) || !stat.equals(place.stat) || place.isBusy) {
            place.change();
        }
        place.isDirectory = true;
        place.isBusy = !stat.isSettled(now);
        place.stat = stat;
        place.names = names;
        place.children.keySet().retainAll(names);
    }

    private Vouched entryOf(Path path, FileEntry entry, long now) throws IOException {
        FileStat stat = entry.stat();
        if (entry.isLink()) {
            return new Vouched.Link(
                    stat, new ViewNode.SymbolicLink(Files.readSymbolicLink(path).toString()));
        } else if (!entry.isRegularFile() || stat.size() > MOST_CONTENT || !Files.isReadable(path)) {
            return new Vouched.Unseen();
        }
        return new Vouched.RegularFile(
                stat,
                stat.isSettled(now),
                new ViewNode.RegularFile(
                        contents.content(path, stat).sha256().orElseThrow(),
                        stat.size(),
                        stat.modified(),
                        entry.permissions(),
                        entry.names() > 1 ? Long.hashCode(stat.device()) * 0x9e3779b97f4a7c15L ^ stat.inode() : 0));
    }

    @GuardedBy("this")
    private Vouched vouched(Place place) {
        return place.isDirectory ? directory(place) : Objects.requireNonNull(place.vouched);
    }

    /** A directory with all that was seen in it. */
    @GuardedBy("this")
    private Vouched.Directory directory(Place place) {
        if (place.vouched instanceof Vouched.Directory known) {
            return known;
        }
        Vouched.Directory made = directory(place, !place.isBusy);
        place.vouched = made;
        return made;
    }

    /**
     * @param isComplete whether to tell all names. Where they come and go, that would be another listing for each unit, and with it
     *     other ones of all directories above
     */
    @GuardedBy("this")
    private Vouched.Directory directory(Place place, boolean isComplete) {
        Map<String, Vouched> entries = new HashMap<>();
        SortedMap<String, ViewNode> nodes = new TreeMap<>();
        boolean areNames = true;
        for (String name : place.names) {
            Place child = place.children.get(name);
            if (child == null && !isComplete) {
                continue;
            } else if (!isName(name)) {
                areNames = false;
                continue;
            }
            Vouched there = child != null ? vouched(child) : unseen(place.path.resolve(name));
            if (!(there instanceof Vouched.Absent)) {
                entries.put(name, there);
                nodes.put(name, there.node());
            }
        }
        Listing listing = new Listing(isComplete && areNames, nodes);
        return new Vouched.Directory(
                Objects.requireNonNull(place.stat), !place.isBusy, Map.copyOf(entries), listing, listing.digest());
    }

    /** Whether Java can name it: of what is no UTF-8, it makes something else. */
    private static boolean isName(String name) {
        return name.indexOf('\ufffd') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(name);
    }

    private Vouched unseen(Path path) {
        return packed.isFile(path) ? new Vouched.Packed() : new Vouched.Unseen();
    }
}
