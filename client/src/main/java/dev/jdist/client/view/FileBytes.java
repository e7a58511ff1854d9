package dev.jdist.client.view;

import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bytes of a file, read where they are needed. One that has another length by then is no longer what was promised, which
 * whoever gets the bytes finds out by their digest.
 *
 * @param length as it was
 */
record FileBytes(Path file, long length) implements PrimitiveBytes {
    @Override
    public InputStream toInputStream() throws IOException {
        return Files.newInputStream(file);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (InputStream in = toInputStream()) {
            long left = length;
            byte[] buffer = new byte[(int) Math.min(1 << 16, Math.max(1, length))];
            while (left > 0) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    throw new IOException(file + " became shorter while it was sent");
                }
                out.write(buffer, 0, count);
                left -= count;
            }
        }
    }
}
