/**
 * The codecs of the wire: bincode and JSON, byte for byte as sccache-dist 0.17 speaks them.
 *
 * <p>A message implements {@link dev.jdist.protocol.wire.WireMessage} and describes itself once, to a {@link
 * dev.jdist.protocol.wire.WireWriter} and from a {@link dev.jdist.protocol.wire.WireReader}; one description serves
 * both encodings. Every length is checked against what remains and against {@link dev.jdist.protocol.wire.WireLimits}.
 * The package knows no message, no socket, no file and no thread: everything here is immutable or confined to its
 * caller.
 *
 * <p>{@link dev.jdist.protocol.wire.Reason} puts any failure in words, for all of jdist.
 */
@NullMarked
package dev.jdist.protocol.wire;

import org.jspecify.annotations.NullMarked;
