package dev.jdist.builder.toolchain;

import dev.jdist.protocol.wire.BlockInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Goes through a tar that came over the network, up to some number of entries and bytes. */
public final class TarReader {
    /**
     * Bytes in front of one entry: long names, PAX records. The library reads them into memory, however many they are,
     * and calls itself for each header in a row.
     */
    private static final int MAX_HEADERS = 256 << 10;

    private static final int BLOCK = 512;

    private final int maxEntries;
    private final long maxBytes;

    /** What to do with each entry; {@code content} ends where the entry does. */
    public interface Visitor {
        void visit(TarArchiveEntry entry, InputStream content) throws IOException;
    }

    public TarReader(int maxEntries, long maxBytes) {
        this.maxEntries = maxEntries;
        // No archive comes near this, and no sum of it with something else turns around.
        this.maxBytes = Math.min(maxBytes, Long.MAX_VALUE / 2);
    }

    /**
     * @param in the tar, uncompressed; not closed
     * @throws ArchiveException if it is damaged or too large
     */
    public void read(InputStream in, Visitor visitor) throws IOException {
        Counted counted = new Counted(in);
        TarArchiveInputStream tar = new TarArchiveInputStream(counted, StandardCharsets.UTF_8.name());
        int entries = 0;
        long bytes = 0;
        for (TarArchiveEntry entry = next(tar, counted); entry != null; entry = next(tar, counted)) {
            if (++entries > maxEntries) {
                throw new ArchiveException("the archive has more than " + maxEntries + " entries");
            }
            // Held down, so that an entry that claims to be endless does not turn the sum around.
            bytes += Math.min(entry.getSize(), maxBytes + 1);
            if (bytes > maxBytes) {
                throw new ArchiveException("the archive contains more than " + maxBytes + " bytes");
            }
            Content content = new Content(tar);
            visit(entry, content, visitor);
            // What nobody wanted of it must not count as the next one's headers.
            content.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static void visit(TarArchiveEntry entry, InputStream content, Visitor visitor) throws IOException {
        try {
            visitor.visit(entry, content);
        } catch (InvalidPathException e) {
            throw new ArchiveException("the archive contains an invalid file name: " + e.getMessage(), e);
        }
    }

    /** Whether the entry is a file with bytes of its own: commons-compress calls devices and links files too. */
    public static boolean isPlainFile(TarArchiveEntry entry) {
        byte kind = entry.getLinkFlag();
        boolean plain = kind == TarConstants.LF_NORMAL || kind == TarConstants.LF_OLDNORM;
        return (plain || kind == TarConstants.LF_CONTIG) && !entry.isDirectory() && !entry.isSparse();
    }

    private static TarArchiveEntry next(TarArchiveInputStream tar, Counted counted) throws IOException {
        counted.headersLeft = MAX_HEADERS;
        try {
            return tar.getNextEntry();
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        } finally {
            counted.headersLeft = Long.MAX_VALUE;
        }
    }

    /** What commons-compress says of broken headers is no more than "Error detected parsing the header". */
    private static ArchiveException damaged(Exception e) {
        return e instanceof ArchiveException known
                ? known
                : new ArchiveException("the archive is damaged: " + e.getMessage(), e);
    }

    /** One entry's bytes. Reading them fails with an {@link ArchiveException}, unlike writing them elsewhere. */
    private static final class Content extends BlockInputStream {
        private final TarArchiveInputStream tar;

        Content(TarArchiveInputStream tar) {
            this.tar = tar;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return tar.read(target, offset, length);
            } catch (IOException | RuntimeException e) {
                throw damaged(e);
            }
        }
    }

    /** Stops where the bytes of all entries together cannot be honest any more: headers and padding included. */
    private final class Counted extends BlockInputStream {
        private final InputStream in;
        private long left = maxBytes + 1024L * maxEntries + (1 << 20);
        private long headersLeft = Long.MAX_VALUE;
        private int inBlock;

        Counted(InputStream in) {
            this.in = in;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left <= 0) {
                throw new ArchiveException("the archive contains more than " + maxBytes + " bytes");
            }
            if (headersLeft <= 0) {
                throw new ArchiveException("the archive has headers of more than " + MAX_HEADERS + " bytes");
            }
            int count = in.read(target, offset, (int) Math.min(length, Math.min(left, headersLeft)));
            if (count < 0) {
                if (inBlock != 0) {
                    // The library takes what is left of a header for the archive's end.
                    throw new ArchiveException("the archive is damaged: it ends in the middle of a block");
                }
                return count;
            }
            left -= count;
            headersLeft -= count;
            inBlock = (inBlock + count) % BLOCK;
            return count;
        }
    }
}
