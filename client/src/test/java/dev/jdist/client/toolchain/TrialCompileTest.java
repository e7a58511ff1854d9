package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real gcc below a prefix of its own, behind links as Debian's alternatives make them, packed and tried. */
@Timeout(300)
class TrialCompileTest {
    private static final int BUFFER = 1 << 16;

    @TempDir
    private static Path temporary;

    private static Path root;
    private static Compiler compiler;
    private static Path archive;
    private static Set<String> names;

    @BeforeAll
    static void packCompilerOfOneLanguage() throws IOException, InterruptedException {
        root = temporary.toRealPath();
        Path cc1 = Path.of(answer("gcc", "-print-prog-name=cc1"));
        assumeTrue(cc1.startsWith("/usr"), "gcc lies elsewhere");
        Path prefix = root.resolve("opt/gcc");
        Path own = prefix.resolve(Path.of("/usr").relativize(cc1));
        Files.createDirectories(own.getParent());
        Files.copy(cc1, own);
        Files.createDirectories(prefix.resolve("bin"));
        Files.copy(Path.of("/usr/bin/gcc").toRealPath(), prefix.resolve("bin/gcc"));
        Path alternative = Files.createSymbolicLink(root.resolve("alternative"), Path.of("opt/gcc/bin/gcc"));
        Path called = Files.createSymbolicLink(root.resolve("cc"), alternative);
        compiler = new Compiler(CFamily.INSTANCE, CompilerKind.GCC, called, false, "1", "stamp");
        archive = root.resolve("gcc.tar.gz");
        try (OutputStream out = Files.newOutputStream(archive)) {
            ToolchainPackager.write(compiler, out, PackingProgress.UNSEEN);
        }
        names = readNames();
    }

    private static String answer(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, process.waitFor());
        return printed;
    }

    private static void assumeItCanBeTried() throws InterruptedException {
        assumeTrue(ChrootRunner.find().isPresent(), "no other root can be had here");
    }

    private static Set<String> readNames() throws IOException {
        Set<String> found = new TreeSet<>();
        try (TarArchiveInputStream in = open(archive)) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                found.add("/" + entry.getName());
            }
        }
        return found;
    }

    private static TarArchiveInputStream open(Path file) throws IOException {
        return new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(file), BUFFER));
    }

    /** The archive without some of its files. It is read once, so it is not worth compressing. */
    private static Path copy(Predicate<String> wanted, Path to) throws IOException {
        GzipParameters stored = new GzipParameters();
        stored.setCompressionLevel(Deflater.NO_COMPRESSION);
        try (TarArchiveInputStream in = open(archive);
                TarArchiveOutputStream out = new TarArchiveOutputStream(new GzipCompressorOutputStream(
                        new BufferedOutputStream(Files.newOutputStream(to), BUFFER), stored))) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (wanted.test("/" + entry.getName())) {
                    out.putArchiveEntry(entry);
                    in.transferTo(out);
                    out.closeArchiveEntry();
                }
            }
        }
        return to;
    }

    @Test
    void compilerBelowAPrefix_isPackedFromThereWithItsLinks() {
        for (String name : List.of("cc", "alternative", "opt/gcc/bin/gcc")) {
            assertTrue(names.contains(root.resolve(name).toString()), names.toString());
        }
        List<String> cc1 = names.stream().filter(name -> name.endsWith("/cc1")).toList();
        assertEquals(1, cc1.size(), "its own one and no other");
        assertTrue(cc1.get(0).startsWith(root.resolve("opt/gcc").toString()), cc1.toString());
    }

    @Test
    void wholeArchive_compilesAndLeavesNothing() throws IOException, InterruptedException {
        assumeItCanBeTried();
        new TrialCompile().check(compiler, Optional.empty(), archive);
        try (var files = Files.list(root)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.getFileName().toString().startsWith("."))
                            .toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"/cc1,cc1", "/as,as", "/libmpfr.so,libmpfr.so", "/ld-linux,its loader /"})
    void archiveThatLacksAPart_isRefusedWithThePartsName(String part, String named)
            throws IOException, InterruptedException {
        assumeItCanBeTried();
        assumeTrue(names.stream().anyMatch(name -> name.contains(part)), "this gcc has no " + part);
        Predicate<String> wanted = switch (part) {
            case "/ld-linux" -> name -> !name.contains(part);
            case "/as" -> name -> !name.endsWith("/as") && !name.endsWith("-as");
            default -> name -> !(name + " ").contains(part + " ") && !name.contains(part + ".");
        };
        Path poor = copy(wanted, root.resolve("poor"));
        IOException e =
                assertThrows(IOException.class, () -> new TrialCompile().check(compiler, Optional.empty(), poor));
        assertTrue(e.getMessage().contains("does not compile a line of C"), e.getMessage());
        assertTrue(e.getMessage().contains(named), e.getMessage());
    }

    @Test
    void archiveThatIsNone_isRefused() throws IOException, InterruptedException {
        assumeItCanBeTried();
        Path none = Files.writeString(root.resolve("none"), "no archive");
        assertThrows(IOException.class, () -> new TrialCompile().check(compiler, Optional.empty(), none));
    }

    @Test
    void archiveThatLeadsOutOfItself_isNotUnpacked() throws IOException {
        Path evil = root.resolve("evil");
        List<String> names = new ArrayList<>(List.of("../out", "a/../../out"));
        for (String name : names) {
            try (TarArchiveOutputStream out =
                    new TarArchiveOutputStream(new GzipCompressorOutputStream(Files.newOutputStream(evil)))) {
                out.putArchiveEntry(new org.apache.commons.compress.archivers.tar.TarArchiveEntry(name));
                out.closeArchiveEntry();
            }
            IOException e = assertThrows(IOException.class, () -> UnpackedArchive.of(evil, "tree-"));
            assertTrue(e.getMessage().contains(name), e.getMessage());
        }
    }

    /** As where compilers are loaded as environment modules: without that path on builders, they would not even start. */
    @Test
    void librariesOfTheCallersPath_areFoundByThePathThatIsSent() throws IOException, InterruptedException {
        assumeItCanBeTried();
        Path cc1 = Path.of(answer("gcc", "-print-prog-name=cc1"));
        Path usual = SharedLibraries.ofSystem(SearchEnvironment.ofProcess()).of(cc1).stream()
                .filter(library -> library.getFileName().toString().startsWith("libmpfr.so"))
                .findFirst()
                .orElseThrow();
        Path modules = Files.createDirectory(root.resolve("modules"));
        Files.copy(usual, modules.resolve(usual.getFileName()));
        SearchEnvironment environment = SearchEnvironment.of(
                Map.of("PATH", System.getenv("PATH"), "LD_LIBRARY_PATH", modules + ":"), Path.of("/"));
        ToolchainCache toolchains = new ToolchainCache(root.resolve("cache"), 1 << 30, List.of(), new TrialCompile());
        PackagedToolchain packed = toolchains.of(compiler, environment);
        assertEquals(Optional.of(modules.toString()), packed.libraryPath());
        IOException e = assertThrows(
                IOException.class, () -> new TrialCompile().check(compiler, Optional.empty(), packed.archive()));
        assertTrue(e.getMessage().contains("libmpfr"), e.getMessage());
    }
}
