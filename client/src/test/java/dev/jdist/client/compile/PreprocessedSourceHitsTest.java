package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.storage.DiskStore;
import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.cache.storage.EntryStore.Timeouts;
import dev.jdist.client.cache.storage.Storage;
import dev.jdist.client.stats.Statistics;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Units that are recognised by their preprocessed source, compiled by the real gcc: when that is enough, and when it is not. */
class PreprocessedSourceHitsTest {
    @TempDir
    Path cwd;

    @TempDir
    Path elsewhere;

    private CachedGcc gcc;
    private final Statistics statistics = new Statistics();
    private Map<String, String> environment = Map.of("SCCACHE_DIRECT", "false", "LC_ALL", "C");

    @BeforeEach
    void open() throws Exception {
        Storage disk = DiskStore.open(elsewhere.resolve("cache"), 1 << 24, true);
        gcc = new CachedGcc(cwd, elsewhere, new EntryStore(disk, 3, Timeouts.DEFAULT, statistics), statistics);
    }

    @AfterEach
    void close() throws Exception {
        gcc.close();
    }

    private String compile(String source, String... options) throws Exception {
        return gcc.compile(environment, source, options);
    }

    private long hits() {
        return statistics.snapshot().cacheHits().all();
    }

    @Test
    void comment_thatChanges_isNoReasonToCompile() throws Exception {
        compile("int a; /* one */\n", "-Wall");
        compile("int a; /* two */\n", "-Wall");
        assertEquals(1, hits());
    }

    @Test
    void comment_inALineThatIsWarnedOf_isShownAsItIs() throws Exception {
        compile("static int a; /* one */\n", "-Wall");
        String warning = compile("static int a; /* two */\n", "-Wall");
        assertTrue(warning.contains("/* two */"), warning);
        assertEquals(warning, compile("static int a; /* two */\n", "-Wall"));
        assertEquals(1, hits());
    }

    @Test
    void comment_thatThePreprocessorWarnsOf_isWarnedOf() throws Exception {
        assertEquals("", compile("int a; /* one */\n", "-Wall"));
        String warning = compile("int a; /* /* */\n", "-Wall");
        assertTrue(warning.contains("within comment"), warning);
    }

    @Test
    void comment_thatKeepsAWarningAway_isMissedWhenItGoes() throws Exception {
        String source = "int f(int n) { switch (n) { case 1: n++; /* %s */\ncase 2: n--; } return n; }\n";
        assertEquals("", compile(source.formatted("fall through"), "-Wextra"));
        String warning = compile(source.formatted("whatever"), "-Wextra");
        assertTrue(warning.contains("may fall through"), warning);
    }

    /** The same preprocessed source, from other columns. */
    @ParameterizedTest
    @ValueSource(strings = {"-fsanitize=undefined", "-g"})
    void blank_thatMovesWhatTheObjectTellsOf_isAReasonToCompile(String option) throws Exception {
        compile("int f(int a, int b) { return a + b; }\n", option);
        compile("int f(int a, int b) { return   a + b; }\n", option);
        assertEquals(0, hits());
        compile("int f(int a, int b) { return   a + b; }\n", option);
        assertEquals(1, hits());
    }

    @Test
    void timeOfDay_onTheCommandLine_isNotRecognisedByFiles() throws Exception {
        environment = Map.of("SOURCE_DATE_EPOCH", "1000000000", "LC_ALL", "C");
        compile("const char *a = WHEN;\n", "-DWHEN=__DATE__");
        compile("const char *a = WHEN;\n", "-DWHEN=__DATE__");
        assertEquals(1, hits());
        assertEquals(1, gcc.launcher.orders.size(), "the preprocessor knows what day it is");
    }
}
