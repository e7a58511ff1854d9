/**
 * The commands {@code jdist scheduler}, {@code jdist auth}, {@code jdist token} and {@code jdist builder}, and the
 * scheduler's part of {@code jdist doctor}. They parse, call and exit.
 */
@NullMarked
package dev.jdist.scheduler.cli;

import org.jspecify.annotations.NullMarked;
