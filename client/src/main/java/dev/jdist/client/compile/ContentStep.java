package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileCache.Recording;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.cache.direct.ManifestRecorder.Record;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.compile.UnitCacheSession.Inputs;
import dev.jdist.client.compile.UnitContext.KnownInputs;
import dev.jdist.client.compile.UnitContext.KnownInputs.Keyed;
import dev.jdist.client.outcome.Outcome;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settles units whose preprocessed source the cache knows, and has the cache know them by their files from then on. */
record ContentStep(LocalExecutor local, CompileStep next) implements CompileStep {
    private static final Logger log = LoggerFactory.getLogger(ContentStep.class);

    @Override
    public StepResult compile(UnitContext unit) throws IOException, CallerGoneException, InterruptedException {
        Optional<Keyed> keyed = unit.inputs().flatMap(KnownInputs::keyed);
        Optional<CompileResult> known =
                keyed.isPresent() && unit.cache().orElseThrow().isAsked()
                        ? unit.cache().get().find(keyed.get().keys())
                        : Optional.empty();
        if (known.isEmpty()) {
            return next.compile(unit);
        }
        if (!unit.task().isShownAlike(known.get().stderr())) {
            return local.uncached(unit, LocalExecutor.TRIMMED);
        }
        UnitCacheSession cache = unit.cache().orElseThrow();
        Inputs inputs = ManifestInputs.of(unit);
        Outcome hit;
        try {
            hit = HitFiles.write(unit.task(), new Hit(known.get(), Optional.empty()));
        } catch (IOException e) {
            log.debug("{} is compiled again: {}", unit.name(), e.toString());
            return next.compile(unit);
        }
        log.debug("{} was found by its preprocessed source", unit.name());
        Recording recording = cache.recording();
        return new StepResult(hit, () -> {
            try (recording) {
                Optional<Record> record = inputs.complete() ? cache.record(inputs) : Optional.empty();
                record.ifPresent(
                        made -> cache.rememberInputs(keyed.get().keys(), known.get(), made, inputs.dependencies()));
            }
        });
    }
}
