package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.compile.KnownInputs.Keyed;
import dev.jdist.client.compile.UnitCacheSession.Inputs;
import dev.jdist.client.compiler.CacheKeyOptions;
import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.inputs.SearchPath;
import dev.jdist.client.inputs.SearchPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds out by which files a unit whose inputs are keyed can be recognised. */
record ManifestInputs(SearchPaths searchPaths) {
    /** @return nothing if the unit cannot be recognised by its files */
    Optional<Inputs> of(UnitContext unit) throws IOException, CallerGoneException, InterruptedException {
        KnownInputs known = unit.inputs().orElseThrow();
        Keyed keyed = known.keyed().orElseThrow();
        CacheKeyOptions options = unit.task().unit().caching();
        if (!unit.cache().orElseThrow().isDirect()) {
            return Optional.empty();
        }
        Optional<SearchPath> searched = searchPaths.of(unit.task());
        if (searched.isEmpty() || options.dependencies() == Dependencies.UNKNOWN) {
            return Optional.empty();
        }
        Optional<byte[]> dependencies = Optional.empty();
        if (options.dependencies() != Dependencies.NONE) {
            Path file = unit.task().request().cwd().resolve(options.dependencyFile());
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            dependencies = Optional.of(Files.readAllBytes(file));
        }
        return Optional.of(
                new Inputs(keyed.files(), searched.get(), known.inputs().began(), dependencies));
    }
}
