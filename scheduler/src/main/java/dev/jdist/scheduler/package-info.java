/**
 * The scheduler: knows the builders that are alive and the jobs they have, and finds a place for the next one.
 *
 * <p>{@link dev.jdist.scheduler.Farm} holds the state and decides; it knows nothing of networks. {@link
 * dev.jdist.scheduler.Allocator} turns its decisions into answers to clients, asking builders on the way and letting
 * clients wait. {@link dev.jdist.scheduler.ClientAuthenticator} says who may ask, and may have to ask a login server for
 * that. {@link dev.jdist.scheduler.SchedulerServer} is the HTTP side. Event loops run all of it; nothing blocks,
 * and nothing is written to disk: a restarted scheduler learns everything anew from heartbeats. {@link
 * dev.jdist.scheduler.LiveTokens} follows the file of named tokens, which {@link dev.jdist.scheduler.TokenCommand} changes.
 */
package dev.jdist.scheduler;
