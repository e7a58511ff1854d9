/**
 * The command {@code jdist server}, and the builder's part of {@code jdist doctor}.
 */
@NullMarked
package dev.jdist.builder.cli;

import org.jspecify.annotations.NullMarked;
