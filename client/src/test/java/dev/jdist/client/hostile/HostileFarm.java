package dev.jdist.client.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.jdist.client.hostile.WireClient.Place;
import dev.jdist.client.system.BuilderRemains;
import dev.jdist.client.testing.Farm;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.Toolchain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.InflaterInputStream;

/** A farm whose one builder is attacked, in a kind of sandbox, and what there is to attack. */
public final class HostileFarm implements AutoCloseable {
    /** What no job may get to see. */
    private static final List<String> SECRETS = List.of("open sesame", "token-of-builders", "PRIVATE KEY");

    static final int LISTEN = 34567;

    final Farm farm;
    final Path canary;
    final Intruder intruder;
    final Toolchain toolchain;
    /** What no command line outside has: finds the processes of a test. */
    final String mark = "mark-" + UUID.randomUUID();

    private final Path directory;
    private final Path archive;
    private final Path secret;
    private final WireClient client;
    private final Process victim;
    private final String victimsWords;

    /** @param kind of sandbox: as root where it is root's, else as a user without rights */
    HostileFarm(Path directory, Path cache, Intruder intruder, String kind) throws IOException, InterruptedException {
        this.directory = directory;
        this.intruder = intruder;
        this.farm = new Farm(directory, cache);
        farm.setToolchainCacheSize("256M");
        farm.setBuilderTables("""
            [builder]
            type = "overlay"
            build_dir = "%s"
            bwrap_path = "%s"
            [jdist]
            sandbox = "%s"
            job_timeout_secs = 5
            job_nice = 0
            job_memory = "96M"
            job_processes = 100
            job_scratch_bytes = "32M"
            job_output_bytes = "4M"
            job_log_bytes = "1M"
            """.formatted(farm.buildDirectory(0), Farm.BWRAP, kind));
        if (!kind.equals("root-overlay")) {
            farm.setUnprivilegedBuilders();
        }
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        this.secret = Files.writeString(open.resolve("secret"), "open sesame");
        this.canary = Files.writeString(open.resolve("canary"), "unharmed");
        Files.setPosixFilePermissions(canary, PosixFilePermissions.fromString("rw-rw-rw-"));
        this.archive = Files.write(directory.resolve("intruder.tar.gz"), RawTar.gzip(programTar()));
        this.toolchain = WireClient.idOf(archive);
        farm.startScheduler();
        farm.startBuilder();
        this.client = farm.wireClient();
        this.victim =
                new ProcessBuilder(intruder.program().toString(), "be a victim", mark, "name=victim-" + mark).start();
        this.victimsWords =
                new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8)).readLine();
        for (String text : List.of("was killed", "is refused", "failed: ", "is dropped")) {
            farm.expectWarning(text);
        }
    }

    /** A toolchain of an intruder in the place of gcc, without the tar's end. */
    byte[] programTar() throws IOException, InterruptedException {
        return new RawTar()
                .file("usr/bin/gcc", 0755, Files.readAllBytes(intruder.program()))
                .file("usr/bin/other", 0755, "other".getBytes(StandardCharsets.UTF_8))
                .file("usr/lib/library", "library\n")
                .unended();
    }

    WireClient client() {
        return client;
    }

    /** What the intruder needs to know about its surroundings. */
    List<String> aims() {
        List<String> aims = new ArrayList<>(List.of(
                "secret=" + secret,
                "config=" + directory.resolve("builder-0.conf"),
                "key=" + key(),
                "store=" + farm.cacheDirectory(0).resolve("tc"),
                "jobs=" + farm.buildDirectory(0).resolve("builds"),
                "builder=" + farm.pid("builder-0"),
                "scheduler=" + farm.schedulerUrl().replaceAll(".*:", ""),
                "port=" + farm.builderPort(0),
                "victim=victim-" + mark,
                "victim-process=" + victim.pid()));
        aims.addAll(List.of(victimsWords.split(" ")));
        return aims;
    }

    Path key() {
        return farm.cacheDirectory(0).resolve("identity.pem");
    }

    Path config() {
        return directory.resolve("builder-0.conf");
    }

    /** A job that is told to do this. */
    static CompileCommand command(List<String> arguments, EnvironmentVariable... environment) {
        return new CompileCommand("/usr/bin/gcc", arguments, List.of(environment), "/work");
    }

    /** The arguments for one attempt. @param aims in place of the usual, where they have the same name */
    List<String> attempt(String attempt, String... aims) {
        List<String> words = new ArrayList<>(List.of(attempt, mark));
        words.addAll(List.of(aims));
        words.addAll(aims());
        return words;
    }

    HttpAnswer run(RunJobRequest request, byte[] zlib) throws IOException, InterruptedException {
        return client.run(client.prepare(toolchain, archive), request, zlib);
    }

    /** Has the intruder make one attempt. */
    HttpAnswer run(String attempt, String... outputs) throws IOException, InterruptedException {
        return run(new RunJobRequest(command(attempt(attempt)), List.of(outputs)), RawTar.zlib(new RawTar().toTar()));
    }

    static RunJobResult.Complete complete(HttpAnswer answer) throws IOException {
        return (RunJobResult.Complete) answer.decode(RunJobResult::decode);
    }

    String printed(String attempt) throws IOException, InterruptedException {
        return complete(run(attempt)).output().stdout().toUtf8();
    }

    static String text(HttpAnswer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /** Whether the builder refused a job, which it has forgotten then. */
    static boolean isForgotten(HttpAnswer answer) throws IOException {
        return answer.status() == 200 && answer.decode(RunJobResult::decode) instanceof RunJobResult.JobNotFound;
    }

    /** Nothing of the machine's is in what came back. */
    static void assertHarmless(HttpAnswer answer) throws IOException {
        if (answer.status() == 200 && !isForgotten(answer)) {
            RunJobResult.Complete result = complete(answer);
            assertNoSecret(result.output().stdout().toUtf8());
            assertNoSecret(result.output().stderr().toUtf8());
            for (OutputFile output : result.outputs()) {
                assertNoSecret(content(output));
            }
        } else {
            assertNoSecret(text(answer));
        }
    }

    static String content(OutputFile output) throws IOException {
        return new String(
                new InflaterInputStream(output.zlib().toInputStream()).readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static void assertNoSecret(String text) {
        for (String each : SECRETS) {
            assertFalse(text.contains(each), () -> "a secret got out: " + text);
        }
    }

    /** What a job with an archive as its toolchain ends with. */
    HttpAnswer runOn(Path hostileArchive) throws IOException, InterruptedException {
        Place place = client.allocate(WireClient.idOf(hostileArchive));
        if (place.needsToolchain()) {
            client.submit(place, hostileArchive);
        }
        return client.run(
                place,
                new RunJobRequest(command(List.of("nothing", mark)), List.of()),
                RawTar.zlib(new RawTar().toTar()));
    }

    /** The builder serves the next job, nothing of those before is there, and nothing of the machine was changed. */
    void assertUnharmed() throws IOException, InterruptedException {
        assertEquals("served\n", printed("nothing"));
        assertEquals(
                List.of("" + victim.pid()),
                BuilderRemains.processes(mark).stream()
                        .map(line -> line.substring(0, line.indexOf(' ')))
                        .toList(),
                "the victim lives, and no job does");
        BuilderRemains.assertNoJob(farm, 0);
        assertEquals("unharmed", Files.readString(canary));
        assertEquals(1, Files.getAttribute(canary, "unix:nlink"));
        assertEquals("rw-rw-rw-", PosixFilePermissions.toString(Files.getPosixFilePermissions(canary)));
        assertEquals(2, canary.getParent().toFile().list().length);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        victim.destroy();
        victim.waitFor();
        client.close();
        farm.close();
    }
}
