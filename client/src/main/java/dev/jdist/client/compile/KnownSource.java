package dev.jdist.client.compile;

import dev.jdist.client.compile.UnitCacheSession.SourceKeys;
import dev.jdist.client.inputs.PreprocessedUnit;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A unit's preprocessed source, and under what the cache knows it.
 *
 * @param keyed nothing if the unit cannot be known by its preprocessed source, or there is no cache
 */
record KnownSource(PreprocessedUnit preprocessed, Optional<Keyed> keyed) {
    /** @param files that the source was made of, in its order */
    record Keyed(SourceKeys keys, Set<Path> files) {}
}
