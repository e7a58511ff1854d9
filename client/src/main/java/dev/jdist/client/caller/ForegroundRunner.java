package dev.jdist.client.caller;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Runs commands as children of this process: for what {@code jdist} does to a compiler without the daemon. */
public final class ForegroundRunner implements CommandRunner {
    /** What a shell ends with when there is no such command. */
    private static final int NO_COMMAND = 127;

    @Override
    public int run(RunCommand command) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command.arguments()).redirectInput(ProcessBuilder.Redirect.INHERIT);
        command.stdout().ifPresent(file -> builder.redirectOutput(file.toFile()));
        command.stderr().ifPresent(file -> builder.redirectError(file.toFile()));
        try {
            return builder.start().waitFor();
        } catch (IOException e) {
            return NO_COMMAND;
        }
    }

    /** Nothing that depends on it is asked of this one. */
    @Override
    public boolean sawMounts() {
        return true;
    }

    @Override
    public CompletionStage<Void> gone() {
        return new CompletableFuture<>();
    }
}
