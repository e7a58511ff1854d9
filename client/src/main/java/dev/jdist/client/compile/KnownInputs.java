package dev.jdist.client.compile;

import dev.jdist.client.compile.UnitCacheSession.SourceKeys;
import dev.jdist.client.inputs.UnitInputs;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A unit's inputs, and under what the cache knows them.
 *
 * @param keyed nothing if the unit cannot be known by the content of its inputs, or there is no cache
 */
record KnownInputs(UnitInputs inputs, Optional<Keyed> keyed) {
    /**
     * Under what the cache knows them.
     *
     * @param files that the inputs were made of, in their order
     * @param onlyNamed those of them that nobody need have read
     */
    record Keyed(SourceKeys keys, Set<Path> files, Set<Path> onlyNamed) {}
}
