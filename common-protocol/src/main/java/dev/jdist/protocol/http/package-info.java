/**
 * HTTP/1.1 as the farm uses it: a server that refuses bad requests before it reads their bodies, and a client that keeps
 * connections to jdist peers and closes those to stock peers.
 *
 * <p>Threads: everything that touches a channel runs on an event loop of {@link dev.jdist.protocol.http.EventLoops} and
 * never blocks. Handlers that stream a body run on the executor they were registered with and may block. Every queue,
 * body and header block has a limit.
 */
package dev.jdist.protocol.http;
