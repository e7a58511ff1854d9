package dev.jdist.client.compile;

import dev.jdist.client.compile.UnitCacheSession.Inputs;
import dev.jdist.client.compile.UnitContext.KnownInputs;
import dev.jdist.client.compile.UnitContext.KnownInputs.Keyed;
import dev.jdist.client.compiler.CacheKeyOptions;
import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.inputs.SearchPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds out what a unit whose inputs are keyed has read. */
final class ManifestInputs {
    private ManifestInputs() {}

    static Inputs of(UnitContext unit) throws IOException {
        KnownInputs known = unit.inputs().orElseThrow();
        Keyed keyed = known.keyed().orElseThrow();
        CacheKeyOptions options = unit.task().unit().caching();
        boolean asksForFile = options.dependencies() != Dependencies.NONE;
        Path file = unit.task().request().cwd().resolve(options.dependencyFile());
        Optional<byte[]> dependencies =
                asksForFile && Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        boolean complete = unit.cache().orElseThrow().isDirect()
                && unit.searched().isPresent()
                && !unit.cache().get().embed(keyed.files())
                && options.dependencies() != Dependencies.UNKNOWN
                && dependencies.isPresent() == asksForFile;
        Set<Path> read = new LinkedHashSet<>(keyed.files());
        boolean allThere = !read.removeIf(path -> keyed.onlyNamed().contains(path) && !Files.exists(path));
        return new Inputs(
                read,
                unit.searched().orElse(new SearchPath(List.of())),
                known.inputs().before(),
                dependencies,
                complete && allThere,
                Optional.empty());
    }
}
