package dev.jdist.client.caller;

import dev.jdist.client.compiler.OutputManner;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * A file for the caller, which its compiler would have written.
 *
 * @param manner what becomes of a file that is in its place already
 */
public record OutputFile(Path place, OutputManner manner, Content content) {
    /** What is to be in a file. */
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }
}
