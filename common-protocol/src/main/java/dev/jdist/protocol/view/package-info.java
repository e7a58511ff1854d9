/**
 * What a client vouches for in its file system, and the messages by which a builder compiles the client's sources
 * themselves: a {@link dev.jdist.protocol.view.ViewNode} is what stands at one path, a {@link
 * dev.jdist.protocol.view.Listing} has the nodes of one directory and is named by its {@link
 * dev.jdist.protocol.view.Sha256}, as the content of a file is. Listings of listings make a tree, of which what did not
 * change is named and not sent.
 *
 * <p>What there are many of (nodes, paths, digests) is packed: numbers of variable length, and of a name only what the one
 * before does not have. Each value has exactly one packed form; every other is refused, since digests are made of it. The
 * form is described in docs/protocol.md.
 *
 * <p>The package knows nothing of sockets, files, sandboxes or threads; everything here is immutable or confined to its
 * caller.
 */
@NullMarked
package dev.jdist.protocol.view;

import org.jspecify.annotations.NullMarked;
