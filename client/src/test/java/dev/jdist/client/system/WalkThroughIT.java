package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.SampleProject;
import dev.jdist.protocol.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The walk-through of sccache's quickstart, typed word for word by somebody who is not root and cannot become it: the
 * scheduler, two builders and the client are theirs, and so is every file.
 */
class WalkThroughIT {
    private static final String NOBODY = "65534";
    private static final long TIMEOUT_SECONDS = 240;
    private static final int UNITS = 8;

    @TempDir
    Path directory;

    private final int schedulerPort = FreePorts.next();
    private final Map<String, Process> terminals = new LinkedHashMap<>();
    private Path home;
    private Path bin;

    WalkThroughIT() throws IOException {}

    @BeforeEach
    void makeHome() throws IOException, InterruptedException {
        home = Files.createDirectory(directory.resolve("home"));
        Files.createDirectory(home.resolve("run"));
        Path dist = Path.of(System.getProperty("jdist.dist"));
        bin = dist.resolve("bin");
        write("scheduler.conf", """
                public_addr = "127.0.0.1:%d"
                [client_auth]
                type = "token"
                token = "token-of-clients"
                [server_auth]
                type = "token"
                token = "token-of-builders"
                """.formatted(schedulerPort));
        writeBuilderConfig(1);
        writeBuilderConfig(2);
        write("client.conf", """
                [dist]
                scheduler_url = "http://127.0.0.1:%d"
                toolchain_cache_size = 10737418240
                [dist.auth]
                type = "token"
                token = "token-of-clients"
                """.formatted(schedulerPort));
        if (isRoot()) {
            // What the user has to read and to pass through, which need not be so for where this project is.
            run(List.of("chmod", "a+x", directory.toString()));
            // With the times of its jars, which its class-data archive is held against.
            run(List.of("cp", "-a", dist.toString(), home.resolve("jdist").toString()));
            bin = home.resolve("jdist/bin");
        }
    }

    /** Neither directory has a parent yet. */
    private void writeBuilderConfig(int number) throws IOException {
        write("server-" + number + ".conf", """
                cache_dir = "%s/toolchains"
                public_addr = "127.0.0.1:%d"
                scheduler_url = "http://127.0.0.1:%d"
                [builder]
                type = "overlay"
                build_dir = "%s"
                bwrap_path = "/usr/bin/bwrap"
                [scheduler_auth]
                type = "token"
                token = "token-of-builders"
                """.formatted(
                        home.resolve("builder-" + number), FreePorts.next(), schedulerPort, buildDirectory(number)));
    }

    private Path buildDirectory(int number) {
        return home.resolve("builder-" + number + "/not/yet/there/build");
    }

    private void write(String name, String text) throws IOException {
        // Tokens are in most of them.
        Files.setPosixFilePermissions(
                Files.writeString(home.resolve(name), text), PosixFilePermissions.fromString("rw-------"));
    }

    @AfterEach
    void closeTerminals() throws IOException, InterruptedException {
        // The daemon of a test that failed halfway is nobody's child any more.
        open("close", "jdist --stop-server").waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        processes().forEach(ProcessHandle::destroyForcibly);
        for (Process terminal : terminals.values()) {
            terminal.waitFor();
        }
        run(List.of("rm", "-rf", home.toString()));
    }

    @Test
    void walkThrough_ofAUserWithoutRights_givesWhatItGivesRoot() throws Exception {
        SampleProject project = SampleProject.create(home.resolve("project"), UNITS);
        project.buildAlone("gcc", "g++");
        if (isRoot()) {
            run(List.of("chown", "-R", NOBODY + ":" + NOBODY, home.toString()));
        }

        open("scheduler", "SCCACHE_NO_DAEMON=1 SCCACHE_LOG=trace jdist scheduler --config scheduler.conf");
        await("scheduler", "listening on");
        open("builder-1", "SCCACHE_LOG=trace jdist server --config server-1.conf");
        open("builder-2", "SCCACHE_LOG=trace jdist server --config server-2.conf");
        await("builder-1", "registered with");
        await("builder-2", "registered with");

        String client = "export SCCACHE_CONF=client.conf; jdist --start-server; jdist --dist-status";
        assertEquals(
                "{\"SchedulerStatus\":[\"http://127.0.0.1:" + schedulerPort + "/\",{\"num_servers\":2,\"num_cpus\":"
                        + 2 * Runtime.getRuntime().availableProcessors() + ",\"in_progress\":0}]}",
                type("client", client));

        type("build", "make -k -j6 -C project CC='jdist gcc' CXX='jdist g++'");
        project.assertSameAsAlone();
        JsonNode statistics = new ObjectMapper()
                .readTree(type("stats", "jdist --show-stats --stats-format json | tr -d '\\n'"))
                .get("stats");
        assertEquals(UNITS, Farm.distributed(statistics), statistics.toPrettyString());
        assertEquals(0, statistics.get("dist_errors").asInt(), statistics.toPrettyString());
        assertEquals(2, statistics.get("dist_compiles").size(), statistics.toPrettyString());

        type("end", "jdist --stop-server");
        end("builder-1");
        end("builder-2");
        end("scheduler");
        for (int number : List.of(1, 2)) {
            BuilderRemains.assertNoProcessAndNoMount(buildDirectory(number));
            BuilderRemains.assertNoFileOfAJob(buildDirectory(number));
        }
        assertNoWarnings();
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static void run(List<String> words) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(words).inheritIO().start().waitFor(), words::toString);
    }

    /** Types a line into a terminal of its own, whose log is what it prints on standard error. */
    private Process open(String name, String line) throws IOException {
        List<String> words = new ArrayList<>();
        if (isRoot()) {
            words.addAll(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"));
            words.addAll(List.of("--bounding-set", "-all", "--inh-caps", "-all"));
        } else {
            words.add("setpriv");
        }
        // No sudo anywhere: what has that bit runs without it.
        words.addAll(List.of("--no-new-privs", "bash", "-c", line));
        ProcessBuilder builder = new ProcessBuilder(words).directory(home.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(variable -> variable.startsWith("SCCACHE_") || variable.startsWith("XDG_"));
        environment.put("HOME", home.toString());
        environment.put("XDG_RUNTIME_DIR", home.resolve("run").toString());
        environment.put("PATH", bin + ":" + environment.get("PATH"));
        Process terminal = builder.redirectError(log(name).toFile())
                .redirectOutput(directory.resolve(name + ".out").toFile())
                .start();
        terminals.put(name, terminal);
        return terminal;
    }

    /** Types a line, waits for its end and returns the last line that it printed. */
    private String type(String name, String line) throws IOException, InterruptedException {
        Process terminal = open(name, line);
        assertTrue(terminal.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), line);
        String printed = Files.readString(directory.resolve(name + ".out"));
        String complaints = Files.readString(log(name));
        assertEquals(0, terminal.exitValue(), () -> line + "\n" + printed + complaints + clientLog());
        return printed.substring(printed.stripTrailing().lastIndexOf('\n') + 1).stripTrailing();
    }

    private String clientLog() {
        try {
            return Files.readString(home.resolve(".local/state/jdist/client.log"));
        } catch (IOException e) {
            return "no log of the client daemon";
        }
    }

    private Path log(String name) {
        return directory.resolve(name + ".log");
    }

    private void await(String name, String text) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (!Files.readString(log(name)).contains(text)) {
            if (System.nanoTime() > deadline || !terminals.get(name).isAlive()) {
                fail("no \"" + text + "\" in " + name + ".log:\n" + Files.readString(log(name)));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Ends what runs in a terminal as {@code kill} does. */
    private void end(String name) throws Exception {
        List<ProcessHandle> all = processes(terminals.get(name)).toList();
        all.forEach(ProcessHandle::destroy);
        for (ProcessHandle process : all) {
            process.onExit().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private Stream<ProcessHandle> processes() {
        return terminals.values().stream().flatMap(WalkThroughIT::processes).toList().stream();
    }

    private static Stream<ProcessHandle> processes(Process terminal) {
        return Stream.concat(terminal.descendants(), Stream.of(terminal.toHandle()));
    }

    private void assertNoWarnings() throws IOException {
        List<Path> logs = new ArrayList<>(List.of(home.resolve(".local/state/jdist/client.log")));
        terminals.keySet().forEach(name -> logs.add(log(name)));
        List<String> warnings = new ArrayList<>();
        for (Path log : logs.stream().filter(Files::exists).toList()) {
            Files.readAllLines(log).stream()
                    .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                    .forEach(warnings::add);
        }
        assertEquals(List.of(), warnings);
    }
}
