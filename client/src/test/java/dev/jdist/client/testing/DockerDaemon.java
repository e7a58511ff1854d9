package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A Docker engine of a test's own, which can be stopped without harm to anybody. */
public final class DockerDaemon implements AutoCloseable {
    private static final long TIMEOUT_SECONDS = 240;

    private final Path directory;
    private final Process process;

    private DockerDaemon(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
    }

    public static DockerDaemon start(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Process process = new ProcessBuilder(
                        "dockerd",
                        "--host=unix://" + directory.resolve("engine.sock"),
                        "--data-root=" + directory.resolve("data"),
                        "--exec-root=" + directory.resolve("exec"),
                        "--pidfile=" + directory.resolve("pid"),
                        "--iptables=false",
                        "--bridge=none")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("engine.out").toFile())
                .start();
        DockerDaemon daemon = new DockerDaemon(directory, process);
        daemon.awaitSocket();
        return daemon;
    }

    private void awaitSocket() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (new ProcessBuilder("docker", "--host", host(), "version")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                != 0) {
            if (System.nanoTime() > deadline || !process.isAlive()) {
                process.destroyForcibly();
                fail(Files.readString(directory.resolve("engine.out")));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    public String host() {
        return "unix://" + directory.resolve("engine.sock");
    }

    /** Stops the engine, which ends its containers. */
    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "dockerd does not end");
        new ProcessBuilder("rm", "-rf", directory.toString()).start().waitFor();
    }
}
