/**
 * Makes another machine a builder of the farm, over ssh, and takes that back: {@code jdist builder}.
 *
 * <p>{@link dev.jdist.scheduler.provision.BuilderSetup} and {@link dev.jdist.scheduler.provision.BuilderRemoval} are the
 * two conversations. What runs on the other machine is the shell script {@code builder-host.sh} among the resources; it
 * prints a {@link dev.jdist.scheduler.provision.HostReport}, by which a {@link dev.jdist.scheduler.provision.Planner}
 * decides what to do. This package knows nothing of the scheduler's work: it reads the scheduler's settings and tokens, and
 * asks the running scheduler over HTTP as anybody may.
 *
 * <p>All of it runs on the main thread of a command; each wait has a limit.
 */
@NullMarked
package dev.jdist.scheduler.provision;

import org.jspecify.annotations.NullMarked;
