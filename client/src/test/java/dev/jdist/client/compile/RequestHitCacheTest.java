package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.cache.RequestKey;
import dev.jdist.client.cache.ScriptedRecipient;
import dev.jdist.client.cache.SettledCache;
import dev.jdist.client.cache.direct.CompileInputs;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.daemon.PipelineRun;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Moment;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.launcher.FakeLauncher;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request, {@code gcc -c a.c}, that was a hit. */
class RequestHitCacheTest {
    private static final Compiler GCC =
            new Compiler(CFamily.INSTANCE, CompilerKind.GCC, Path.of("/usr/bin/gcc"), false, "12", "stamp");
    /** Of a compiler that changed long ago, and of a place where another one could be. */
    private static final Map<Path, Optional<FileStat>> OF_COMPILER = Map.of(
            Path.of("/usr/bin/gcc"), Optional.of(new FileStat(1, 2, 3, 4, 5)), Path.of("/bin/as"), Optional.empty());

    @TempDir
    private Path directory;

    private final Statistics statistics = new Statistics();
    private final FakeLauncher launcher = new FakeLauncher(order -> 0);
    private CompileCache cache;
    private RequestHitCache requests;
    private RequestKey key;

    @BeforeEach
    void open() throws IOException, ChangedException {
        cache = SettledCache.open(directory.resolve("cache"));
        requests = new RequestHitCache(cache);
        key = RequestKey.of("gcc", List.of("-c", "a.c"), Optional.of(directory), Map.of());
        Path source = Files.writeString(directory.resolve("a.c"), "int a;\n");
        CompileInputs inputs = new CompileInputs(
                Set.of(source),
                List.of(),
                List.of(),
                directory,
                FileBaseline.of(new Moment(Long.MAX_VALUE)),
                Optional.empty(),
                Optional.empty());
        assertTrue(cache.remember(
                key,
                cache.record(inputs, new UnchangedPaths(inputs.before())),
                Optional.empty(),
                new CompileResult(List.of(Optional.of(Bytes.utf8("object"))), Bytes.EMPTY, Bytes.utf8("w")),
                Optional.empty()));
        assertTrue(
                cache.find(key, Optional.empty(), ScriptedRecipient.trusting()).isPresent());
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private CallerRequest request(String... options) {
        List<String> arguments = new ArrayList<>(List.of("gcc"));
        arguments.addAll(List.of(options));
        Digest id = Digest.of(String.join(" ", arguments).getBytes(StandardCharsets.UTF_8));
        return new CallerRequest(
                false,
                false,
                CallerRequest.Limits.USUAL,
                0,
                directory,
                "/usr/bin/gcc",
                arguments,
                Map.of(),
                "",
                Optional.of(id));
    }

    private CompileTask unit(CallerRequest request) {
        ParsedCommand.Compile parsed = assertInstanceOf(
                ParsedCommand.Compile.class, CFamily.INSTANCE.parse(GCC, List.of("-c", "a.c"), directory, Map.of()));
        return new CompileTask(launcher, request, GCC, parsed.unit(), Map.of(), FileStat.now());
    }

    private void remember(CallerRequest request, Map<Path, Optional<FileStat>> compiler) {
        requests.remember(unit(request), key, Optional.empty(), compiler);
    }

    private boolean serves(String... options) {
        return requests.answer(request(options).id().orElseThrow(), PipelineRun.answer(launcher, statistics));
    }

    @Test
    void requestThatWasNotAHit_isNotServed() {
        assertFalse(serves("-c", "a.c"));
    }

    @Test
    void requestThatWasAHit_isOneAgain() throws IOException {
        remember(request("-c", "a.c"), OF_COMPILER);
        List<Integer> counts = new ArrayList<>();
        launcher.offers = offer -> {
            counts.add(launcher.compared.count());
            assertEquals("w", offer.stderr().toUtf8());
            assertEquals(directory.resolve("a.o"), offer.outputs().get(0).place());
            return new BitSet();
        };
        assertTrue(serves("-c", "a.c"));
        assertTrue(serves("-c", "a.c"));
        assertEquals(2, counts.size());
        assertTrue(
                counts.get(0) >= 1 + OF_COMPILER.size(),
                "the source, the compiler and the place of another: " + counts);
    }

    @Test
    void conditions_areThoseThatAreComparedForAnAnswer() {
        Digest id = request("-c", "a.c").id().orElseThrow();
        assertEquals(Optional.empty(), requests.conditions(id));
        remember(request("-c", "a.c"), OF_COMPILER);
        launcher.offers = offer -> new BitSet();
        assertTrue(serves("-c", "a.c"));
        assertEquals(Optional.of(launcher.compared), requests.conditions(id));
    }

    @Test
    void otherWords_areAnotherRequest() {
        remember(request("-c", "a.c"), OF_COMPILER);
        launcher.offers = offer -> new BitSet();
        assertFalse(serves("-c", "a.c", "-O2"));
    }

    @Test
    void offerThatIsRefused_isNotMadeAgain() {
        remember(request("-c", "a.c"), OF_COMPILER);
        assertFalse(serves("-c", "a.c"));
        launcher.offers = offer -> {
            throw new AssertionError("offered again");
        };
        assertFalse(serves("-c", "a.c"));
    }

    @Test
    void responseFile_isNotRemembered() {
        remember(request("@file"), OF_COMPILER);
        launcher.offers = offer -> new BitSet();
        assertFalse(serves("@file"));
    }

    @Test
    void compilerThatChangedAMomentAgo_isNotRemembered() throws IOException {
        Path compiler = Files.writeString(directory.resolve("gcc"), "");
        remember(request("-c", "a.c"), Map.of(compiler, FileStat.of(compiler)));
        launcher.offers = offer -> new BitSet();
        assertFalse(serves("-c", "a.c"));
    }

    @Test
    void requestThatNoLauncherMade_isNotRemembered() {
        CallerRequest made =
                new CallerRequest(false, false, 0, directory, "/usr/bin/gcc", List.of("gcc", "-c", "a.c"), Map.of());
        remember(made, OF_COMPILER);
        launcher.offers = offer -> new BitSet();
        assertFalse(serves("-c", "a.c"));
    }
}
