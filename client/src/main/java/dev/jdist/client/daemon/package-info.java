/**
 * The client daemon: composes all other rooms, serves launchers, and answers control requests such as {@code
 * --show-stats}.
 *
 * <p>Threads: event loops read and write sockets. Each request has a thread of a bounded pool, which blocks as it needs
 * to.
 */
@NullMarked
package dev.jdist.client.daemon;

import org.jspecify.annotations.NullMarked;
