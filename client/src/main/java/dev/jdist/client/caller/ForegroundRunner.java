package dev.jdist.client.caller;

import java.io.File;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Runs commands as children of this process: for what {@code jdist} does to a compiler without the daemon. */
public final class ForegroundRunner implements CommandRunner {
    /** What a shell ends with when there is no such command. */
    private static final int NO_COMMAND = 127;
    /** As in {@code message.h}. */
    private static final int QUESTION_SECONDS = 30;

    private static final File NOTHING = new File("/dev/null");

    @Override
    public int run(RunCommand command) throws InterruptedException {
        boolean isQuestion = command.kind() == RunCommand.Kind.QUESTION;
        ProcessBuilder builder = new ProcessBuilder(command.arguments())
                .redirectInput(isQuestion ? ProcessBuilder.Redirect.from(NOTHING) : ProcessBuilder.Redirect.INHERIT);
        command.stdout().ifPresent(file -> builder.redirectOutput(file.toFile()));
        command.stderr().ifPresent(file -> builder.redirectError(file.toFile()));
        try {
            Process process = builder.start();
            if (isQuestion && !process.waitFor(QUESTION_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                return RunCommand.TOO_LONG;
            }
            return process.waitFor();
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
