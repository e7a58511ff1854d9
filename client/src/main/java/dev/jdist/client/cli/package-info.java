/**
 * The Java side of the {@code jdist} command: options that the launcher does not handle, {@code --package-toolchain},
 * {@code --dist-auth}, and the client's part of {@code jdist doctor}. It parses, calls and exits.
 */
@NullMarked
package dev.jdist.client.cli;

import org.jspecify.annotations.NullMarked;
