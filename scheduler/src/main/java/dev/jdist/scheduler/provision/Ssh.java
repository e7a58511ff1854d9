package dev.jdist.scheduler.provision;

import dev.jdist.protocol.daemon.StartupException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs commands on one machine, over one connection of ssh that is kept between them. */
final class Ssh implements AutoCloseable {
    private static final Duration GOODBYE = Duration.ofSeconds(10);
    /** A machine that prints more than that has nothing to say. */
    private static final int MAX_OUTPUT_BYTES = 1 << 20;

    private final List<String> program;
    private final String destination;
    private final Path work;
    private final Path socket;
    private volatile List<Process> running = List.of();

    /**
     * @param program such as {@code ssh -p 2222}
     * @param work a private directory for the connection's socket and for output
     */
    Ssh(List<String> program, String destination, Path work) {
        this.program = List.copyOf(program);
        this.destination = destination;
        this.work = work;
        this.socket = work.resolve("ssh");
    }

    /** How a command ended; 255 is ssh's own failure. */
    record Outcome(int code, String output, String complaint) {
        boolean succeeded() {
            return code == 0;
        }

        /** The last line that is not empty. */
        String lastComplaint() {
            List<String> lines =
                    complaint.lines().filter(line -> !line.isBlank()).toList();
            return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        }
    }

    /** @param input the file that the command reads */
    Outcome run(String command, Path input, Duration timeout)
            throws IOException, StartupException, InterruptedException {
        return await(List.of(call(command).redirectInput(input.toFile())), timeout);
    }

    Outcome run(String command, Duration timeout) throws IOException, StartupException, InterruptedException {
        return run(command, Path.of("/dev/null"), timeout);
    }

    /** As {@link #run(String, Path, Duration)}, with a tar archive of a directory's files, links followed, as input. */
    Outcome send(Path directory, String command, Duration timeout)
            throws IOException, StartupException, InterruptedException {
        ProcessBuilder tar = new ProcessBuilder("tar", "-ch", "-C", directory.toString(), ".")
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        return await(List.of(tar, call(command)), timeout);
    }

    private ProcessBuilder call(String command) {
        List<String> line = new ArrayList<>(program);
        for (String option : List.of(
                "BatchMode=yes",
                "ConnectTimeout=15",
                "ControlMaster=auto",
                "ControlPath=" + socket,
                "ControlPersist=120")) {
            line.addAll(List.of("-o", option));
        }
        line.add(destination);
        line.add(command);
        // Into files, not pipes: the kept connection holds both open for longer than the command runs.
        return new ProcessBuilder(line).redirectOutput(file("output")).redirectError(file("complaint"));
    }

    private File file(String name) {
        return work.resolve(name).toFile();
    }

    private Outcome await(List<ProcessBuilder> pipeline, Duration timeout)
            throws IOException, StartupException, InterruptedException {
        List<Process> processes;
        try {
            processes = ProcessBuilder.startPipeline(pipeline);
        } catch (IOException e) {
            throw new StartupException(String.join(" ", program) + " cannot be run: " + e.getMessage(), e);
        }
        running = processes;
        try {
            if (!processes.get(processes.size() - 1).waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new StartupException(
                        destination + " did not do what was asked within " + timeout.toSeconds() + " s");
            }
            int code = processes.get(processes.size() - 1).exitValue();
            return new Outcome(code, read("output"), read("complaint"));
        } finally {
            processes.forEach(Process::destroy);
            running = List.of();
        }
    }

    /** Without characters that would do something to a terminal. */
    private String read(String name) throws IOException {
        try (InputStream in = Files.newInputStream(work.resolve(name))) {
            return new String(in.readNBytes(MAX_OUTPUT_BYTES), StandardCharsets.UTF_8)
                    .replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "");
        }
    }

    /** Ends what runs, and the connection. */
    @Override
    public void close() {
        running.forEach(Process::destroy);
        if (!Files.exists(socket)) {
            return;
        }
        List<String> line = new ArrayList<>(program);
        line.addAll(List.of("-o", "ControlPath=" + socket, "-O", "exit", destination));
        try {
            Process exit = new ProcessBuilder(line)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!exit.waitFor(GOODBYE.toMillis(), TimeUnit.MILLISECONDS)) {
                exit.destroy();
            }
        } catch (IOException e) {
            // It ends by itself after ControlPersist.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
