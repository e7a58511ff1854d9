package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one daemon finds of builders, and the next one knows. */
class AuditHistoryTest {
    private static final ServerId ONE = ServerId.parse("10.0.0.1:10501");
    private static final ServerId TWO = ServerId.parse("[fd00::1]:10501");
    private static final Toolchain GCC = new Toolchain("a".repeat(64));
    private static final Toolchain CLANG = new Toolchain("b".repeat(64));
    private static final long UNTIL = 9000;

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("audits");
    }

    private AuditHistory open() {
        return new AuditHistory(Optional.of(file));
    }

    private static EntryOrigin result(ServerId builder, Toolchain toolchain, long millis) {
        return new EntryOrigin(builder.toString(), toolchain.archiveId(), millis);
    }

    @Test
    void doubtful_isWhatABuilderMadeSinceItsLastAgreement_withTheSameToolchain() {
        open().agreed(ONE, GCC, 1000);
        open().agreed(ONE, GCC, 800);
        open().agreed(TWO, CLANG, 5000);
        Predicate<EntryOrigin> doubtful = open().doubtfulResults(ONE, UNTIL);
        assertFalse(doubtful.test(result(ONE, GCC, 1000)));
        assertTrue(doubtful.test(result(ONE, GCC, 1001)));
        assertTrue(doubtful.test(result(ONE, CLANG, 1)), "nothing is known of that toolchain");
        assertFalse(doubtful.test(result(ONE, GCC, UNTIL)), "it was used again by then");
        assertFalse(doubtful.test(result(TWO, GCC, 2000)));
    }

    @Test
    void builderThatWasWrong_isDoubtfulUntilItAgrees_forAllDaemons() {
        AuditHistory first = open();
        AuditHistory second = open();
        first.differed(TWO, UNTIL);
        second.agreed(ONE, GCC, 1);
        assertTrue(second.isDoubtful(TWO));
        assertEquals(Map.of(TWO, UNTIL), open().doubtful());
        second.agreed(TWO, GCC, 2);
        first.agreed(ONE, GCC, 3);
        assertFalse(first.isDoubtful(TWO));
        assertEquals(Map.of(), open().doubtful());
    }

    @Test
    void damagedFile_costsWhatStoodInIt_andIsWrittenAnew() throws IOException {
        Files.write(file, List.of("agreed", "nonsense", "differed 10.0.0.1:10501 never"));
        AuditHistory history = open();
        assertEquals(Map.of(), history.doubtful());
        history.differed(ONE, UNTIL);
        assertEquals(Map.of(ONE, UNTIL), open().doubtful());
        assertEquals(List.of("differed 10.0.0.1:10501 9000"), Files.readAllLines(file));
    }

    @Test
    void withoutAFile_itIsKnownForTheMoment() {
        AuditHistory history = new AuditHistory(Optional.empty());
        history.differed(ONE, UNTIL);
        history.agreed(TWO, GCC, 5);
        assertTrue(history.isDoubtful(ONE));
        assertFalse(history.doubtfulResults(TWO, UNTIL).test(result(TWO, GCC, 5)));
    }
}
