package dev.jdist.protocol.http.server;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * 200 with a body that may be larger than memory: made while it is sent, by the thread that handled the request.
 *
 * @param length bytes of the body
 */
public record StreamedReply(String contentType, long length, Body body) implements Answer {
    /** Where it comes from. Closed when it was sent, and when it cannot be. */
    public interface Body extends Closeable {
        void writeTo(OutputStream out) throws IOException;
    }
}
