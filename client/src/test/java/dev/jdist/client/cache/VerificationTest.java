package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.Variant.ReadFile;
import dev.jdist.client.cache.Variant.SearchedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A variant of one file, found in one directory; the clock says that both are old. */
class VerificationTest {
    private static final BitSet NONE = new BitSet();

    @TempDir
    private Path directory;

    private final SourceFiles files = new SourceFiles(() -> Long.MAX_VALUE);
    private final Directories directories = new Directories(() -> Long.MAX_VALUE);
    private Path header;
    private Variant variant;

    @BeforeEach
    void record() throws IOException {
        header = Files.writeString(directory.resolve("a.h"), "int a;\n");
        Digest digest = files.content(header).orElseThrow().digest();
        SearchedDirectory searched =
                new SearchedDirectory(directory, Stamp.of(directory), 0, List.of("a.h"), List.of("b.h"));
        variant = new Variant(
                List.of(new ReadFile(header, digest)), List.of(searched), Digest.of(new byte[0]), Optional.empty());
    }

    private boolean holds(BitSet differing) throws IOException {
        return new Verification(files, directories).holds(recent(directory -> false), differing);
    }

    private RecentHit recent(Predicate<SearchedDirectory> restless) {
        return RecentHit.of(variant, files, restless).orElseThrow();
    }

    private boolean holds() throws IOException {
        return new Verification(files, directories).holds(variant);
    }

    private static BitSet only(int number) {
        BitSet only = new BitSet();
        only.set(number);
        return only;
    }

    @Test
    void whatIsSaidToBeAsItWas_isNotLookedAtAgain() throws IOException {
        Files.delete(header);
        assertTrue(holds(NONE));
        assertFalse(holds());
    }

    @Test
    void whatMayHold_isNotKnownBefore() throws IOException {
        Verification verification = new Verification(files, directories);
        RecentHit recent = recent(directory -> false);
        Files.writeString(directory.resolve("b.h"), "");
        assertTrue(verification.mayHold(recent));
        assertFalse(verification.holds(recent, only(1)));
        assertFalse(verification.holds(variant));
    }

    @Test
    void fileThatWasTouched_isNoRecentHitButHolds() throws IOException {
        Files.delete(header);
        Files.writeString(header, "int a;\n");
        assertFalse(holds(only(0)));
        assertTrue(holds());
    }

    @Test
    void fileThatHoldsSomethingElse_doesNotHold() throws IOException {
        Files.writeString(header, "int b;\n");
        assertFalse(holds(only(0)));
        assertFalse(holds());
    }

    @Test
    void directoryWithAnotherStampAndTheSameNames_holds() throws IOException {
        Files.writeString(directory.resolve("c.h"), "");
        assertTrue(holds(only(1)));
        assertTrue(holds());
    }

    @Test
    void directoryWithANameThatWasNotThere_doesNotHold() throws IOException {
        Files.writeString(directory.resolve("b.h"), "");
        assertFalse(holds(only(1)));
        assertFalse(holds());
    }

    @Test
    void directoryThatHadNoStamp_isAlwaysLookedAt() throws IOException {
        variant = new Variant(
                variant.files(),
                List.of(new SearchedDirectory(directory, Optional.empty(), 0, List.of("a.h"), List.of("b.h"))),
                variant.result(),
                Optional.empty());
        assertTrue(holds(NONE));
        Files.writeString(directory.resolve("b.h"), "");
        assertFalse(holds(NONE));
    }

    @Test
    void restlessDirectory_hasItsNamesAskedOneByOne() throws IOException {
        RecentHit recent = recent(directory -> true);
        assertEquals(2, recent.stamped().count(), "a.h, and the absent b.h");
        Files.writeString(directory.resolve("c.h"), "");
        assertTrue(new Verification(files, directories).holds(recent, NONE));
        assertFalse(new Verification(files, directories).holds(recent, only(1)));
        Files.delete(header);
        assertFalse(new Verification(files, directories).holds(recent, NONE), "a name that has gone");
    }

    @Test
    void restlessness_isKnownOnceADirectoryWasLookedAt() throws IOException {
        SearchedDirectory searched = variant.directories().get(0);
        Verification verification = new Verification(files, directories);
        assertFalse(verification.isRestless(searched));
        assertTrue(verification.holds(variant));
        assertFalse(verification.isRestless(searched));
        Files.writeString(directory.resolve("c.h"), "");
        Verification later = new Verification(files, directories);
        assertTrue(later.holds(variant));
        assertTrue(later.isRestless(searched));
    }

    @Test
    void fileThatChangedAMomentAgo_makesNoRecentHit() throws IOException {
        SourceFiles justNow = new SourceFiles(() -> 0);
        assertTrue(justNow.content(header).isPresent());
        assertTrue(RecentHit.of(variant, justNow, directory -> false).isEmpty());
    }

    @Test
    void fileThatHeldSomethingElse_makesNoRecentHit() throws IOException {
        Files.writeString(header, "int b;\n");
        assertTrue(files.content(header).isPresent());
        assertTrue(RecentHit.of(variant, files, directory -> false).isEmpty());
    }
}
