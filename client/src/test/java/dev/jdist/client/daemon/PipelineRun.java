package dev.jdist.client.daemon;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.CompilePipeline;
import dev.jdist.client.compile.RequestHitCache;
import dev.jdist.client.compile.StepResult;
import dev.jdist.client.compile.UnitCacheSession;
import dev.jdist.client.compile.UnitContext;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.SearchPaths;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.unit.CompileTask;
import java.util.Optional;

/** Sends units through the pipeline and answers their launchers, as the daemon does. */
public record PipelineRun(Scratch scratch, Statistics statistics) {
    public void compile(
            Launcher launcher, CompileTask task, Optional<UnitCacheSession> cache, Optional<Distribution> distribution)
            throws CallerGoneException, InterruptedException {
        LauncherAnswer answer = new LauncherAnswer(launcher, statistics);
        CompilePipeline pipeline = new CompilePipeline(
                new LocalSlots(1),
                scratch,
                new SearchPaths(scratch),
                new SourceFileCache(FileStat::now),
                Optional.empty());
        StepResult result;
        try {
            result = pipeline.compile(new UnitContext(
                    task, cache, answer.recipient(task.places(), task.label(), FileFingerprints.NONE), distribution));
        } catch (CallerGoneException e) {
            answer.give(new Outcome.Abandoned());
            throw e;
        }
        answer.give(result.outcome());
        result.afterwards().run();
    }

    /** Lets a launcher have a hit that a repeated request comes to. */
    public static RequestHitCache.Answer answer(Launcher launcher, Statistics statistics) {
        return new LauncherAnswer(launcher, statistics);
    }
}
