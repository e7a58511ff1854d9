package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.Execution.UnitExecutor;
import dev.jdist.client.execution.LocalCompilation;
import dev.jdist.client.execution.LocalCompilation.Captured;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.outcome.CacheUse;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.util.Optional;

/** Has the caller's launcher compile units on this machine. */
record LocalExecutor(LocalSlots slots, Scratch scratch) implements UnitExecutor {
    /** Only the compiler itself knows how its diagnostics look on a narrow terminal. */
    static final String TRIMMED = "diagnostics that the terminal trims";

    @Override
    public Execution execute(UnitContext unit, boolean recorded)
            throws IOException, CallerGoneException, InterruptedException {
        if (!recorded) {
            return plainly(unit);
        }
        LocalCompilation compilation = new LocalCompilation(unit.task(), slots, scratch);
        // Where the command line is recorded in the object, nothing is added to it.
        boolean listInputs = !unit.task().unit().caching().recordsArguments();
        Captured captured = compilation.capture(listInputs, unit.places());
        if (captured.code() != 0 && unit.task().unit().usesModules()) {
            // It may be the option that lists modules, which not each clang knows.
            return plainly(unit);
        }
        Optional<CompileResult> result = captured.code() == 0 ? compilation.result(captured) : Optional.empty();
        boolean shownAlike = unit.task().isShownAlike(captured.stderr());
        int code = shownAlike ? captured.code() : compilation.run();
        return new Execution(
                Optional.empty(),
                false,
                Optional.empty(),
                code,
                shownAlike ? captured.stdout() : Bytes.EMPTY,
                shownAlike ? captured.stderr() : Bytes.EMPTY,
                Optional.of(captured),
                false,
                code == 0 ? result : Optional.empty(),
                Execution.MEMORY);
    }

    /** Compiles as the caller asked, with the caller's own streams. */
    private Execution plainly(UnitContext unit) throws CallerGoneException, InterruptedException {
        int code = new LocalCompilation(unit.task(), slots, scratch).run();
        return new Execution(
                Optional.empty(),
                false,
                Optional.empty(),
                code,
                Bytes.EMPTY,
                Bytes.EMPTY,
                Optional.empty(),
                false,
                Optional.empty(),
                Execution.MEMORY);
    }

    StepResult plainly(UnitContext unit, CacheUse use) throws CallerGoneException, InterruptedException {
        return StepResult.of(plainly(unit).outcome(unit, use));
    }

    /** @param reason the cache, if there is one, is of no use, as statistics name it */
    StepResult uncached(UnitContext unit, String reason) throws CallerGoneException, InterruptedException {
        return plainly(unit, unit.cache().isPresent() ? new CacheUse.Unusable(reason) : CacheUse.NONE);
    }
}
