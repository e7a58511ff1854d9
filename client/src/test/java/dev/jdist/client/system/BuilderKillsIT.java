package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.hostile.Intruder;
import dev.jdist.client.hostile.RawTar;
import dev.jdist.client.hostile.WireClient;
import dev.jdist.client.hostile.WireClient.Place;
import dev.jdist.client.testing.Farm;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code kill -9} of a builder at random moments, while toolchains arrive and are unpacked, jobs start, run, fill their
 * disks and leave daemons: nothing of it outlives the builder but files, those are gone when it has started again, and
 * each toolchain that it has then is whole.
 *
 * <p>{@code scripts/check builder-kills} does it more than once: {@code -Djdist.kills.rounds}, in each kind of sandbox.
 */
@Timeout(3600)
class BuilderKillsIT {
    private static final int ROUNDS = Integer.getInteger("jdist.kills.rounds", 1);
    private static final long SEED = Long.getLong("jdist.kills.seed", System.nanoTime());
    private static final int CLIENTS = 6;
    private static final int LONGEST_LIFE_MILLIS = 1500;
    private static final int MOST_NOISE = 8 << 20;
    private static final List<String> JOBS = List.of(
            "nothing",
            "nothing",
            "be deaf to signals",
            "leave daemons for ever",
            "fill a file",
            "make a million files");

    @TempDir
    private static Path common;

    private final String mark = "mark-" + UUID.randomUUID();
    private final Random random = new Random(SEED);
    private final AtomicLong uploads = new AtomicLong();
    private final AtomicLong jobs = new AtomicLong();
    private final AtomicLong brokenOff = new AtomicLong();
    private volatile boolean paused = true;
    private volatile boolean over;

    private Path directory;
    private Intruder intruder;
    private Path archive;
    private Toolchain toolchain;
    private Farm farm;

    private void startFarm(String kind) throws IOException, InterruptedException {
        // Builders without rights have to pass through it.
        Files.setPosixFilePermissions(common, PosixFilePermissions.fromString("rwxr-xr-x"));
        directory = Files.createDirectory(common.resolve(kind));
        intruder = new Intruder(common.resolve("intruder"));
        archive = Files.write(
                directory.resolve("plain.tar.gz"), RawTar.gzip(program().toTar()));
        toolchain = WireClient.idOf(archive);
        farm = new Farm(directory, common.resolve("cache"));
        farm.setToolchainCacheSize("200M");
        farm.setBuilderTables("""
            [builder]
            type = "overlay"
            build_dir = "%s"
            [jdist]
            sandbox = "%s"
            job_timeout_secs = 2
            job_nice = 0
            job_processes = 100
            job_scratch_bytes = "32M"
            """.formatted(farm.buildDirectory(0), kind));
        if (!kind.equals("root-overlay")) {
            farm.setUnprivilegedBuilders();
        }
        List.of("did not take job", "is dropped", "is refused", "was killed", "failed", "restarted", "unknown job")
                .forEach(farm::expectWarning);
        farm.startScheduler();
        farm.startBuilder();
    }

    private RawTar program() throws IOException, InterruptedException {
        return new RawTar().file("usr/bin/gcc", 0755, Files.readAllBytes(intruder.program()));
    }

    /** One client after the other's example: a toolchain that nobody has yet, or a job. */
    private void load(int number) {
        Random own = new Random(SEED + number);
        try (WireClient client = farm.wireClient()) {
            while (!over) {
                if (paused) {
                    TimeUnit.MILLISECONDS.sleep(5);
                } else {
                    strike(client, own, number);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void strike(WireClient client, Random own, int number) throws InterruptedException {
        try {
            if (own.nextInt(3) == 0) {
                Path fresh = directory.resolve("fresh-" + number + ".tar.gz");
                byte[] noise = new byte[own.nextInt(MOST_NOISE)];
                own.nextBytes(noise);
                Files.write(
                        fresh,
                        RawTar.gzip(program().file("usr/noise", 0644, noise).toTar()));
                Place place = client.allocate(WireClient.idOf(fresh));
                if (client.submit(place, fresh) == SubmitToolchainResult.SUCCESS) {
                    uploads.incrementAndGet();
                    run(client, place, "nothing");
                }
            } else {
                run(client, client.prepare(toolchain, archive), JOBS.get(own.nextInt(JOBS.size())));
            }
        } catch (IOException e) {
            brokenOff.incrementAndGet();
            // It may be some time until it is back.
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private int run(WireClient client, Place place, String attempt) throws IOException, InterruptedException {
        CompileCommand command = new CompileCommand("/usr/bin/gcc", List.of(attempt, mark), List.of(), "/work");
        HttpAnswer answer = client.run(place, new RunJobRequest(command, List.of()), RawTar.zlib(new RawTar().toTar()));
        jobs.incrementAndGet();
        return answer.status();
    }

    @ParameterizedTest
    @ValueSource(strings = {"root-overlay", "rootless-overlay", "directory"})
    void builderKilledUnderLoad_leavesNothingAndKeepsAWholeStore(String kind) throws Exception {
        assumeTrue(Farm.isRoot() || !kind.equals("root-overlay"), "skipped: this kind takes root");
        startFarm(kind);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            clients.add(new Thread(() -> load(number), "client-" + i));
        }
        clients.forEach(Thread::start);
        long verified = 0;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                verified += killAndCheck();
            }
        } finally {
            over = true;
            for (Thread client : clients) {
                client.join();
            }
        }
        System.out.println("BuilderKillsIT: " + kind + ": " + ROUNDS + " kills, " + jobs + " jobs and " + uploads
                + " uploads ended, " + brokenOff + " broke off, " + verified + " archives verified, seed " + SEED);
        assertTrue(jobs.get() + brokenOff.get() > 0, "there was no load");
        farm.close();
    }

    /** @return how many archives were verified */
    private long killAndCheck() throws IOException, InterruptedException {
        paused = false;
        TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_LIFE_MILLIS));
        long pid = farm.pid("builder-0");
        farm.killHard("builder-0");
        paused = true;
        BuilderRemains.assertNoProcess(mark);
        BuilderRemains.assertNoProcess(farm.buildDirectory(0).toString());
        BuilderRemains.assertNoMount(directory.toString());

        farm.startBuilder(0);
        BuilderRemains.assertNoJob(farm, 0);
        BuilderRemains.assertNoCgroup(pid);
        long archives = verifyStore();
        try (WireClient client = farm.wireClient()) {
            assertEquals(200, run(client, client.prepare(toolchain, archive), "nothing"), "it serves");
        }
        return archives;
    }

    /** Each archive is what its name says, and what was on its way or being unpacked is gone. */
    private long verifyStore() throws IOException, InterruptedException {
        Path archives = farm.cacheDirectory(0).resolve("tc");
        BuilderRemains.assertNone("unfinished archives", () -> unfinished(archives));
        BuilderRemains.assertNone(
                "unfinished trees", () -> unfinished(farm.buildDirectory(0).resolve("toolchains")));
        try (Stream<Path> files = Files.list(archives)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            for (Path file : all) {
                assertEquals(
                        file.getFileName().toString(), WireClient.idOf(file).archiveId());
            }
            return all.size();
        }
    }

    /** By the names that things have until they are done. */
    private static List<String> unfinished(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.map(Path::toString)
                    .filter(name -> name.matches(".*/\\.(incoming|unpacking|removing)-[^/]*"))
                    .toList();
        }
    }
}
