/**
 * The family of gcc and clang. {@link dev.jdist.client.compiler.cfamily.OptionTable} says all that is known of their options;
 * the parser, the keys of the cache and the commands of the steps ask it.
 *
 * <p>Everything here is a pure function of arguments and tables, but for {@link
 * dev.jdist.client.compiler.cfamily.ResponseFiles}, which reads {@code @file}s, and {@link
 * dev.jdist.client.compiler.cfamily.ClangConfiguration}. Only {@link dev.jdist.client.compiler.cfamily.CFamily} is for others.
 */
@NullMarked
package dev.jdist.client.compiler.cfamily;

import org.jspecify.annotations.NullMarked;
