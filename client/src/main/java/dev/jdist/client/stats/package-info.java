/**
 * What the daemon has done, counted as sccache counts it, and the reports of it.
 */
@NullMarked
package dev.jdist.client.stats;

import org.jspecify.annotations.NullMarked;
