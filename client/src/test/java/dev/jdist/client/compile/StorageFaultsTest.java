package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.cache.storage.EntryStore.Timeouts;
import dev.jdist.client.outcome.Outcome.Counter;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.stats.Statistics.Snapshot;
import dev.jdist.client.testing.FakeStorage;
import dev.jdist.client.testing.FakeStorage.Answers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a storage that is slow or out of order means for compiles: that they take longer, and nothing else. */
@Timeout(60)
class StorageFaultsTest {
    private static final String SOURCE = "int a;\n";
    private static final Timeouts NO_TIME = new Timeouts(Duration.ZERO, Duration.ZERO);

    @TempDir
    Path cwd;

    @TempDir
    Path elsewhere;

    private final FakeStorage storage = new FakeStorage(true);
    private final Statistics statistics = new Statistics();

    /** Compiles in a daemon of its own, which remembers nothing; returns its counts. */
    private Snapshot compile(String direct, Timeouts timeouts) throws Exception {
        statistics.reset();
        Files.deleteIfExists(cwd.resolve("a.o"));
        EntryStore store = new EntryStore(storage, 3, timeouts, statistics);
        try (CachedGcc gcc = new CachedGcc(cwd, elsewhere, store, statistics)) {
            assertEquals("", gcc.compile(Map.of("SCCACHE_DIRECT", direct, "LC_ALL", "C"), SOURCE, "-O2"));
        }
        assertTrue(Files.size(cwd.resolve("a.o")) > 0);
        return statistics.snapshot();
    }

    private static void assertCounts(Snapshot counts, int hits, int misses) {
        assertEquals(hits, counts.cacheHits().all(), "hits");
        assertEquals(misses, counts.cacheMisses().all(), "misses");
        assertEquals(misses, counts.count(Counter.COMPILATIONS), "compiles");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void storage_thatAnswersLater_hasTheSameHits(String direct) throws Exception {
        storage.reads = Answers.LATER;
        storage.writes = Answers.LATER;
        assertCounts(compile(direct, Timeouts.DEFAULT), 0, 1);
        byte[] compiled = Files.readAllBytes(cwd.resolve("a.o"));
        assertCounts(compile(direct, Timeouts.DEFAULT), 1, 0);
        assertArrayEquals(compiled, Files.readAllBytes(cwd.resolve("a.o")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void storage_thatNeverAnswers_meansCompiling(String direct) throws Exception {
        storage.reads = Answers.NEVER;
        storage.writes = Answers.NEVER;
        Snapshot counts = compile(direct, NO_TIME);
        assertCounts(counts, 0, 1);
        assertTrue(counts.count(Counter.CACHE_TIMEOUTS) > 0);
        assertEquals(0, counts.count(Counter.CACHE_READ_ERRORS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "false"})
    void storage_thatFails_meansCompiling(String direct) throws Exception {
        storage.reads = Answers.WITH_FAILURE;
        storage.writes = Answers.WITH_FAILURE;
        Snapshot counts = compile(direct, Timeouts.DEFAULT);
        assertCounts(counts, 0, 1);
        assertTrue(counts.count(Counter.CACHE_READ_ERRORS) > 0);
        assertTrue(counts.count(Counter.CACHE_WRITE_ERRORS) > 0);
        assertEquals(0, counts.count(Counter.CACHE_WRITES));
    }

    @Test
    void storage_whoseResultsAreGone_meansCompiling() throws Exception {
        compile("true", Timeouts.DEFAULT);
        storage.entries.keySet().removeIf(name -> name.toString().endsWith(".result"));
        assertCounts(compile("true", Timeouts.DEFAULT), 0, 1);
        assertCounts(compile("true", Timeouts.DEFAULT), 1, 0);
    }

    @Test
    void storage_whoseEntriesAreDamaged_meansCompilingOnceMore() throws Exception {
        compile("true", Timeouts.DEFAULT);
        storage.entries.replaceAll((name, bytes) -> {
            byte[] damaged = bytes.clone();
            damaged[damaged.length - 1] ^= 1;
            return damaged;
        });
        Snapshot counts = compile("true", Timeouts.DEFAULT);
        assertCounts(counts, 0, 1);
        assertTrue(counts.count(Counter.CACHE_READ_ERRORS) > 0);
        assertCounts(compile("true", Timeouts.DEFAULT), 1, 0);
    }
}
