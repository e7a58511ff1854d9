/**
 * One translation unit that somebody wants compiled: what was asked for, by which compiler, and where its outputs go. No
 * threads; everything is immutable.
 */
@NullMarked
package dev.jdist.client.unit;

import org.jspecify.annotations.NullMarked;
