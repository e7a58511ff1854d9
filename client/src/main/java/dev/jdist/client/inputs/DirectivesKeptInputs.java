package dev.jdist.client.inputs;

import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.unit.CompileTask;
import java.nio.file.Files;
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
    public static InputForm form(LocalSlots slots, Scratch scratch) {
        Preprocessor preprocessor = new Preprocessor(slots, scratch);
        InputForm preprocessed = MacrosSentInputs.withoutMacros(slots, scratch);
        return (task, places) -> {
            if (!task.unit().keepsDirectives(true)) {
                return preprocessed.of(task, places);
            }
            List<String> preprocessing = task.unit().preprocessArguments(true);
            Preprocessor.Printed printed = preprocessor.run(task, preprocessing, places);
            if (!PreprocessedSource.read(printed.file()).hidesAssembler()) {
                return new DirectivesKeptInputs(preprocessor, task, preprocessing, printed);
            }
            // Only expanded macros show whether the assembler reads a file.
            Files.deleteIfExists(printed.file());
            return preprocessed.of(task, places);
        };
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
    public List<String> arguments() {
        return task().unit().compilePreprocessedArguments(true, task().colors());
    }
}
