package dev.jdist.builder.http;

import dev.jdist.builder.cli.BuilderMain;
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
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.ServerId;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A builder in a process of its own, with a heap of its own size, and a scheduler that only listens. */
public final class BuilderProcess implements AutoCloseable {
    static final Path HELPER = Path.of(System.getProperty("jdist.sandbox", "../sandbox/target/native/jdist-sandbox"))
            .toAbsolutePath();
    /** On a machine that has much else to do. */
    private static final long START_SECONDS = 240;
    /** Of a handshake, which is given up after five seconds. */
    private static final int ATTEMPTS = 24;

    private final EventLoops loops = EventLoops.start(1);
    private final HttpClient http = new HttpClient(loops);
    private final ListeningScheduler scheduler;
    private final AtomicLong numbers = new AtomicLong(-1000);
    private final Path directory;
    private final ServerId self;
    private final Path log;
    private Process process;
    private Heartbeat heartbeat;

    /**
     * @param directory for all that the builder writes
     * @param settings lines of its table {@code [jdist]}
     * @param heap as for {@code -Xmx}
     */
    BuilderProcess(Path directory, String settings, String heap) throws IOException, InterruptedException {
        this.directory = directory;
        this.log = directory.resolve("log");
        this.scheduler = new ListeningScheduler(loops);
        this.self = ListeningScheduler.freeAddress();
        Files.createDirectories(directory.resolve("home/lib"));
        Files.copy(HELPER, directory.resolve("home/lib/jdist-sandbox"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(directory.resolve("server.conf"), """
                public_addr = "%s"
                scheduler_url = "%s"
                cache_dir = "%s"
                [builder]
                type = "overlay"
                build_dir = "%s"
                [scheduler_auth]
                type = "token"
                token = "token"
                [jdist]
                %s
                """.formatted(
                        self, scheduler.url(), cacheDir(), directory.resolve("build"), settings));
        start(heap);
    }

    /** Starts it, and waits until it serves. */
    void start(String heap) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djdist.home=" + directory.resolve("home"),
                "-cp",
                System.getProperty("java.class.path"),
                BuilderMain.class.getName()));
        line.addAll(
                List.of("server", "--config", directory.resolve("server.conf").toString()));
        scheduler.heartbeats().clear();
        process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(new File(log.toString()))
                .start();
        heartbeat = null;
        for (int waited = 0; heartbeat == null && waited < START_SECONDS && process.isAlive(); waited++) {
            heartbeat = scheduler.heartbeats().poll(1, TimeUnit.SECONDS);
        }
        if (heartbeat == null) {
            close();
            throw new IOException("the builder does not start: " + log());
        }
    }

    /** Kills it as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    Path cacheDir() {
        return directory.resolve("cache");
    }

    long pid() {
        return process.pid();
    }

    ServerId address() {
        return self;
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    String token(JobId job) {
        return JobToken.sign(job, heartbeat.jwtKey());
    }

    /** Announces a job, and sends its toolchain if that is not there. */
    JobId ready(Toolchain toolchain, byte[] archive) throws IOException, InterruptedException {
        JobId job = new JobId(numbers.getAndIncrement());
        HttpTarget target = new HttpTarget.Builder(self, heartbeat.certificate());
        Secret token = new Secret(token(job));
        boolean needed = call(HttpCall.post(target, Endpoints.ASSIGN_JOB + job, token, toolchain))
                .decode(AssignJobResult::decode)
                .needToolchain();
        if (needed) {
            SubmitToolchainResult result = call(HttpCall.postBytes(
                            target, Endpoints.SUBMIT_TOOLCHAIN + job, token, archive))
                    .decode(SubmitToolchainResult::decode);
            if (result != SubmitToolchainResult.SUCCESS) {
                throw new IOException("the builder does not take the toolchain: " + result);
            }
        }
        return job;
    }

    /** Announces a job, and sends nothing. */
    JobId announce(Toolchain toolchain) throws IOException, InterruptedException {
        JobId job = new JobId(numbers.getAndIncrement());
        HttpTarget target = new HttpTarget.Builder(self, heartbeat.certificate());
        call(HttpCall.post(target, Endpoints.ASSIGN_JOB + job, new Secret(token(job)), toolchain))
                .decode(AssignJobResult::decode);
        return job;
    }

    /** What it has told its scheduler about jobs. */
    BlockingQueue<String> reports() {
        return scheduler.reports();
    }

    /** As often as it takes to be heard: a builder that has just started has little of a busy machine. */
    private HttpAnswer call(HttpCall call) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return http.call(call);
            } catch (IOException e) {
                if (attempt == ATTEMPTS || !String.valueOf(e.getMessage()).contains("handshake timed out")) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, START_SECONDS, TimeUnit.SECONDS)
                .join();
        process.destroyForcibly().onExit().join();
        scheduler.close();
        http.close();
        loops.close();
    }
}
