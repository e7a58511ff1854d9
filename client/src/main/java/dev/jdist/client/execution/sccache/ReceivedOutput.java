package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.ActionResult;
import dev.jdist.protocol.message.OutputFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.InflaterInputStream;

/** A file as builders send it: zlib, with its length said beside it. */
final class ReceivedOutput {
    private static final int BUFFER = 64 << 10;

    private ReceivedOutput() {}

    static ActionResult.Output of(OutputFile file) {
        return new ActionResult.Output(file.path(), out -> inflate(file, out));
    }

    private static void inflate(OutputFile file, OutputStream out) throws IOException {
        try (InputStream in = new InflaterInputStream(file.zlib().toInputStream())) {
            byte[] buffer = new byte[BUFFER];
            long size = 0;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                size += count;
                if (size > file.size()) {
                    throw new IOException(file.path() + " arrived with more than the " + file.size()
                            + " bytes that it was said to have");
                }
                out.write(buffer, 0, count);
            }
            if (size < file.size()) {
                throw new IOException(file.path() + " arrived with " + size + " bytes instead of " + file.size());
            }
        }
    }
}
