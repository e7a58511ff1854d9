package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileCache.Recording;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.cache.direct.ManifestRecorder.Record;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.compile.Execution.UnitExecutor;
import dev.jdist.client.compile.UnitCacheSession.Inputs;
import dev.jdist.client.compile.UnitContext.KnownInputs;
import dev.jdist.client.compile.UnitContext.KnownInputs.Keyed;
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
record RecordingStep(SearchPaths searchPaths, InputForm preprocessed, LocalExecutor local, UnitExecutor executor)
        implements CompileStep {
    @Override
    public StepResult compile(UnitContext asked) throws IOException, CallerGoneException, InterruptedException {
        if (asked.cache().isEmpty()) {
            return StepResult.of(executor.execute(asked, false).outcome(asked, CacheUse.NONE));
        } else if (asked.task().unit().caching().recordsArguments()
                && !asked.task().terminalOptions().isEmpty()) {
            return local.uncached(asked, "command line recorded in the object");
        }
        UnitContext unit = asked.searched().isPresent() ? asked : asked.with(searchPaths.of(asked.task()));
        Optional<Keyed> keyed = unit.inputs().flatMap(KnownInputs::keyed);
        Optional<Inputs> inputs = keyed.isPresent() ? Optional.of(ManifestInputs.of(unit)) : Optional.empty();
        Execution execution = executor.execute(unit, true);
        Optional<StepResult> kept = Optional.empty();
        try {
            kept = Optional.of(record(unit, execution, keyed, inputs));
            return kept.get();
        } finally {
            if (kept.isEmpty() || kept.get().isDone()) {
                execution.close();
            }
        }
    }

    /** What is left to do afterwards closes the execution. */
    private StepResult record(UnitContext unit, Execution execution, Optional<Keyed> keyed, Optional<Inputs> inputs)
            throws IOException, CallerGoneException, InterruptedException {
        UnitCacheSession cache = unit.cache().orElseThrow();
        boolean sameText = keyed.isEmpty() || execution.result().isEmpty() || isOf(unit, execution, keyed.get());
        Outcome outcome = execution.outcome(unit, new CacheUse.Missed(!cache.isAsked()));
        if (execution.result().isEmpty()) {
            return StepResult.of(outcome);
        }
        CompileResult result = execution.result().get();
        // A builder that compiled the sources says all that was read.
        if (keyed.isEmpty() && execution.maker().isEmpty() && readsPastThePreprocessor(unit, execution)) {
            cache.rememberAssemblerInput();
            return StepResult.of(outcome);
        }
        if (unit.task().unit().usesModules()) {
            // At once: what is made with this module comes next, and is stored only if this one is known.
            storeByFiles(cache, execution, unit.searched(), result);
            return StepResult.of(outcome);
        }
        Recording recording = cache.recording();
        return new StepResult(outcome, () -> {
            try (recording;
                    execution) {
                if (keyed.isEmpty()) {
                    storeByFiles(cache, execution, unit.searched(), result);
                } else if (sameText) {
                    storeByKeys(cache, keyed.get(), inputs.get(), execution, result);
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
        try (UnitInputs inputs = preprocessed.of(unit.task(), unit.searched())) {
            return inputs.read().outsideNeed().isPresent();
        } catch (UnavailableException e) {
            return true;
        }
    }

    private static void storeByFiles(
            UnitCacheSession cache, Execution execution, Optional<SearchPath> searched, CompileResult result) {
        Optional<Captured> captured = execution.captured();
        if (captured.isPresent() && captured.get().read().isPresent() && searched.isPresent()) {
            Captured compile = captured.get();
            Inputs inputs = new Inputs(
                    compile.read().get(),
                    searched.get(),
                    compile.before(),
                    compile.dependencies(),
                    true,
                    compile.looked());
            cache.record(inputs)
                    .ifPresent(record -> cache.remember(result, record, compile.dependencies(), execution.maker()));
        } else if (captured.isPresent()) {
            cache.rememberNeedOfSource();
        }
    }

    /**
     * What a builder made of the inputs that were keyed is that, whatever became of the files since. What was made of the files
     * themselves, by a builder or here, or said about them, needs the proof that they are what the inputs were made of.
     */
    private static void storeByKeys(
            UnitCacheSession cache, Keyed keyed, Inputs made, Execution execution, CompileResult result) {
        Optional<Captured> captured = execution.captured();
        Inputs inputs = captured.flatMap(Captured::read).map(made::and).orElse(made);
        Optional<Record> record = cache.record(inputs);
        boolean isOfText = captured.isEmpty() && execution.ofInputs() && cache.isOfThisCompiler(made.before());
        if (record.isPresent() || isOfText) {
            cache.remember(keyed.keys(), result, execution.maker());
        }
        if (inputs.complete()) {
            record.ifPresent(proven -> cache.rememberInputs(keyed.keys(), result, proven, inputs.dependencies()));
        }
    }

    /**
     * Whether the compiler read what was keyed, as far as files do not prove it: it may have read another time of day, or have
     * looked in places that it does not tell.
     */
    private static boolean isOf(UnitContext unit, Execution execution, Keyed keyed)
            throws IOException, CallerGoneException, InterruptedException {
        boolean filesProveIt =
                unit.searched().isPresent() && !unit.cache().orElseThrow().mentionClock(keyed.files());
        return execution.captured().isEmpty()
                || filesProveIt
                || unit.inputs().orElseThrow().inputs().areReproducible();
    }
}
