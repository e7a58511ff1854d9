package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.ActionResult;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.wire.BlockInputStream;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** A file as builders send it: zlib, with its length said beside it. It is unpacked while it is read. */
record ReceivedOutput(OutputFile file) implements PrimitiveBytes {
    private static final int BUFFER = 16 << 10;

    static ActionResult.Output of(OutputFile file) {
        return new ActionResult.Output(file.path(), new ReceivedOutput(file));
    }

    /** As the builder says: reading throws an {@link IOException} where that is not so. */
    @Override
    public long length() {
        return file.size();
    }

    @Override
    public InputStream toInputStream() throws IOException {
        return new Unpacking(file);
    }

    /** Reads from its source in larger blocks than it would by itself. */
    private static final class Inflating extends InflaterInputStream {
        Inflating(InputStream in) {
            super(in, new Inflater(), BUFFER);
        }

        @Override
        public void close() throws IOException {
            inf.end();
            super.close();
        }
    }

    private static final class Unpacking extends BlockInputStream {
        private final OutputFile file;
        private final InputStream in;
        private long size;

        Unpacking(OutputFile file) throws IOException {
            this.file = file;
            this.in = new Inflating(file.zlib().toInputStream());
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = in.read(target, offset, length);
            if (count < 0 && size < file.size()) {
                throw new IOException(file.path() + " arrived with " + size + " bytes instead of " + file.size());
            }
            size += Math.max(count, 0);
            if (size > file.size()) {
                throw new IOException(
                        file.path() + " arrived with more than the " + file.size() + " bytes that it was said to have");
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
