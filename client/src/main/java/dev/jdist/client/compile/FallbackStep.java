package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.outcome.CacheUse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the local compiler do what jdist failed over: no build fails because of jdist. */
record FallbackStep(LocalExecutor local, CompileStep next) implements CompileStep {
    private static final Logger log = LoggerFactory.getLogger(FallbackStep.class);

    @Override
    public StepResult compile(UnitContext unit) throws IOException, CallerGoneException, InterruptedException {
        try {
            return next.compile(unit);
        } catch (IOException e) {
            log.warn("{} is compiled locally: {}", unit.name(), e.toString());
            UnitContext here = unit.distribution().isPresent() ? unit.withoutFarm() : unit;
            return local.plainly(here, new CacheUse.Failed());
        }
    }
}
