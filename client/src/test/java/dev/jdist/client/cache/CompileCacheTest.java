package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.CompileCache.Found;
import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.direct.CompileInputs;
import dev.jdist.client.cache.direct.DependencyTarget;
import dev.jdist.client.cache.direct.DependencyTarget.Layout;
import dev.jdist.client.cache.direct.ManifestRecorder.Record;
import dev.jdist.client.cache.storage.DiskStore;
import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.cache.storage.EntryStore.Timeouts;
import dev.jdist.client.cache.storage.Storage;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Moment;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A unit, {@code main.c}, that includes {@code "near.h"} beside it and {@code <far.h>} from the second of two directories. */
class CompileCacheTest {
    private static final RequestKey REQUEST =
            RequestKey.of("gcc", List.of("-c", "main.c"), Optional.of(Path.of("/src")), Map.of());

    @TempDir
    Path directory;

    private CompileCache cache;
    private Path main;
    private Path near;
    private Path far;
    private final CountingListener listener = new CountingListener();
    private final ScriptedRecipient doubting = ScriptedRecipient.doubting();
    private final ScriptedRecipient trusting = ScriptedRecipient.trusting();

    @BeforeEach
    void open() throws IOException {
        cache = open(true);
        Files.createDirectories(directory.resolve("first"));
        Files.createDirectories(directory.resolve("second/sys"));
        main = Files.writeString(
                directory.resolve("main.c"),
                "#include \"near.h\"\n#include <sys/far.h>\n#if __has_include(<perhaps.h>)\n#endif\n");
        near = Files.writeString(directory.resolve("near.h"), "int near;\n");
        far = Files.writeString(directory.resolve("second/sys/far.h"), "int far;\n");
    }

    private CompileCache open(boolean writable) throws IOException {
        return new CompileCache(
                new CompileCache.Settings(true, false), new SourceFileCache(FileStat::now), store(writable));
    }

    private EntryStore store(boolean writable) throws IOException {
        Storage disk = DiskStore.open(directory.resolve("cache"), 1 << 20, writable);
        return new EntryStore(disk, 3, Timeouts.DEFAULT, listener);
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private CompileInputs inputs() throws IOException {
        return new CompileInputs(
                new LinkedHashSet<>(List.of(main, near, far)),
                List.of(),
                List.of(directory.resolve("first"), directory.resolve("second")),
                directory,
                afterAll(),
                Optional.of("main.o: main.c\n".getBytes(StandardCharsets.UTF_8)),
                Optional.empty());
    }

    /** Later than all changes so far. */
    private static FileBaseline afterAll() {
        return FileBaseline.of(new Moment(
                System.currentTimeMillis() * 1_000_000 + Duration.ofSeconds(3).toNanos()));
    }

    /** Has a compile remembered that read this; false if there is no telling that it did, or no finding it again. */
    private boolean remember(CompileInputs inputs, CompileResult result) throws IOException {
        try {
            return cache.remember(REQUEST, record(inputs), inputs.dependencies(), result, Optional.empty());
        } catch (ChangedException e) {
            return false;
        }
    }

    private Record record(CompileInputs inputs) throws IOException, ChangedException {
        return cache.record(inputs, new UnchangedPaths(inputs.before()));
    }

    private static CompileResult result(String object) {
        return new CompileResult(
                List.of(Optional.of(Bytes.utf8(object)), Optional.empty()), Bytes.EMPTY, Bytes.utf8("a warning\n"));
    }

    private void remember(String object) throws IOException {
        assertTrue(remember(inputs(), result(object)));
    }

    private Optional<String> found() {
        return cache.find(REQUEST, Optional.empty(), doubting).map(found -> object(((Found.Pending) found).hit()));
    }

    private static String object(Hit hit) {
        return hit.result()
                .outputs()
                .get(0)
                .map(bytes -> ((Bytes) bytes).toUtf8())
                .orElseThrow();
    }

    @Test
    void request_neverSeen_isNotFound() {
        assertEquals(Optional.empty(), found());
    }

    @Test
    void request_withTheSameFiles_isFoundWhole() throws IOException {
        remember("object");

        Hit hit =
                ((Found.Pending) cache.find(REQUEST, Optional.empty(), doubting).orElseThrow()).hit();
        assertEquals("object", object(hit));
        assertTrue(hit.result().outputs().get(1).isEmpty());
        assertEquals("a warning\n", hit.result().stderr().toUtf8());
        assertEquals("main.o: main.c\n", new String(hit.dependencies().orElseThrow(), StandardCharsets.UTF_8));
    }

    /** Compiled for one target, and asked for with another. */
    private Optional<String> ruleFor(String target) {
        return cache.find(REQUEST, Optional.of(new DependencyTarget(target, Layout.GCC)), doubting)
                .map(found ->
                        new String(((Found.Pending) found).hit().dependencies().orElseThrow(), StandardCharsets.UTF_8));
    }

    private boolean remembers(String target, String rule) throws IOException {
        CompileInputs inputs = inputs();
        CompileInputs targeted = new CompileInputs(
                inputs.read(),
                inputs.forced(),
                inputs.searched(),
                directory,
                inputs.before(),
                Optional.of(rule.getBytes(StandardCharsets.UTF_8)),
                Optional.of(new DependencyTarget(target, Layout.GCC)));
        return remember(targeted, result("object"));
    }

    @Test
    void request_forAnotherTarget_isFoundWithThatInItsRule() throws IOException {
        assertTrue(remembers("main.o", "main.o: main.c near.h\n"));
        assertEquals(Optional.of("main.o: main.c near.h\n"), ruleFor("main.o"));
        assertEquals(Optional.of("other.o: main.c near.h\n"), ruleFor("other.o"));
    }

    @Test
    void requests_whoseRulesCannotBeOthers_areFoundEach() throws IOException {
        assertTrue(remembers("main.o", "main.o: two\\ words.h\n"));
        assertEquals(Optional.empty(), ruleFor("other.o"));
        assertTrue(remembers("other.o", "other.o: two\\ words.h\n"));
        assertEquals(Optional.of("main.o: two\\ words.h\n"), ruleFor("main.o"));
        assertEquals(Optional.of("other.o: two\\ words.h\n"), ruleFor("other.o"));
    }

    @Test
    void ruleOfAnotherTargetThanSaid_isNotStored() throws IOException {
        assertFalse(remembers("main.o", "source.o: main.c\n"));
        assertEquals(Optional.empty(), ruleFor("main.o"));
    }

    @Test
    void request_whoseFilesAreSaidToBeAsTheyWere_isTakenWithoutALookAtThem() throws IOException {
        reopenLongAfter();
        remember("object");
        assertEquals(Optional.of("object"), found());
        Files.writeString(main, "int other;\n");
        assertEquals(Optional.of(new Found.Taken()), cache.find(REQUEST, Optional.empty(), trusting));
        assertEquals(Optional.empty(), found());
    }

    @Test
    void offer_isMadeOnceAndOfTheNewest() throws IOException {
        reopenLongAfter();
        remember("old");
        Files.writeString(main, "int other;\n");
        remember("new");
        for (int i = 0; i < 2; i++) {
            cache.find(REQUEST, Optional.empty(), doubting);
        }
        assertEquals(
                List.of("new", "new"),
                doubting.offered.stream().map(CompileCacheTest::object).toList());
    }

    /** What was only taken for granted of a hit that is none is not believed of the next one. */
    @Test
    void olderResult_isNotFoundByWhatANewerOneTookForGranted() throws IOException {
        reopenLongAfter();
        remember("old");
        String old = Files.readString(main);
        Files.writeString(main, "int other;\n" + old);
        remember("new");
        assertEquals(Optional.of("new"), found());
        Files.writeString(main, old);
        assertEquals(Optional.of("old"), found());
        Files.writeString(main, "int other;\n" + old);
        assertEquals(Optional.of("new"), found());

        Files.writeString(main, old);
        Files.writeString(directory.resolve("first/perhaps.h"), "");
        assertEquals(Optional.empty(), found());
    }

    /** A cache for which all files are so old that their stamps prove something. */
    private void reopenLongAfter() throws IOException {
        cache.close();
        cache = SettledCache.over(store(true));
    }

    @Test
    void request_ofAnotherDaemon_isFound() throws IOException {
        remember("object");
        cache.close();
        cache = open(true);
        assertEquals(Optional.of("object"), found());
    }

    @Test
    void otherRequest_isNotFound() throws IOException {
        remember("object");
        RequestKey other = RequestKey.of("gcc", List.of("-c", "main.c"), Optional.of(Path.of("/elsewhere")), Map.of());
        assertTrue(cache.find(other, Optional.empty(), doubting).isEmpty());
    }

    @Test
    void fileThatIsReadOnce_namedWithADotToo_isOneFile() throws IOException {
        Files.writeString(near, "#pragma once\n");
        CompileInputs inputs = inputs();
        assertTrue(remember(
                new CompileInputs(
                        new LinkedHashSet<>(List.of(directory.resolve("./main.c"), main, near, far)),
                        List.of(),
                        inputs.searched(),
                        directory,
                        inputs.before(),
                        Optional.empty(),
                        Optional.empty()),
                result("object")));
        assertEquals(Optional.of("object"), found());
    }

    @Test
    void file_touched_changesNothing() throws IOException {
        remember("object");
        Files.setLastModifiedTime(far, FileTime.fromMillis(1_000_000_000_000L));
        assertEquals(Optional.of("object"), found());
    }

    @Test
    void file_changed_isAnotherCompile() throws IOException {
        remember("object");
        Files.writeString(far, "int fur;\n");
        assertEquals(Optional.empty(), found());
    }

    @Test
    void file_changedWithItsTimeSetBack_isAnotherCompile() throws IOException {
        remember("object");
        FileTime before = Files.getLastModifiedTime(far);
        Files.writeString(far, "int fur;\n");
        Files.setLastModifiedTime(far, before);
        assertEquals(Optional.empty(), found());
    }

    @Test
    void file_changedAndChangedBack_isFoundAgain() throws IOException {
        remember("before");
        Files.writeString(far, "int fur;\n");
        remember("after");
        assertEquals(Optional.of("after"), found());
        Files.writeString(far, "int far;\n");
        assertEquals(Optional.of("before"), found());
    }

    @Test
    void file_removed_isAnotherCompile() throws IOException {
        remember("object");
        Files.delete(near);
        assertEquals(Optional.empty(), found());
    }

    @Test
    void header_thatNowShadowsAnother_isNoticed() throws IOException {
        remember("object");
        Files.createDirectories(directory.resolve("first/sys"));
        assertEquals(Optional.empty(), found(), "the directory alone is reason enough to look again");
    }

    @Test
    void header_thatNowShadowsAnotherInADirectoryThatWasThere_isNoticed() throws IOException {
        Files.createDirectories(directory.resolve("first/sys"));
        remember("object");
        Files.writeString(directory.resolve("first/sys/unrelated.h"), "");
        assertEquals(Optional.of("object"), found(), "nobody asks for this one");
        Files.writeString(directory.resolve("first/sys/far.h"), "int shadow;\n");
        assertEquals(Optional.empty(), found());
    }

    @Test
    void header_besideTheOneThatIncludesIt_isNoticed() throws IOException {
        Files.writeString(far, "#include <other.h>\n");
        remember("object");
        Files.writeString(directory.resolve("second/sys/other.h"), "");
        assertEquals(Optional.empty(), found());
    }

    @Test
    void header_thatIsAskedForByHasInclude_isNoticed() throws IOException {
        remember("object");
        Files.writeString(directory.resolve("second/perhaps.h"), "");
        assertEquals(Optional.empty(), found());
    }

    /** Compilers pass over the second of two, and clang may name files by either. */
    @Test
    void searchDirectory_thatBecomesALinkToAnother_isNoticed() throws IOException {
        Files.createDirectories(directory.resolve("first/sys"));
        Files.copy(far, directory.resolve("first/sys/far.h"));
        remember("object");
        assertEquals(Optional.of("object"), found());
        Files.move(directory.resolve("first"), directory.resolve("away"));
        Files.createSymbolicLink(directory.resolve("first"), Path.of("second"));
        assertEquals(Optional.empty(), found());
    }

    @Test
    void searchDirectory_thatDidNotExist_isNoticed() throws IOException {
        CompileInputs inputs = inputs();
        Path missing = directory.resolve("missing/deeper");
        remember(
                new CompileInputs(
                        inputs.read(),
                        List.of(),
                        List.of(missing, directory.resolve("second")),
                        directory,
                        afterAll(),
                        Optional.empty(),
                        Optional.empty()),
                result("object"));
        assertEquals(Optional.of("object"), found());
        Files.createDirectories(missing.resolve("sys"));
        assertEquals(Optional.empty(), found());
    }

    @Test
    void headerWithoutALiteralName_isShadowedAllTheSame() throws IOException {
        Files.writeString(main, "#define NAME <sys/far.h>\n#include NAME\n");
        Files.createDirectories(directory.resolve("first/sys"));
        remember("object");
        Files.writeString(directory.resolve("first/sys/far.h"), "int shadow;\n");
        assertEquals(Optional.empty(), found());
    }

    @Test
    void fileChangedDuringTheCompile_isNotStored() throws IOException {
        CompileInputs inputs = inputs();
        CompileInputs tooEarly = new CompileInputs(
                inputs.read(),
                List.of(),
                inputs.searched(),
                directory,
                FileBaseline.of(new Moment(1)),
                Optional.empty(),
                Optional.empty());
        assertFalse(remember(tooEarly, result("object")));
        assertEquals(Optional.empty(), found());
    }

    @Test
    void precompiledHeader_isNotStored() throws IOException {
        Files.writeString(directory.resolve("near.h.gch"), "");
        assertFalse(remember(inputs(), result("object")));
    }

    /** gcc compares times to tell whether it has read such a file before, and clang looks through links. */
    @Test
    void filesWithTheSameContentThatAreReadOnce_areNotStored() throws IOException {
        Files.writeString(near, "#pragma once\nint same;\n");
        Files.writeString(far, "#pragma once\nint same;\n");
        assertFalse(remember(inputs(), result("object")));
    }

    @Test
    void timeOfDay_isNotStored() throws IOException {
        Files.writeString(near, "const char *when = __DATE__ \" \" __TIME__;\n");
        assertFalse(remember(inputs(), result("object")));
    }

    @Test
    void assemblerInput_isNotStored() throws Exception {
        Files.writeString(near, "asm(\".incbin \\\"blob\\\"\");\n");
        assertFalse(remember(inputs(), result("object")));
    }

    @Test
    void text_isFoundByWhatItSays() throws Exception {
        PreprocessedKey text = PreprocessedKey.of(
                "gcc", List.of("-O2"), Map.of(), "int near;".getBytes(StandardCharsets.UTF_8), new byte[0]);
        PreprocessedKey other = PreprocessedKey.of(
                "gcc", List.of("-O2"), Map.of(), "int far;".getBytes(StandardCharsets.UTF_8), new byte[0]);
        cache.remember(text, result("object"), Optional.empty());
        cache.remember(REQUEST, record(inputs()), inputs().dependencies(), text);

        assertEquals(
                Optional.of(Bytes.utf8("object")),
                cache.find(text).orElseThrow().outputs().get(0));
        assertEquals(Optional.of("object"), found());
        assertTrue(cache.find(other).isEmpty());
    }

    @Test
    void damagedEntry_isNoEntry() throws IOException {
        remember("object");
        cache.close();
        for (Path file : entries()) {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
        }
        cache = open(true);
        assertEquals(Optional.empty(), found());
        assertEquals(1, listener.readFailures.get());
    }

    @Test
    void readOnlyCache_findsAndStoresNothing() throws IOException {
        remember("object");
        cache.close();
        Set<Path> before = entries();
        cache = open(false);
        assertEquals(Optional.of("object"), found());
        Files.writeString(far, "int fur;\n");
        remember(inputs(), result("another"));
        assertEquals(Optional.empty(), found());
        cache.close();
        assertEquals(before, entries());
    }

    private Set<Path> entries() throws IOException {
        try (var files = Files.walk(directory.resolve("cache"))) {
            return new LinkedHashSet<>(files.filter(file -> file.toString().matches(".*\\.(result|manifest)"))
                    .sorted()
                    .toList());
        }
    }
}
