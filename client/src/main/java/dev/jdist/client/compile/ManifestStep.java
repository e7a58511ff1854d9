package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileCache.Found;
import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileCache.KeyStrategy;
import dev.jdist.client.cache.CompileCache.Recipient;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.inputs.PreprocessedSource;
import java.io.IOException;
import java.util.BitSet;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settles units that the cache knows by their files, which needs no preprocessor. */
record ManifestStep(LocalExecutor local, CompileStep next) implements CompileStep {
    private static final Logger log = LoggerFactory.getLogger(ManifestStep.class);

    @Override
    public StepResult compile(UnitContext unit) throws IOException, CallerGoneException, InterruptedException {
        if (unit.cache().isEmpty()) {
            return next.compile(unit);
        }
        UnitCacheSession cache = unit.cache().get();
        Optional<Found> found = cache.isAsked() ? cache.find(recipient(unit)) : Optional.empty();
        if (found.isPresent() && found.get() instanceof Found.Taken) {
            cache.rememberRequest();
            log.debug("{} was found by its files", unit.name());
            return StepResult.of(HitFiles.taken(unit.task()));
        } else if (found.isPresent() && found.get() instanceof Found.Pending pending) {
            if (!unit.task().isShownAlike(pending.hit().result().stderr())) {
                return local.uncached(unit, LocalExecutor.TRIMMED);
            }
            try {
                StepResult hit = StepResult.of(HitFiles.write(unit.task(), pending.hit()));
                log.debug("{} was found by its files", unit.name());
                return hit;
            } catch (IOException e) {
                log.debug("{} is compiled again: {}", unit.name(), e.toString());
            }
        }
        return cache.strategy() == KeyStrategy.NONE
                ? local.uncached(unit, PreprocessedSource.ASSEMBLER_INPUT)
                : next.compile(unit);
    }

    /** The unit's own, which is not offered what its terminal would show otherwise. */
    private static Recipient recipient(UnitContext unit) {
        return new Recipient() {
            private FileFingerprints compared = FileFingerprints.NONE;

            @Override
            public void compare(FileFingerprints files) {
                compared = files;
                unit.recipient().compare(files);
            }

            @Override
            public BitSet offer(Hit hit) {
                return unit.task().isShownAlike(hit.result().stderr())
                        ? unit.recipient().offer(hit)
                        : compared.all();
            }
        };
    }
}
