/**
 * Compilers and their command lines: which compiler a program is, what one invocation asks of it, and which command
 * preprocesses, compiles locally or compiles preprocessed text elsewhere.
 *
 * <p>Everything here is a pure function of words and tables, but for {@link
 * dev.jdist.client.compiler.ResponseFiles}, which reads {@code @file}s. Nothing runs a compiler or touches the network.
 */
package dev.jdist.client.compiler;
