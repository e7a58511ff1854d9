package dev.jdist.client.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.files.FileEvidence;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.identity.ProgramDigests.Digested;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A compiler whose assembler was looked for in two directories, and found in the second, if at all. */
class CompilerIdentityTest {
    @TempDir
    private Path directory;

    private Map<Path, Optional<FileStat>> stamps(String path, Optional<Path> assembler) throws IOException {
        Path program = Path.of("/bin/sh").toRealPath();
        Digested parts =
                new Digested(List.of(program), List.of(FileStat.of(program).orElseThrow()), "");
        FileEvidence libraries = new FileEvidence(Map.of());
        return new CompilerIdentity("gcc", parts, List.of(Path.of("as")), List.of(assembler), path, libraries, Set.of())
                .stamps();
    }

    @Test
    void directoryThatIsOld_standsForWhatIsNotInIt() throws IOException {
        Map<Path, Optional<FileStat>> stamps = stamps("/proc/1:/usr/bin:/bin", Optional.of(Path.of("/usr/bin/as")));
        assertFalse(stamps.containsKey(Path.of("/usr/bin/as")), "it was found there");
        assertFalse(stamps.containsKey(Path.of("/bin/as")), "nobody looked there");
        Map<Path, Optional<FileStat>> elsewhere = stamps("/usr/lib:/usr/bin", Optional.of(Path.of("/usr/bin/as")));
        assertEquals(FileStat.of(Path.of("/usr/lib")), elsewhere.get(Path.of("/usr/lib")));
        assertFalse(elsewhere.containsKey(Path.of("/usr/lib/as")));
        assertEquals(2, elsewhere.size());
    }

    @Test
    void directoryThatChangedAMomentAgo_provesNothing() throws IOException {
        Map<Path, Optional<FileStat>> stamps = stamps(directory.toString(), Optional.empty());
        assertFalse(stamps.containsKey(directory));
        assertEquals(Optional.empty(), stamps.get(directory.resolve("as")));
    }

    @Test
    void directoryThatIsMissing_mustStayAway() throws IOException {
        Path missing = directory.resolve("missing");
        Map<Path, Optional<FileStat>> stamps = stamps(missing.toString(), Optional.empty());
        assertTrue(stamps.containsKey(missing));
        assertEquals(Optional.empty(), stamps.get(missing));
    }

    @Test
    void linkThatLeadsNowhere_isWatchedItself() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("as"), directory.resolve("nowhere"));
        Map<Path, Optional<FileStat>> stamps = stamps(directory.toString(), Optional.empty());
        assertEquals(Optional.empty(), stamps.get(link));
        assertTrue(stamps.containsKey(link));
        assertFalse(stamps.containsKey(directory));
    }
}
