/**
 * What the daemon has done, counted as sccache counts it, and the reports of it.
 */
package dev.jdist.client.stats;
