/**
 * What the HTTP server and the HTTP client have in common: event loops, TLS, keepalive, the header by which jdist
 * peers recognise each other, and the paths of the protocol ({@link dev.jdist.protocol.http.Endpoints}).
 *
 * <p>Threads: everything that touches a channel runs on an event loop of {@link dev.jdist.protocol.http.EventLoops} and
 * never blocks.
 */
@NullMarked
package dev.jdist.protocol.http;

import org.jspecify.annotations.NullMarked;
