/**
 * The command {@code jdist server}, and the builder's part of {@code jdist doctor}.
 */
package dev.jdist.builder.cli;
