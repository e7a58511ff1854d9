package dev.jdist.builder.job;

import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.spool.Spool;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** The outputs of one job, compressed. Belongs to one thread at a time. Once it is closed, they cannot be read any more. */
public final class OutputSpool implements Closeable {
    private static final int BUFFER = 64 << 10;

    private final Spool spool;

    /** @param spool for these outputs alone; closed with this */
    public OutputSpool(Spool spool) {
        this.spool = spool;
    }

    /** What a limit on an output's size is answered with. */
    @FunctionalInterface
    interface TooLarge {
        IOException exception();
    }

    /**
     * Adds a file.
     *
     * @param most bytes it may have: one with holes may pretend to more than any disk has
     */
    OutputFile add(String path, InputStream content, long most, TooLarge tooLarge) throws IOException {
        long start = spool.length();
        long size = 0;
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (OutputStream zlib = new DeflaterOutputStream(spool.toOutputStream(), deflater, BUFFER)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                size += count;
                if (size > most) {
                    throw tooLarge.exception();
                }
                zlib.write(buffer, 0, count);
            }
        } finally {
            deflater.end();
        }
        return new OutputFile(path, spool.part(start, spool.length() - start), size);
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }
}
