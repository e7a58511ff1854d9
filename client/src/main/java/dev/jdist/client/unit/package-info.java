/**
 * One translation unit that somebody wants compiled: what was asked for, by which compiler, and where its outputs go. No
 * threads; everything is immutable.
 */
package dev.jdist.client.unit;
