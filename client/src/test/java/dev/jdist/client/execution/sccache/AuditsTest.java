package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.ActionResult.Output;
import dev.jdist.client.execution.FarmException;
import dev.jdist.client.execution.Verdict;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which jobs are audited, and what becomes of them, on a machine that is busy and has no bubblewrap. */
@Timeout(60)
class AuditsTest {
    private static final ServerId A = ServerId.parse("10.0.0.1:10501");
    private static final ServerId B = ServerId.parse("10.0.0.2:10501");
    private static final Toolchain GCC = new Toolchain("a".repeat(64));

    @TempDir
    Path directory;

    private final BlockingQueue<Optional<Boolean>> findings = new LinkedBlockingQueue<>();
    private final List<Verdict> verdicts = new ArrayList<>();
    /** Jobs and answers that hold room. */
    private final AtomicInteger open = new AtomicInteger();

    private final AtomicInteger reruns = new AtomicInteger();
    private final BuilderHealth health = new BuilderHealth(() -> 0);
    private volatile CountDownLatch answer = new CountDownLatch(0);
    private volatile String others = "object";
    private Audits audits;

    private Audits audits(int perMille) {
        Audits.Settings settings = new Audits.Settings(
                perMille,
                toolchain -> Optional.empty(),
                Optional.of(directory.resolve("audits")),
                new Audits.Listener() {
                    @Override
                    public void audited(Optional<Boolean> agreed) {
                        findings.add(agreed);
                    }

                    @Override
                    public void distrust(ServerId builder, Predicate<EntryOrigin> results) {
                        throw new AssertionError("nobody is to blame");
                    }
                });
        return new Audits(settings, new LocalSlots(0), health, new Audits.Runner() {
            @Override
            public ActionResult run(RemoteJob job, Set<ServerId> without, CompletionStage<Void> gone)
                    throws FarmException, InterruptedException {
                reruns.incrementAndGet();
                assertEquals(Set.of(A), without);
                answer.await();
                return result(B, Bytes.utf8(others));
            }

            @Override
            public boolean canChoose() {
                return true;
            }
        });
    }

    @BeforeEach
    void auditAll() {
        audits = audits(1000);
    }

    @AfterEach
    void close() {
        audits.close();
    }

    private ActionResult result(ServerId builder, PrimitiveBytes object) {
        open.incrementAndGet();
        return new ActionResult(
                builder.toString(),
                5000,
                0,
                Bytes.EMPTY,
                Bytes.EMPTY,
                List.of(new Output("/a.o", object)),
                (verdict, reason) -> verdicts.add(verdict),
                open::decrementAndGet);
    }

    private RemoteJob job() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        CompileCommand command = new CompileCommand("/usr/bin/gcc", List.of("-c", "a.c"), List.of(), "/");
        byte[] request = new RunJobRequest(command, List.of("/a.o")).toBincode();
        body.write(ByteBuffer.allocate(Integer.BYTES).putInt(request.length).array());
        body.write(request);
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(body)) {
            zlib.write("no tar".getBytes(StandardCharsets.UTF_8));
        }
        open.incrementAndGet();
        PackagedToolchain toolchain =
                new PackagedToolchain(GCC, directory.resolve("archive"), "/usr/bin/gcc", Optional.empty());
        return new RemoteJob(toolchain, Bytes.wrap(body.toByteArray()), open::decrementAndGet);
    }

    private ActionResult watched(PrimitiveBytes object) throws IOException {
        return audits.watch(job(), result(A, object));
    }

    private Optional<Boolean> finding() throws InterruptedException {
        return Objects.requireNonNull(findings.poll(60, TimeUnit.SECONDS), "no audit");
    }

    @Test
    void goodResult_isAuditedOnceItIsClosed() throws Exception {
        ActionResult result = watched(Bytes.utf8("object"));
        result.judge().judge(Verdict.GOOD, "");
        assertEquals(0, reruns.get());
        result.close();
        result.close();
        assertEquals(Optional.of(true), finding());
        assertEquals(1, reruns.get());
        List<String> kept = Files.readAllLines(directory.resolve("audits"));
        assertEquals(
                List.of(
                        "agreed " + A + " " + GCC.archiveId() + " 5000",
                        "agreed " + B + " " + GCC.archiveId() + " 5000"),
                kept);
    }

    @ParameterizedTest
    @EnumSource(value = Verdict.class, mode = EnumSource.Mode.EXCLUDE, names = "GOOD")
    void resultThatIsNotUsed_isNotAudited(Verdict verdict) throws IOException {
        ActionResult result = watched(Bytes.utf8("object"));
        result.judge().judge(verdict, "");
        result.close();
        assertEquals(List.of(verdict), verdicts);
        assertEquals(0, open.get());
        assertEquals(0, reruns.get());
    }

    @Test
    void builders_thatDiffer_areNotBlamed_asThisMachineCannotTell() throws Exception {
        others = "another object";
        ActionResult result = watched(Bytes.utf8("object"));
        result.judge().judge(Verdict.GOOD, "");
        result.close();
        assertEquals(Optional.empty(), finding());
        assertEquals(List.of(), health.leftAlone());
        assertFalse(Files.exists(directory.resolve("audits")));
    }

    /** They take room that jobs under way need. */
    @Test
    void jobs_beyondALimit_areNotAudited_andHoldNothing() throws Exception {
        answer = new CountDownLatch(1);
        for (int i = 0; i < 100; i++) {
            ActionResult result = watched(Bytes.utf8("object"));
            result.judge().judge(Verdict.GOOD, "");
            result.close();
        }
        // One is audited, some wait; an answer and a job of each.
        int held = open.get() / 2;
        assertTrue(held >= 2 && held <= 17, held + " are held");
        answer.countDown();
        for (int i = 0; i < held; i++) {
            assertEquals(Optional.of(true), finding());
        }
    }

    @Test
    void largeJob_isNotAudited() throws IOException {
        PrimitiveBytes large = new PrimitiveBytes() {
            @Override
            public long length() {
                return 1L << 30;
            }

            @Override
            public InputStream toInputStream() {
                throw new AssertionError("nobody reads it");
            }
        };
        ActionResult result = watched(large);
        result.judge().judge(Verdict.GOOD, "");
        result.close();
        assertEquals(0, open.get());
    }

    @Test
    void closedAudits_holdNothing() throws IOException {
        ActionResult result = watched(Bytes.utf8("object"));
        result.judge().judge(Verdict.GOOD, "");
        audits.close();
        result.close();
        assertEquals(0, open.get());
    }

    @Test
    void share_isHeeded() throws IOException {
        audits.close();
        audits = audits(0);
        assertFalse(audits.want(result(A, Bytes.EMPTY)));
        audits = audits(1000);
        assertTrue(audits.want(result(A, Bytes.EMPTY)));
        audits.close();
        audits = audits(100);
        int wanted = 0;
        for (int i = 0; i < 10_000; i++) {
            wanted += audits.want(result(A, Bytes.EMPTY)) ? 1 : 0;
        }
        assertTrue(wanted > 700 && wanted < 1300, wanted + " of 10000");
    }

    /** In a daemon that starts later, too. */
    @Test
    void builderThatWasWrong_isAuditedEachTime_afterItsPause() throws Exception {
        Files.writeString(directory.resolve("audits"), "differed " + A + " 1000\n");
        audits.close();
        audits = audits(1);
        assertEquals(List.of(), health.leftAlone());
        for (int i = 0; i < 100; i++) {
            assertTrue(audits.want(result(A, Bytes.EMPTY)));
        }
        ActionResult result = watched(Bytes.utf8("object"));
        result.judge().judge(Verdict.GOOD, "");
        result.close();
        assertEquals(Optional.of(true), finding());
        assertTrue(Files.readString(directory.resolve("audits")).startsWith("agreed "));
    }
}
