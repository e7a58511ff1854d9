package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.execution.Action;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.inputs.InputFile;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.Pace;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.http.server.Answer;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs and answers that are many times larger than memory, all at once: out of a client and into a server, and back. Both are
 * in one process with a small heap.
 */
@Timeout(600)
class LargeAnswersIT {
    private static final String HEAP = "64m";
    private static final int JOBS = 48;
    private static final int OBJECT = 24 << 20;
    private static final int INPUT = 2 << 20;
    private static final String DONE = "all objects are right";

    @TempDir
    private Path directory;

    @Test
    void jobs_largerThanTheHeapTogether_allGiveTheirObjects() throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx" + HEAP,
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeAnswersIT.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, process.waitFor(), said);
        assertEquals(DONE, said.lines().reduce("", (before, line) -> line), said);
    }

    /** A file that was written for this. */
    private record Stored(Path file, long length) implements PrimitiveBytes {
        @Override
        public InputStream toInputStream() throws IOException {
            return Files.newInputStream(file);
        }
    }

    private static byte[] digest(PrimitiveBytes content) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        content.writeTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        return digest.digest();
    }

    private static void writeNoise(OutputStream out, int length) throws IOException {
        byte[] block = new byte[1 << 20];
        Random random = new Random(length);
        for (int left = length; left > 0; left -= block.length) {
            random.nextBytes(block);
            out.write(block);
        }
    }

    /** @param arguments the directory for all files */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        AtomicInteger files = new AtomicInteger();
        Spools.NewFile newFile = () -> directory.resolve("spool-" + files.incrementAndGet());
        Path input = directory.resolve("input");
        try (OutputStream out = Files.newOutputStream(input)) {
            writeNoise(out, INPUT);
        }
        Path zlib = directory.resolve("zlib");
        MessageDigest expected = MessageDigest.getInstance("SHA-256");
        try (OutputStream out =
                new DigestOutputStream(new DeflaterOutputStream(Files.newOutputStream(zlib)), expected)) {
            writeNoise(out, OBJECT);
        }
        OutputFile object = new OutputFile("/w/a.o", new Stored(zlib, Files.size(zlib)), OBJECT);
        Run run = new Run(object, expected.digest(), input);
        ExecutorService workers = Executors.newFixedThreadPool(JOBS);
        Spools received = new Spools(newFile, Spools.Limits.ofFiles(1L << 40));
        Spools own = new Spools(newFile, Spools.Limits.ofFiles(1L << 40));
        try (EventLoops loops = EventLoops.start(2);
                HttpServer server = HttpServer.start(
                        loops,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Optional.empty(),
                        List.of(HttpRoute.postSpooled(
                                "/run",
                                HttpRoute.Gate.OPEN,
                                workers,
                                new HttpRoute.Intake(received, WireLimits.RESULT, Pace.OF_JOB),
                                run::answer)));
                HttpClient http = new HttpClient(loops, own)) {
            HttpTarget target = new HttpTarget.Scheduler(
                    HttpUrl.parse("http://127.0.0.1:" + server.address().getPort()));
            run.all(http, target, own);
            if (own.used() + own.memoryUsed() + received.used() + received.memoryUsed() > 0) {
                throw new IOException("something is left in the spools");
            }
        } finally {
            workers.shutdownNow();
            received.close();
            own.close();
        }
        System.out.println(DONE);
    }

    private record Run(OutputFile object, byte[] digest, Path input) {
        /** Nobody is answered before all have sent their jobs. */
        private static final CyclicBarrier ALL = new CyclicBarrier(JOBS);

        Answer answer(HttpExchange exchange, PrimitiveBytes body) throws Exception {
            ALL.await();
            if (body.length() < INPUT) {
                return HttpReply.error(400, body.length() + " bytes arrived");
            }
            CRC32 sum = new CRC32();
            body.writeTo(new CheckedOutputStream(OutputStream.nullOutputStream(), sum));
            ProcessOutput printed = new ProcessOutput(0, Bytes.EMPTY, Bytes.utf8(Long.toString(sum.getValue())));
            return exchange.reply(new RunJobResult.Complete(printed, List.of(object)), () -> {});
        }

        void all(HttpClient http, HttpTarget target, Spools spools) throws Exception {
            ExecutorService clients = Executors.newFixedThreadPool(JOBS);
            try {
                List<Future<?>> jobs = new ArrayList<>();
                for (int i = 0; i < JOBS; i++) {
                    jobs.add(clients.submit(() -> one(http, target, spools)));
                }
                for (Future<?> job : jobs) {
                    job.get();
                }
            } finally {
                clients.shutdownNow();
            }
        }

        private void one(HttpClient http, HttpTarget target, Spools spools) {
            PackagedToolchain toolchain =
                    new PackagedToolchain(new Toolchain("a".repeat(64)), input, "/usr/bin/gcc", Optional.empty());
            Action action = new Action(
                    toolchain,
                    List.of("-c"),
                    List.of(),
                    Path.of("/w"),
                    List.of(new InputFile(Path.of("/w/a.c"), input)),
                    List.of(),
                    List.of("/w/a.o"));
            try (RemoteJob job = RemoteJob.of(action, spools)) {
                CRC32 sum = new CRC32();
                job.body().writeTo(new CheckedOutputStream(OutputStream.nullOutputStream(), sum));
                HttpCall call = HttpCall.postStored(target, "/run", new Secret("t"), job.body())
                        .within(Duration.ofMinutes(10))
                        .withMaxAnswer(WireLimits.RESULT);
                try (HttpAnswer answer = http.call(call)) {
                    RunJobResult.Complete result = (RunJobResult.Complete) answer.decode(RunJobResult::decode);
                    if (!result.output().stderr().toUtf8().equals(Long.toString(sum.getValue()))) {
                        throw new IOException("another job arrived than was sent");
                    }
                    ActionResult.Output output =
                            ReceivedOutput.of(result.outputs().get(0));
                    if (!MessageDigest.isEqual(digest, digest(output.content()))) {
                        throw new IOException("another object arrived than was sent");
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private static byte[] digest(PrimitiveBytes content) throws Exception {
            return LargeAnswersIT.digest(content);
        }
    }
}
