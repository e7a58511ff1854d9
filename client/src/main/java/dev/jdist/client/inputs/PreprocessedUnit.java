package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A unit's preprocessed source, in a file of the daemon's own until it is closed. The launcher preprocesses, and with that the
 * dependency file is written as the compile itself would write it.
 *
 * @param complaints what the preprocessor had to say
 * @param directivesKept whether macros are left to the compiler
 * @param before how the file system looked when preprocessing began
 */
public record PreprocessedUnit(Path file, Bytes complaints, boolean directivesKept, FileBaseline before)
        implements AutoCloseable {
    /** The unit cannot be preprocessed, and so not be compiled either. */
    public static final class FailedException extends Exception {
        private static final long serialVersionUID = 1;

        FailedException(String message) {
            super(message);
        }
    }

    /** @param places directories in which the preprocessor will look for files */
    public static PreprocessedUnit of(
            CompileTask task, boolean keepDirectives, Collection<Path> places, LocalSlots slots, Scratch scratch)
            throws FailedException, IOException, CallerGoneException, InterruptedException {
        Path text = scratch.newFile(".i");
        boolean done = false;
        try {
            FileBaseline before = FileBaseline.take(task.asked(), text, places);
            Bytes complaints = preprocess(task, keepDirectives, slots, scratch, text);
            done = true;
            return new PreprocessedUnit(text, complaints, task.unit().keepsDirectives(keepDirectives), before);
        } finally {
            if (!done) {
                Files.deleteIfExists(text);
            }
        }
    }

    private static Bytes preprocess(
            CompileTask task, boolean keepDirectives, LocalSlots slots, Scratch scratch, Path text)
            throws FailedException, IOException, CallerGoneException, InterruptedException {
        if (!task.unit().needsPreprocessing()) {
            Files.write(text, Files.readAllBytes(task.source()));
            return Bytes.EMPTY;
        }
        Path complaints = scratch.newFile(".err");
        List<String> command = new ArrayList<>();
        command.add(task.request().arguments().get(0));
        command.addAll(task.unit().preprocessArguments(keepDirectives));
        RunCommand order = new RunCommand(
                false,
                Optional.of(text),
                Optional.of(complaints),
                task.compiler().path().toString(),
                command);
        try {
            int code;
            try (LocalSlots.Slot slot = slots.acquire()) {
                code = task.runner().run(order);
            }
            if (code != 0) {
                throw new FailedException("it cannot be preprocessed (exit code " + code + ")");
            }
            return Bytes.wrap(Files.readAllBytes(complaints));
        } finally {
            Files.deleteIfExists(complaints);
        }
    }

    /** Whether the preprocessor had nothing to say. */
    public boolean silent() {
        return complaints.isEmpty();
    }

    /** The text, which may be large: not to be held on to. */
    public PreprocessedSource read() throws IOException {
        return PreprocessedSource.read(file);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
