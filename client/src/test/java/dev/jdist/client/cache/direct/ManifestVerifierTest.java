package dev.jdist.client.cache.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.direct.ManifestEntry.ReadFile;
import dev.jdist.client.cache.direct.ManifestEntry.SearchedDirectory;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A variant of one file, found in one directory; the clock says that both are old. */
class ManifestVerifierTest {
    private static final BitSet NONE = new BitSet();

    @TempDir
    private Path directory;

    private final SourceFileCache files = new SourceFileCache(() -> Long.MAX_VALUE);
    private final DirectoryCache directories = new DirectoryCache(() -> Long.MAX_VALUE);
    private Path header;
    private ManifestEntry variant;

    @BeforeEach
    void record() throws IOException {
        header = Files.writeString(directory.resolve("a.h"), "int a;\n");
        Digest digest = files.content(header).orElseThrow().digest();
        SearchedDirectory searched =
                new SearchedDirectory(directory, FileStat.of(directory), 0, List.of("a.h"), List.of("b.h"));
        variant = new ManifestEntry(
                List.of(new ReadFile(header, digest)), List.of(searched), Digest.of(new byte[0]), Optional.empty());
    }

    private boolean holds(BitSet differing) throws IOException {
        return new ManifestVerifier(files, directories).holds(recent(), differing);
    }

    private VerifiedHit recent() throws IOException {
        return VerifiedHit.of(variant, files, new ManifestVerifier(files, directories))
                .orElseThrow();
    }

    /** Where the directory is known to have another stamp than it had. */
    private Optional<VerifiedHit> restless() throws IOException {
        ManifestVerifier verification = new ManifestVerifier(files, directories);
        verification.stamp(directory);
        return VerifiedHit.of(variant, files, verification);
    }

    private void searched(SearchedDirectory... searched) {
        variant = new ManifestEntry(variant.files(), List.of(searched), variant.result(), Optional.empty());
    }

    /** Numbers of the files that a launcher would find changed. */
    private static BitSet differing(VerifiedHit recent) throws IOException {
        BitSet differing = new BitSet();
        int number = 0;
        for (byte[] bytes : recent.stamped().bytes()) {
            for (ByteBuffer in = ByteBuffer.wrap(bytes); in.hasRemaining(); number++) {
                byte[] name = new byte[in.getInt() - 1];
                in.get(name).get();
                Optional<FileStat> now = FileStat.of(Path.of(new String(name, StandardCharsets.UTF_8)));
                FileStat then = FileStat.read(in);
                boolean absent = then.device() == -1;
                boolean same = now.isEmpty()
                        ? absent
                        : then.changed() == -1
                                ? then.identity().equals(now.get().identity())
                                : then.equals(now.get());
                differing.set(number, !same);
            }
        }
        return differing;
    }

    private boolean holds() throws IOException {
        return new ManifestVerifier(files, directories).holds(variant);
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
        searched(new SearchedDirectory(directory, Optional.empty(), 0, List.of("a.h"), List.of("b.h")));
        VerifiedHit recent = recent();
        assertEquals(4, recent.stamped().count(), "a.h, the directory, a.h in it, and the absent b.h");
        assertEquals(NONE, differing(recent));
        Files.writeString(directory.resolve("b.h"), "");
        assertEquals(only(3), differing(recent));
        assertFalse(new ManifestVerifier(files, directories).holds(recent, only(3)));
    }

    @Test
    void restlessDirectory_hasItsNamesAskedOneByOne() throws IOException {
        Files.writeString(directory.resolve("c.h"), "");
        VerifiedHit recent = restless().orElseThrow();
        assertEquals(4, recent.stamped().count(), "a.h, the directory, a.h in it, and the absent b.h");
        Files.writeString(directory.resolve("d.h"), "");
        assertEquals(NONE, differing(recent));
        assertTrue(new ManifestVerifier(files, directories).holds(recent, NONE));
        Files.delete(header);
        assertEquals(BitSet.valueOf(new long[] {0b101}), differing(recent), "a file, and a name that has gone");
    }

    @Test
    void restlessDirectory_thatIsSeenNotToHold_makesNoRecentHit() throws IOException {
        Files.writeString(directory.resolve("c.h"), "");
        searched(new SearchedDirectory(directory, Optional.empty(), 0, List.of("gone.h"), List.of()));
        assertTrue(restless().isEmpty(), "a name that has gone");
        SearchedDirectory only = new SearchedDirectory(directory, Optional.empty(), 0, List.of(), List.of());
        searched(only, new SearchedDirectory(directory, Optional.empty(), 1, List.of(), List.of()));
        assertTrue(restless().isEmpty(), "two that are the same one now");
        Path other = directory.resolve("other");
        searched(only, new SearchedDirectory(other, Optional.empty(), 1, List.of("b.h"), List.of()));
        assertTrue(restless().isEmpty(), "names in a directory that is not there");
        searched(only, new SearchedDirectory(other, Optional.empty(), 1, List.of(), List.of("b.h")));
        VerifiedHit recent = restless().orElseThrow();
        assertEquals(NONE, differing(recent));
        Files.createDirectory(other);
        assertEquals(only(2), differing(recent), "it has come");
    }

    /** A directory of thousands is read, rather than asked for thousands of names. */
    @Test
    void restlessDirectory_ofManyNames_makesNoRecentHit() throws IOException {
        List<String> absent = IntStream.range(0, 1000).mapToObj(i -> i + ".h").toList();
        searched(new SearchedDirectory(directory, Optional.empty(), 0, List.of(), absent));
        assertTrue(restless().isEmpty());
        assertTrue(holds());
    }

    @Test
    void restlessness_isKnownOnceADirectoryWasLookedAt() throws IOException {
        SearchedDirectory searched = variant.directories().get(0);
        ManifestVerifier verification = new ManifestVerifier(files, directories);
        assertFalse(verification.isRestless(searched));
        assertTrue(verification.holds(variant));
        assertFalse(verification.isRestless(searched));
        Files.writeString(directory.resolve("c.h"), "");
        ManifestVerifier later = new ManifestVerifier(files, directories);
        assertTrue(later.holds(variant));
        assertTrue(later.isRestless(searched));
    }

    @Test
    void fileThatChangedAMomentAgo_makesNoRecentHit() throws IOException {
        SourceFileCache justNow = new SourceFileCache(() -> 0);
        assertTrue(justNow.content(header).isPresent());
        assertTrue(VerifiedHit.of(variant, justNow, new ManifestVerifier(justNow, directories))
                .isEmpty());
    }

    @Test
    void fileThatHeldSomethingElse_makesNoRecentHit() throws IOException {
        Files.writeString(header, "int b;\n");
        assertTrue(files.content(header).isPresent());
        assertTrue(restless().isEmpty());
    }
}
