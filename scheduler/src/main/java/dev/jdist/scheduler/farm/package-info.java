/**
 * Which builder runs what. {@link dev.jdist.scheduler.farm.Farm} holds the state and decides; it knows nothing of
 * networks. {@link dev.jdist.scheduler.farm.Allocator} turns its decisions into answers to clients, asks builders on
 * the way, and has requests wait in a {@link dev.jdist.scheduler.farm.FairQueue}.
 *
 * <p>Event loops run all of it; nothing blocks, and nothing is written to disk: a restarted scheduler learns everything
 * anew from heartbeats.
 */
@NullMarked
package dev.jdist.scheduler.farm;

import org.jspecify.annotations.NullMarked;
