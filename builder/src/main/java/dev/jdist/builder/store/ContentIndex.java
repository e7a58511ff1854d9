package dev.jdist.builder.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.view.Sha256;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which contents a store has, in the order of their use, and what they and those that arrive take of its limits. It touches
 * no file.
 *
 * <p>Contents of an earlier run that nobody has used in this one are kept apart: they are older than all others, whenever
 * they are found.
 *
 * <p>Every method holds the lock for a few look-ups, but for {@link #inOrder}, {@link #load} and {@link #endSurvey}, which
 * take some milliseconds for 100,000 contents and are called every few minutes, or once.
 */
final class ContentIndex {
    /** What the least file takes on most file systems. The limit is one of disk space, and headers are small. */
    private static final int BLOCK = 4096;

    private final long mostBytes;
    private final int mostFiles;

    @GuardedBy("this")
    private final Map<Sha256, Entry> used = new LinkedHashMap<>(16, 0.75f, true);

    @GuardedBy("this")
    private final Map<Sha256, Entry> unused = new LinkedHashMap<>();

    /** Of files that are there, that arrive, and that are being evicted. */
    @GuardedBy("this")
    private long bytes;

    @GuardedBy("this")
    private int files;

    @GuardedBy("this")
    private boolean isSurveyed;

    /** Told apart by identity: a content that comes again has another entry. */
    static final class Entry {
        final long size;
        /** Whether this run has seen that the file is what its name says. */
        volatile boolean isChecked;
        /** Whether this run has seen the file. */
        private boolean isSeen;

        Entry(long size, boolean isChecked) {
            this.size = size;
            this.isChecked = isChecked;
        }
    }

    record Content(Sha256 digest, Entry entry) {}

    /** @param mostBytes on the disk, whole blocks */
    ContentIndex(long mostBytes, int mostFiles) {
        this.mostBytes = mostBytes;
        this.mostFiles = mostFiles;
    }

    /** Bytes that a file takes on the disk. */
    static long onDisk(long size) {
        return Math.max(1, size / BLOCK + (size % BLOCK == 0 ? 0 : 1)) * BLOCK;
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized int files() {
        return files;
    }

    /** @param oldestFirst what the last run says was there */
    synchronized void load(List<Content> oldestFirst) {
        for (Content content : oldestFirst) {
            if (!has(content.digest)) {
                unused.put(content.digest, content.entry);
                count(content.entry);
            }
        }
    }

    /** The entry of a content, which is used now; null if there is none. */
    synchronized @Nullable Entry use(Sha256 digest) {
        Entry entry = unused.remove(digest);
        if (entry != null) {
            used.put(digest, entry);
            return entry;
        }
        return used.get(digest);
    }

    synchronized boolean has(Sha256 digest) {
        return used.containsKey(digest) || unused.containsKey(digest);
    }

    /** Notes that the file of a content was seen in the directory; false if the content is not known. */
    synchronized boolean see(Sha256 digest) {
        Entry entry = unused.get(digest);
        if (entry != null) {
            entry.isSeen = true;
        }
        return entry != null || used.containsKey(digest);
    }

    /** Adds a file of an earlier run, unless the content is known. What it takes may go past the limits. */
    synchronized void addFound(Sha256 digest, Entry entry) {
        if (!has(digest)) {
            entry.isSeen = true;
            unused.put(digest, entry);
            count(entry);
        }
    }

    /** Adds a content that has arrived, and for which room was {@link #reserve reserved}; another of the digest goes. */
    synchronized void addArrived(Sha256 digest, Entry entry) {
        Entry replaced = unused.remove(digest);
        if (replaced == null) {
            replaced = used.remove(digest);
        }
        if (replaced != null) {
            release(onDisk(replaced.size), 1);
        }
        used.put(digest, entry);
    }

    /** @return whether it was there; not if it is gone already, or has come again */
    synchronized boolean remove(Sha256 digest, Entry entry) {
        boolean isRemoved = used.remove(digest, entry) || unused.remove(digest, entry);
        if (isRemoved) {
            release(onDisk(entry.size), 1);
        }
        return isRemoved;
    }

    /** Takes out what was not used for longest; its room is to be {@link #release released} when its file is gone. */
    synchronized @Nullable Content takeOldest() {
        for (Map<Sha256, Entry> map : List.of(unused, used)) {
            var first = map.entrySet().iterator();
            if (first.hasNext()) {
                Map.Entry<Sha256, Entry> oldest = first.next();
                Content content = new Content(oldest.getKey(), oldest.getValue());
                first.remove();
                return content;
            }
        }
        return null;
    }

    /** Takes room, if it is there. */
    synchronized boolean reserve(long moreBytes, int moreFiles) {
        if (moreBytes > mostBytes - bytes || moreFiles > mostFiles - files) {
            return false;
        }
        bytes += moreBytes;
        files += moreFiles;
        return true;
    }

    synchronized void release(long fewerBytes, int fewerFiles) {
        bytes -= fewerBytes;
        files -= fewerFiles;
    }

    synchronized boolean isOverfull() {
        return bytes > mostBytes || files > mostFiles;
    }

    /** Whether the index has all that the directory has. */
    synchronized boolean isSurveyed() {
        return isSurveyed;
    }

    /**
     * All files of earlier runs have been added.
     *
     * @param isComplete whether contents whose files were not seen are not there
     */
    synchronized void endSurvey(boolean isComplete) {
        if (isComplete) {
            unused.values().removeIf(entry -> {
                if (!entry.isSeen) {
                    release(onDisk(entry.size), 1);
                }
                return !entry.isSeen;
            });
        }
        isSurveyed = true;
    }

    /** All contents, that which was not used for longest first. */
    synchronized List<Content> inOrder() {
        List<Content> contents = new ArrayList<>(unused.size() + used.size());
        unused.forEach((digest, entry) -> contents.add(new Content(digest, entry)));
        used.forEach((digest, entry) -> contents.add(new Content(digest, entry)));
        return contents;
    }

    @GuardedBy("this")
    private void count(Entry entry) {
        bytes += onDisk(entry.size);
        files++;
    }
}
