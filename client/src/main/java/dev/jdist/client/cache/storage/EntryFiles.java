package dev.jdist.client.cache.storage;

import dev.jdist.client.files.Directories;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of a {@link DiskStore}, of which others may remove any at any moment. */
final class EntryFiles {
    private static final Logger log = LoggerFactory.getLogger(EntryFiles.class);

    /** What the least file takes on most file systems. The limit is one of disk space, and manifests are small. */
    static final int BLOCK = 4096;
    /** The directory of what is not finished. */
    static final String UNFINISHED = "unfinished";

    /** After this long nobody writes to an unfinished file any more. */
    private static final Duration UNFINISHED_LIFETIME = Duration.ofMinutes(1);

    private EntryFiles() {}

    record Entry(Path file, long size, FileTime used) {}

    static long onDisk(long length) {
        return (length + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** What there is: entries, and bytes of what is not finished. */
    record Found(List<Entry> entries, long unfinished) {
        long size() {
            return unfinished + entries.stream().mapToLong(Entry::size).sum();
        }
    }

    /** Finds what there is, and removes what a daemon that was killed left unfinished. */
    static Found find(Path entries) throws IOException {
        List<Entry> found = new ArrayList<>();
        AtomicLong unfinished = new AtomicLong();
        Instant old = Instant.now().minus(UNFINISHED_LIFETIME);
        Files.walkFileTree(entries, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (Directories.of(file).endsWith(UNFINISHED)) {
                    if (attributes.lastModifiedTime().toInstant().isBefore(old)) {
                        remove(file);
                    } else {
                        unfinished.addAndGet(onDisk(attributes.size()));
                    }
                } else if (!SharedSize.owns(file)) {
                    found.add(new Entry(file, onDisk(attributes.size()), attributes.lastModifiedTime()));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return new Found(found, unfinished.get());
    }

    /** Empty if the file is gone or cannot be read. */
    static byte[] endOf(Path file, int length) {
        try (SeekableByteChannel in = Files.newByteChannel(file)) {
            ByteBuffer end = ByteBuffer.allocate((int) Math.min(length, in.size()));
            in.position(in.size() - end.capacity());
            while (end.hasRemaining() && in.read(end) >= 0) {
                // Until it is full.
            }
            return Arrays.copyOf(end.array(), end.position());
        } catch (IOException e) {
            return new byte[0];
        }
    }

    static boolean remove(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            log.debug("{} cannot be removed: {}", file, e.toString());
            return false;
        }
    }
}
