package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileCache.Recipient;
import dev.jdist.client.compile.UnitCacheSession.SourceKeys;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.execution.RemoteCompilation;
import dev.jdist.client.inputs.SearchPath;
import dev.jdist.client.inputs.UnitInputs;
import dev.jdist.client.unit.CompileTask;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A unit on its way through the steps, with what they found out so far.
 *
 * @param cache as this unit sees it; nothing if the caller wants none
 * @param recipient takes a hit as soon as there is one
 * @param distribution if the unit may be compiled by the farm
 * @param remote if its compiler is packed, so that the farm can compile it
 * @param farmFailed whether it was meant for the farm, which cannot do it
 * @param searched where its compiler looks for included files, if that matters and can be told
 * @param inputs of it, if they were made
 */
public record UnitContext(
        CompileTask task,
        Optional<UnitCacheSession> cache,
        Recipient recipient,
        Optional<Distribution> distribution,
        Optional<RemoteCompilation> remote,
        boolean farmFailed,
        Optional<SearchPath> searched,
        Optional<KnownInputs> inputs) {
    /** A unit at the start. */
    public UnitContext(
            CompileTask task,
            Optional<UnitCacheSession> cache,
            Recipient recipient,
            Optional<Distribution> distribution) {
        this(task, cache, recipient, distribution, Optional.empty(), false, Optional.empty(), Optional.empty());
    }

    UnitContext with(RemoteCompilation ready) {
        return new UnitContext(task, cache, recipient, distribution, Optional.of(ready), farmFailed, searched, inputs);
    }

    UnitContext with(KnownInputs made) {
        return new UnitContext(task, cache, recipient, distribution, remote, farmFailed, searched, Optional.of(made));
    }

    UnitContext with(Optional<SearchPath> known) {
        return new UnitContext(task, cache, recipient, distribution, remote, farmFailed, known, inputs);
    }

    /** Directories in which its compiler will look for files, as far as they are known before. */
    Set<Path> places() {
        return SearchPath.places(task, searched);
    }

    UnitContext withoutFarm() {
        return new UnitContext(task, cache, recipient, distribution, Optional.empty(), true, searched, inputs);
    }

    /** For messages. */
    String name() {
        return task.unit().input();
    }

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
}
