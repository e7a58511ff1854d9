package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.InputForm.UnavailableException;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Has launchers preprocess units. With that, the dependency file is written as the compile itself would write it.
 *
 * @param scratch where preprocessed source is kept
 * @param sources what source files hold, for those who have to look at what was preprocessed
 */
public record Preprocessor(LocalSlots slots, Scratch scratch, SourceFileCache sources) {
    /**
     * What a preprocessor printed.
     *
     * @param file with the preprocessed source, the caller's to delete
     * @param remarks what it had to say on standard error
     * @param before how the file system looked when it began
     * @param places directories in which it looked for files, as far as they are known
     */
    record Printed(Path file, Bytes remarks, FileBaseline before, Collection<Path> places) {}

    /**
     * Has a unit preprocessed.
     *
     * @param arguments with which the compiler preprocesses; not used for a unit that is preprocessed already
     * @param places directories in which it will look for files
     */
    Printed run(CompileTask task, List<String> arguments, Collection<Path> places)
            throws UnavailableException, IOException, CallerGoneException, InterruptedException {
        Path text = scratch.newFile(".i");
        boolean done = false;
        try {
            FileBaseline before = FileBaseline.take(task.asked(), text, places);
            Bytes remarks = print(task, arguments, text);
            done = true;
            return new Printed(text, remarks, before, places);
        } finally {
            if (!done) {
                Files.deleteIfExists(text);
            }
        }
    }

    private Bytes print(CompileTask task, List<String> arguments, Path text)
            throws UnavailableException, IOException, CallerGoneException, InterruptedException {
        if (!task.unit().needsPreprocessing()) {
            try (OutputStream out = Files.newOutputStream(text)) {
                Files.copy(task.source(), out);
            }
            return Bytes.EMPTY;
        }
        Path remarks = scratch.newFile(".err");
        List<String> command = new ArrayList<>();
        command.add(task.request().arguments().get(0));
        command.addAll(arguments);
        RunCommand order = new RunCommand(
                RunCommand.Kind.STEP,
                Optional.of(text),
                Optional.of(remarks),
                task.compiler().path().toString(),
                command);
        try {
            int code;
            try (LocalSlots.Slot slot = slots.acquire()) {
                code = task.caller().run(order);
            }
            if (code != 0) {
                throw new UnavailableException(
                        "it cannot be preprocessed (exit code " + code + ")", "preprocessing failed");
            }
            return Bytes.wrap(Files.readAllBytes(remarks));
        } finally {
            Files.deleteIfExists(remarks);
        }
    }
}
