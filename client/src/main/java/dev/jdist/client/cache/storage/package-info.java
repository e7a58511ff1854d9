/**
 * Where entries of the cache are kept: bytes under a digest, framed, with a checksum, bounded, evicted by use.
 */
@NullMarked
package dev.jdist.client.cache.storage;

import org.jspecify.annotations.NullMarked;
