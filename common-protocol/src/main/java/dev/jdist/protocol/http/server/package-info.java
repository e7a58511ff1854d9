/**
 * The HTTP/1.1 server of the farm: refuses bad requests before it reads their bodies.
 *
 * <p>Threads: event loops read and write. A handler that streams a body runs on the executor that it was registered with,
 * and may block. Every queue, body and header block has a limit.
 */
@NullMarked
package dev.jdist.protocol.http.server;

import org.jspecify.annotations.NullMarked;
