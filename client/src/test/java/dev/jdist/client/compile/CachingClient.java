package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The launcher of target/jdist with a daemon of its own: a cache, and no farm. */
public final class CachingClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path socket;
    private final Path log;
    private final Path jdist = Path.of(System.getProperty("jdist.dist"), "bin", "jdist");
    private final Map<String, String> environment = new HashMap<>();

    /**
     * @param directory for the socket and the log
     * @param name of this daemon among those in the directory
     * @param cache where entries are kept
     */
    public CachingClient(Path directory, String name, Path cache) {
        assertTrue(Files.isExecutable(jdist), "target/jdist is not there: run `mvn package` first");
        socket = directory.resolve(name + ".sock");
        log = directory.resolve(name + ".log");
        environment.put("SCCACHE_SERVER_UDS", socket.toString());
        environment.put("SCCACHE_CONF", directory.resolve("no-such.conf").toString());
        environment.put("SCCACHE_ERROR_LOG", log.toString());
        environment.put("SCCACHE_DIR", cache.toString());
        environment.put("XDG_STATE_HOME", directory.resolve("state").toString());
    }

    /** The variables with which the daemon is started and found. */
    public Map<String, String> environment() {
        return environment;
    }

    /** How a program ended. */
    public record Ended(int code, String stdout, String stderr) {}

    /** Runs a compiler under jdist. */
    public Ended compile(Path cwd, List<String> words, Map<String, String> variables) throws IOException {
        List<String> all = new ArrayList<>(List.of(jdist.toString()));
        all.addAll(words);
        Map<String, String> together = new HashMap<>(environment);
        together.putAll(variables);
        return run(cwd, all, together);
    }

    /** Runs a compiler as it is: found in {@code PATH} as {@code variables} have it. */
    public static Ended compileBare(Path cwd, List<String> words, Map<String, String> variables) throws IOException {
        List<String> all = new ArrayList<>(List.of("/usr/bin/env"));
        all.addAll(words);
        return run(cwd, all, variables);
    }

    private static Ended run(Path cwd, List<String> words, Map<String, String> variables) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words).directory(cwd.toFile());
        builder.environment().putAll(variables);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        Process process = builder.start();
        // One after the other: nothing that is run here prints much on standard output before it ends.
        String stderr = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        String stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Ended(process.waitFor(), stdout, stderr);
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** The {@code stats} object of sccache's JSON. */
    public JsonNode statistics() throws IOException {
        Ended shown = run(
                socket.getParent(), List.of(jdist.toString(), "--show-stats", "--stats-format", "json"), environment);
        assertEquals(0, shown.code, shown.stderr);
        return JSON.readTree(shown.stdout).get("stats");
    }

    /** What was found in the cache since the daemon began. */
    public long hits() throws IOException {
        return sum(statistics().get("cache_hits").get("counts"));
    }

    private static long sum(JsonNode counts) {
        long sum = 0;
        for (JsonNode count : counts) {
            sum += count.asLong();
        }
        return sum;
    }

    public void stop() throws IOException {
        run(socket.getParent(), List.of(jdist.toString(), "--stop-server"), environment);
    }

    /** The daemon, if it runs. */
    Optional<ProcessHandle> daemon() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .map(List::of)
                        .filter(arguments -> arguments.contains("--daemon") && arguments.contains(socket.toString()))
                        .isPresent())
                .findFirst();
    }

    /** Waits until the daemon ends by itself. */
    public void awaitEnd() {
        daemon().ifPresent(process -> process.onExit().join());
    }

    /** Ends the daemon as {@code kill -9} does. */
    public void kill() {
        daemon().ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    /** As {@link #kill}, but for a daemon that is just starting: of that, its launcher would tell. */
    public void killIfServing() {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            kill();
        } catch (IOException e) {
            return;
        }
    }

    /** Lines of the daemons' log that a user should have to read, those with {@code expected} in them aside. */
    public List<String> warnings(String... expected) throws IOException {
        if (!Files.exists(log)) {
            return List.of();
        }
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                .filter(line -> List.of(expected).stream().noneMatch(line::contains))
                .toList();
    }

    @Override
    public void close() throws IOException {
        stop();
    }
}
