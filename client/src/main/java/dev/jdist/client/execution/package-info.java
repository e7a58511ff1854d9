/**
 * How a unit gets compiled: here, as a child of the caller's launcher, or by a builder of the farm.
 */
package dev.jdist.client.execution;
