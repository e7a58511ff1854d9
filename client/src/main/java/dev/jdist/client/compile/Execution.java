package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.execution.LocalCompilation.Captured;
import dev.jdist.client.execution.NotRemoteException;
import dev.jdist.client.outcome.CacheUse;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.protocol.wire.Bytes;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an executor made of a unit.
 *
 * @param maker the builder that compiled it; nothing for the local compiler
 * @param farmFailed whether the farm should have compiled it and could not
 * @param kept why the farm was not asked to compile it although there is one, as statistics name it
 * @param captured of a compile of which it is known what it read: a local one whose output was captured, or one of the sources
 *     themselves by a builder
 * @param ofInputs whether all of it was made of the inputs that the cache knows the unit by, and not of files that may
 *     have changed since
 * @param result for the cache, if it was wanted and is complete; it can be read until this is closed
 * @param origin of the result
 */
record Execution(
        Optional<EntryOrigin> maker,
        boolean farmFailed,
        Optional<String> kept,
        int code,
        Bytes stdout,
        Bytes stderr,
        Optional<Captured> captured,
        boolean ofInputs,
        Optional<CompileResult> result,
        Closeable origin)
        implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(Execution.class);

    /** Of a result that is in memory. */
    static final Closeable MEMORY = () -> {};

    Execution insteadOfFarm(NotRemoteException why) {
        return new Execution(
                maker,
                farmFailed || why.farmFailed(),
                why.kept(),
                code,
                stdout,
                stderr,
                captured,
                ofInputs,
                result,
                origin);
    }

    @Override
    public void close() {
        try {
            origin.close();
        } catch (IOException e) {
            log.debug("cannot close a result: {}", e.toString());
        }
    }

    Outcome outcome(UnitContext unit, CacheUse cache) {
        return maker.isPresent()
                ? new Outcome.Distributed(
                        unit.task().label(), maker.get().builder(), captured.isPresent(), cache, stdout, stderr)
                : new Outcome.CompiledHere(
                        unit.task().label(), code, farmFailed || unit.farmFailed(), kept, cache, stdout, stderr);
    }

    /** Gets units compiled, somewhere. */
    @FunctionalInterface
    interface UnitExecutor {
        /**
         * Compiles a unit; its outputs are in their places afterwards.
         *
         * @param recorded whether the result is wanted for the cache
         */
        Execution execute(UnitContext unit, boolean recorded)
                throws IOException, CallerGoneException, InterruptedException;
    }
}
