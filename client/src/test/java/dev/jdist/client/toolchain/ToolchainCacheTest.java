package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.settings.ClientConfig.CustomToolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With small programs in the place of compilers: they answer no question, and so consist of themselves alone. */
@Timeout(60)
class ToolchainCacheTest {
    private static final long PLENTY = 1 << 30;
    private static final SearchEnvironment HERE = SearchEnvironment.ofProcess();

    @TempDir
    private static Path common;

    private static Path program;

    @TempDir
    private Path root;

    private Path cache;
    private Path asked;
    private ToolchainProof proof = (compiler, libraryPath, archive) -> {};
    private int packings;

    @BeforeEach
    void name() {
        cache = root.resolve("cache");
        asked = root.resolve("asked");
    }

    /** A program that notes each start in the file {@code asked} beside it. It takes longer to make than to test with. */
    @BeforeAll
    static void makeProgram() throws IOException, InterruptedException {
        Path source = Files.writeString(common.resolve("program.c"), """
                #include <stdio.h>
                #include <string.h>
                int main(int argc, char **argv) {
                    char asked[4096];
                    snprintf(asked, sizeof asked - 8, "%s", argv[0]);
                    strcpy(strrchr(asked, '/') + 1, "asked");
                    FILE *out = fopen(asked, "a");
                    fputs(argc > 1 ? argv[1] : "", out);
                    fputs("\\n", out);
                    return 1;
                }
                """);
        program = common.resolve("program");
        Gcc.run("-static", "-s", source.toString(), "-o", program.toString());
    }

    /** That program under another name. Its content, and so its archive, differs by the name, which stands behind it. */
    private Compiler compiler(String name) throws IOException {
        Path copy = Files.copy(program, root.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(copy, name, StandardOpenOption.APPEND);
        return new Compiler(CFamily.INSTANCE, CompilerKind.GCC, copy, false, "1", "stamp of " + name);
    }

    /** How many times something was packed and tried. */
    private int packings() {
        return packings;
    }

    /** How many times a compiler was asked for its parts. */
    private long questions() throws IOException {
        return !Files.exists(asked)
                ? 0
                : Files.readAllLines(asked).stream()
                        .filter(line -> line.endsWith("=cc1"))
                        .count();
    }

    private final AtomicLong time = new AtomicLong();

    private ToolchainCache open(long maxBytes, CustomToolchain... custom) throws IOException {
        return new ToolchainCache(
                cache,
                maxBytes,
                List.of(custom),
                (compiler, libraryPath, archive) -> {
                    packings++;
                    proof.check(compiler, libraryPath, archive);
                },
                time::get);
    }

    private Set<String> archives() throws IOException {
        Set<String> names = new TreeSet<>();
        try (var files = Files.list(cache.resolve("archives"))) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }

    @Test
    void compiler_isPackedOnFirstUseOnly() throws Exception {
        Compiler one = compiler("one");
        ToolchainCache toolchains = open(PLENTY);
        PackagedToolchain first = toolchains.of(one, HERE);
        assertSame(first, toolchains.of(one, HERE));
        assertEquals(1, packings());
        assertEquals(ArchiveDigest.of(first.archive()), first.toolchain());
        assertEquals(
                first.toolchain().archiveId(), first.archive().getFileName().toString());
        assertEquals(one.path().toString(), first.executable());
    }

    @Test
    void restart_findsWhatWasPacked() throws Exception {
        Compiler one = compiler("one");
        PackagedToolchain before = open(PLENTY).of(one, HERE);
        assertEquals(before, open(PLENTY).of(one, HERE));
        assertEquals(1, packings());
    }

    @Test
    void changedCompiler_isPackedAnew() throws Exception {
        Compiler one = compiler("one");
        ToolchainCache toolchains = open(PLENTY);
        PackagedToolchain before = toolchains.of(one, HERE);
        Files.copy(compiler("two").path(), one.path(), StandardCopyOption.REPLACE_EXISTING);
        Compiler changed = new Compiler(CFamily.INSTANCE, CompilerKind.GCC, one.path(), false, "1", "another stamp");
        assertNotEquals(before.toolchain(), toolchains.of(changed, HERE).toolchain());
        assertEquals(2, packings());
    }

    @Test
    void archiveThatIsDeleted_isPackedAgainUnderTheSameName() throws Exception {
        Compiler one = compiler("one");
        ToolchainCache toolchains = open(PLENTY);
        PackagedToolchain before = toolchains.of(one, HERE);
        Files.delete(before.archive());
        assertEquals(before, toolchains.of(one, HERE));
        assertTrue(Files.exists(before.archive()));
        assertEquals(2, packings());
        // And after a restart too.
        Files.delete(before.archive());
        assertEquals(before, open(PLENTY).of(one, HERE));
        assertEquals(3, packings());
    }

    @Test
    void severalAtOnce_packOnce() throws Exception {
        Compiler one = compiler("one");
        ToolchainCache toolchains = open(PLENTY);
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<PackagedToolchain>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(threads.submit(() -> {
                    start.await();
                    return toolchains.of(one, HERE);
                }));
            }
            start.countDown();
            for (Future<PackagedToolchain> each : all) {
                assertSame(all.get(0).get(), each.get());
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(1, packings());
    }

    @Test
    void fullCache_leastRecentlyUsedGoes() throws Exception {
        Compiler one = compiler("one");
        Compiler two = compiler("two");
        Compiler three = compiler("three");
        long size = Files.size(open(PLENTY).of(one, HERE).archive());
        ToolchainCache toolchains = open(2 * size + size / 2);
        PackagedToolchain first = toolchains.of(one, HERE);
        PackagedToolchain second = toolchains.of(two, HERE);
        Files.setLastModifiedTime(first.archive(), FileTime.fromMillis(2_000_000));
        Files.setLastModifiedTime(second.archive(), FileTime.fromMillis(1_000_000));
        PackagedToolchain third = toolchains.of(three, HERE);
        assertEquals(Set.of(first.toolchain().archiveId(), third.toolchain().archiveId()), archives());
    }

    /** A build that uses a compiler for hours must not lose it to one that was tried out in between. */
    @Test
    void useInThisDaemon_countsAsUse() throws Exception {
        Compiler one = compiler("one");
        Compiler two = compiler("two");
        Compiler three = compiler("three");
        long size = Files.size(open(PLENTY).of(one, HERE).archive());
        ToolchainCache toolchains = open(2 * size + size / 2);
        PackagedToolchain first = toolchains.of(one, HERE);
        PackagedToolchain second = toolchains.of(two, HERE);
        Files.setLastModifiedTime(first.archive(), FileTime.fromMillis(1_000_000));
        Files.setLastModifiedTime(second.archive(), FileTime.fromMillis(2_000_000));
        toolchains.of(one, HERE);
        toolchains.of(three, HERE);
        assertTrue(Files.exists(first.archive()));
        assertFalse(Files.exists(second.archive()));
    }

    @Test
    void archiveOverTheLimit_isRefusedWithBothSizes() throws Exception {
        Compiler one = compiler("one");
        ToolchainCache toolchains = open(1000);
        IOException e = assertThrows(IOException.class, () -> toolchains.of(one, HERE));
        assertTrue(e.getMessage().contains("toolchain_cache_size"), e.getMessage());
        assertEquals(Set.of(), archives());
        // Nor is it tried for every unit.
        time.addAndGet(ToolchainCache.RETRY.toNanos() - 1);
        assertThrows(IOException.class, () -> toolchains.of(one, HERE));
        assertEquals(1, questions());
        assertEquals(0, packings());
        // What stood in its way may have gone since.
        time.incrementAndGet();
        assertThrows(IOException.class, () -> toolchains.of(one, HERE));
        assertEquals(2, questions());
    }

    @Test
    void leftoversOfAKilledDaemon_areRemoved() throws Exception {
        open(PLENTY);
        Path old = Files.writeString(cache.resolve("archives/.packing-123.tar.gz"), "half");
        Files.setLastModifiedTime(old, FileTime.fromMillis(1_000_000));
        // Another daemon of this user may be packing right now.
        Files.writeString(cache.resolve("archives/.packing-456.tar.gz"), "half");
        open(PLENTY);
        assertEquals(Set.of(".packing-456.tar.gz"), archives());
    }

    @Test
    void damagedIndex_isBegunAnew() throws Exception {
        Compiler one = compiler("one");
        PackagedToolchain before = open(PLENTY).of(one, HERE);
        for (String damage : List.of("", "{", "[1]", "null", "{\"a\":{}}")) {
            Files.writeString(cache.resolve("compilers.json"), damage);
            assertEquals(before, open(PLENTY).of(one, HERE), damage);
        }
    }

    /** The index is a file that anything may have written: an id from it must not lead out of the cache. */
    @Test
    void indexThatLeadsElsewhere_isNotFollowed() throws Exception {
        Compiler one = compiler("one");
        Path secret = Files.writeString(root.resolve("secret"), "private key");
        PackagedToolchain before = open(PLENTY).of(one, HERE);
        String index = Files.readString(cache.resolve("compilers.json"));
        Files.writeString(
                cache.resolve("compilers.json"),
                index.replace(before.toolchain().archiveId(), "../../" + secret.getFileName()));
        assertEquals(before, open(PLENTY).of(one, HERE));
    }

    @Test
    void compilerThatMustNotBeDistributed_isExcluded() throws Exception {
        Compiler one = compiler("one");
        ToolchainCache toolchains = open(PLENTY, new CustomToolchain.NoDist(one.path()));
        assertTrue(toolchains.isExcluded(one));
        assertFalse(toolchains.isExcluded(compiler("two")));
    }

    @Test
    void archiveOfOnesOwn_isUsedAsItIs() throws Exception {
        Compiler one = compiler("one");
        Path archive = Files.writeString(root.resolve("own.tar.gz"), "an archive");
        ToolchainCache toolchains = open(PLENTY, new CustomToolchain.PathOverride(one.path(), archive, "/opt/bin/gcc"));
        assertFalse(toolchains.isExcluded(one));
        assertEquals(
                new PackagedToolchain(ArchiveDigest.of(archive), archive, "/opt/bin/gcc", Optional.empty()),
                toolchains.of(one, HERE));
        assertEquals(0, packings());
    }

    @Test
    void archiveOfOnesOwnThatIsMissing_isAnErrorThatNamesIt() throws Exception {
        Compiler one = compiler("one");
        Path archive = root.resolve("missing.tar.gz");
        ToolchainCache toolchains = open(PLENTY, new CustomToolchain.PathOverride(one.path(), archive, "/gcc"));
        IOException e = assertThrows(IOException.class, () -> toolchains.of(one, HERE));
        assertTrue(e.getMessage().contains("missing.tar.gz"), e.getMessage());
    }

    @Test
    void archiveThatDoesNotCompile_isNotUsedAndLeavesNothing() throws Exception {
        Compiler one = compiler("one");
        proof = (compiler, libraryPath, archive) -> {
            assertEquals(one, compiler);
            assertTrue(Files.size(archive) > 0);
            throw new IOException("it does not compile a line: cannot execute 'cc1'");
        };
        ToolchainCache toolchains = open(PLENTY);
        for (int i = 0; i < 2; i++) {
            IOException e = assertThrows(IOException.class, () -> toolchains.of(one, HERE));
            assertTrue(e.getMessage().contains("cc1"), e.getMessage());
        }
        assertEquals(Set.of(), archives());
        assertEquals(1, packings());
        // What was only wrong for a while is tried again by the next daemon.
        proof = (compiler, libraryPath, archive) -> {};
        assertEquals(archives(), Set.of());
        open(PLENTY).of(one, HERE);
        assertEquals(2, packings());
    }

    @Test
    void archiveThatWasTried_isNotTriedAgain() throws Exception {
        Compiler one = compiler("one");
        List<Path> tried = new ArrayList<>();
        proof = (compiler, libraryPath, archive) -> tried.add(archive);
        PackagedToolchain before = open(PLENTY).of(one, HERE);
        assertEquals(before, open(PLENTY).of(one, HERE));
        assertEquals(1, tried.size());
    }

    @Test
    void archiveThatWasCutOff_isPackedAnew() throws Exception {
        Compiler one = compiler("one");
        PackagedToolchain before = open(PLENTY).of(one, HERE);
        byte[] whole = Files.readAllBytes(before.archive());
        Files.write(before.archive(), java.util.Arrays.copyOf(whole, whole.length / 2));
        assertEquals(before, open(PLENTY).of(one, HERE));
        assertEquals(before.toolchain(), ArchiveDigest.of(before.archive()));
        assertEquals(2, packings());
    }

    @Test
    void archiveThatIsDamaged_isPackedAnewOnceABuilderRefusesIt() throws Exception {
        Compiler one = compiler("one");
        ToolchainCache toolchains = open(PLENTY);
        PackagedToolchain before = toolchains.of(one, HERE);
        assertFalse(toolchains.recheck(before), "a sound archive");
        assertSame(before, toolchains.of(one, HERE));

        byte[] bytes = Files.readAllBytes(before.archive());
        bytes[bytes.length / 2] ^= 1;
        Files.write(before.archive(), bytes);
        assertTrue(toolchains.recheck(before));
        assertEquals(before, toolchains.of(one, HERE));
        assertEquals(before.toolchain(), ArchiveDigest.of(before.archive()));
        assertEquals(2, packings());
    }

    @Test
    void archiveOfOnesOwnThatChanged_isLeftAloneAndReadAnew() throws Exception {
        Compiler one = compiler("one");
        Path archive = Files.writeString(root.resolve("own.tar.gz"), "an archive");
        ToolchainCache toolchains = open(PLENTY, new CustomToolchain.PathOverride(one.path(), archive, "/opt/bin/gcc"));
        PackagedToolchain before = toolchains.of(one, HERE);
        Files.writeString(archive, "another archive");
        assertTrue(toolchains.recheck(before));
        assertEquals(ArchiveDigest.of(archive), toolchains.of(one, HERE).toolchain());
        assertNotEquals(before.toolchain(), toolchains.of(one, HERE).toolchain());
    }
}
