/**
 * Remote execution over the wire of sccache-dist: asks the scheduler for a place, sends a builder what it lacks, has
 * it compile, and brings the outputs home.
 *
 * <p>{@link dev.jdist.client.execution.sccache.FarmClient} does this for one job at a time on its caller's thread, and
 * tries other builders before it gives up. It knows nothing of compilers. A failure here never fails a compile: it is
 * the caller's sign to compile locally.
 *
 * <p>{@link dev.jdist.client.execution.sccache.Audits} has some jobs done twice, on a thread of its own, to find builders whose
 * results are wrong.
 */
@NullMarked
package dev.jdist.client.execution.sccache;

import org.jspecify.annotations.NullMarked;
