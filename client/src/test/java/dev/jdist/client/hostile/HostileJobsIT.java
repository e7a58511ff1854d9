package dev.jdist.client.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.hostile.Intruder.Row;
import dev.jdist.client.system.BuilderRemains;
import dev.jdist.client.testing.Farm;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Jobs that mean harm, on a real builder, in the best kind of sandbox that its user can have, or in each: nothing of it
 * succeeds, the builder serves the next job, and nothing is left. What is tried stands in {@code hostile-jobs.txt} and {@link
 * HostileArchive}; docs/hostile-input.md goes through all of it.
 */
@ParameterizedClass
@ValueSource(strings = {"root-overlay", "rootless-overlay", "bwrap-overlay", "directory"})
@Timeout(300)
class HostileJobsIT {
    private static final int OVER_LIMIT = 507;

    @TempDir
    private static Path common;

    private static Intruder intruder;
    private static Path gcc;
    private static HostileFarm hostile;

    @Parameter
    private String kind;

    @BeforeAll
    static void prepare() throws Exception {
        // Builders without rights have to pass through it.
        Files.setPosixFilePermissions(common, PosixFilePermissions.fromString("rwxr-xr-x"));
        intruder = new Intruder(common.resolve("intruder"));
        gcc = common.resolve("gcc.tar.gz");
        Process packing = new ProcessBuilder(
                        System.getProperty("jdist.dist") + "/bin/jdist", "--package-toolchain", "gcc", gcc.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(packing.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, packing.waitFor(), said);
    }

    @BeforeParameterizedClassInvocation
    static void start(String kind) throws Exception {
        assumeTrue(Farm.isRoot() || !kind.equals("root-overlay"), "skipped: this kind takes root");
        assumeTrue(kindsToGoThrough().contains(kind), "skipped: scripts/check hostile goes through this kind too");
        hostile = new HostileFarm(Files.createDirectory(common.resolve(kind)), common.resolve("cache"), intruder, kind);
    }

    /** One takes two minutes. */
    private static List<String> kindsToGoThrough() {
        String best = Farm.isRoot() ? "root-overlay" : "rootless-overlay";
        return List.of(System.getProperty("jdist.hostile.kinds", best).split(","));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        if (hostile != null) {
            long builder = hostile.farm.pid("builder-0");
            hostile.close();
            BuilderRemains.assertNoProcess(hostile.mark);
            BuilderRemains.assertNoCgroup(builder);
            BuilderRemains.assertNoMount(hostile.farm.directory().toString());
            hostile = null;
        }
    }

    @AfterEach
    void nothingHappened() throws Exception {
        hostile.assertUnharmed();
    }

    // What a job tries.

    static List<Row> attempts() {
        return Intruder.rows("attempts");
    }

    @ParameterizedTest
    @MethodSource("attempts")
    void attempt_ofAJob_isRefused(Row row) throws Exception {
        String said = hostile.printed(row.attempt()).strip();

        assertTrue(row.isOutcome(said), said);
    }

    private RunJobResult.Complete compile(String source, List<String> arguments, EnvironmentVariable... environment)
            throws Exception {
        byte[] inputs = new RawTar()
                .file("work/intruder.so", 0755, Files.readAllBytes(intruder.library()))
                .file("work/aims", String.join("\n", hostile.aims()))
                .file("work/a.i", source)
                .toTar();
        List<String> words = new ArrayList<>(List.of("-D" + hostile.mark, "-c", "/work/a.i", "-o", "/work/out/a.o"));
        words.addAll(arguments);
        RunJobRequest request = new RunJobRequest(
                HostileFarm.command(words, environment), List.of("/work/out/a.o", "/work/out/a.o.report"));
        Toolchain id = WireClient.idOf(gcc);
        HttpAnswer answer = hostile.client().run(hostile.client().prepare(id, gcc), request, RawTar.zlib(inputs));
        HostileFarm.assertHarmless(answer);
        return HostileFarm.complete(answer);
    }

    /** The real gcc compiled the unit, and the library in it got nowhere. */
    private static void assertAllRefused(RunJobResult.Complete result) throws IOException {
        assertEquals(0, result.output().code(), result.output().stderr().toUtf8());
        assertEquals(2, result.outputs().size());
        List<String> report =
                HostileFarm.content(result.outputs().get(1)).lines().toList();
        assertEquals(attempts().size(), report.size());
        for (int i = 0; i < report.size(); i++) {
            assertTrue(attempts().get(i).isOutcome(report.get(i)), report.get(i));
        }
    }

    @Test
    void pluginOfTheRealGcc_triesAll_isRefusedAll() throws Exception {
        assertAllRefused(compile("int x;\n", List.of("-fplugin=/work/intruder.so")));
    }

    @Test
    void preloadedLibrary_triesAll_isRefusedAll() throws Exception {
        assertAllRefused(compile("int x;\n", List.of(), new EnvironmentVariable("LD_PRELOAD", "/work/intruder.so")));
    }

    @Test
    void killingEverything_endsTheJobOnly() throws Exception {
        assertEquals("lives\n", hostile.printed("kill everything"));
    }

    @Test
    void spoiledToolchain_isWholeInTheNextJob() throws Exception {
        String spoiled = hostile.printed("spoil the toolchain");
        assertTrue(spoiled.startsWith("spoiled "), spoiled);
        assertEquals(
                kind.equals("directory"),
                spoiled.equals("spoiled 0 times\n") || spoiled.equals("spoiled 1 times\n"),
                spoiled);

        assertEquals("traces: no\n", hostile.printed("look for traces"));
    }

    // What does not end.

    private void assertEnded(Row row, HttpAnswer answer) {
        String said = HostileFarm.text(answer);
        assertEquals(OVER_LIMIT, answer.status(), said);
        assertTrue(said.matches("(?s).*exceeded the limit (" + row.outcome() + ") = .*"), said);
    }

    static List<Row> overruns() {
        return Intruder.rows("overruns");
    }

    @ParameterizedTest
    @MethodSource("overruns")
    void overrun_ofALimit_isEnded(Row row) throws Exception {
        assertEnded(row, hostile.run(row.attempt()));
    }

    static List<Row> overrunsForCgroups() {
        return Intruder.rows("overruns for cgroups");
    }

    @ParameterizedTest
    @MethodSource("overrunsForCgroups")
    void overrun_whereTheKernelKeepsLimits_isEnded(Row row) throws Exception {
        assumeTrue(
                hostile.farm.log("builder-0").contains("kept by cgroups: MEMORY, PROCESSES"),
                "skipped: nobody keeps such limits here");
        assertEnded(row, hostile.run(row.attempt()));
    }

    private CompletableFuture<HttpAnswer> start(Row row, String... aims) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return hostile.run(
                        new RunJobRequest(HostileFarm.command(hostile.attempt(row.attempt(), aims)), List.of()),
                        RawTar.zlib(new RawTar().toTar()));
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Two at a time, as the smallest builder has three places, and one more job that attacks the others. */
    @Test
    void endlessJobs_endAtTheTimeLimit_andAreNotReachedByAnother() throws Exception {
        List<Row> rows = Intruder.rows("endless");
        String name = "victim-job-" + hostile.mark;
        CompletableFuture<HttpAnswer> deaf = start(rows.get(0));
        CompletableFuture<HttpAnswer> victim = start(rows.get(2), "name=" + name, "listen=" + HostileFarm.LISTEN);
        String process = awaitProcess("name=" + name);
        String[] aims = {
            "victim=" + name, "victim-port=" + HostileFarm.LISTEN, "victim-process=" + process, "memory=" + 0x6a000002
        };
        for (Row row : attempts().subList(attempts().size() - 5, attempts().size())) {
            HttpAnswer answer = start(row, aims).get();
            String said = HostileFarm.complete(answer).output().stdout().toUtf8();
            assertTrue(row.isOutcome(said.strip()), said);
        }
        assertFalse(victim.isDone(), "it is there to be attacked");
        assertEnded(rows.get(1), start(rows.get(1)).get());
        assertEnded(rows.get(0), deaf.get());
        assertEnded(rows.get(2), victim.get());
    }

    /** Of those that have this on their command lines, the job itself: what carries it begins with another program. */
    private static String awaitProcess(String text) throws IOException, InterruptedException {
        while (true) {
            List<String> found = BuilderRemains.processes(text).stream()
                    .filter(line -> line.matches("[0-9]+ /usr/bin/gcc be a victim.*"))
                    .toList();
            if (!found.isEmpty()) {
                return found.get(0).substring(0, found.get(0).indexOf(' '));
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    // What a job leaves where its output should be.

    static List<Row> outputs() {
        return Intruder.rows("outputs");
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void output_thatIsATrap_isNotWalkedInto(Row row) throws Exception {
        HttpAnswer answer = hostile.run("output: " + row.attempt(), "/work/out/a.o");

        HostileFarm.assertHarmless(answer);
        if (row.outcome().matches("[0-9]+")) {
            assertEquals(Integer.parseInt(row.outcome()), answer.status(), HostileFarm.text(answer));
        } else {
            List<OutputFile> fetched = HostileFarm.complete(answer).outputs();
            assertTrue(fetched.isEmpty() || row.outcome().equals("nothing harmful"), fetched.toString());
        }
    }

    // What the real gcc is told.

    static List<Row> compiles() {
        return Intruder.rows("compiles");
    }

    @ParameterizedTest
    @MethodSource("compiles")
    void compile_forAnotherPurpose_getsNothing(Row row) throws Exception {
        String key = hostile.key().toString();
        String config = hostile.config().toString();
        byte[] inputs = new RawTar()
                .file("work/a.c", "int x;\n")
                .file("work/incbin.s", ".incbin \"" + key + "\"\n.incbin \"/proc/1/environ\"\n")
                .file("work/include.c", "#include \"" + config + "\"\n")
                .file("work/bomb.c", bomb())
                .file("work/cc1", 0755, Files.readAllBytes(intruder.program()))
                .toTar();
        List<String> words = new ArrayList<>(List.of("-D" + hostile.mark));
        words.addAll(List.of(
                row.attempt().replace("KEY", key).replace("CONFIG", config).split(" ")));
        RunJobRequest request = new RunJobRequest(
                HostileFarm.command(words, new EnvironmentVariable("PATH", "/usr/bin")), List.of("/work/out/a.o"));
        Toolchain id = WireClient.idOf(gcc);

        HttpAnswer answer = hostile.client().run(hostile.client().prepare(id, gcc), request, RawTar.zlib(inputs));

        HostileFarm.assertHarmless(answer);
        assertTrue(List.of(200, OVER_LIMIT).contains(answer.status()), HostileFarm.text(answer));
    }

    /** Ten times as long with each line: ten thousand million in the end. */
    private static String bomb() {
        StringBuilder text = new StringBuilder("#define A0 int x;\n");
        for (int i = 1; i <= 10; i++) {
            text.append("#define A" + i + (" A" + (i - 1)).repeat(10) + "\n");
        }
        return text + "A10\n";
    }

    // What the builder is told.

    static List<Row> commands() {
        return Intruder.rows("commands");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void command_thatNoClientSends_isRefusedOrHarmless(Row row) throws Exception {
        RunJobRequest request = HostileCommands.named(row.attempt(), hostile.attempt("nothing"));
        byte[] inputs = new RawTar().file("work/large", 0644, new byte[1 << 20]).toTar();

        HttpAnswer answer = hostile.run(request, RawTar.zlib(inputs));

        HostileFarm.assertHarmless(answer);
        assertTrue(("" + answer.status()).matches(row.outcome()), answer.status() + " " + HostileFarm.text(answer));
    }

    // Archives.

    static List<HostileArchive> archives() {
        return HostileArchive.aimedAt(hostile == null ? Path.of("/x/canary") : hostile.canary);
    }

    @ParameterizedTest
    @MethodSource("archives")
    void archive_asToolchain_isRefusedOrHarmless(HostileArchive archive) throws Exception {
        Path file = Files.write(common.resolve("hostile.tar.gz"), archive.gzip(hostile.programTar()));

        HttpAnswer answer = hostile.runOn(file);

        HostileFarm.assertHarmless(answer);
        assertEquals(200, answer.status(), HostileFarm.text(answer));
        assertEquals(archive.asToolchain(), HostileFarm.isForgotten(answer), "the job of a toolchain that is refused");
    }

    @ParameterizedTest
    @MethodSource("archives")
    void archive_asInputs_isRefusedOrHarmless(HostileArchive archive) throws Exception {
        RunJobRequest request = new RunJobRequest(HostileFarm.command(List.of("nothing", hostile.mark)), List.of());

        HttpAnswer answer = hostile.run(request, archive.zlib());

        HostileFarm.assertHarmless(answer);
        assertTrue(
                archive.asInputs() ? List.of(400, OVER_LIMIT).contains(answer.status()) : answer.status() == 200,
                HostileFarm.text(answer));
    }
}
