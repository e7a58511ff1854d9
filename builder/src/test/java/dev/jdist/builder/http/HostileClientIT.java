package dev.jdist.builder.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.builder.toolchain.Tars;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.Toolchain;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Somebody with a token wants a builder for himself, or for nobody. His neighbour builds all the same. */
@Timeout(300)
class HostileClientIT {
    private static final String HEAP = "48m";
    private static final String OUTPUT = "/work/noise";
    /** More than sockets hold, and what one reader gets. */
    private static final int LARGE = 2 << 20;

    private static final int NEIGHBOURS = 20;

    @TempDir
    private Path directory;

    private final List<SlowClient> hogs = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final ExecutorService slowly = Executors.newCachedThreadPool();
    private BuilderProcess builder;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/bwrap")),
                "skipped: bubblewrap is not installed (scripts/setup test does it)");
        builder = new BuilderProcess(directory, "", HEAP);
    }

    @AfterEach
    void stop() throws Exception {
        for (SlowClient hog : hogs) {
            hog.close();
        }
        threads.shutdownNow();
        slowly.shutdownNow();
        if (builder != null) {
            builder.close();
            assertFalse(builder.log().contains("OutOfMemory"), builder.log());
        }
    }

    private static InetAddress hog() throws IOException {
        return InetAddress.getByName("127.0.0.1");
    }

    private static InetAddress neighbour() throws IOException {
        return InetAddress.getByName("127.0.0.2");
    }

    /** One that differs by its number. */
    private static byte[] archive(int number) throws IOException {
        return new Tars()
                .add(TarConstants.LF_NORMAL, "bin/true", "", 0755, Files.readAllBytes(BuilderProcess.HELPER))
                .add(TarConstants.LF_NORMAL, "number", "", 0644, new byte[] {(byte) number})
                .toGzip();
    }

    private static Toolchain toolchain(byte[] archive) {
        ArchiveDigest digest = new ArchiveDigest();
        digest.update(archive, archive.length);
        return digest.finish();
    }

    /** A job whose input is its output. */
    private static byte[] job(int bytes) throws IOException {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        byte[] head = new RunJobRequest(
                        new CompileCommand("/bin/true", List.of("true"), List.of(), "/work"), List.of(OUTPUT))
                .toBincode();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(body);
        out.writeInt(head.length);
        out.write(head);
        out.write(new Tars()
                .add(TarConstants.LF_NORMAL, OUTPUT.substring(1), "", 0644, noise)
                .toZlib());
        return body.toByteArray();
    }

    private SlowClient call(InetAddress from, String path, JobId job, byte[] body) throws Exception {
        return new SlowClient(from, builder.address(), path, job, builder.token(job), body);
    }

    /** Has a neighbour's jobs done, and tells how long that took in milliseconds. */
    private long build(Toolchain toolchain, byte[] archive, byte[] body) throws Exception {
        long began = System.nanoTime();
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < NEIGHBOURS; i++) {
            JobId job = builder.ready(toolchain, archive);
            answers.add(threads.submit(() -> {
                try (SlowClient client = call(neighbour(), Endpoints.RUN_JOB, job, body)) {
                    return client.sendAll().takeAll();
                }
            }));
        }
        for (Future<String> answer : answers) {
            String said = answer.get();
            assertTrue(
                    said.startsWith("HTTP/1.1 200 "), said.lines().findFirst().orElse("nothing"));
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    @Test
    void neighbour_besideUntakenResultsAndDrippingBodies_isServed() throws Exception {
        byte[] archive = archive(0);
        Toolchain toolchain = toolchain(archive);
        byte[] small = job(10_000);
        byte[] large = job(LARGE);
        build(toolchain, archive, small);
        long calm = build(toolchain, archive, small);

        // All of them are begun before the neighbour comes, and none of them ends before it has gone.
        List<SlowClient> results = new ArrayList<>();
        List<Future<?>> taking = new ArrayList<>();
        for (int i = 0; i < 96; i++) {
            SlowClient result = call(hog(), Endpoints.RUN_JOB, builder.ready(toolchain, archive), large);
            hogs.add(result);
            results.add(result.sendAll());
            // Each by a thread of its own: one that waits for its answer would have the builder cut off the others.
            taking.add(slowly.submit(() -> takeSlowly(result)));
            awaitAnswers(results, taking, 32);
        }
        awaitAnswers(results, taking, 0);
        for (int i = 0; i < 32; i++) {
            hogs.add(call(hog(), Endpoints.RUN_JOB, builder.ready(toolchain, archive), large)
                    .send(5));
        }
        for (int i = 1; i <= 16; i++) {
            byte[] other = archive(i);
            hogs.add(call(hog(), Endpoints.SUBMIT_TOOLCHAIN, builder.announce(toolchain(other)), other)
                    .send(other.length / 2));
        }
        byte[] fresh = archive(99);
        JobId withFresh = builder.announce(toolchain(fresh));
        try (SlowClient upload = call(neighbour(), Endpoints.SUBMIT_TOOLCHAIN, withFresh, fresh)) {
            assertTrue(upload.sendAll().takeAll().startsWith("HTTP/1.1 200 "));
        }
        long beset = build(toolchain, archive, small);

        System.out.printf(
                "%d jobs of a neighbour: %d ms alone, %d ms beside 96 untaken results, 32 inputs and 16 uploads that drip%n",
                NEIGHBOURS, calm, beset);
        assertFalse(taking.stream().anyMatch(Future::isDone), "results ended before the neighbour's jobs");
        assertTrue(
                results.stream().filter(result -> result.taken() < LARGE).count() > 48,
                "most results were taken before the neighbour was done");
    }

    /** Waits until all but a few have begun to get their answers. */
    private static void awaitAnswers(List<SlowClient> results, List<Future<?>> taking, int allBut) throws Exception {
        while (results.stream().filter(result -> result.taken() == 0).count() > allBut) {
            for (Future<?> each : taking) {
                if (each.isDone()) {
                    each.get();
                }
            }
            Thread.sleep(50);
        }
    }

    /** 8 KiB of it a second, for as long as it is let. */
    private static Void takeSlowly(SlowClient result) throws IOException, InterruptedException {
        while (!Thread.interrupted()) {
            result.take(8 << 10);
            Thread.sleep(1000);
        }
        return null;
    }

    /** The scheduler hears at once that their places are free. */
    @Test
    void place_ofACallThatIsRefusedOrBrokenOff_isGivenBack() throws Exception {
        byte[] archive = archive(0);
        Toolchain toolchain = toolchain(archive);
        byte[] body = job(10_000);
        JobId broken = builder.ready(toolchain, archive);
        try (SlowClient client = call(hog(), Endpoints.RUN_JOB, broken, body)) {
            client.send(100);
        }
        assertGivenBack(broken);

        JobId malformed = builder.ready(toolchain, archive);
        try (SlowClient client = call(hog(), Endpoints.RUN_JOB, malformed, new byte[100])) {
            assertFalse(client.sendAll().takeAll().startsWith("HTTP/1.1 200 "));
        }
        assertGivenBack(malformed);

        byte[] other = archive(1);
        JobId refused = builder.announce(toolchain(other));
        try (SlowClient client = call(hog(), Endpoints.SUBMIT_TOOLCHAIN, refused, new byte[1000])) {
            client.sendAll().takeAll();
        }
        assertGivenBack(refused);

        JobId cut = builder.announce(toolchain(other));
        try (SlowClient client = call(hog(), Endpoints.SUBMIT_TOOLCHAIN, cut, other)) {
            client.send(1000);
        }
        assertGivenBack(cut);
    }

    private void assertGivenBack(JobId job) throws InterruptedException {
        List<String> heard = new ArrayList<>();
        while (!heard.contains(job + " COMPLETE")) {
            String next = builder.reports().poll(30, TimeUnit.SECONDS);
            assertTrue(next != null, "job " + job + " keeps its place: " + heard);
            heard.add(next);
        }
        List<String> moves = new ArrayList<>(
                heard.stream().filter(move -> move.startsWith(job + " ")).toList());
        moves.remove(job + " READY");
        assertEquals(List.of(job + " STARTED", job + " COMPLETE"), moves);
    }

    /** One client does not take all threads, and is told why. */
    @Test
    void calls_ofOneClientBeyondItsShare_areRefused() throws Exception {
        byte[] archive = archive(0);
        Toolchain toolchain = toolchain(archive);
        byte[] body = job(LARGE);
        while (hogs.size() <= most()) {
            hogs.add(call(hog(), Endpoints.RUN_JOB, builder.ready(toolchain, archive), body)
                    .send(5));
        }
        // Connections overtake each other: it need not be the last one that is refused, but it is the first to be
        // answered.
        CompletionService<String> answers = new ExecutorCompletionService<>(slowly);
        hogs.forEach(hog -> answers.submit(hog::takeAll));
        String refusal = answers.take().get();
        assertTrue(refusal.startsWith("HTTP/1.1 503 ") && refusal.contains(most() + " jobs of 127.0.0.1"), refusal);
        build(toolchain, archive, job(10_000));
    }

    private static int most() {
        return 2 * (Heartbeat.slots(Runtime.getRuntime().availableProcessors()) + 64);
    }
}
