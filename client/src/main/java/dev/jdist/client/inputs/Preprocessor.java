package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.files.Moment;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.InputForm.UnavailableException;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has launchers preprocess units. With that, the dependency file is written as the compile itself would write it.
 *
 * @param scratch where preprocessed source is kept
 */
record Preprocessor(LocalSlots slots, Scratch scratch) {
    /**
     * What a preprocessor printed.
     *
     * @param file with the preprocessed source, the caller's to delete
     * @param remarks what it had to say on standard error
     */
    record Printed(Path file, Bytes remarks, Moment began) {}

    /** @param arguments with which the compiler preprocesses; not used for a unit that is preprocessed already */
    Printed run(CompileTask task, List<String> arguments)
            throws UnavailableException, IOException, CallerGoneException, InterruptedException {
        Path text = scratch.newFile(".i");
        boolean done = false;
        try {
            Moment began = Moment.ofNewFile(text);
            Bytes remarks = print(task, arguments, text);
            done = true;
            return new Printed(text, remarks, began);
        } finally {
            if (!done) {
                Files.deleteIfExists(text);
            }
        }
    }

    private Bytes print(CompileTask task, List<String> arguments, Path text)
            throws UnavailableException, IOException, CallerGoneException, InterruptedException {
        if (!task.unit().needsPreprocessing()) {
            Files.write(text, Files.readAllBytes(task.source()));
            return Bytes.EMPTY;
        }
        Path remarks = scratch.newFile(".err");
        List<String> command = new ArrayList<>();
        command.add(task.request().arguments().get(0));
        command.addAll(arguments);
        RunCommand order = new RunCommand(
                false,
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
