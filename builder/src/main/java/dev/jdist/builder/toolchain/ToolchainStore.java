package dev.jdist.builder.toolchain;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.daemon.PrivateDirectory;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.sandbox.Isolation;
import dev.jdist.sandbox.tree.TreeRemoval;
import dev.jdist.sandbox.tree.UnsafePathException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The toolchains a builder has: archives under {@code archives}, kept over restarts, and what was unpacked of them under
 * {@code trees}.
 *
 * <p>Invariants. A file {@code archives/ID} is a whole archive whose digest is ID: it gets its name only after it was
 * checked. What a disk does to it while no builder runs is found before it is unpacked: an archive from an earlier run is
 * checked again, by {@link #checkArchives()} or by the first job that wants it, and forgotten if it is damaged, so that the
 * next client sends it anew. A directory {@code trees/ID} is completely unpacked: it too is renamed into place. Whatever
 * else lies there after a crash is removed at the start; trees are made anew, as nobody vouches for them. A tree in use is
 * pinned and never removed; one on which sandboxes wait for jobs is removed when they have been given up. Files that several trees have are one, in the {@link FilePool}, which goes when the last of
 * these trees does. All together stay under {@code maxBytes}, a file of several trees counting once, the least recently
 * used toolchain going first, except for what is pinned.
 *
 * <p>The lock guards the map only; the pool's own may be taken under it. Receiving, checking, unpacking and removing happen
 * outside of them, one unpacking per toolchain at a time, so that no job waits for another's toolchain.
 */
public final class ToolchainStore {
    private static final Logger log = LoggerFactory.getLogger(ToolchainStore.class);
    /** The one name among the trees that is no toolchain's. */
    static final String POOL = ".pool";

    private final Path archives;
    private final Path trees;
    private final long maxBytes;
    private final Clock clock;
    private final Preparations preparations;
    private final Identification identification;
    private final FilePool pool;
    private final AtomicLong sequence = new AtomicLong();

    @GuardedBy("this")
    private final Map<Toolchain, Entry> entries = new HashMap<>();

    private static final class Entry {
        final long archiveBytes;
        boolean isChecked;
        long lastUse;
        int pins;
        /** The unpacked tree, or its unpacking in progress; null if there is none. */
        @Nullable
        CompletableFuture<Path> tree;
        /** What the unpacked tree has; nothing if there is none. */
        FilePool.Share share = new FilePool.Share();

        /** @param isChecked whether this run of the builder has seen that the archive is what its name says */
        Entry(long archiveBytes, long lastUse, boolean isChecked) {
            this.archiveBytes = archiveBytes;
            this.lastUse = lastUse;
            this.isChecked = isChecked;
        }
    }

    /** What others made of a tree while it was pinned and keep for later: has them give it up, as {@link Isolation#giveUp}. */
    @FunctionalInterface
    interface Preparations {
        CompletionStage<Void> giveUp(Path tree);
    }

    /** Tells which toolchain a file is: by its digest, or a test's stand-in. */
    @FunctionalInterface
    interface Identification {
        Toolchain of(Path archive) throws IOException;
    }

    private ToolchainStore(
            Path archives,
            Path trees,
            long maxBytes,
            Clock clock,
            Preparations preparations,
            Identification identification,
            FilePool pool) {
        this.archives = archives;
        this.trees = trees;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.preparations = preparations;
        this.identification = identification;
        this.pool = pool;
    }

    /** Opens the store in these directories, which are made if need be and belong to it alone. */
    public static ToolchainStore open(Path archives, Path trees, long maxBytes, Clock clock, Isolation isolation)
            throws IOException {
        return open(archives, trees, maxBytes, clock, isolation::giveUp, ArchiveDigest::of);
    }

    @SuppressWarnings("GuardedBy") // No other thread has the store yet.
    public static ToolchainStore open(
            Path archives,
            Path trees,
            long maxBytes,
            Clock clock,
            Preparations preparations,
            Identification identification)
            throws IOException {
        Files.createDirectories(archives);
        TreeRemoval.remove(trees);
        PrivateDirectory.make(trees);
        FilePool pool = FilePool.create(trees.resolve(POOL));
        ToolchainStore store = new ToolchainStore(archives, trees, maxBytes, clock, preparations, identification, pool);
        try (var files = Files.list(archives)) {
            for (Path file : files.toList()) {
                Toolchain toolchain = new Toolchain(file.getFileName().toString());
                if (toolchain.isWellFormed() && Files.isRegularFile(file)) {
                    store.entries.put(
                            toolchain,
                            new Entry(
                                    Files.size(file),
                                    Files.getLastModifiedTime(file).toMillis(),
                                    false));
                } else {
                    TreeRemoval.remove(file);
                }
            }
        }
        store.makeRoom(0);
        return store;
    }

    public synchronized boolean contains(Toolchain toolchain) {
        return entries.containsKey(toolchain);
    }

    /**
     * Takes in an archive.
     *
     * @param archive the bytes as sent; read to the end
     * @throws ArchiveException if they are not this toolchain, or it is too large to be kept
     * @throws IOException if they break off or cannot be written
     */
    public void receive(Toolchain toolchain, InputStream archive) throws IOException {
        if (!toolchain.isWellFormed()) {
            throw new ArchiveException("the archive id is not 64 hex digits");
        }
        Path incoming = archives.resolve(".incoming-" + sequence.incrementAndGet());
        Files.createDirectories(archives);
        try {
            long octets = ToolchainArchive.receive(toolchain, archive, incoming, maxBytes);
            if (!contains(toolchain)) {
                makeRoom(octets);
                synchronized (this) {
                    Files.move(incoming, archives.resolve(toolchain.archiveId()), StandardCopyOption.ATOMIC_MOVE);
                    entries.putIfAbsent(toolchain, new Entry(octets, clock.millis(), true));
                }
                log.info("toolchain {} arrived, {}", toolchain, ByteSize.format(octets));
            }
        } finally {
            Files.deleteIfExists(incoming);
        }
    }

    /** A toolchain's tree, which stays as it is until this is closed. */
    public final class Lease implements AutoCloseable {
        private final Entry entry;
        private final Path tree;

        private Lease(Entry entry, Path tree) {
            this.entry = entry;
            this.tree = tree;
        }

        public Path tree() {
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
    public Optional<Lease> acquire(Toolchain toolchain) throws IOException, InterruptedException {
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
            if (isGone(entry.tree)) {
                dropTree(toolchain, entry);
            }
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

    /** Whether somebody removed an unpacked tree, with the directory that it was in perhaps. */
    private static boolean isGone(@Nullable CompletableFuture<Path> tree) {
        return tree != null
                && tree.isDone()
                && !tree.isCompletedExceptionally()
                && Files.notExists(tree.join(), LinkOption.NOFOLLOW_LINKS);
    }

    /** Has a tree that is gone be unpacked anew. */
    @GuardedBy("this")
    private void dropTree(Toolchain toolchain, Entry entry) throws IOException {
        log.warn("the unpacked toolchain {} is gone and is unpacked anew: somebody removed it", toolchain);
        FilePool.delete(pool.release(entry.share));
        preparations.giveUp(trees.resolve(toolchain.archiveId()));
        entry.share = new FilePool.Share();
        entry.tree = null;
    }

    private void unpack(Toolchain toolchain, Entry entry, CompletableFuture<Path> result) {
        Path unfinished = trees.resolve(".unpacking-" + sequence.incrementAndGet());
        try {
            check(toolchain, entry);
            Files.createDirectories(unfinished);
            long octets = ToolchainArchive.unpack(archives.resolve(toolchain.archiveId()), unfinished, maxBytes);
            FilePool.Share share = pool.share(unfinished);
            Path tree = publish(toolchain, entry, unfinished, share);
            log.info(
                    "toolchain {} unpacked, {}; {} are not shared with other toolchains",
                    toolchain,
                    ByteSize.format(octets),
                    ByteSize.format(share.newBytes()));
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

    private Path publish(Toolchain toolchain, Entry entry, Path unfinished, FilePool.Share share) throws IOException {
        Path tree = trees.resolve(toolchain.archiveId());
        try {
            synchronized (this) {
                Files.move(unfinished, tree, StandardCopyOption.ATOMIC_MOVE);
                entry.share = share;
            }
            return tree;
        } catch (IOException e) {
            FilePool.delete(pool.release(share));
            throw e;
        }
    }

    /** Makes sure that an archive of an earlier run is still what it was. */
    private void check(Toolchain toolchain, Entry entry) throws IOException {
        synchronized (this) {
            if (entry.isChecked) {
                return;
            }
        }
        Toolchain actual = identification.of(archives.resolve(toolchain.archiveId()));
        if (!actual.equals(toolchain)) {
            throw new ArchiveException("its archive is damaged on disk; the next client sends it again");
        }
        synchronized (this) {
            entry.isChecked = true;
        }
    }

    /**
     * Checks the archives of earlier runs, the one that was used last first, and forgets those that are damaged. May take
     * minutes; nobody waits for it meanwhile, as whoever wants a toolchain checks it himself.
     */
    public void checkArchives() {
        List<Map.Entry<Toolchain, Entry>> latestFirst;
        synchronized (this) {
            latestFirst = entries.entrySet().stream()
                    .sorted(Comparator.comparingLong(candidate -> -candidate.getValue().lastUse))
                    .toList();
        }
        for (Map.Entry<Toolchain, Entry> each : latestFirst) {
            try {
                check(each.getKey(), each.getValue());
            } catch (ArchiveException | NoSuchFileException e) {
                forgetUnlessInUse(each.getKey(), each.getValue(), Reason.of(e));
            } catch (IOException e) {
                log.warn("cannot check the archive of toolchain {}: {}", each.getKey(), e.toString());
            }
        }
    }

    /** Whoever unpacks it finds out what is wrong with it himself. */
    private void forgetUnlessInUse(Toolchain toolchain, Entry entry, String reason) {
        try {
            Optional<Path> remains = Optional.empty();
            synchronized (this) {
                if (entry.tree == null && entries.remove(toolchain, entry)) {
                    log.warn("toolchain {} is dropped: {}", toolchain, reason);
                    remains = moveAway(archives, toolchain);
                }
            }
            removeAll(remains.stream().toList());
        } catch (IOException e) {
            log.warn("cannot remove the archive of toolchain {}: {}", toolchain, e.toString());
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
            removeAll(remains.stream().toList());
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
            log.debug("cannot record the use of toolchain {}: {}", toolchain, e.toString());
        }
    }

    /** Removes what was not used for longest until {@code wanted} more bytes fit, or nothing more can be removed. */
    private void makeRoom(long wanted) throws IOException {
        List<Path> doomed = new ArrayList<>();
        List<CompletionStage<Void>> givenUp = new ArrayList<>();
        synchronized (this) {
            List<Map.Entry<Toolchain, Entry>> oldestFirst = entries.entrySet().stream()
                    .filter(candidate -> candidate.getValue().pins == 0)
                    .sorted(Comparator.comparingLong(candidate -> candidate.getValue().lastUse))
                    .toList();
            for (Map.Entry<Toolchain, Entry> oldest : oldestFirst) {
                if (used() + wanted <= maxBytes) {
                    break;
                }
                evict(oldest.getKey(), oldest.getValue(), doomed, givenUp);
            }
        }
        givenUp.forEach(each -> each.toCompletableFuture().join());
        removeAll(doomed);
    }

    /** Bytes of all archives and trees. */
    @GuardedBy("this")
    private long used() {
        return pool.bytes()
                + entries.values().stream()
                        .mapToLong(entry -> entry.archiveBytes)
                        .sum();
    }

    /**
     * @param doomed gets what is to be removed without it
     * @param givenUp gets what is to be waited for before that
     */
    @GuardedBy("this")
    private void evict(Toolchain toolchain, Entry entry, List<Path> doomed, List<CompletionStage<Void>> givenUp)
            throws IOException {
        entries.remove(toolchain);
        if (entry.tree != null) {
            doomed.addAll(pool.release(entry.share));
            givenUp.add(preparations.giveUp(trees.resolve(toolchain.archiveId())));
            moveAway(trees, toolchain).ifPresent(doomed::add);
        }
        moveAway(archives, toolchain).ifPresent(doomed::add);
        log.info("toolchain {} is evicted, as it was not used for the longest time", toolchain);
    }

    private static void removeAll(List<Path> doomed) throws IOException {
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
