/**
 * The path of one translation unit from a parsed command line to an outcome: a chain of small steps over one
 * interface, which the daemon composes in one place. No step knows the launcher.
 *
 * <p>Runs on the request's own thread.
 */
@NullMarked
package dev.jdist.client.compile;

import org.jspecify.annotations.NullMarked;
