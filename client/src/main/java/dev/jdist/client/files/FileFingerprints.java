package dev.jdist.client.files;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Files and directories with the stamps that they had. They are equal if they are of the same pieces, not of such that say the
 * same.
 *
 * @param bytes in pieces: for each its path, as its length and its bytes, the last one a NUL, and its stamp, as the launcher reads
 *     them ({@code message.h})
 */
public record FileFingerprints(int count, List<byte[]> bytes) {
    public static final FileFingerprints NONE = new FileFingerprints(0, List.of());

    /** Number of all bytes. */
    public int size() {
        return bytes.stream().mapToInt(piece -> piece.length).sum();
    }

    /** The numbers of all of them. */
    public BitSet all() {
        BitSet all = new BitSet(count);
        all.set(0, count);
        return all;
    }

    /** These, and those of {@code others} behind them. */
    public FileFingerprints and(FileFingerprints others) {
        List<byte[]> both = new ArrayList<>(bytes);
        both.addAll(others.bytes);
        return new FileFingerprints(count + others.count, both);
    }

    /** Writes down one after the other. */
    public static final class Builder {
        private static final FileStat NOTHING = new FileStat(-1, -1, -1, -1, -1);

        private final ByteArrayOutputStream written = new ByteArrayOutputStream(1 << 14);
        private final ByteBuffer number = ByteBuffer.allocate(Integer.BYTES);
        private final ByteBuffer numbers = ByteBuffer.allocate(FileStat.BYTES);
        private int count;

        /** @param path absolute */
        public Builder add(Path path, FileStat stamp) {
            byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
            written.writeBytes(number.putInt(0, name.length + 1).array());
            written.writeBytes(name);
            written.write(0);
            stamp.write(numbers.clear());
            written.writeBytes(numbers.array());
            count++;
            return this;
        }

        /** @param stamp of which only the file or directory itself counts, and not in which state it is */
        public Builder addAnyState(Path path, FileStat stamp) {
            return add(path, new FileStat(stamp.device(), stamp.inode(), -1, -1, -1));
        }

        /** @param path of nothing: there is no such file, and no link that leads to one */
        public Builder addAbsent(Path path) {
            return add(path, NOTHING);
        }

        /** All that were added. */
        public FileFingerprints build() {
            return new FileFingerprints(count, List.of(written.toByteArray()));
        }
    }
}
