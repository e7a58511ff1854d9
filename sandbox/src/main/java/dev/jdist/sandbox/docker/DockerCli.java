package dev.jdist.sandbox.docker;

import dev.jdist.sandbox.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program {@code docker} of {@code PATH}. It finds its engine by itself, from the environment or its settings. */
public final class DockerCli {
    private static final String PROGRAM = "docker";
    private static final int MAX_ANSWER = 64 << 10;

    /** Writes what a command gets as its standard input. */
    interface Input {
        void writeTo(OutputStream out) throws IOException, InterruptedException;
    }

    /** Starts a command; nobody waits for it. */
    Process start(List<String> arguments) throws IOException {
        List<String> line = new ArrayList<>();
        line.add(PROGRAM);
        line.addAll(arguments);
        try {
            return new ProcessBuilder(line).start();
        } catch (IOException e) {
            throw new SandboxException(
                    "cannot run the program docker, which must be in PATH (" + e.getMessage()
                            + "); install it (Debian: apt install docker.io)",
                    e);
        }
    }

    /** Runs a command to its end and returns the first of what it printed, without the last newline. */
    String run(Duration timeout, String... arguments) throws IOException, InterruptedException {
        return run(timeout, Arrays.asList(arguments), out -> {});
    }

    /** As {@link #run(Duration, String...)}, with standard input. */
    String run(Duration timeout, List<String> arguments, Input input) throws IOException, InterruptedException {
        Process process = start(arguments);
        killAfter(timeout, process);
        IOException brokenOff = null;
        try (OutputStream out = process.getOutputStream()) {
            input.writeTo(out);
        } catch (IOException e) {
            // Why it reads no more, it says itself.
            brokenOff = e;
        }
        String answer = readAll(process.getInputStream());
        String complaint = readAll(process.getErrorStream());
        if (process.waitFor() != 0) {
            throw new SandboxException(
                    "`docker " + arguments.get(0) + "` ended with " + process.exitValue() + ": " + complaint);
        }
        if (brokenOff != null) {
            throw brokenOff;
        }
        return answer;
    }

    /** Kills a process if it takes too long. One that has ended keeps what it printed, which killing would discard. */
    static void killAfter(Duration timeout, Process process) {
        process.onExit()
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(late -> process.destroyForcibly());
    }

    static String readAll(InputStream stream) throws IOException {
        String text = new String(stream.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8).strip();
        stream.transferTo(OutputStream.nullOutputStream());
        return text;
    }
}
