package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileCache.Recording;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.compile.KnownInputs.Keyed;
import dev.jdist.client.compile.UnitCacheSession.Inputs;
import dev.jdist.client.execution.LocalCompilation.Captured;
import dev.jdist.client.inputs.InputForm;
import dev.jdist.client.inputs.InputForm.UnavailableException;
import dev.jdist.client.inputs.SearchPath;
import dev.jdist.client.inputs.SearchPaths;
import dev.jdist.client.inputs.UnitInputs;
import dev.jdist.client.outcome.CacheUse;
import dev.jdist.client.outcome.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Has units compiled, and stores the results once the callers have their answers. Nothing is stored that could be wrong: the
 * files that were keyed have to be those that the compiler read.
 */
record RecordingStep(
        ManifestInputs manifestInputs,
        SearchPaths searchPaths,
        InputForm preprocessed,
        LocalExecutor local,
        UnitExecutor executor)
        implements CompileStep {
    @Override
    public StepResult compile(UnitContext unit) throws IOException, CallerGoneException, InterruptedException {
        if (unit.cache().isEmpty()) {
            return StepResult.of(executor.execute(unit, false).outcome(unit, CacheUse.NONE));
        } else if (unit.task().unit().caching().recordsArguments()
                && !unit.task().terminalOptions().isEmpty()) {
            return local.uncached(unit, "command line recorded in the object");
        }
        UnitCacheSession cache = unit.cache().get();
        Optional<Keyed> keyed = unit.inputs().flatMap(KnownInputs::keyed);
        Optional<Inputs> inputs = keyed.isPresent() ? manifestInputs.of(unit) : Optional.empty();
        Optional<SearchPath> searched = keyed.isPresent() ? Optional.empty() : searchPaths.of(unit.task());
        Execution execution = executor.execute(unit, true);
        boolean storeByKeys = keyed.isPresent() && execution.result().isPresent() && isOf(unit, execution, keyed.get());
        Outcome outcome = execution.outcome(unit, new CacheUse.Missed(!cache.isAsked()));
        if (execution.result().isEmpty()) {
            return StepResult.of(outcome);
        }
        CompileResult result = execution.result().get();
        if (keyed.isEmpty() && readsPastThePreprocessor(unit, execution)) {
            cache.rememberAssemblerInput();
            return StepResult.of(outcome);
        }
        Recording recording = cache.recording();
        return new StepResult(outcome, () -> {
            try (recording) {
                if (storeByKeys) {
                    cache.remember(keyed.get().keys(), result, inputs);
                } else if (keyed.isEmpty()) {
                    storeByFiles(cache, execution.captured(), searched, result);
                }
            }
        });
    }

    /** Whether the assembler may have read a file. Where the sources do not tell, the preprocessor has to. */
    private boolean readsPastThePreprocessor(UnitContext unit, Execution execution)
            throws IOException, CallerGoneException, InterruptedException {
        Optional<Set<Path>> read = execution.captured().flatMap(Captured::read);
        if (read.isEmpty() || !unit.cache().orElseThrow().mayHideAssembler(read.get())) {
            return false;
        }
        try (UnitInputs inputs = preprocessed.of(unit.task())) {
            return inputs.read().outsideNeed().isPresent();
        } catch (UnavailableException e) {
            return true;
        }
    }

    private static void storeByFiles(
            UnitCacheSession cache, Optional<Captured> captured, Optional<SearchPath> searched, CompileResult result) {
        if (captured.isPresent() && captured.get().read().isPresent() && searched.isPresent()) {
            Captured compile = captured.get();
            cache.remember(
                    result, new Inputs(compile.read().get(), searched.get(), compile.began(), compile.dependencies()));
        } else if (captured.isPresent()) {
            cache.rememberNeedOfSource();
        }
    }

    /** Whether a result is that of the inputs that were keyed. */
    private static boolean isOf(UnitContext unit, Execution execution, Keyed keyed)
            throws IOException, CallerGoneException, InterruptedException {
        UnitCacheSession cache = unit.cache().orElseThrow();
        UnitInputs inputs = unit.inputs().orElseThrow().inputs();
        boolean unchanged = cache.isUnchangedSince(inputs.began(), keyed.files());
        if (execution.captured().isEmpty()) {
            // A builder's object is made of those inputs; its messages may be of files that have changed since.
            return execution.result().orElseThrow().isSilent() || unchanged;
        } else if (!unchanged || !cache.mentionClock(keyed.files())) {
            return unchanged;
        }
        // The compiler may have read another time of day.
        return inputs.areReproducible();
    }
}
