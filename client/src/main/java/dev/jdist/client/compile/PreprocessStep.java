package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.KnownSource.Keyed;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.PreprocessedSource;
import dev.jdist.client.inputs.PreprocessedUnit;
import dev.jdist.client.inputs.PreprocessedUnit.FailedException;
import dev.jdist.client.inputs.SearchPath;
import dev.jdist.client.inputs.SearchPaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the preprocessed source of units that need it: for the farm, or for the cache where the compile itself cannot tell what
 * it reads. It exists until the next step is done.
 */
record PreprocessStep(SearchPaths searchPaths, LocalSlots slots, Scratch scratch, LocalExecutor local, CompileStep next)
        implements CompileStep {
    private static final Logger log = LoggerFactory.getLogger(PreprocessStep.class);

    @Override
    public StepResult compile(UnitContext asked) throws IOException, CallerGoneException, InterruptedException {
        boolean isDirect = asked.cache().filter(UnitCacheSession::isDirect).isPresent();
        UnitContext unit = isDirect ? asked.with(searchPath(asked)) : asked;
        boolean needed = unit.remote().isPresent()
                || unit.cache().isPresent()
                        && !(unit.cache().get().canDoWithoutSource()
                                && unit.searched().isPresent());
        if (!needed) {
            return next.compile(unit);
        }
        boolean keepDirectives = unit.remote().isPresent()
                && unit.distribution().map(Distribution::keepDirectives).orElse(false);
        try (PreprocessedUnit preprocessed =
                PreprocessedUnit.of(unit.task(), keepDirectives, unit.places(), slots, scratch)) {
            Optional<String> obstacle;
            Optional<Keyed> keyed;
            try (LocalSlots.Slot slot = slots.acquire()) {
                PreprocessedSource source = preprocessed.read();
                obstacle = source.outsideNeed();
                keyed = obstacle.isEmpty() ? keyed(unit, preprocessed, source) : Optional.empty();
            }
            if (obstacle.isPresent()) {
                log.info("{} is compiled locally: it needs {}", unit.name(), obstacle.get());
                return local.uncached(unit, obstacle.get());
            }
            return next.compile(unit.with(new KnownSource(preprocessed, keyed)));
        } catch (FailedException e) {
            log.info("{} is compiled locally: {}", unit.name(), e.getMessage());
            return local.uncached(unit, "preprocessing failed");
        }
    }

    private static Optional<Keyed> keyed(UnitContext unit, PreprocessedUnit preprocessed, PreprocessedSource source)
            throws IOException {
        boolean isFinal = !(preprocessed.directivesKept() && source.mentionsClock());
        if (unit.cache().isEmpty() || !isFinal) {
            return Optional.empty();
        }
        UnitCacheSession cache = unit.cache().get();
        Set<Path> files = source.sources(unit.task().request().cwd());
        // The preprocessor alone reads headers, and the compiler what was made of them, at whatever time.
        return cache.arePrecompiled(files)
                ? Optional.empty()
                : Optional.of(new Keyed(cache.keys(preprocessed, source, files), files));
    }

    private Optional<SearchPath> searchPath(UnitContext unit) throws CallerGoneException, InterruptedException {
        try {
            return searchPaths.of(unit.task());
        } catch (IOException e) {
            log.warn("{} is compiled without its search path: {}", unit.name(), e.toString());
            return Optional.empty();
        }
    }
}
