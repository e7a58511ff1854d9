package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.execution.NoSourcesException;
import dev.jdist.client.inputs.SearchPaths;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the farm compile units from their sources, without a preprocessor here.
 *
 * @param bySources compiles them, and stores the results
 * @param next for units that have to be sent in another form
 */
record SourcesStep(SearchPaths searchPaths, CompileStep bySources, CompileStep next) implements CompileStep {
    private static final Logger log = LoggerFactory.getLogger(SourcesStep.class);

    @Override
    public StepResult compile(UnitContext unit) throws IOException, CallerGoneException, InterruptedException {
        boolean isFit = unit.remote().isPresent()
                && !unit.task().unit().usesModules()
                && unit.task().unit().caching().dependencies() != Dependencies.UNKNOWN;
        if (!isFit) {
            return next.compile(unit);
        }
        try {
            return bySources.compile(unit.with(searchPaths.of(unit.task())));
        } catch (NoSourcesException e) {
            log.debug("{} is not sent as sources: {}", unit.name(), e.getMessage());
            return next.compile(unit);
        }
    }
}
