package dev.jdist.protocol.http.server;

import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.Closeable;

/**
 * 200 with a body that may be larger than memory: the event loop reads it while it sends it.
 *
 * @param length bytes of the body
 * @param origin of the bytes: closed when they were sent, and when they cannot be
 */
public record StreamedReply(String contentType, long length, PrimitiveBytes body, Closeable origin) implements Answer {}
