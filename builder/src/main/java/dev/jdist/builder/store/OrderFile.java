package dev.jdist.builder.store;

import dev.jdist.builder.store.ContentIndex.Content;
import dev.jdist.builder.store.ContentIndex.Entry;
import dev.jdist.protocol.view.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The contents of a store in the order of their use, as a file. It lets the order outlive a restart, and the next run know
 * its size before it has looked through the directory. The times of the files themselves do not say it, since jobs may see
 * them.
 *
 * <p>Only a hint: the store takes nothing in it for true without a look at the file of the content. A file that is damaged,
 * as after a power cut, or of another format is as good as none.
 *
 * <p>The format: eight bytes for its kind, the number of contents as an int, for each its digest and its size as a long, and
 * the CRC-32C of all that as a long.
 */
final class OrderFile {
    private static final Logger log = LoggerFactory.getLogger(OrderFile.class);

    private static final long KIND = 0x6a64_6973_742d_6301L;
    private static final int HEAD = Long.BYTES + Integer.BYTES;
    private static final int EACH = Sha256.BYTES + Long.BYTES;
    /** No file has more; so sums of sizes stay numbers. */
    private static final long MOST_BYTES = 1L << 42;

    private final Path file;

    OrderFile(Path file) {
        this.file = file;
    }

    /**
     * Reads what the last run wrote.
     *
     * @param most contents; a file with more is not read
     * @return that which was not used for longest first; none if there is no good file
     */
    List<Content> read(int most) {
        try {
            long size = Files.size(file);
            if (size > HEAD + (long) most * EACH + Long.BYTES) {
                log.warn("{} is ignored: it has {} bytes", file, size);
                return List.of();
            }
            return decode(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            log.warn("cannot read in which order contents were used: {}", e.toString());
            return List.of();
        }
    }

    private List<Content> decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.remaining() < HEAD + Long.BYTES || in.getLong(0) != KIND) {
            return damaged();
        }
        int count = in.getInt(Long.BYTES);
        int length = in.capacity() - Long.BYTES;
        if (count < 0 || length != HEAD + (long) count * EACH || in.getLong(length) != checksum(bytes, length)) {
            return damaged();
        }
        in.position(HEAD);
        List<Content> contents = new ArrayList<>(count);
        byte[] digest = new byte[Sha256.BYTES];
        for (int i = 0; i < count; i++) {
            in.get(digest);
            long size = in.getLong();
            if (size < 0 || size > MOST_BYTES) {
                return damaged();
            }
            contents.add(new Content(Sha256.of(digest), new Entry(size, false)));
        }
        return contents;
    }

    private List<Content> damaged() {
        log.warn("{} is damaged and ignored; the order in which contents were used is lost", file);
        return List.of();
    }

    private static long checksum(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        return checksum.getValue();
    }

    /** @param unfinished a name for the time until all is written */
    void write(List<Content> oldestFirst, Path unfinished) throws IOException {
        byte[] bytes = new byte[HEAD + oldestFirst.size() * EACH + Long.BYTES];
        ByteBuffer out = ByteBuffer.wrap(bytes);
        out.putLong(KIND).putInt(oldestFirst.size());
        for (Content content : oldestFirst) {
            out.put(content.digest().toByteArray()).putLong(content.entry().size);
        }
        out.putLong(checksum(bytes, out.position()));
        try {
            Files.write(unfinished, bytes);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
