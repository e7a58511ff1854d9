package dev.jdist.builder;

import dev.jdist.protocol.ArchiveDigest;
import dev.jdist.protocol.Toolchain;
import dev.jdist.protocol.config.ByteSize;
import dev.jdist.sandbox.TreeRemoval;
import dev.jdist.sandbox.UnsafePathException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The toolchains a builder has: archives under {@code archives}, kept over restarts, and what was unpacked of them under
 * {@code trees}.
 *
 * <p>Invariants. A file {@code archives/ID} is a whole archive whose digest is ID: it gets its name only after it was
 * checked. A directory {@code trees/ID} is completely unpacked: it too is renamed into place. Whatever else lies there
 * after a crash is removed at the start; trees are made anew, as nobody vouches for them. A tree in use is pinned and
 * never removed. Both together stay under {@code maxBytes}, the least recently used going first, except for what is
 * pinned.
 *
 * <p>The lock guards the map only. Receiving, checking, unpacking and removing happen outside of it, one unpacking per
 * toolchain at a time, so that no job waits for another's toolchain.
 */
final class ToolchainStore {
    private static final Logger log = LoggerFactory.getLogger(ToolchainStore.class);
    private static final int BUFFER = 64 << 10;

    private final Path archives;
    private final Path trees;
    private final long maxBytes;
    private final Clock clock;
    private final AtomicLong sequence = new AtomicLong();

    /** Guarded by this. */
    private final Map<Toolchain, Entry> entries = new HashMap<>();

    private static final class Entry {
        final long archiveBytes;
        long treeBytes;
        long lastUse;
        int pins;
        /** The unpacked tree, or its unpacking in progress; null if there is none. */
        CompletableFuture<Path> tree;

        Entry(long archiveBytes, long lastUse) {
            this.archiveBytes = archiveBytes;
            this.lastUse = lastUse;
        }
    }

    private ToolchainStore(Path archives, Path trees, long maxBytes, Clock clock) {
        this.archives = archives;
        this.trees = trees;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /** Opens the store in these directories, which are made if need be and belong to it alone. */
    static ToolchainStore open(Path archives, Path trees, long maxBytes, Clock clock) throws IOException {
        Files.createDirectories(archives);
        TreeRemoval.remove(trees);
        Files.createDirectories(trees);
        ToolchainStore store = new ToolchainStore(archives, trees, maxBytes, clock);
        try (var files = Files.list(archives)) {
            for (Path file : files.toList()) {
                Toolchain toolchain = new Toolchain(file.getFileName().toString());
                if (toolchain.isWellFormed() && Files.isRegularFile(file)) {
                    store.entries.put(
                            toolchain,
                            new Entry(
                                    Files.size(file),
                                    Files.getLastModifiedTime(file).toMillis()));
                } else {
                    TreeRemoval.remove(file);
                }
            }
        }
        store.makeRoom(0);
        return store;
    }

    synchronized boolean contains(Toolchain toolchain) {
        return entries.containsKey(toolchain);
    }

    /**
     * Takes in an archive.
     *
     * @param archive the octets as sent; read to the end
     * @throws ArchiveException if they are not this toolchain, or it is too large to be kept
     * @throws IOException if they break off or cannot be written
     */
    void receive(Toolchain toolchain, InputStream archive) throws IOException {
        if (!toolchain.isWellFormed()) {
            throw new ArchiveException("the archive id is not 64 hex digits");
        }
        Path incoming = archives.resolve(".incoming-" + sequence.incrementAndGet());
        try {
            long octets = copyAndCheck(toolchain, archive, incoming);
            if (!contains(toolchain)) {
                makeRoom(octets);
                synchronized (this) {
                    Files.move(incoming, archives.resolve(toolchain.archiveId()), StandardCopyOption.ATOMIC_MOVE);
                    entries.putIfAbsent(toolchain, new Entry(octets, clock.millis()));
                }
                log.info("toolchain {} arrived, {}", toolchain, ByteSize.format(octets));
            }
        } finally {
            Files.deleteIfExists(incoming);
        }
    }

    private long copyAndCheck(Toolchain toolchain, InputStream archive, Path target) throws IOException {
        ArchiveDigest digest = new ArchiveDigest();
        long octets = 0;
        try (OutputStream out = Files.newOutputStream(target)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = archive.read(buffer); count >= 0; count = archive.read(buffer)) {
                octets += count;
                if (octets > maxBytes) {
                    throw new ArchiveException("the archive is over the toolchain_cache_size of "
                            + ByteSize.format(maxBytes) + " of this builder");
                }
                digest.update(buffer, count);
                out.write(buffer, 0, count);
            }
        }
        Toolchain actual = digest.finish();
        if (!actual.equals(toolchain)) {
            throw new ArchiveException("the archive's id is " + actual.archiveId() + ", not " + toolchain.archiveId());
        }
        return octets;
    }

    /** A toolchain's tree, which stays as it is until this is closed. */
    final class Lease implements AutoCloseable {
        private final Entry entry;
        private final Path tree;

        private Lease(Entry entry, Path tree) {
            this.entry = entry;
            this.tree = tree;
        }

        Path tree() {
            return tree;
        }

        @Override
        public void close() {
            unpin(entry);
        }
    }

    /**
     * Pins a toolchain for use, and unpacks it first if that has not been done.
     *
     * @return nothing if the store does not have it
     * @throws ArchiveException if it cannot be unpacked; it is forgotten then
     */
    Optional<Lease> acquire(Toolchain toolchain) throws IOException, InterruptedException {
        Entry entry;
        CompletableFuture<Path> tree;
        boolean unpackHere = false;
        synchronized (this) {
            entry = entries.get(toolchain);
            if (entry == null) {
                return Optional.empty();
            }
            entry.pins++;
            entry.lastUse = clock.millis();
            if (entry.tree == null) {
                entry.tree = new CompletableFuture<>();
                unpackHere = true;
            }
            tree = entry.tree;
        }
        if (unpackHere) {
            unpack(toolchain, entry, tree);
        }
        try {
            Lease lease = new Lease(entry, tree.join());
            noteUse(toolchain);
            return Optional.of(lease);
        } catch (CompletionException e) {
            unpin(entry);
            if (e.getCause() instanceof IOException cause) {
                throw new ArchiveException(
                        "toolchain " + toolchain + " cannot be unpacked: " + cause.getMessage(), cause);
            }
            throw e;
        }
    }

    private void unpack(Toolchain toolchain, Entry entry, CompletableFuture<Path> result) {
        Path archive = archives.resolve(toolchain.archiveId());
        Path unfinished = trees.resolve(".unpacking-" + sequence.incrementAndGet());
        Path tree = trees.resolve(toolchain.archiveId());
        try {
            Files.createDirectory(unfinished);
            long octets = ToolchainArchive.unpack(archive, unfinished, maxBytes);
            synchronized (this) {
                Files.move(unfinished, tree, StandardCopyOption.ATOMIC_MOVE);
                entry.treeBytes = octets;
            }
            log.info("toolchain {} unpacked, {}", toolchain, ByteSize.format(octets));
            result.complete(tree);
            makeRoom(0);
        } catch (IOException | RuntimeException | Error e) {
            if (result.isDone()) {
                log.warn("cannot remove old toolchains: {}", e.toString());
            } else {
                discard(toolchain, entry, unfinished, isArchiveToBlame(e));
                // An Error too: those who wait for this tree would wait forever.
                result.completeExceptionally(e);
            }
        }
    }

    /** Damaged, or gone: somebody emptied the directory. A client can send it anew once it is forgotten. */
    private static boolean isArchiveToBlame(Throwable e) {
        return e instanceof ArchiveException || e instanceof UnsafePathException || e instanceof NoSuchFileException;
    }

    /** Undoes an unpacking; with a bad archive, undoes its arrival too. */
    private void discard(Toolchain toolchain, Entry entry, Path unfinished, boolean bad) {
        try {
            Optional<Path> remains = Optional.empty();
            synchronized (this) {
                entry.tree = null;
                if (bad && entries.remove(toolchain, entry)) {
                    remains = moveAway(archives, toolchain);
                }
            }
            TreeRemoval.remove(unfinished);
            if (remains.isPresent()) {
                TreeRemoval.remove(remains.get());
            }
        } catch (IOException e) {
            log.warn("cannot remove {}: {}", unfinished, e.toString());
        }
    }

    private synchronized void unpin(Entry entry) {
        entry.pins--;
    }

    /** Lets the order of use outlive a restart. */
    private void noteUse(Toolchain toolchain) {
        try {
            Files.setLastModifiedTime(archives.resolve(toolchain.archiveId()), FileTime.fromMillis(clock.millis()));
        } catch (IOException e) {
            log.debug("cannot note the use of toolchain {}: {}", toolchain, e.toString());
        }
    }

    /** Removes what was not used for longest until {@code wanted} more octets fit, or nothing more can be removed. */
    private void makeRoom(long wanted) throws IOException {
        List<Path> doomed = new ArrayList<>();
        synchronized (this) {
            long used = entries.values().stream()
                    .mapToLong(entry -> entry.archiveBytes + entry.treeBytes)
                    .sum();
            List<Map.Entry<Toolchain, Entry>> oldestFirst = entries.entrySet().stream()
                    .filter(candidate -> candidate.getValue().pins == 0)
                    .sorted(Comparator.comparingLong(candidate -> candidate.getValue().lastUse))
                    .toList();
            for (Map.Entry<Toolchain, Entry> oldest : oldestFirst) {
                if (used + wanted <= maxBytes) {
                    break;
                }
                Toolchain toolchain = oldest.getKey();
                Entry entry = entries.remove(toolchain);
                used -= entry.archiveBytes + entry.treeBytes;
                moveAway(archives, toolchain).ifPresent(doomed::add);
                if (entry.tree != null) {
                    moveAway(trees, toolchain).ifPresent(doomed::add);
                }
                log.info("toolchain {} was not used for longest and is removed", toolchain);
            }
        }
        for (Path path : doomed) {
            TreeRemoval.remove(path);
        }
    }

    /** Frees the name at once, so that the toolchain may come back while its remains are still being removed. */
    private Optional<Path> moveAway(Path directory, Toolchain toolchain) throws IOException {
        Path remains = directory.resolve(".removing-" + sequence.incrementAndGet());
        try {
            return Optional.of(
                    Files.move(directory.resolve(toolchain.archiveId()), remains, StandardCopyOption.ATOMIC_MOVE));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // somebody else was faster
        }
    }
}
