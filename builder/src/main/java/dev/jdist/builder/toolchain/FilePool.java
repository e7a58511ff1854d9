package dev.jdist.builder.toolchain;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.daemon.PrivateDirectory;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of all unpacked trees, each content once: files that are alike, in bytes and in
 * permissions, are hard links to one file here.
 *
 * <p>Invariants. A file is in the pool for as long as some tree's {@link Share} has it, and counts once however many have
 * it. It never changes: jobs see trees as read-only layers, and the pool not at all. Its name here is its own alone and
 * does not come again, so that it can be deleted at leisure, when another of the same content may be in the pool. It has
 * the owner and the permissions that unpacking gave it, which are never more than {@code rwxr-xr-x}. Contents are told
 * apart by BLAKE3, as those who send toolchains must not be able to give a file to each other's, and as SHA-256 takes twice
 * the time without Java's slow compiler. What cannot be linked (too many links, a file system without any) stays the tree's
 * own and counts as such.
 *
 * <p>The lock guards the map only. Reading, linking and deleting happen outside of it; a file that is being linked to
 * belongs to the share for which it is linked already.
 */
public final class FilePool {
    private static final Logger log = LoggerFactory.getLogger(FilePool.class);
    private static final int BUFFER = 64 << 10;

    private final Path directory;
    private final Linker linker;
    private final AtomicLong sequence = new AtomicLong();

    @GuardedBy("this")
    private final Map<Content, Pooled> files = new HashMap<>();

    @GuardedBy("this")
    private long bytes;

    /** Makes hard links: the operating system, or a test's stand-in. */
    @FunctionalInterface
    interface Linker {
        void link(Path link, Path existing) throws IOException;
    }

    /** @param mode type and permissions, as the operating system has them */
    private record Content(Bytes digest, int mode) {}

    /** @param fileKey device and inode */
    private record Found(Path file, Object fileKey, long size, int mode) {}

    private static final class Pooled {
        final Content content;
        final Path file;
        final Object fileKey;
        final long size;
        /** Guarded by the pool. */
        int shares;

        Pooled(Content content, Path file, Found original) {
            this.content = content;
            this.file = file;
            this.fileKey = original.fileKey;
            this.size = original.size;
        }
    }

    /** What one tree has: of the pool, and beside it. */
    static final class Share {
        private final Set<Pooled> pooled = new HashSet<>();
        private long ownBytes;
        private long newBytes;

        /** Bytes of the tree that no other tree had when it was shared. */
        long newBytes() {
            return newBytes;
        }
    }

    private FilePool(Path directory, Linker linker) {
        this.directory = directory;
        this.linker = linker;
    }

    /** @param directory on the file system of the trees; made, and the pool's alone */
    static FilePool create(Path directory) throws IOException {
        return create(directory, Files::createLink);
    }

    static FilePool create(Path directory, Linker linker) throws IOException {
        PrivateDirectory.make(directory);
        return new FilePool(directory, linker);
    }

    /** Bytes of all files of all trees. */
    synchronized long bytes() {
        return bytes;
    }

    /**
     * Has the files of a tree be shared with those of others.
     *
     * @param tree that nobody uses yet; links in it are not followed
     * @return to be released when the tree goes
     */
    Share share(Path tree) throws IOException {
        Share share = new Share();
        boolean isDone = false;
        try {
            // By inode, as a tree may have links of its own; null for what stays the tree's.
            Map<Object, Pooled> known = new HashMap<>();
            Deque<Path> left = new ArrayDeque<>(List.of(tree));
            while (!left.isEmpty()) {
                for (Found found : filesIn(left.pop(), left)) {
                    Pooled pooled = known.containsKey(found.fileKey) ? known.get(found.fileKey) : pool(found, share);
                    known.put(found.fileKey, pooled == null ? null : replace(found, pooled, share));
                }
            }
            isDone = true;
            return share;
        } finally {
            if (!isDone) {
                delete(release(share));
            }
        }
    }

    /** The files of one directory that have any content; adds its directories to {@code directories}. */
    private static List<Found> filesIn(Path parent, Deque<Path> directories) throws IOException {
        List<Found> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            for (Path entry : entries) {
                BasicFileAttributes about =
                        Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (about.isDirectory()) {
                    directories.push(entry);
                } else if (about.isRegularFile() && about.size() > 0) {
                    found.add(new Found(entry, about.fileKey(), about.size(), mode(entry)));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    private static int mode(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    }

    /** The file of the pool with this content, which becomes this one if there is none; null if it cannot be in it. */
    private @Nullable Pooled pool(Found found, Share share) throws IOException {
        Content content = new Content(digest(found.file), found.mode);
        Pooled pooled = find(content, share);
        if (pooled != null) {
            return pooled;
        }
        Path name = directory.resolve("file-" + sequence.incrementAndGet());
        try {
            linker.link(name, found.file);
        } catch (FileSystemException | UnsupportedOperationException e) {
            return keepApart(found, share, e);
        }
        Pooled added = add(new Pooled(content, name, found), share);
        if (!added.file.equals(name)) {
            Files.delete(name); // another tree was faster
        }
        return added;
    }

    private synchronized @Nullable Pooled find(Content content, Share share) {
        Pooled pooled = files.get(content);
        if (pooled != null && share.pooled.add(pooled)) {
            pooled.shares++;
        }
        return pooled;
    }

    private synchronized Pooled add(Pooled pooled, Share share) {
        Pooled there = find(pooled.content, share);
        if (there != null) {
            return there;
        }
        files.put(pooled.content, pooled);
        share.pooled.add(pooled);
        share.newBytes += pooled.size;
        pooled.shares = 1;
        bytes += pooled.size;
        return pooled;
    }

    /** @return null, as what becomes of a file that is not in the pool */
    private synchronized @Nullable Pooled keepApart(Found found, Share share, Exception reason) {
        log.debug("{} is stored without sharing: {}", found.file, reason.toString());
        share.ownBytes += found.size;
        share.newBytes += found.size;
        bytes += found.size;
        return null;
    }

    /** Puts a link to the pool's file in the place of one of a tree. Null if there can be no more links to it. */
    private @Nullable Pooled replace(Found found, Pooled pooled, Share share) throws IOException {
        if (pooled.fileKey.equals(found.fileKey)) {
            return pooled;
        }
        Path link = directory.resolve("link-" + sequence.incrementAndGet());
        try {
            linker.link(link, pooled.file);
        } catch (FileSystemException e) {
            return keepApart(found, share, e);
        }
        Files.move(link, found.file, StandardCopyOption.ATOMIC_MOVE);
        return pooled;
    }

    /**
     * Takes back what a tree has.
     *
     * @return files of the pool that no tree has any more, to be {@link #delete deleted}
     */
    synchronized List<Path> release(Share share) {
        List<Path> unused = new ArrayList<>();
        for (Pooled pooled : share.pooled) {
            pooled.shares--;
            if (pooled.shares == 0) {
                files.remove(pooled.content);
                bytes -= pooled.size;
                unused.add(pooled.file);
            }
        }
        bytes -= share.ownBytes;
        return unused;
    }

    static void delete(List<Path> unused) throws IOException {
        for (Path file : unused) {
            Files.deleteIfExists(file);
        }
    }

    private static Bytes digest(Path file) throws IOException {
        Blake3Digest digest = new Blake3Digest();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        byte[] content = new byte[digest.getDigestSize()];
        digest.doFinal(content, 0);
        return Bytes.wrap(content);
    }
}
