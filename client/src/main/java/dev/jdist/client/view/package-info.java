/**
 * What this client vouches for of its file system, so that builders compile units from their sources: places with what is there,
 * trees of them by digest, what a unit is expected to read, and the proof afterwards that all that was vouched for still holds.
 */
@NullMarked
package dev.jdist.client.view;

import org.jspecify.annotations.NullMarked;
