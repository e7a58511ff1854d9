package dev.jdist.client.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileDigestStore;
import dev.jdist.client.files.FileDigestStore.Known;
import dev.jdist.client.files.FileStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one daemon digested, the next one need not. */
class ProgramDigestsTest {
    /** As if the files here had been left alone for an hour. */
    private static final LongSupplier LATER = () -> FileStat.now() + TimeUnit.HOURS.toNanos(1);

    @TempDir
    private Path root;

    private Path cache;
    private Path program;

    @BeforeEach
    void makeProgram() throws IOException {
        cache = root.resolve("cache");
        program = Files.writeString(root.resolve("cc1"), "a compiler");
    }

    private String digest(LongSupplier now) throws IOException {
        return new ProgramDigests(new FileDigestStore(cache, true), now)
                .digest(List.of(program))
                .digest();
    }

    private Path kept() {
        return cache.resolve("jdist-programs");
    }

    /** Notes a digest that nothing has: whoever gives it back has not read the program. */
    private String keepAnother() throws IOException {
        Known other = new Known(FileStat.of(program).orElseThrow(), Digest.of(new byte[1]), true);
        new FileDigestStore(cache, true).write(Map.of(program, other));
        return digest(LATER);
    }

    @Test
    void nextDaemon_readsNoProgramAgain() throws IOException {
        String first = digest(LATER);
        assertEquals(first, digest(LATER));
        assertEquals(
                Map.of(
                        program,
                        new Known(
                                FileStat.of(program).orElseThrow(),
                                Digest.of("a compiler".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                                true)),
                new FileDigestStore(cache, true).read());
        assertNotEquals(first, keepAnother());
    }

    @Test
    void programThatChangedAMomentAgo_isNotKept() throws IOException {
        digest(FileStat::now);
        assertEquals(Map.of(), new FileDigestStore(cache, true).read());
        // Nor does the lapse of time make a digest better that was made too early.
        digest(LATER);
        assertEquals(1, new FileDigestStore(cache, true).read().size());
    }

    @Test
    void programThatWasReplaced_isReadAgain() throws IOException {
        String other = keepAnother();
        Path fresh = Files.writeString(root.resolve("fresh"), "a compiler");
        Files.move(fresh, program, StandardCopyOption.REPLACE_EXISTING);
        assertNotEquals(other, digest(LATER));
    }

    @Test
    void damage_isNoticedWhereverItIs() throws IOException {
        String other = keepAnother();
        byte[] whole = Files.readAllBytes(kept());
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            Files.write(kept(), damaged);
            assertEquals(Map.of(), new FileDigestStore(cache, true).read(), "octet " + at);
        }
        for (int length = 0; length < whole.length; length++) {
            Files.write(kept(), java.util.Arrays.copyOf(whole, length));
            assertEquals(Map.of(), new FileDigestStore(cache, true).read(), length + " octets");
        }
        assertNotEquals(other, digest(LATER));
    }

    @Test
    void file_isItsOwnersAlone() throws IOException {
        String other = keepAnother();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept())));
        Files.setPosixFilePermissions(kept(), PosixFilePermissions.fromString("rw--w----"));
        assertNotEquals(other, digest(LATER));
        try (var files = Files.list(cache)) {
            assertEquals(List.of(kept()), files.toList());
        }
    }

    @Test
    void cacheThatMustNotBeChanged_isReadAndNotWritten() throws IOException {
        new ProgramDigests(new FileDigestStore(cache, false), LATER)
                .digest(List.of(program))
                .digest();
        assertFalse(Files.exists(cache));
        String other = keepAnother();
        assertEquals(
                other,
                new ProgramDigests(new FileDigestStore(cache, false), LATER)
                        .digest(List.of(program))
                        .digest());
    }

    @Test
    void file_isBounded() throws IOException {
        Known known = new Known(FileStat.of(program).orElseThrow(), Digest.of(new byte[1]), true);
        Map<Path, Known> many = new java.util.HashMap<>();
        for (int i = 0; i < 3000; i++) {
            many.put(Path.of("/" + "d/".repeat(1500) + i), known);
        }
        many.put(Path.of("/" + "n".repeat(5000)), known);
        new FileDigestStore(cache, true).write(many);
        assertEquals(1000, new FileDigestStore(cache, true).read().size());
        assertTrue(Files.size(kept()) < 8 << 20);
    }
}
