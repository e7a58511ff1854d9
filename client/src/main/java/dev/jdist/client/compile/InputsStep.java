package dev.jdist.client.compile;

import dev.jdist.client.cache.direct.ManifestRecorder;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.UnitContext.KnownInputs;
import dev.jdist.client.compile.UnitContext.KnownInputs.Keyed;
import dev.jdist.client.compiler.CompileUnit;
import dev.jdist.client.inputs.InputForm;
import dev.jdist.client.inputs.InputForm.UnavailableException;
import dev.jdist.client.inputs.SearchPath;
import dev.jdist.client.inputs.SearchPaths;
import dev.jdist.client.inputs.UnitInputs;
import dev.jdist.client.inputs.UnitInputs.KeyText;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the inputs of units that need them: for the farm, in the form that it gets, or for the cache where the compile itself
 * cannot tell what it reads. They exist until the next step is done.
 *
 * @param here the form for units that stay on this machine
 */
record InputsStep(SearchPaths searchPaths, LocalSlots slots, InputForm here, LocalExecutor local, CompileStep next)
        implements CompileStep {
    private static final Logger log = LoggerFactory.getLogger(InputsStep.class);

    @Override
    public StepResult compile(UnitContext asked) throws IOException, CallerGoneException, InterruptedException {
        boolean isDirect = asked.cache().filter(UnitCacheSession::isDirect).isPresent();
        // What is sent beside the text that is the key has to be looked up, and to be proven.
        CompileUnit told = asked.task().unit();
        boolean isProven = asked.remote().isPresent()
                && (asked.cache().isPresent() || told.tellsOfSources() || told.tellsOfColumns(words -> false));
        UnitContext unit = isDirect || isProven ? asked.with(searchPath(asked)) : asked;
        boolean needed = unit.remote().isPresent()
                || unit.cache().isPresent()
                        && !(unit.cache().get().canDoWithoutSource()
                                && unit.searched().isPresent());
        if (!needed) {
            return next.compile(unit);
        } else if (unit.task().unit().usesModules()) {
            return local.uncached(unit, "modules and no direct mode");
        }
        // Where clang cannot use one, nothing is preprocessed, and no dependency file is written.
        Optional<String> included = precompiled(forcedIncludes(unit.task()));
        if (included.isPresent()) {
            return local.uncached(unit, included.get());
        }
        InputForm form =
                unit.remote().isPresent() ? unit.distribution().orElseThrow().inputs() : here;
        try (UnitInputs inputs = form.of(unit.task(), unit.searched())) {
            Found found = look(unit, inputs);
            if (found.obstacle.isPresent()) {
                log.info("{} is compiled locally: it needs {}", unit.name(), found.obstacle.get());
                return local.uncached(unit, found.obstacle.get());
            }
            return next.compile(unit.with(new KnownInputs(inputs, found.keyed)));
        } catch (UnavailableException e) {
            log.info("{} is compiled locally: {}", unit.name(), e.getMessage());
            return local.uncached(unit, e.reason());
        }
    }

    /**
     * What the inputs tell of a unit.
     *
     * @param obstacle what it needs that is only here
     * @param keyed nothing where it has no key
     */
    private record Found(Optional<String> obstacle, Optional<Keyed> keyed) {}

    /** A method of its own: a caller's variable would keep the text, which may be large, for as long as the unit compiles. */
    private Found look(UnitContext unit, UnitInputs inputs) throws IOException, InterruptedException {
        try (LocalSlots.Slot slot = slots.acquire()) {
            UnitInputs.Content content = inputs.read();
            Set<Path> files = content.sources();
            Optional<String> obstacle = content.outsideNeed().or(() -> precompiled(files));
            return new Found(obstacle, obstacle.isEmpty() ? keyed(unit, content, files) : Optional.empty());
        }
    }

    /** Headers that the command line includes, as far as they are in the directory itself. */
    private static Set<Path> forcedIncludes(CompileTask task) {
        return task.unit().caching().forcedIncludes().stream()
                .map(name -> task.request().cwd().resolve(name))
                .collect(Collectors.toSet());
    }

    /** The preprocessor alone reads headers, and the compiler what was made of them, at whatever time. */
    private static Optional<String> precompiled(Set<Path> files) {
        return files.stream().anyMatch(InputsStep::isPrecompiled)
                ? Optional.of("a precompiled header")
                : Optional.empty();
    }

    /** Whether a file or a folder of precompiled ones is beside a header. */
    private static boolean isPrecompiled(Path header) {
        return ManifestRecorder.PRECOMPILED.stream().anyMatch(suffix -> Files.exists(Path.of(header + suffix)));
    }

    private static Optional<Keyed> keyed(UnitContext unit, UnitInputs.Content content, Set<Path> files)
            throws IOException {
        Optional<KeyText> text = unit.cache().isPresent() ? content.keyText() : Optional.empty();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        UnitCacheSession cache = unit.cache().orElseThrow();
        return Optional.of(new Keyed(cache.keys(text.get(), files), files, content.onlyNamed()));
    }

    private Optional<SearchPath> searchPath(UnitContext unit) throws CallerGoneException, InterruptedException {
        try {
            return searchPaths.of(unit.task());
        } catch (IOException e) {
            log.warn("{} is compiled without its search path: {}", unit.name(), e.toString());
            return Optional.empty();
        }
    }
}
