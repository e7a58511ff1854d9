/**
 * What goes over the wire between clients, the scheduler and builders, byte for byte as sccache-dist 0.17 speaks it.
 *
 * <p>Every message is a record that encodes and decodes itself through {@link dev.jdist.protocol.WireWriter} and
 * {@link dev.jdist.protocol.WireReader}; one description serves both encodings, bincode and JSON. The package owns the
 * shapes, the limits and the paths ({@link dev.jdist.protocol.Endpoints}). It knows nothing of sockets, files or
 * threads: everything here is immutable or confined to its caller.
 *
 * <p>Shapes and field order are those of docs/protocol.md.
 */
package dev.jdist.protocol;
