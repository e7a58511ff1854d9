/**
 * Where entries of the cache are kept: bytes under a name. {@link dev.jdist.client.cache.storage.EntryStore} has all that is the
 * same for each storage, the frame with its checksum above all; behind {@link dev.jdist.client.cache.storage.Storage} is where
 * the entries are. Knows nothing of what they mean. Any thread may call everything.
 */
@NullMarked
package dev.jdist.client.cache.storage;

import org.jspecify.annotations.NullMarked;
