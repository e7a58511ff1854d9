package dev.jdist.builder.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.builder.farm.CpuTimes;
import dev.jdist.builder.farm.Fitness;
import dev.jdist.builder.job.JobRules;
import dev.jdist.builder.store.ContentStore;
import dev.jdist.builder.testing.BuilderSettings;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.sandbox.bubblewrap.BubblewrapSandbox;
import dev.jdist.sandbox.bubblewrap.SandboxStrategy;
import dev.jdist.sandbox.tree.TreeOwner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A builder that loses what it needs while it runs, over real HTTPS and with the real bubblewrap. */
@Timeout(120)
class UnfitBuilderIT {
    private static final Path HELPER = Path.of(
                    System.getProperty("jdist.sandbox", "../sandbox/target/native/jdist-sandbox"))
            .toAbsolutePath();
    private static final Path BWRAP = Path.of("/usr/bin/bwrap");
    private static final Toolchain TOOLCHAIN = new Toolchain("ab".repeat(32));

    @TempDir
    private Path directory;

    private final EventLoops loops = EventLoops.start(1);
    private final HttpClient http = new HttpClient(loops);
    private ListeningScheduler scheduler;
    private BubblewrapSandbox sandbox;
    private BuilderServer builder;
    private ContentStore contents;
    private ServerId self;
    private long nextJob = 1;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(BWRAP), "skipped: bubblewrap is not installed (scripts/setup test does it)");
        scheduler = new ListeningScheduler(loops);
        self = ListeningScheduler.freeAddress();
        Path cache = linked("cache");
        linked("build");
        Path bwrap = Files.createSymbolicLink(directory.resolve("bwrap"), BWRAP);
        ServerConfig config = BuilderSettings.in(cache, self, scheduler.url());
        contents = ContentStore.open(directory.resolve("contents"), 1L << 30);
        sandbox = BubblewrapSandbox.open(
                HELPER,
                bwrap,
                directory.resolve("build/builds"),
                false,
                new BubblewrapSandbox.Wanted(List.of(SandboxStrategy.DIRECTORY), TreeOwner.SELF, 1));
        builder = BuilderServer.start(new BuilderSetup(
                config,
                sandbox,
                ToolchainStore.open(
                        cache.resolve("tc"), directory.resolve("build/trees"), 1L << 30, Clock.systemUTC(), sandbox),
                contents,
                2,
                JobRules.of(config, 3, 4L << 30),
                Optional.empty(),
                CpuTimes::ofThisMachine,
                Duration.ofSeconds(5),
                new Fitness.Intervals(Duration.ofMillis(50), Duration.ofMillis(50))));
    }

    @AfterEach
    void stop() throws IOException {
        if (builder != null) {
            builder.close();
            contents.close();
            sandbox.close();
            scheduler.close();
        }
        http.close();
        loops.close();
    }

    /** @return a link to a directory of its own, which can be moved to something else at once */
    private Path linked(String name) throws IOException {
        return Files.createSymbolicLink(
                directory.resolve(name), Files.createDirectory(directory.resolve(name + "-itself")));
    }

    private HttpAnswer assign(Heartbeat registered) throws IOException, InterruptedException {
        JobId job = new JobId(nextJob++);
        return http.call(HttpCall.post(
                        new HttpTarget.Builder(self, registered.certificate()),
                        Endpoints.ASSIGN_JOB + job,
                        new Secret(JobToken.sign(job, registered.jwtKey())),
                        TOOLCHAIN)
                .within(Duration.ofSeconds(30)));
    }

    private HttpAnswer ready(Heartbeat registered) throws IOException, InterruptedException {
        return http.call(HttpCall.get(new HttpTarget.Builder(self, registered.certificate()), Endpoints.READY)
                .within(Duration.ofSeconds(30)));
    }

    /**
     * Asks until the builder is ready, or is not. Its heartbeat comes before the builder has read the answer to it, so neither is
     * so at once.
     */
    private HttpAnswer whenReadyIs(boolean wanted, Heartbeat registered) throws IOException, InterruptedException {
        HttpAnswer answer = ready(registered);
        while (answer.status() == (wanted ? 503 : 200)) {
            answer = ready(registered);
        }
        return answer;
    }

    @ParameterizedTest
    @CsvSource({
        "bwrap,install bubblewrap",
        "build,make room there",
        "cache,make room in",
    })
    void builder_thatLosesWhatItNeeds_takesNoJobsUntilItIsBack(String name, String remedy) throws Exception {
        Heartbeat registered = scheduler.heartbeats().take();
        assertEquals(200, whenReadyIs(true, registered).status());
        // At no time is there nothing in its place: a directory would be made anew.
        Path needed = directory.resolve(name);
        Path there = Files.readSymbolicLink(needed);
        Path nothing = Files.createFile(directory.resolve("nothing"));
        replaceLink(needed, nothing);

        HttpAnswer answer = whenReadyIs(false, registered);
        assertEquals(503, answer.status());
        String said = new String(answer.body(), StandardCharsets.UTF_8);
        assertTrue(said.contains(remedy), said);
        assertEquals(503, assign(registered).status());
        scheduler.heartbeats().clear();

        replaceLink(needed, there);
        scheduler.heartbeats().take();
        assertEquals(200, whenReadyIs(true, registered).status());
        assertEquals(200, assign(registered).status());
    }

    private void replaceLink(Path link, Path target) throws IOException {
        Path made = Files.createSymbolicLink(directory.resolve("made"), target);
        Files.move(made, link, StandardCopyOption.ATOMIC_MOVE);
    }
}
