package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.cache.CommandLineProject;
import dev.jdist.client.cache.CommandLineProject.Artifact;
import dev.jdist.client.cache.CommandLineRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** A client daemon with a cache of its own and no farm: jdist's, or the real sccache's. */
public final class CacheDaemon implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long TIMEOUT_SECONDS = 240;

    private final Path program;
    private final Path directory;
    private final Map<String, String> environment = new TreeMap<>();
    /** The statistics, as long as nothing was asked or started since. */
    private Optional<JsonNode> counted = Optional.empty();

    /**
     * Starts it.
     *
     * @param program jdist or sccache
     * @param directory for all its files
     */
    public CacheDaemon(Path program, Path directory) throws IOException, InterruptedException {
        this(program, directory, Map.of());
    }

    public CacheDaemon(Path program, Path directory, Map<String, String> more)
            throws IOException, InterruptedException {
        this.program = program;
        this.directory = Files.createDirectories(directory);
        environment.put("SCCACHE_DIR", directory.resolve("compiles").toString());
        environment.put("SCCACHE_SERVER_UDS", socket().toString());
        environment.put("SCCACHE_CONF", directory.resolve("client.conf").toString());
        environment.put("SCCACHE_ERROR_LOG", log().toString());
        environment.put("SCCACHE_LOG", "debug");
        environment.put("XDG_STATE_HOME", directory.resolve("state").toString());
        environment.put("XDG_CACHE_HOME", directory.resolve("cache").toString());
        environment.putAll(more);
        Files.writeString(directory.resolve("client.conf"), "");
        start();
    }

    /** The jdist that was built. */
    public static Path jdist() {
        Path jdist = Path.of(System.getProperty("jdist.dist"), "bin", "jdist");
        assertTrue(Files.isExecutable(jdist), "target/jdist is not there: run `mvn package` first");
        return jdist;
    }

    public void start() throws IOException, InterruptedException {
        counted = Optional.empty();
        run(directory, List.of(program.toString(), "--start-server"), Map.of()).assertSuccess();
    }

    public void stop() throws IOException, InterruptedException {
        run(directory, List.of(program.toString(), "--stop-server"), Map.of());
    }

    public Path program() {
        return program;
    }

    public Path directory() {
        return directory;
    }

    public Path socket() {
        return directory.resolve("daemon.sock");
    }

    Path log() {
        return directory.resolve("client.log");
    }

    /** Lines of the log that a user should have to read. */
    public List<String> warnings() throws IOException {
        return Files.readAllLines(log()).stream()
                .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                .toList();
    }

    /** What a program printed, as bytes, and how it ended. */
    public record Output(int code, String stdout, String stderr) {
        public Output assertSuccess() {
            assertEquals(0, code, stdout + stderr);
            return this;
        }

        /** Compilers print the names of their temporary files, which are never the same. */
        Output withoutTemporaryNames() {
            String temporary = "/tmp/(cc|[A-Za-z0-9_]+-)[A-Za-z0-9]+(?=[.: ])";
            return new Output(code, stdout.replaceAll(temporary, "/tmp/X"), stderr.replaceAll(temporary, "/tmp/X"));
        }
    }

    /** Runs a program to its end, with the variables by which this daemon is found. */
    public Output run(Path cwd, List<String> words, Map<String, String> more) throws IOException, InterruptedException {
        Path stdout = directory.resolve("stdout");
        Path stderr = directory.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(cwd.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SCCACHE_"));
        builder.environment().putAll(environment);
        builder.environment().putAll(more);
        Process process = builder.start();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(words + " does not end");
        }
        return new Output(
                process.exitValue(),
                Files.readString(stdout, StandardCharsets.ISO_8859_1),
                Files.readString(stderr, StandardCharsets.ISO_8859_1));
    }

    /** What a command line did. */
    public record Run(Output output, Map<String, Artifact> files) {}

    /** Runs a command line behind this daemon, in a fresh project. */
    public Run runBehind(CommandLineProject project, CommandLineRow row) throws IOException, InterruptedException {
        return runBehind(project, row, Map.of());
    }

    /** The same with some of the project's files edited. */
    public Run runBehind(CommandLineProject project, CommandLineRow row, Map<String, String> edits)
            throws IOException, InterruptedException {
        Run run = run(project, row, program + " " + row.compiler(), edits);
        // The answer comes when all of this is noted down: its sources are gone in a moment.
        counted = Optional.of(statistics());
        return run;
    }

    /** Runs a command line with the compiler alone, in a fresh project. */
    public Run runBare(CommandLineProject project, CommandLineRow row, Map<String, String> edits)
            throws IOException, InterruptedException {
        return run(project, row, row.compiler(), edits);
    }

    private Run run(CommandLineProject project, CommandLineRow row, String compiler, Map<String, String> edits)
            throws IOException, InterruptedException {
        project.layOut(edits);
        // No row is to find what another one left.
        Map<String, String> variables =
                Map.of("CC", compiler, "BARE", row.compiler(), "SCCACHE_C_CUSTOM_CACHE_BUSTER", row.toString());
        Output output = run(project.place(), List.of("sh", "-c", row.command()), variables);
        return new Run(output.withoutTemporaryNames(), project.artifacts());
    }

    /** Something that has command lines run behind this daemon. */
    public interface Action {
        public void run() throws IOException, InterruptedException;
    }

    /**
     * What the statistics count of an action: "hit", "miss", "failure" of the compiler, "cache error", "not a compilation",
     * "unsupported compiler", the reason for which a call cannot be cached, "not cacheable" for a compile that turned out
     * not to be, "not cached" for one that nobody wanted to be cached.
     */
    public String decisionOn(Action action) throws IOException, InterruptedException {
        JsonNode before = counted.isPresent() ? counted.get() : statistics();
        action.run();
        JsonNode after = counted.isPresent() ? counted.get() : statistics();
        Set<String> words = new TreeSet<>();
        for (Iterator<String> reasons = after.get("not_cached").fieldNames(); reasons.hasNext(); ) {
            String reason = reasons.next();
            JsonNode known = before.get("not_cached").path(reason);
            addIf(words, reason, after.get("not_cached").get(reason).asInt() > known.asInt());
        }
        addIf(words, "hit", grew(before, after, "cache_hits"));
        addIf(words, "miss", grew(before, after, "cache_misses"));
        addIf(words, "failure", grew(before, after, "compile_fails"));
        addIf(words, "cache error", grew(before, after, "cache_errors"));
        addIf(words, "not a compilation", grew(before, after, "requests_not_compile"));
        addIf(words, "unsupported compiler", grew(before, after, "requests_unsupported_compiler"));
        addIf(words, "not cacheable", grew(before, after, "non_cacheable_compilations"));
        addIf(words, "not cached", words.isEmpty() && grew(before, after, "requests_executed"));
        return String.join(" and ", words);
    }

    private static void addIf(Set<String> words, String word, boolean condition) {
        if (condition) {
            words.add(word);
        }
    }

    private static boolean grew(JsonNode before, JsonNode after, String name) {
        return sum(after.get(name)) > sum(before.get(name));
    }

    private static long sum(JsonNode count) {
        if (!count.isObject()) {
            return count.asLong();
        }
        long sum = 0;
        for (JsonNode each : count.get("counts")) {
            sum += each.asLong();
        }
        return sum;
    }

    /** The {@code stats} object of {@code --show-stats --stats-format=json}. */
    public JsonNode statistics() throws IOException, InterruptedException {
        return JSON.readTree(ask("--show-stats", "--stats-format=json")).get("stats");
    }

    /** What the daemon answers. */
    public String ask(String... question) throws IOException, InterruptedException {
        counted = Optional.empty();
        List<String> words = new ArrayList<>(List.of(question));
        words.add(0, program.toString());
        return run(directory, words, Map.of()).assertSuccess().stdout();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stop();
    }
}
