package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.WholeFiles;
import dev.jdist.client.inputs.InputForm.UnavailableException;
import dev.jdist.client.text.EmptyBodies;
import dev.jdist.client.text.Indentation;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A unit as one preprocessed source, in a file of the daemon's own until it is closed. */
public class PreprocessedInputs implements UnitInputs {
    private final Preprocessor preprocessor;
    private final CompileTask task;
    private final List<String> preprocessing;
    private final Preprocessor.Printed printed;

    /**
     * @param preprocessing arguments with which the compiler preprocesses
     * @param printed what it printed then
     */
    PreprocessedInputs(
            Preprocessor preprocessor, CompileTask task, List<String> preprocessing, Preprocessor.Printed printed) {
        this.preprocessor = preprocessor;
        this.task = task;
        this.preprocessing = preprocessing;
        this.printed = printed;
    }

    /** With all macros expanded. */
    public static InputForm form(Preprocessor preprocessor) {
        return (task, searched) -> {
            List<String> preprocessing = task.unit().preprocessArguments(false);
            return new PreprocessedInputs(
                    preprocessor,
                    task,
                    preprocessing,
                    preprocessor.run(task, preprocessing, SearchPath.places(task, searched)));
        };
    }

    /** The text in a key, in its form. */
    Optional<KeyText> keyText(PreprocessedSource text) {
        return Optional.of(keyText("no directives", text));
    }

    /** Whether macros are not expanded yet. */
    boolean keepsDirectives() {
        return false;
    }

    final KeyText keyText(String form, PreprocessedSource text) {
        boolean tellsOfSources = task.unit().tellsOfSources() || tellsOfColumns(text);
        return new KeyText(form, text.bytes(), printed.remarks(), tellsOfSources);
    }

    /** Whether the object may tell of columns that are not those of this text. */
    private boolean tellsOfColumns(PreprocessedSource text) {
        return !keepsColumns() && task.unit().tellsOfColumns(text::containsAny);
    }

    @Override
    public List<String> arguments() {
        return task.unit().compilePreprocessedArguments(false, task.colors());
    }

    final CompileTask task() {
        return task;
    }

    @Override
    public final Content read() throws IOException {
        PreprocessedSource text = PreprocessedSource.read(printed.file());
        return new Content() {
            @Override
            public Optional<String> outsideNeed() {
                return text.outsideNeed(task.unit().language(), keepsDirectives());
            }

            @Override
            public Set<Path> sources() throws IOException {
                return text.sources(task.request().cwd());
            }

            @Override
            public Set<Path> onlyNamed() throws IOException {
                Set<Path> named = text.onlyNamed(task.request().cwd());
                named.remove(task.source());
                return named;
            }

            @Override
            public boolean tellsOfColumns() {
                return PreprocessedInputs.this.tellsOfColumns(text);
            }

            @Override
            public Optional<KeyText> keyText() {
                return PreprocessedInputs.this.keyText(text);
            }
        };
    }

    @Override
    public final FileBaseline before() {
        return printed.before();
    }

    @Override
    public boolean mayHideMessages() throws IOException, InterruptedException {
        return !printed.remarks().isEmpty() || mayIndentationMislead() || mayBodyBeEmpty();
    }

    /** In the text itself, as macros may make the statement. */
    final boolean mayBodyBeEmpty() throws IOException, InterruptedException {
        if (!task.unit().losesEmptyBodies()) {
            return false;
        }
        try (LocalSlots.Slot slot = preprocessor.slots().acquire()) {
            return EmptyBodies.maybeIn(PreprocessedSource.read(printed.file()).outsideSystem());
        }
    }

    /** In any of the sources of which a compiler warns: it is silent about headers of the system. */
    private boolean mayIndentationMislead() throws IOException, InterruptedException {
        try (LocalSlots.Slot slot = preprocessor.slots().acquire()) {
            PreprocessedSource text = PreprocessedSource.read(printed.file());
            // A pragma may ask for the warning, too.
            if (!task.unit().warnsOfIndentation() && !text.contains("misleading-indentation")) {
                return false;
            }
            for (Path source : text.sourcesOutsideSystem(task.request().cwd())) {
                if (Files.isRegularFile(source) && WholeFiles.SHARED.look(source, Indentation::mayMislead)) {
                    return true;
                }
            }
            return false;
        }
    }

    @Override
    public final boolean areReproducible() throws IOException, CallerGoneException, InterruptedException {
        Path again;
        try {
            // What proves the first run's files holds for these as well.
            again = preprocessor.run(task, preprocessing, List.of()).file();
        } catch (UnavailableException e) {
            return false;
        }
        try {
            return Files.mismatch(printed.file(), again) == -1;
        } finally {
            Files.deleteIfExists(again);
        }
    }

    /** The preprocessed source, in the place of the unit's own. */
    @Override
    public final List<InputFile> files() {
        return List.of(new InputFile(task.source(), printed.file()));
    }

    /** The sources themselves: a compiler that gets preprocessed source quotes that, and may warn of what nobody wrote. */
    @Override
    public final Optional<UnitInputs> forMessages() throws IOException, InterruptedException {
        if (!task.unit().needsPreprocessing()) {
            return Optional.empty();
        }
        try (LocalSlots.Slot slot = preprocessor.slots().acquire()) {
            return Optional.of(new SourceInputs(
                    task, read().sources(), printed.before(), printed.places(), preprocessor.sources()));
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(printed.file());
    }
}
