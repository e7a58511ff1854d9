/**
 * How a unit gets compiled: here, as a child of the caller's launcher, or by a builder of the farm.
 */
@NullMarked
package dev.jdist.client.execution;

import org.jspecify.annotations.NullMarked;
