package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.execution.RemoteCompilation;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.toolchain.SearchEnvironment;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets a unit's compiler packed for the farm, if it is not yet. If that cannot be done, the unit goes on without the farm; the
 * reason is logged once, where packing fails, and not for every unit.
 */
record ToolchainStep(CompileStep next) implements CompileStep {
    private static final Logger log = LoggerFactory.getLogger(ToolchainStep.class);

    @Override
    public StepResult compile(UnitContext unit) throws IOException, CallerGoneException, InterruptedException {
        if (unit.distribution().isEmpty()) {
            return next.compile(unit);
        }
        Distribution distribution = unit.distribution().get();
        Optional<PackagedToolchain> toolchain = Optional.empty();
        try {
            CallerRequest request = unit.task().request();
            SearchEnvironment environment = SearchEnvironment.of(request.environment(), request.cwd());
            toolchain = Optional.of(distribution.toolchains().of(unit.task().compiler(), environment));
        } catch (IOException e) {
            log.info("{} is compiled locally: its compiler cannot be packaged: {}", unit.name(), e.getMessage());
        }
        return next.compile(
                toolchain.isPresent()
                        ? unit.with(new RemoteCompilation(unit.task(), distribution, toolchain.get()))
                        : unit.withoutFarm());
    }
}
