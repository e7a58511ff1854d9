package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.hostile.WireClient;
import dev.jdist.protocol.testing.FreePorts;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A whole farm of real processes, as the distribution in target/jdist runs them: a scheduler, some builders, a client
 * daemon. Everything is on loopback and below one directory. A WARN in a log that a test did not announce fails it.
 */
public final class Farm implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long TIMEOUT_SECONDS = 240;
    private static final String CLIENT_TOKEN = "token-of-clients";
    private static final String SERVER_TOKEN = "token-of-builders";
    private static final String NOBODY = "65534";

    private final Path directory;
    private final Path jdist;
    private final int schedulerPort = FreePorts.next();
    private final Map<String, Process> daemons = new LinkedHashMap<>();
    private final List<String> expectedWarnings = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    /** The property names one that the machine does not have, as scripts/check bwrap-overlay does. */
    public static final String BWRAP = System.getProperty("jdist.bwrap", "/usr/bin/bwrap");

    private final List<Integer> builderPorts = new ArrayList<>();
    private Optional<String> builderTables = Optional.empty();
    private String toolchainCacheSize = "10G";
    private String builderToken = SERVER_TOKEN;
    private Optional<String> otherUrl = Optional.empty();
    private String jdistTable = "";
    private boolean isReadBySccache;
    private Optional<Path> unprivileged = Optional.empty();
    private String host = "127.0.0.1";
    private List<String> clientPrefix = List.of();

    /** @param directory for everything but {@code cache}, which several farms may share: packing takes its time */
    public Farm(Path directory, Path cache) throws IOException {
        this.directory = directory;
        this.jdist = Path.of(System.getProperty("jdist.dist"), "bin", "jdist");
        assertTrue(Files.isExecutable(jdist), "target/jdist is not there: run `mvn package` first");
        environment.put("SCCACHE_SERVER_UDS", directory.resolve("daemon.sock").toString());
        environment.put("SCCACHE_CONF", directory.resolve("client.conf").toString());
        environment.put("SCCACHE_ERROR_LOG", directory.resolve("client.log").toString());
        environment.put(
                "SCCACHE_CACHED_CONF", directory.resolve("cached-config").toString());
        environment.put("SCCACHE_LOG", "debug");
        environment.put("XDG_CACHE_HOME", cache.toString());
        // A cache that is filled and never asked: these tests want to see work being done.
        environment.put("SCCACHE_DIR", directory.resolve("compiles").toString());
        environment.put("SCCACHE_RECACHE", "1");
        environment.put("XDG_STATE_HOME", directory.resolve("state").toString());
        writeClientConfig("");
    }

    public Path jdist() {
        return jdist;
    }

    public Path directory() {
        return directory;
    }

    /** The variables with which commands find this farm; tests may add to them. */
    public Map<String, String> environment() {
        return environment;
    }

    public String schedulerUrl() {
        return otherUrl.orElseGet(() -> "http://" + host + ":" + schedulerPort);
    }

    public int schedulerPort() {
        return schedulerPort;
    }

    /**
     * Has the client, and builders started from now on, reach the scheduler otherwise than by plain http at its own port.
     *
     * @param jdist what their table {@code [jdist]} says of it
     */
    public void setSchedulerUrl(String url, String jdist) throws IOException {
        otherUrl = Optional.of(url);
        jdistTable = "[jdist]\n" + jdist;
        writeClientConfig("");
    }

    /**
     * Has scheduler and builders listen elsewhere than on loopback, and clients run elsewhere.
     *
     * @param prefix of every command of a client, such as one that enters a network of its own
     */
    public void setNetwork(String address, List<String> prefix) throws IOException {
        host = address;
        clientPrefix = prefix;
        writeClientConfig("");
    }

    /** From now on, the client's settings are such as the real sccache takes: one unit of a thousand may be audited. */
    public void shareSettingsWithSccache() {
        isReadBySccache = true;
    }

    public int builderPort(int index) {
        return builderPorts.get(index);
    }

    /** Announces that a WARN or ERROR with this text in it may appear in a log. */
    public void expectWarning(String text) {
        expectedWarnings.add(text);
    }

    /** Writes the client's settings. @param more appended to the {@code [dist]} table */
    public void writeClientConfig(String more) throws IOException {
        writeClientConfig(CLIENT_TOKEN, more);
    }

    public void writeClientConfig(String token, String more) throws IOException {
        writeClientConfigWithAuth("type = \"token\"\ntoken = \"" + token + "\"", more);
    }

    /**
     * Writes the client's settings. Nothing is audited unless they say so: tests count jobs.
     *
     * @param auth the {@code [dist.auth]} table, and others behind it
     */
    public void writeClientConfigWithAuth(String auth, String more) throws IOException {
        boolean hasTable = isReadBySccache || auth.contains("[jdist]") || more.contains("[jdist]");
        String unaudited = (jdistTable.isEmpty() ? "[jdist]" : jdistTable) + "\naudit_per_mille = 0";
        String table = hasTable ? jdistTable : unaudited;
        writeSettings(directory.resolve("client.conf"), """
            [dist]
            scheduler_url = "%s"
            toolchain_cache_size = 10737418240
            %s
            [dist.auth]
            %s
            %s
            """.formatted(schedulerUrl(), more, auth, table));
    }

    /** As it should be with tokens in it: the daemons warn of another mode. */
    private static void writeSettings(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    public void startScheduler() throws IOException, InterruptedException {
        startScheduler("type = \"token\"\ntoken = \"" + CLIENT_TOKEN + "\"");
    }

    /** @param clientAuth the {@code [client_auth]} table */
    public void startScheduler(String clientAuth) throws IOException, InterruptedException {
        Path config = directory.resolve("scheduler.conf");
        writeSettings(config, """
                public_addr = "%s:%d"
                [client_auth]
                %s
                [server_auth]
                type = "token"
                token = "%s"
                """.formatted(host, schedulerPort, clientAuth, SERVER_TOKEN));
        startDaemon("scheduler", List.of("scheduler", "--config", config.toString()));
        awaitLog("scheduler", "listening on");
    }

    /** Starts one more builder and waits until the scheduler counts it. Its name in this test is {@code builder-N}. */
    public void startBuilder() throws IOException, InterruptedException {
        startBuilder(chooseBuilderPort());
    }

    /** The number of one more builder, which has a port and is not started yet. */
    public int chooseBuilderPort() throws IOException {
        builderPorts.add(FreePorts.next());
        return builderPorts.size() - 1;
    }

    /** Starts a builder, again perhaps, under the name and directories that it has. */
    public void startBuilder(int index) throws IOException, InterruptedException {
        startBuilder(index, "registered with");
    }

    /** @param awaited what it logs when it has come as far as it will */
    public void startBuilder(int index, String awaited) throws IOException, InterruptedException {
        String name = "builder-" + index;
        Path config = directory.resolve(name + ".conf");
        writeSettings(config, """
            cache_dir = "%s"
            toolchain_cache_size = "%s"
            public_addr = "%s:%d"
            scheduler_url = "%s"
            [scheduler_auth]
            type = "token"
            token = "%s"
            %s
            %s
            """.formatted(
                        cacheDirectory(index),
                        toolchainCacheSize,
                        host,
                        builderPorts.get(index),
                        schedulerUrl(),
                        builderToken,
                        builderTables.orElseGet(() -> overlay(index)),
                        jdistTable));
        if (unprivileged.isPresent()) {
            startUnprivileged(name, unprivileged.get(), config);
        } else {
            startDaemon(name, List.of("server", "--config", config.toString()));
        }
        awaitLog(name, awaited);
    }

    /**
     * Has builders started from now on run as a user without any rights, with a home directory of their own. If the
     * tests are run by such a user, they run as that one.
     */
    public void setUnprivilegedBuilders() throws IOException, InterruptedException {
        Path home = Files.createDirectory(directory.resolve("unprivileged"));
        if (isRoot()) {
            // What the user has to read and to pass through, which need not be so for where this project is.
            Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
            for (Path place = directory; !place.equals(temporary); place = place.getParent()) {
                runPlain("chmod", "a+x", place.toString());
            }
            // With the times of its jars, which its class-data archive is held against.
            runPlain(
                    "cp",
                    "-a",
                    jdist.getParent().getParent().toString(),
                    home.resolve("jdist").toString());
            runPlain("chown", "-R", NOBODY + ":" + NOBODY, home.toString());
        }
        unprivileged = Optional.of(home);
    }

    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static void runPlain(String... command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }

    private void startUnprivileged(String name, Path home, Path config) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        Path program = jdist;
        if (isRoot()) {
            Path own = directory.resolve(name);
            Files.createDirectories(own);
            runPlain("chown", "-R", NOBODY + ":" + NOBODY, own.toString(), config.toString());
            words.addAll(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"));
            program = home.resolve("jdist/bin/jdist");
        }
        words.addAll(List.of(program.toString(), "server", "--config", config.toString()));
        ProcessBuilder builder = new ProcessBuilder(words).directory(home.toFile());
        builder.environment().put("HOME", home.toString());
        builder.environment().remove("XDG_CACHE_HOME");
        startDaemon(name, builder);
    }

    /** Has builders started from now on run jobs otherwise: {@code tables} are {@code [builder]} and what goes with it. */
    public void setBuilderTables(String tables) {
        builderTables = Optional.of(tables);
    }

    private String overlay(int index) {
        return """
            [builder]
            type = "overlay"
            build_dir = "%s"
            bwrap_path = "%s"
            """.formatted(buildDirectory(index), BWRAP);
    }

    public Path buildDirectory(int index) {
        return directory.resolve("builder-" + index).resolve("not/yet/there/build");
    }

    /** Where a builder has its archives, and its certificate. */
    public Path cacheDirectory(int index) {
        return directory.resolve("builder-" + index).resolve("not/yet/there/toolchains");
    }

    /** What builders started from now on show the scheduler, other than the token of all builders. */
    public void setBuilderToken(String token) {
        builderToken = token;
    }

    /** What builders started from now on may keep. */
    public void setToolchainCacheSize(String size) {
        toolchainCacheSize = size;
    }

    /** The process of a daemon that runs. */
    public long pid(String name) {
        return daemons.get(name).pid();
    }

    public boolean hasStarted(String name) {
        return daemons.containsKey(name);
    }

    /** A client that may speak to this farm, and says what it likes. */
    public WireClient wireClient() {
        return new WireClient(schedulerUrl(), CLIENT_TOKEN);
    }

    private void startDaemon(String name, List<String> arguments) throws IOException {
        startDaemon(name, command(arguments));
    }

    private void startDaemon(String name, ProcessBuilder builder) throws IOException {
        builder.environment().put("SCCACHE_NO_DAEMON", "1");
        Path log = directory.resolve(name + ".log");
        Files.deleteIfExists(log);
        builder.redirectError(log.toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        daemons.put(name, builder.start());
    }

    /** Ends a daemon without a warning, as {@code kill -9} does. */
    public void killHard(String name) throws InterruptedException {
        Process process = daemons.remove(name);
        process.destroyForcibly();
        assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
    }

    /** Ends a daemon as {@code kill} does. */
    public void stop(String name) throws InterruptedException {
        Process process = daemons.remove(name);
        process.destroy();
        assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), name + " does not end");
    }

    public void startClient() throws IOException, InterruptedException {
        Result started = run(directory, List.of("--start-server"));
        assertEquals(0, started.code, started.stderr);
    }

    /** Ends the client daemon if one runs; to say that there is none takes jdist a start of Java. */
    public void stopClient() throws IOException, InterruptedException {
        if (hasClient()) {
            run(directory, List.of("--stop-server"));
        }
    }

    private boolean hasClient() {
        Path socket = Path.of(environment.get("SCCACHE_SERVER_UDS"));
        try (SocketChannel daemon = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return daemon.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Kills the client daemon with signal 9. */
    public void killClient() throws IOException {
        long pid = clientPid();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    public long clientPid() {
        String socket = environment.get("SCCACHE_SERVER_UDS");
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .map(arguments -> List.of(arguments).contains("--daemon")
                                && List.of(arguments).contains(socket))
                        .orElse(false))
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no client daemon runs"));
    }

    /** What a command printed, and how it ended. */
    public record Result(int code, String stdout, String stderr) {
        public Result assertSuccess() {
            assertEquals(0, code, stdout + stderr);
            return this;
        }
    }

    /** Runs jdist with these arguments to its end. */
    public Result run(Path cwd, List<String> arguments) throws IOException, InterruptedException {
        return finish(cwd, clientCommand(arguments));
    }

    /** Starts jdist as a client, and does not wait for it. What it prints is not kept. */
    public Process start(Path cwd, List<String> arguments) throws IOException {
        return clientCommand(arguments)
                .directory(cwd.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private ProcessBuilder clientCommand(List<String> arguments) {
        ProcessBuilder builder = command(arguments);
        List<String> words = new ArrayList<>(clientPrefix);
        words.addAll(builder.command());
        return builder.command(words);
    }

    /** Runs any program to its end, with the variables by which jdist finds this farm. */
    public Result runProgram(Path cwd, List<String> words) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(environment);
        return finish(cwd, builder);
    }

    private ProcessBuilder command(List<String> arguments) {
        List<String> words = new ArrayList<>();
        words.add(jdist.toString());
        words.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(environment);
        return builder;
    }

    private Result finish(Path cwd, ProcessBuilder builder) throws IOException, InterruptedException {
        Path stdout = Files.createTempFile(directory, "stdout", "");
        Path stderr = Files.createTempFile(directory, "stderr", "");
        Process process = builder.directory(cwd.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile())
                .start();
        if (!process.waitFor(3 * TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            fail(builder.command() + " does not end");
        }
        Result result = new Result(
                process.exitValue(),
                Files.readString(stdout, StandardCharsets.ISO_8859_1),
                Files.readString(stderr, StandardCharsets.ISO_8859_1));
        Files.delete(stdout);
        Files.delete(stderr);
        return result;
    }

    /** Sends a daemon SIGTERM and does not wait for what comes of it. */
    public void terminate(String name) {
        daemons.get(name).toHandle().destroy();
    }

    /** Waits until a daemon has ended by itself. */
    public void awaitExit(String name) throws InterruptedException {
        assertTrue(daemons.remove(name).waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), name + " does not end");
    }

    /** The statistics: the {@code stats} object of sccache's JSON. */
    public JsonNode statistics() throws IOException, InterruptedException {
        Result result = run(directory, List.of("--show-stats", "--stats-format", "json"))
                .assertSuccess();
        return JSON.readTree(result.stdout).get("stats");
    }

    public void zeroStatistics() throws IOException, InterruptedException {
        run(directory, List.of("--zero-stats")).assertSuccess();
    }

    /** How many units the statistics say were compiled by builders. */
    public static long distributed(JsonNode statistics) {
        long sum = 0;
        for (JsonNode count : statistics.get("dist_compiles")) {
            sum += count.asLong();
        }
        return sum;
    }

    /** Waits until a log has a line with this text in it. */
    public void awaitLog(String name, String text) throws IOException, InterruptedException {
        Path log = directory.resolve(name + ".log");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (!Files.exists(log) || !Files.readString(log).contains(text)) {
            Process process = daemons.get(name);
            if (System.nanoTime() > deadline || process != null && !process.isAlive()) {
                fail("no \"" + text + "\" in " + name + ".log:\n" + (Files.exists(log) ? Files.readString(log) : ""));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    public String log(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".log"));
    }

    /** Stops everything, and fails if a log holds a warning that no test announced. */
    @Override
    public void close() throws IOException, InterruptedException {
        stopClient();
        // Last come, first gone: a builder whose scheduler goes before it has reason to complain.
        List<String> names = new ArrayList<>(daemons.keySet());
        Collections.reverse(names);
        for (String name : names) {
            stop(name);
        }
        List<String> unexpected = new ArrayList<>();
        try (var files = Files.list(directory)) {
            for (Path log :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                for (String line : Files.readAllLines(log)) {
                    boolean grave = line.contains(" WARN ") || line.contains(" ERROR ");
                    if (grave && expectedWarnings.stream().noneMatch(line::contains)) {
                        unexpected.add(log.getFileName() + ": " + line);
                    }
                }
            }
        }
        for (int i = 0; i < builderPorts.size(); i++) {
            removeTree(directory.resolve("builder-" + i));
        }
        if (unprivileged.isPresent()) {
            removeTree(unprivileged.get());
        }
        assertEquals(List.of(), unexpected, "warnings that no test announced");
    }

    /** Toolchains are full of links that lead out of their place, on which JUnit comments one by one. */
    private static void removeTree(Path root) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("rm", "-rf", root.toString()).start().waitFor());
    }
}
