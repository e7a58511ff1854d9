package dev.jdist.builder.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.settings.IdleSettings;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.sandbox.IsolatedRoot;
import dev.jdist.sandbox.Isolation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A builder that takes jobs only when its machine is idle, over real HTTPS; what the CPUs do is made up. */
@Timeout(120)
class IdleBuilderIT {
    private static final Toolchain TOOLCHAIN = new Toolchain("ab".repeat(32));
    /** Between two looks, of which there are many a second here. */
    private static final int TICKS = 1000;

    @TempDir
    private Path directory;

    private final EventLoops loops = EventLoops.start(1);
    private final HttpClient http = new HttpClient(loops);
    private ListeningScheduler scheduler;
    private BuilderServer builder;
    private ContentStore contents;
    private ServerId self;
    private long nextJob = 1;

    // What the next looks will find.
    private volatile int othersPercent;
    private volatile int looks;
    private CpuTimes times = new CpuTimes(0, 0, 0);

    // One thread looks; others only read the count.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private CpuTimes read() {
        looks++;
        times = new CpuTimes(times.all() + TICKS, times.busy() + TICKS * othersPercent / 100, 0);
        return times;
    }

    private static final Isolation NONE = new Isolation() {
        @Override
        public IsolatedRoot openRoot(Path lower) throws IOException {
            throw new IOException("no job is run here");
        }

        @Override
        public void prove() {}

        @Override
        public void look() {}

        @Override
        public void close() {}
    };

    private void start() throws Exception {
        scheduler = new ListeningScheduler(loops);
        self = ListeningScheduler.freeAddress();
        ServerConfig config = BuilderSettings.in(directory, self, scheduler.url());
        contents = ContentStore.open(directory.resolve("contents"), 1L << 30);
        builder = BuilderServer.start(new BuilderSetup(
                config,
                NONE,
                ToolchainStore.open(
                        directory.resolve("tc"), directory.resolve("trees"), 1L << 30, Clock.systemUTC(), NONE),
                contents,
                2,
                JobRules.of(config, 3, 4L << 30),
                Optional.of(new IdleSettings(20, Duration.ofMillis(200))),
                this::read,
                Duration.ofMillis(10),
                Fitness.Intervals.DEFAULT));
    }

    @AfterEach
    void stop() {
        builder.close();
        contents.close();
        scheduler.close();
        http.close();
        loops.close();
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

    private HttpAnswer ask(Heartbeat registered, String path) throws IOException, InterruptedException {
        return http.call(HttpCall.get(new HttpTarget.Builder(self, registered.certificate()), path)
                .within(Duration.ofSeconds(30)));
    }

    @Test
    void assignJob_machineThatComesIntoUse_isRefusedUntilItIsIdleAgain() throws Exception {
        start();
        Heartbeat registered = scheduler.heartbeats().take();
        assertEquals(
                new AssignJobResult(JobState.PENDING, true), assign(registered).decode(AssignJobResult::decode));

        othersPercent = 60;
        HttpAnswer answer = assign(registered);
        while (answer.status() == 200) {
            answer = assign(registered);
        }
        assertEquals(503, answer.status());
        String said = new String(answer.body(), StandardCharsets.UTF_8);
        assertTrue(said.contains("this builder's machine is in use"), said);
        assertEquals(503, ask(registered, Endpoints.READY).status());
        assertEquals(200, ask(registered, Endpoints.LIVE).status());
        scheduler.heartbeats().clear();

        othersPercent = 1;
        scheduler.heartbeats().take();
        assertEquals(200, assign(registered).status());
    }

    @Test
    void start_machineInUse_isNotHeardOfUntilItIsIdle() throws Exception {
        othersPercent = 60;
        start();
        while (looks < 20) {
            Thread.onSpinWait();
        }
        assertTrue(scheduler.heartbeats().isEmpty());

        othersPercent = 1;

        assertEquals(200, assign(scheduler.heartbeats().take()).status());
    }
}
