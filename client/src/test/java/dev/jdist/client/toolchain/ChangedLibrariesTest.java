package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program in the place of a compiler, which loads a library of its own: another library is another toolchain. */
@Timeout(60)
class ChangedLibrariesTest {
    private static final String LINK_ALL = "-Wl,--no-as-needed";

    @TempDir
    private Path temporary;

    private Path root;
    private Path a;
    private Path b;
    private Path c;
    private int packings;

    @BeforeEach
    void makeDirectories() throws IOException {
        root = temporary.toRealPath();
        a = Files.createDirectory(root.resolve("a"));
        b = Files.createDirectory(root.resolve("b"));
        c = Files.createDirectory(root.resolve("c"));
    }

    /** A compiler that needs {@code libnear.so}. @param options that say where it looks for it */
    private Compiler compiler(String... options) throws IOException, InterruptedException {
        Gcc.library(c, "libnear.so");
        List<String> all = new java.util.ArrayList<>(List.of(LINK_ALL, "-L" + c, "-lnear"));
        all.addAll(List.of(options));
        Path program = Gcc.program(root, "program", all.toArray(String[]::new));
        return new Compiler(CFamily.INSTANCE, CompilerKind.GCC, program, false, "1", "stamp");
    }

    private ToolchainCache open() throws IOException {
        return new ToolchainCache(
                root.resolve("cache"), 1 << 30, List.of(), (compiler, libraryPath, archive) -> packings++);
    }

    private SearchEnvironment libraryPath(String value) {
        return SearchEnvironment.of(Map.of("PATH", System.getenv("PATH"), "LD_LIBRARY_PATH", value), root);
    }

    /** The libraries in an archive that were made here. */
    private Set<Path> libraries(PackagedToolchain toolchain) throws IOException {
        Set<Path> found = new TreeSet<>();
        try (TarArchiveInputStream in =
                new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(toolchain.archive())))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path path = Path.of("/" + entry.getName());
                if (path.startsWith(root) && path.toString().contains(".so")) {
                    found.add(path);
                }
            }
        }
        return found;
    }

    /** Another library under a name, renamed into its place as package managers do. */
    private void replace(Path library) throws IOException, InterruptedException {
        Path fresh = Gcc.library(root, "fresh.so", "-Wl,-soname,libother.so");
        Files.move(fresh, library, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void libraryThatIsReplaced_isPackedAnew() throws Exception {
        Compiler compiler = compiler("-Wl,-rpath," + a);
        Gcc.library(a, "libnear.so");
        ToolchainCache toolchains = open();
        PackagedToolchain before = toolchains.of(compiler, libraryPath(""));
        assertEquals(before, toolchains.of(compiler, libraryPath("")));
        assertEquals(1, packings);
        replace(a.resolve("libnear.so"));
        PackagedToolchain after = toolchains.of(compiler, libraryPath(""));
        assertNotEquals(before.toolchain(), after.toolchain());
        assertEquals(after, open().of(compiler, libraryPath("")));
        assertEquals(2, packings);
    }

    @Test
    void libraryThatIsReplacedWhileNoDaemonRuns_isPackedAnew() throws Exception {
        Compiler compiler = compiler("-Wl,-rpath," + a);
        Gcc.library(a, "libnear.so");
        PackagedToolchain before = open().of(compiler, libraryPath(""));
        replace(a.resolve("libnear.so"));
        assertNotEquals(before.toolchain(), open().of(compiler, libraryPath("")).toolchain());
    }

    @Test
    void libraryThatAppearsWhereTheLoaderLooksFirst_isPackedInstead() throws Exception {
        Compiler compiler = compiler("-Wl,-rpath," + a + ":" + b);
        Gcc.library(b, "libnear.so");
        ToolchainCache toolchains = open();
        assertEquals(Set.of(b.resolve("libnear.so")), libraries(toolchains.of(compiler, libraryPath(""))));
        Gcc.library(a, "libnear.so");
        assertEquals(Set.of(a.resolve("libnear.so")), libraries(toolchains.of(compiler, libraryPath(""))));
    }

    @Test
    void libraryThatWasMissing_isTriedAgainOnceItIsThere() throws Exception {
        Compiler compiler = compiler("-Wl,-rpath," + a);
        ToolchainCache toolchains = open();
        for (int i = 0; i < 2; i++) {
            IOException e = assertThrows(IOException.class, () -> toolchains.of(compiler, libraryPath("")));
            assertTrue(e.getMessage().contains("libnear.so"), e.getMessage());
        }
        Gcc.library(a, "libnear.so");
        assertEquals(Set.of(a.resolve("libnear.so")), libraries(toolchains.of(compiler, libraryPath(""))));
    }

    @Test
    void librariesOfTheCallersPath_arePackedWithThePathThatNamesThem() throws Exception {
        Compiler compiler = compiler();
        Gcc.library(a, "libnear.so");
        Gcc.library(b, "libnear.so", "-Wl,-soname,libother.so");
        ToolchainCache toolchains = open();
        assertThrows(IOException.class, () -> toolchains.of(compiler, libraryPath("")));

        PackagedToolchain one = toolchains.of(compiler, libraryPath("/nowhere:" + a + ":" + b));
        assertEquals(Set.of(a.resolve("libnear.so")), libraries(one));
        assertEquals(Optional.of(a.toString()), one.libraryPath());
        PackagedToolchain other = toolchains.of(compiler, libraryPath(b + ";" + a));
        assertEquals(Set.of(b.resolve("libnear.so")), libraries(other));
        assertEquals(Optional.of(b.toString()), other.libraryPath());
        assertNotEquals(one.toolchain(), other.toolchain());
        assertEquals(one, open().of(compiler, libraryPath(a.toString())), "found after a restart");
    }

    /** Both are common in shells: a list that ends with a colon, and one that names a place in the project. */
    @Test
    void relativeAndEmptyNames_areDirectoriesOfTheCaller() throws Exception {
        Compiler compiler = compiler();
        Gcc.library(a, "libnear.so");
        PackagedToolchain relative = open().of(compiler, libraryPath("./a"));
        assertEquals(Optional.of(a.toString()), relative.libraryPath());
        Gcc.library(root, "libnear.so");
        PackagedToolchain empty = open().of(compiler, libraryPath("/nowhere:"));
        assertEquals(Optional.of(root.toString()), empty.libraryPath());
    }

    /** Most who set it do so for programs of their own. */
    @Test
    void pathThatHasNothingForTheCompiler_changesNothing() throws Exception {
        Compiler compiler = compiler("-Wl,-rpath," + a);
        Gcc.library(a, "libnear.so");
        Gcc.library(b, "libunrelated.so");
        ToolchainCache toolchains = open();
        PackagedToolchain plain = toolchains.of(compiler, libraryPath(""));
        assertEquals(Optional.empty(), plain.libraryPath());
        assertEquals(plain, toolchains.of(compiler, libraryPath(b.toString())));
        assertEquals(1, packings);
    }

    @Test
    void libraryThatAppearsInTheCallersPath_isPackedInstead() throws Exception {
        Compiler compiler = compiler("-Wl,--enable-new-dtags,-rpath," + b);
        Gcc.library(b, "libnear.so");
        ToolchainCache toolchains = open();
        PackagedToolchain before = toolchains.of(compiler, libraryPath(a.toString()));
        assertEquals(Optional.empty(), before.libraryPath());
        Gcc.library(a, "libnear.so");
        PackagedToolchain after = toolchains.of(compiler, libraryPath(a.toString()));
        assertEquals(Optional.of(a.toString()), after.libraryPath());
        assertEquals(Set.of(a.resolve("libnear.so")), libraries(after));
    }
}
