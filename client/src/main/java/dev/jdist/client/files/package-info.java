/**
 * Files and their identity: digests, what the kernel says of a file, and the daemon's scratch directory. Knows no other room.
 */
@NullMarked
package dev.jdist.client.files;

import org.jspecify.annotations.NullMarked;
