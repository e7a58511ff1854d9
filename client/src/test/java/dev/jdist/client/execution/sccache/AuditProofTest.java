package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.execution.sccache.AuditProof.Finding;
import dev.jdist.client.execution.sccache.AuditProof.Testimony;
import dev.jdist.client.execution.sccache.AuditProof.Witnesses;
import dev.jdist.client.files.Digest;
import dev.jdist.protocol.wire.ServerId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is to blame when two machines make different objects of the same job. */
class AuditProofTest {
    private static final ServerId A = ServerId.parse("10.0.0.1:10501");
    private static final ServerId B = ServerId.parse("10.0.0.2:10501");

    /** What others make, and how often each was asked. */
    private static class Script implements Witnesses {
        private boolean idle = true;
        private final Deque<String> here = new ArrayDeque<>();
        private Optional<String> another = Optional.empty();
        private Optional<String> again = Optional.empty();
        private boolean clock;
        private int runsHere;
        private int runsElsewhere;

        /** @param made at each run; the last of them at all further ones */
        Script here(String... made) {
            here.addAll(List.of(made));
            return this;
        }

        Script another(String made) {
            another = Optional.of(made);
            return this;
        }

        Script again(String made) {
            again = Optional.of(made);
            return this;
        }

        Script busy() {
            idle = false;
            return this;
        }

        Script ofTheClock() {
            clock = true;
            return this;
        }

        @Override
        public boolean isIdle() {
            return idle;
        }

        @Override
        public Optional<Map<String, Digest>> here() {
            runsHere++;
            Optional<String> made = Optional.ofNullable(here.size() > 1 ? here.poll() : here.peek());
            return made.map(AuditProofTest::object);
        }

        @Override
        public Optional<Testimony> another() {
            runsElsewhere++;
            return another.map(made -> new Testimony(B, object(made)));
        }

        @Override
        public Optional<Testimony> anyone() {
            return again.map(made -> new Testimony(A, object(made)));
        }

        @Override
        public boolean dependOnTime() {
            return clock;
        }
    }

    private static Map<String, Digest> object(String content) {
        return Map.of("/a.o", Digest.of(content.getBytes(StandardCharsets.UTF_8)));
    }

    /** What comes of it when A made an object. */
    private static Finding find(String made, Script script) throws Exception {
        return AuditProof.find(new Testimony(A, object(made)), script);
    }

    private static void assertBlamed(ServerId builder, Finding finding) {
        assertEquals(builder, assertInstanceOf(Finding.Blamed.class, finding).builder());
    }

    private static void assertUndecided(Finding finding) {
        assertInstanceOf(Finding.Undecided.class, finding);
    }

    @Test
    void sameHere_agrees_andNoBuilderIsAsked() throws Exception {
        Script script = new Script().here("x").another("x");
        assertInstanceOf(Finding.Agreed.class, find("x", script));
        assertEquals(1, script.runsHere);
        assertEquals(0, script.runsElsewhere);
    }

    @Test
    void sameElsewhere_whileThisMachineIsBusy_agreesForBoth() throws Exception {
        Script script = new Script().busy().here("x").another("x");
        Finding.Agreed agreed = assertInstanceOf(Finding.Agreed.class, find("x", script));
        assertEquals(Optional.of(B), agreed.second().map(Testimony::builder));
        assertEquals(0, script.runsHere);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nobodyToDoItAgain_findsNothing(boolean idle) throws Exception {
        Script script = idle ? new Script() : new Script().busy().here("x");
        assertInstanceOf(Finding.None.class, find("x", script));
    }

    @Test
    void builderThatDiffersFromAllOthers_isBlamed() throws Exception {
        assertBlamed(A, find("lie", new Script().here("x").another("x")));
        assertBlamed(A, find("lie", new Script().busy().here("x").another("x")));
    }

    @Test
    void otherBuilderThatDiffers_isBlamedInItsStead() throws Exception {
        assertBlamed(B, find("x", new Script().busy().here("x").another("lie")));
    }

    /** It may be a difference that any honest builder would show. */
    @Test
    void builders_thatAgreeAgainstThisMachine_areNotBlamed() throws Exception {
        assertUndecided(find("x", new Script().here("y").another("x")));
    }

    @Test
    void threeMachines_thatMakeThreeObjects_areNotBlamed() throws Exception {
        assertUndecided(find("x", new Script().here("y").another("z")));
        assertUndecided(find("x", new Script().busy().here("y").another("z")));
    }

    /** Whichever of its runs here is the first that differs. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void compilerThatMakesAnotherObjectEachTime_hasNobodyBlamed(int same) throws Exception {
        Script script = new Script();
        for (int i = 0; i < same; i++) {
            script.here("x");
        }
        assertUndecided(find("lie", script.here("y").another("x")));
        assertEquals(same + 1, script.runsHere);
    }

    @Test
    void loneBuilder_thatInsistsOrIsRightTheNextTime_isBlamed() throws Exception {
        assertBlamed(A, find("lie", new Script().here("x").again("lie")));
        assertBlamed(A, find("lie", new Script().here("x").again("x")));
        assertUndecided(find("lie", new Script().here("x").again("another lie")));
        assertUndecided(find("lie", new Script().here("x")));
    }

    @Test
    void unitWithTheTimeOfDay_hasNobodyBlamed() throws Exception {
        assertUndecided(
                find("morning", new Script().here("evening").another("evening").ofTheClock()));
        assertInstanceOf(Finding.Agreed.class, find("x", new Script().here("x").ofTheClock()));
    }

    @Test
    void machineThatCannotTell_saysWhoDiffers() throws Exception {
        Finding.Helpless helpless = assertInstanceOf(Finding.Helpless.class, find("x", new Script().another("y")));
        assertEquals(Optional.of(B), helpless.second());
    }

    /** Whoever makes one file more or less makes something else. */
    @ParameterizedTest
    @CsvSource({"/a.o, /a.o /a.dwo", "/a.o /a.dwo, /a.o", "/a.o, ''"})
    void otherFiles_areADifference(String made, String here) throws Exception {
        Script script = new Script() {
            @Override
            public Optional<Map<String, Digest>> here() {
                return Optional.of(files(here));
            }

            @Override
            public Optional<Testimony> another() {
                return Optional.of(new Testimony(B, files(here)));
            }
        };
        Finding finding = AuditProof.find(new Testimony(A, files(made)), script);
        assertBlamed(A, finding);
        assertTrue(((Finding.Blamed) finding).reason().contains(B.toString()), finding.toString());
    }

    private static Map<String, Digest> files(String names) {
        Map<String, Digest> files = new TreeMap<>();
        for (String name : names.split(" ")) {
            if (!name.isEmpty()) {
                files.put(name, Digest.of(name.getBytes(StandardCharsets.UTF_8)));
            }
        }
        return files;
    }
}
