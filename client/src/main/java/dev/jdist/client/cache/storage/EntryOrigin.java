package dev.jdist.client.cache.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Which machine made what is in an entry. It stands behind the entry's frame, in a skippable frame of zstd (RFC 8878, section
 * 3.1.2), which readers that do not know of it pass over, and can be read from the end of a file alone.
 *
 * @param builder its address
 * @param toolchain the digest of the archive that it compiled with
 * @param millis when that was by the clock of this machine, since 1970
 */
public record EntryOrigin(String builder, String toolchain, long millis) {
    /** So many bytes at an entry's end tell its origin. */
    public static final int MOST_BYTES = 256;

    private static final int SKIPPABLE_FRAME = 0x184D2A5A;
    private static final int HEADER = 2 * Integer.BYTES;
    /** The last four bytes of an entry that has an origin, behind the length of the skippable frame. */
    private static final int TAG = 0x59424a01;

    private static final int FOOTER = 2 * Integer.BYTES;

    /** A skippable frame; empty if there is no room for so long names. */
    byte[] encode() {
        byte[] text = (builder + " " + toolchain + " " + millis).getBytes(StandardCharsets.UTF_8);
        int length = HEADER + text.length + FOOTER;
        if (length > MOST_BYTES) {
            return new byte[0];
        }
        return ByteBuffer.allocate(length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(SKIPPABLE_FRAME)
                .putInt(length - HEADER)
                .put(text)
                .putInt(length)
                .putInt(TAG)
                .array();
    }

    /**
     * The origin of an entry.
     *
     * @param end of the entry: its last {@link #MOST_BYTES}, all of it, or any number between
     * @return nothing if it has none, as what was made here has not
     */
    public static Optional<EntryOrigin> decode(byte[] end) {
        if (end.length < HEADER + FOOTER) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN);
        int length = in.getInt(end.length - FOOTER);
        boolean isTagged = in.getInt(end.length - Integer.BYTES) == TAG;
        if (!isTagged || length < HEADER + FOOTER || length > Math.min(end.length, MOST_BYTES)) {
            return Optional.empty();
        }
        int begin = end.length - length;
        if (in.getInt(begin) != SKIPPABLE_FRAME || in.getInt(begin + Integer.BYTES) != length - HEADER) {
            return Optional.empty();
        }
        String text = new String(Arrays.copyOfRange(end, begin + HEADER, end.length - FOOTER), StandardCharsets.UTF_8);
        String[] parts = text.split(" ", -1);
        try {
            return parts.length == 3
                    ? Optional.of(new EntryOrigin(parts[0], parts[1], Long.parseLong(parts[2])))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
