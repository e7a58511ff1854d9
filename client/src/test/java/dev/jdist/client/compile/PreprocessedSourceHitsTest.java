package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.BaseDirectories;
import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.daemon.PipelineRun;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.identity.CompilerIdentity;
import dev.jdist.client.identity.ProgramDigests.Digested;
import dev.jdist.client.launcher.FakeLauncher;
import dev.jdist.client.launcher.FakeLauncher.Exit;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.unit.CompileTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Units that are recognised by their preprocessed source, compiled by the real gcc: when that is enough, and when it is not. */
class PreprocessedSourceHitsTest {
    private static final String GCC = "/usr/bin/gcc";

    private static final CompilerIdentity IDENTITY =
            new CompilerIdentity("gcc", new Digested(List.of(), List.of(), ""), List.of(), List.of(), "");

    @TempDir
    Path cwd;

    @TempDir
    Path elsewhere;

    private CompileCache cache;
    private Scratch scratch;
    private FakeLauncher launcher;
    private final Statistics statistics = new Statistics();
    private Map<String, String> environment = Map.of("SCCACHE_DIRECT", "false", "LC_ALL", "C");

    @BeforeEach
    void open() throws Exception {
        cache = CompileCache.open(
                new CompileCache.Settings(elsewhere.resolve("cache"), 1 << 24, 3, true, true, false), statistics);
        scratch = Scratch.open(elsewhere.resolve("scratch"));
    }

    @AfterEach
    void close() throws Exception {
        cache.close();
        scratch.close();
    }

    /** Compiles {@code a.c}; returns what the caller gets to read. */
    private String compile(String source, String... options) throws Exception {
        Files.writeString(cwd.resolve("a.c"), source);
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of("-c", "a.c"));
        List<String> arguments = new ArrayList<>(List.of("gcc"));
        arguments.addAll(words);
        launcher = FakeLauncher.running(cwd);
        CallerRequest request = new CallerRequest(false, false, 027, cwd, GCC, arguments, environment);
        Compiler compiler = new Compiler(CFamily.INSTANCE, CompilerKind.GCC, Path.of(GCC), false, "12", "stamp");
        ParsedCommand.Compile parsed = assertInstanceOf(
                ParsedCommand.Compile.class, CFamily.INSTANCE.parse(compiler, words, cwd, environment));
        CompileTask task = new CompileTask(launcher, request, compiler, parsed.unit(), Map.of(), FileStat.now());
        UnitCacheSession session =
                new UnitCacheSession(cache, new BaseDirectories(List.of()), IDENTITY, new RequestHitCache(cache), task);
        new PipelineRun(scratch, statistics).compile(launcher, task, Optional.of(session), Optional.empty());
        Exit exit = launcher.exits.get(0);
        assertEquals(0, exit.code(), exit.stderr());
        return exit.stderr();
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

    @Test
    void timeOfDay_onTheCommandLine_isNotRecognisedByFiles() throws Exception {
        environment = Map.of("SOURCE_DATE_EPOCH", "1000000000", "LC_ALL", "C");
        compile("const char *a = WHEN;\n", "-DWHEN=__DATE__");
        compile("const char *a = WHEN;\n", "-DWHEN=__DATE__");
        assertEquals(1, hits());
        assertEquals(1, launcher.orders.size(), "the preprocessor knows what day it is");
    }
}
