/**
 * The commands {@code jdist scheduler}, {@code jdist auth} and {@code jdist token}, and the scheduler's part of {@code
 * jdist doctor}. They parse, call and exit.
 */
package dev.jdist.scheduler.cli;
