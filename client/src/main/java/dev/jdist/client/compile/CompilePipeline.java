package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.InputForm;
import dev.jdist.client.inputs.PreprocessedInputs;
import dev.jdist.client.inputs.Preprocessor;
import dev.jdist.client.inputs.SearchPaths;
import dev.jdist.client.outcome.CacheUse;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.view.SourceViews;
import java.io.IOException;
import java.util.Optional;

/**
 * Compiles translation units: from the cache if it knows them, on the farm if there is one, else here. This is the one place
 * where the steps are put together.
 *
 * <p>A unit is known by its files, which needs no preprocessor, or by the content of its inputs, which have to be made for the
 * farm anyway.
 */
public final class CompilePipeline {
    private final LocalExecutor local;
    private final CompileStep first;

    /** @param views under which builders compile the sources themselves; nothing if they are to get preprocessed source */
    public CompilePipeline(
            LocalSlots slots,
            Scratch scratch,
            SearchPaths searchPaths,
            SourceFileCache sources,
            Optional<SourceViews> views) {
        this.local = new LocalExecutor(slots, scratch);
        InputForm here = PreprocessedInputs.form(new Preprocessor(slots, scratch, sources));
        CompileStep recording = new RecordingStep(searchPaths, here, local, new FarmExecutor(local));
        CompileStep byContent = new ContentStep(local, recording);
        CompileStep makeInputs = new InputsStep(searchPaths, slots, here, local, byContent);
        CompileStep bySources = views.isEmpty()
                ? makeInputs
                : new SourcesStep(
                        searchPaths,
                        new RecordingStep(searchPaths, here, local, new SourcesExecutor(views.get(), scratch, local)),
                        makeInputs);
        CompileStep toolchain = new ToolchainStep(bySources);
        CompileStep byManifest = new ManifestStep(local, toolchain);
        CompileStep regular = new RegularFilesStep(local, byManifest);
        this.first = new FallbackStep(local, regular);
    }

    /** Compiles a unit. The caller is answered after this, and then {@link StepResult#afterwards} is run. */
    public StepResult compile(UnitContext unit) throws CallerGoneException, InterruptedException {
        try {
            return first.compile(unit);
        } catch (IOException e) {
            throw new AssertionError("the fallback catches it", e);
        }
    }

    /** Compiles a unit whose command line shows that neither cache nor farm can follow it. @param reason as sccache counts it */
    public StepResult compileUntracked(UnitContext unit, String reason)
            throws CallerGoneException, InterruptedException {
        return local.plainly(unit, new CacheUse.Refused(reason));
    }
}
