package dev.jdist.protocol.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The room that spools have.
 *
 * <p>Invariants. No file here has a name for longer than a moment: the kernel removes it with the last that is open of it,
 * be it by {@code kill -9}. All spools together have at most {@link Limits#memory} bytes of memory; a spool that gets none
 * has a file from its first byte on. All files together, and those of one owner, have at most so many bytes as the limits
 * say, however many peers leave theirs here.
 */
public final class Spools implements AutoCloseable {
    private static final int DISK_THREADS = 2;
    private static final int IDLE_SECONDS = 10;

    private final NewFile newFile;
    private final Limits limits;
    private final ThreadPoolExecutor disk = new ThreadPoolExecutor(
            DISK_THREADS, DISK_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "spool");
                thread.setDaemon(true);
                return thread;
            });

    @GuardedBy("this")
    private long memory;

    @GuardedBy("this")
    private long files;

    @GuardedBy("this")
    private final Map<Object, Long> filesOf = new HashMap<>();

    /** Names a file that is not there yet. */
    @FunctionalInterface
    public interface NewFile {
        Path name() throws IOException;
    }

    /**
     * How much there is room for, in bytes.
     *
     * @param memory of all spools together
     * @param files of all spools together
     * @param filesOfOwner of the spools of one owner together
     */
    public record Limits(long memory, long files, long filesOfOwner) {
        /** Of the memory that this process may have for objects. */
        private static final int SHARE_OF_HEAP = 8;

        /** An eighth of the heap; of files, half for any one owner. */
        public static Limits ofFiles(long bytes) {
            return new Limits(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP, bytes, bytes / 2);
        }
    }

    public Spools(NewFile newFile, Limits limits) {
        this.newFile = newFile;
        this.limits = limits;
        disk.allowCoreThreadTimeOut(true);
    }

    /** One whose bytes nobody in particular has to answer for. */
    public Spool create() {
        return new Spool(this, this);
    }

    /** One of somebody whose spools may have a share of the room, and not all of it: the address of a client, say. */
    public Spool create(Object owner) {
        return new Spool(this, owner);
    }

    /** Has bytes written by threads that may wait for a disk. Each spool hands over one task at a time. */
    public Executor disk() {
        return disk;
    }

    /** Bytes in all files. */
    public synchronized long used() {
        return files;
    }

    /** Bytes in the files of one owner. */
    public synchronized long used(Object owner) {
        return filesOf.getOrDefault(owner, 0L);
    }

    /** Whether there is no room for more files of this owner. */
    public synchronized boolean isFullFor(Object owner) {
        return files >= limits.files || used(owner) >= limits.filesOfOwner;
    }

    /** Bytes of memory in all spools. */
    public synchronized long memoryUsed() {
        return memory;
    }

    FileChannel createFile() throws IOException {
        Path file = newFile.name();
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(file);
        return channel;
    }

    synchronized boolean takeMemory(int bytes) {
        boolean fits = memory + bytes <= limits.memory;
        if (fits) {
            memory += bytes;
        }
        return fits;
    }

    synchronized void giveMemoryBack(int bytes) {
        memory -= bytes;
    }

    synchronized void take(Object owner, long bytes) throws SpoolFullException {
        if (files + bytes > limits.files) {
            throw new SpoolFullException(
                    "what peers have not fetched or not sent whole yet fills all of its room", limits.files);
        }
        long own = filesOf.getOrDefault(owner, 0L) + bytes;
        if (owner != this && own > limits.filesOfOwner) {
            throw new SpoolFullException(
                    "what one peer has not fetched or not sent whole yet fills its room", limits.filesOfOwner);
        }
        files += bytes;
        filesOf.put(owner, own);
    }

    synchronized void giveBack(Object owner, long bytes) {
        files -= bytes;
        filesOf.computeIfPresent(owner, (who, own) -> own <= bytes ? null : own - bytes);
    }

    @Override
    public void close() {
        disk.shutdown();
    }
}
