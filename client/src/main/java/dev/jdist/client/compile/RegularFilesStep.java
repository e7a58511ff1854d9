package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.files.Directories;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Leaves units to the local compiler whose source or object is no plain file, or that need another file by an option which is
 * none: a pipe can be read once, and a device cannot be replaced. What is missing is for the compiler to complain about.
 */
record RegularFilesStep(LocalExecutor local, CompileStep next) implements CompileStep {
    @Override
    public StepResult compile(UnitContext unit) throws IOException, CallerGoneException, InterruptedException {
        CompileTask task = unit.task();
        if (!Files.isRegularFile(task.source())) {
            return local.uncached(unit, "source is not a regular file");
        } else if (!canBeFile(task.placeOf(task.unit().object()))) {
            return local.uncached(unit, "object is not a regular file");
        }
        for (Path file : task.optionFiles()) {
            if (!Files.isRegularFile(file)) {
                return local.uncached(unit, "file of an option is not a regular file");
            }
        }
        return next.compile(unit);
    }

    /** Whether a place has, or can have, a regular file. */
    private static boolean canBeFile(Path place) {
        return Files.isRegularFile(place) || Files.notExists(place) && Files.isDirectory(Directories.of(place));
    }
}
