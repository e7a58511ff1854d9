/**
 * The HTTP/1.1 client of the farm: keeps connections to jdist peers and closes those to stock peers.
 *
 * <p>Threads: event loops write and read; the caller's thread waits for an answer, with a limit.
 */
@NullMarked
package dev.jdist.protocol.http.client;

import org.jspecify.annotations.NullMarked;
