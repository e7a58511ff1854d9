/**
 * The messages between clients, the scheduler and builders: one record for each struct of sccache-dist, one sealed
 * interface for each of its enums, fields in their order. Shapes and field order are those of docs/protocol.md.
 *
 * <p>The package knows nothing of sockets, files or threads; everything here is immutable.
 */
@NullMarked
package dev.jdist.protocol.message;

import org.jspecify.annotations.NullMarked;
