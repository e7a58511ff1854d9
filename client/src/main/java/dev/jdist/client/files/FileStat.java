package dev.jdist.client.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the kernel says of a file or directory. The same stamp means the same content, if the stamp was taken a while after
 * the last change: the clock of a file system ticks, and two changes within a tick leave the same stamp.
 *
 * @param modified nanoseconds since 1970
 * @param changed nanoseconds since 1970; unlike {@code modified} it cannot be set
 */
public record FileStat(long device, long inode, long size, long modified, long changed) {
    public static final int BYTES = 5 * Long.BYTES;

    /** Longer than the coarsest tick of a file system in use: two seconds. */
    private static final Duration TICK = Duration.ofMillis(2100);

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    static final String ATTRIBUTES = "unix:dev,ino,size,lastModifiedTime,ctime";

    /** @return nothing if there is no such file for this user: one may be behind a directory that only others may search */
    public static Optional<FileStat> of(Path path) throws IOException {
        return read(path, ATTRIBUTES).map(FileStat::of);
    }

    /** All attributes of these names; nothing if there is no such file for this user. */
    static Optional<Map<String, Object>> read(Path path, String names, LinkOption... options) throws IOException {
        try {
            return Optional.of(Files.readAttributes(path, names, options));
        } catch (NoSuchFileException | NotDirectoryException | AccessDeniedException e) {
            return Optional.empty();
        }
    }

    /** @param attributes with all of {@link #ATTRIBUTES} */
    static FileStat of(Map<String, Object> attributes) {
        return new FileStat(
                number(attributes, "dev"),
                number(attributes, "ino"),
                number(attributes, "size"),
                nanos(attributes, "lastModifiedTime"),
                nanos(attributes, "ctime"));
    }

    private static long number(Map<String, Object> attributes, String name) {
        return (Long) Objects.requireNonNull(attributes.get(name), name);
    }

    private static long nanos(Map<String, Object> attributes, String name) {
        return ((FileTime) Objects.requireNonNull(attributes.get(name), name)).to(TimeUnit.NANOSECONDS);
    }

    /** What a file is, whatever its name. */
    public record Identity(long device, long inode) {}

    public Identity identity() {
        return new Identity(device, inode);
    }

    /** For each of these, the number of the first that is the same file or directory; of what is not there, its own. */
    public static List<Integer> firstSame(List<Optional<FileStat>> stamps) {
        Map<Identity, Integer> first = new HashMap<>();
        List<Integer> numbers = new ArrayList<>();
        for (Optional<FileStat> stamp : stamps) {
            int own = numbers.size();
            Integer same =
                    stamp.isEmpty() ? null : first.putIfAbsent(stamp.get().identity(), own);
            numbers.add(same == null ? own : same);
        }
        return numbers;
    }

    /** The time, in nanoseconds since 1970. */
    public static long now() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /**
     * The last moment at which it can have changed. A file system that counts whole seconds cuts the rest off, or all but
     * every second one: a time that ends in zeros stands for as much more as they hide.
     */
    long latestChange() {
        long unit = 1;
        while (unit < SECOND && changed % (unit * 10) == 0) {
            unit *= 10;
        }
        return changed + (unit == SECOND ? 2 * SECOND : unit) - 1;
    }

    /** Whether it certainly did not change from {@code moment} on. */
    public boolean isFromBefore(Moment moment) {
        return latestChange() < moment.nanos();
    }

    /** Whether a change from now on is sure to leave another stamp. */
    public boolean isSettled() {
        return isSettled(now());
    }

    /** Whether a change after {@code now} is sure to leave another stamp. */
    public boolean isSettled(long nowNanos) {
        return Math.max(modified, changed) < nowNanos - TICK.toNanos();
    }

    public static FileStat read(ByteBuffer in) {
        return new FileStat(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    public void write(ByteBuffer out) {
        out.putLong(device).putLong(inode).putLong(size).putLong(modified).putLong(changed);
    }
}
