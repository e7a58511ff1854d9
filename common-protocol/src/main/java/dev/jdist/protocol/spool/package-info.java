/**
 * Bytes on their way from one place to another that may be more than memory should hold: a few in memory, many in files
 * without names. It owns the bounds on both. It knows nothing of what the bytes mean.
 *
 * <p>Threads: a spool belongs to one thread at a time, and any thread may close it. Where an event loop must not wait for
 * a disk, the threads of {@link dev.jdist.protocol.spool.Spools} do.
 */
@NullMarked
package dev.jdist.protocol.spool;

import org.jspecify.annotations.NullMarked;
