package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.files.WholeFiles;
import dev.jdist.client.inputs.InputForm.UnavailableException;
import dev.jdist.client.text.Pragmas;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A unit as one source in which only the includes are resolved: macros and conditions are left to the compiler, which makes what
 * it says about places in the source come nearer to the truth.
 */
public final class DirectivesKeptInputs extends PreprocessedInputs {
    private DirectivesKeptInputs(
            Preprocessor preprocessor, CompileTask task, List<String> preprocessing, Preprocessor.Printed printed) {
        super(preprocessor, task, preprocessing, printed);
    }

    /** For the units that allow it; others are preprocessed. */
    public static InputForm form(Preprocessor preprocessor) {
        InputForm preprocessed = MacrosSentInputs.form(preprocessor);
        return (task, searched) -> {
            if (!task.unit().keepsDirectives(true)) {
                return preprocessed.of(task, searched);
            }
            Optional<UnitInputs> kept = keep(preprocessor, task, SearchPath.places(task, searched), true);
            return kept.isPresent() ? kept.get() : preprocessed.of(task, searched);
        };
    }

    /**
     * A unit that allows it, unless its text does not.
     *
     * @param clock whether the time of day may be in it, which another machine would put there
     */
    static Optional<UnitInputs> keep(
            Preprocessor preprocessor, CompileTask task, Collection<Path> places, boolean clock)
            throws IOException, CallerGoneException, InterruptedException, UnavailableException {
        List<String> preprocessing = task.unit().preprocessArguments(true);
        Preprocessor.Printed printed = preprocessor.run(task, preprocessing, places);
        boolean saysAll;
        // The text is in memory meanwhile.
        try (LocalSlots.Slot slot = preprocessor.slots().acquire()) {
            PreprocessedSource text = PreprocessedSource.read(printed.file());
            // Only expanded macros show whether the assembler reads a file.
            boolean fits = !text.hidesAssembler() && (clock || !text.mentionsClock());
            boolean embeds = task.unit().leavesEmbeds() && text.embeds();
            saysAll = fits && !embeds && !losesPragmas(task, text);
        }
        if (saysAll) {
            return Optional.of(new DirectivesKeptInputs(preprocessor, task, preprocessing, printed));
        }
        Files.deleteIfExists(printed.file());
        return Optional.empty();
    }

    /** gcc leaves nothing of them, so that only the sources tell. */
    private static boolean losesPragmas(CompileTask task, PreprocessedSource text) throws IOException {
        if (!task.unit().losesPragmas()) {
            return false;
        }
        for (Path source : text.sources(task.request().cwd())) {
            if (Files.isRegularFile(source) && WholeFiles.SHARED.look(source, Pragmas::anyLeftOut)) {
                return true;
            }
        }
        return false;
    }

    /** A macro that stands for the time of day is not expanded yet. */
    @Override
    Optional<KeyText> keyText(PreprocessedSource text) {
        return text.mentionsClock() ? Optional.empty() : Optional.of(keyText("directives", text));
    }

    @Override
    boolean keepsDirectives() {
        return true;
    }

    @Override
    public boolean keepsColumns() {
        return true;
    }

    @Override
    public List<String> arguments() {
        return task().unit().compilePreprocessedArguments(true, task().colors());
    }
}
