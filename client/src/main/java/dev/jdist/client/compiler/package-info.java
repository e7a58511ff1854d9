/**
 * Compilers and their command lines: what one invocation asks of a compiler, and which command preprocesses, compiles
 * locally or compiles preprocessed source elsewhere.
 *
 * <p>Everything here is a pure function of arguments and tables, but for {@link dev.jdist.client.compiler.ResponseFiles},
 * which reads {@code @file}s. Nothing runs a compiler or touches the network.
 */
package dev.jdist.client.compiler;
