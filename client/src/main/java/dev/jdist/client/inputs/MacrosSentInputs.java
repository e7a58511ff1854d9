package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A unit that is known by its preprocessed source, and sent with its macros, where the compiler may warn of what it would not find
 * without them. A comment that changes changes no key, and a warning is not lost.
 */
public final class MacrosSentInputs extends PreprocessedInputs {
    private static final Logger log = LoggerFactory.getLogger(MacrosSentInputs.class);

    private final Preprocessor preprocessor;
    private final Collection<Path> places;
    private @Nullable UnitInputs sent;

    private MacrosSentInputs(
            Preprocessor preprocessor,
            CompileTask task,
            List<String> preprocessing,
            Preprocessor.Printed printed,
            Collection<Path> places) {
        super(preprocessor, task, preprocessing, printed);
        this.preprocessor = preprocessor;
        this.places = places;
    }

    /** For the units that need it; others are sent as they are known. */
    public static InputForm form(Preprocessor preprocessor) {
        InputForm preprocessed = PreprocessedInputs.form(preprocessor);
        return (task, searched) -> {
            if (!task.unit().warnsOfMacros()) {
                return preprocessed.of(task, searched);
            }
            List<String> preprocessing = task.unit().preprocessArguments(false);
            Collection<Path> places = SearchPath.places(task, searched);
            Preprocessor.Printed printed = preprocessor.run(task, preprocessing, places);
            return new MacrosSentInputs(preprocessor, task, preprocessing, printed, places);
        };
    }

    /** The second preprocessing is only for what no cache has. */
    @Override
    public UnitInputs toSend() throws IOException, CallerGoneException, InterruptedException {
        UnitInputs made = sent;
        if (made == null) {
            made = make();
            sent = made;
        }
        return made;
    }

    private UnitInputs make() throws IOException, CallerGoneException, InterruptedException {
        if (!task().unit().keepsDirectives(true) || mayBodyBeEmpty()) {
            return this;
        }
        try {
            return DirectivesKeptInputs.keep(preprocessor, task(), places, false)
                    .orElse(this);
        } catch (InputForm.UnavailableException e) {
            // gcc refuses __COUNTER__ in a condition then.
            log.debug("{} is sent without its macros: {}", task().source(), e.getMessage());
            return this;
        }
    }

    /** Of these themselves, which have no macros any more. */
    @Override
    public boolean mayHideMessages() {
        return true;
    }

    @Override
    public void close() throws IOException {
        UnitInputs made = sent;
        if (made != null && made != this) {
            made.close();
        }
        super.close();
    }
}
