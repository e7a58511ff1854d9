package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Libraries are found where the dynamic loader finds them. */
@Timeout(60)
class SharedLibrariesTest {
    private static final String LINK_ALL = "-Wl,--no-as-needed";

    @TempDir
    private Path root;

    private Path a;
    private Path b;

    @BeforeEach
    void makeDirectories() throws IOException {
        a = Files.createDirectory(root.resolve("a"));
        b = Files.createDirectory(root.resolve("b"));
    }

    private static SharedLibraries libraries() throws IOException {
        return SharedLibraries.ofSystem(SearchEnvironment.ofProcess());
    }

    /** Those of the libraries that were made here. */
    private Set<Path> own(Path program) throws IOException {
        return libraries().of(program).stream()
                .filter(library -> library.startsWith(root))
                .map(Path::normalize)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the loader itself finds. */
    private static Set<Path> ldd(Path program) throws IOException, InterruptedException {
        return ldd(program, "");
    }

    private static Set<Path> ldd(Path program, String libraryPath) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("ldd", program.toString());
        builder.environment().put("LD_LIBRARY_PATH", libraryPath);
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), printed);
        Set<Path> libraries = new TreeSet<>();
        Matcher line = Pattern.compile("(?m)^\\t(?:\\S+ => )?(/\\S+) \\(0x").matcher(printed);
        while (line.find()) {
            libraries.add(Path.of(line.group(1)).toRealPath());
        }
        return libraries;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr/bin/gcc", "/usr/bin/as", "/usr/bin/clang", "/bin/sh"})
    void programOfThisMachine_needsWhatTheLoaderFinds(String program) throws IOException, InterruptedException {
        Set<Path> found = new TreeSet<>();
        for (Path library : libraries().of(Path.of(program))) {
            found.add(library.toRealPath());
        }
        assertEquals(ldd(Path.of(program)), found);
    }

    /** RPATH comes before the environment, RUNPATH behind it. */
    @ParameterizedTest
    @CsvSource({"--disable-new-dtags,a", "--enable-new-dtags,b"})
    void libraryPath_comesWhereTheLoaderHasIt(String tags, String expected) throws IOException, InterruptedException {
        Gcc.library(a, "libnear.so");
        Gcc.library(b, "libnear.so");
        Path program = Gcc.program(root, "program", LINK_ALL, "-L" + a, "-lnear", "-Wl," + tags + ",-rpath," + a);
        SharedLibraries libraries =
                SharedLibraries.ofSystem(SearchEnvironment.of(Map.of("LD_LIBRARY_PATH", "/nowhere:" + b), root));
        Set<Path> found = new TreeSet<>();
        for (Path library : libraries.of(program)) {
            found.add(library.toRealPath());
        }
        assertEquals(ldd(program, "/nowhere:" + b), found);
        assertTrue(found.contains(root.toRealPath().resolve(expected).resolve("libnear.so")), found.toString());
        assertEquals(expected.equals("b") ? List.of(b) : List.of(), libraries.usedOfEnvironment());
    }

    @Test
    void runpath_isForTheObjectsOwnLibrariesOnly() throws IOException, InterruptedException {
        Gcc.library(b, "libdeep.so");
        Gcc.library(a, "libnear.so", LINK_ALL, "-L" + b, "-ldeep", "-Wl,--enable-new-dtags,-rpath," + b);
        Path program = Gcc.program(
                root,
                "program",
                LINK_ALL,
                "-L" + a,
                "-lnear",
                "-Wl,--enable-new-dtags,-rpath," + a + ",-rpath-link," + b);
        assertEquals(Set.of(a.resolve("libnear.so"), b.resolve("libdeep.so")), own(program));

        // Without its own, a library does not inherit the runpath of what needs it.
        Gcc.library(a, "libnear.so", LINK_ALL, "-L" + b, "-ldeep");
        Path poor = Gcc.program(
                root, "poor", LINK_ALL, "-L" + a, "-lnear", "-Wl,--enable-new-dtags,-rpath," + a + ",-rpath," + b);
        IOException e = assertThrows(IOException.class, () -> own(poor));
        assertTrue(e.getMessage().contains("libnear.so needs libdeep.so"), e.getMessage());
    }

    @Test
    void rpath_isForLibrariesOfLibrariesToo() throws IOException, InterruptedException {
        Gcc.library(b, "libdeep.so");
        Gcc.library(a, "libnear.so", LINK_ALL, "-L" + b, "-ldeep");
        Path program = Gcc.program(
                root, "program", LINK_ALL, "-L" + a, "-lnear", "-Wl,--disable-new-dtags,-rpath," + a + ",-rpath," + b);
        assertEquals(Set.of(a.resolve("libnear.so"), b.resolve("libdeep.so")), own(program));
        assertTrue(ldd(program).contains(b.resolve("libdeep.so").toRealPath()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"$ORIGIN/../a", "${ORIGIN}/../a", "$ORIGIN/../b:$ORIGIN/../a"})
    void origin_isWhereTheObjectLies(String path) throws IOException, InterruptedException {
        Gcc.library(a, "libnear.so");
        Path bin = Files.createDirectory(root.resolve("bin"));
        Path program = Gcc.program(bin, "program", LINK_ALL, "-L" + a, "-lnear", "-Wl,-rpath," + path);
        assertEquals(Set.of(a.resolve("libnear.so")), own(program));
        // Through a link it is still where the file lies.
        Path link = Files.createSymbolicLink(root.resolve("link"), program);
        assertEquals(Set.of(a.resolve("libnear.so")), own(link));
    }

    @Test
    void libraryOfTheRightNameForAnotherProcessor_isPassedOver() throws IOException, InterruptedException {
        Path near = Gcc.library(b, "libnear.so");
        byte[] foreign = Files.readAllBytes(near);
        foreign[18] = (byte) 183; // e_machine: AArch64
        Files.write(a.resolve("libnear.so"), foreign);
        Path program = Gcc.program(root, "program", LINK_ALL, "-L" + b, "-lnear", "-Wl,-rpath," + a + ",-rpath," + b);
        assertEquals(Set.of(b.resolve("libnear.so")), own(program));
    }

    @Test
    void textInTheLibrarysPlace_isPassedOver() throws IOException, InterruptedException {
        Gcc.library(b, "libnear.so");
        Files.writeString(a.resolve("libnear.so"), "INPUT(-lother)");
        Path program = Gcc.program(root, "program", LINK_ALL, "-L" + b, "-lnear", "-Wl,-rpath," + a + ",-rpath," + b);
        assertEquals(Set.of(b.resolve("libnear.so")), own(program));
    }

    @Test
    void librariesThatNeedEachOther_areFoundOnce() throws IOException, InterruptedException {
        Gcc.library(a, "libtwo.so");
        Gcc.library(a, "libone.so", LINK_ALL, "-L" + a, "-ltwo", "-Wl,-rpath,$ORIGIN");
        Gcc.library(a, "libtwo.so", LINK_ALL, "-L" + a, "-lone", "-Wl,-rpath,$ORIGIN");
        Path program = Gcc.program(root, "program", LINK_ALL, "-L" + a, "-lone", "-Wl,-rpath," + a);
        assertEquals(Set.of(a.resolve("libone.so"), a.resolve("libtwo.so")), own(program));
    }

    @Test
    void sonameLink_isFoundUnderTheNameThatIsLookedFor() throws IOException, InterruptedException {
        Path real = Gcc.library(a, "libver.so.1.2.3", "-Wl,-soname,libver.so.1");
        Files.createSymbolicLink(a.resolve("libver.so.1"), real.getFileName());
        Files.createSymbolicLink(a.resolve("libver.so"), Path.of("libver.so.1"));
        Path program = Gcc.program(root, "program", LINK_ALL, "-L" + a, "-lver", "-Wl,-rpath," + a);
        assertEquals(Set.of(a.resolve("libver.so.1")), own(program));
    }

    @Test
    void missingLibrary_isAnErrorThatNamesBoth() throws IOException, InterruptedException {
        Path gone = Gcc.library(a, "libgone.so");
        Path program = Gcc.program(root, "program", LINK_ALL, "-L" + a, "-lgone", "-Wl,-rpath," + a);
        Files.delete(gone);
        IOException e = assertThrows(IOException.class, () -> own(program));
        assertTrue(e.getMessage().contains("program needs libgone.so"), e.getMessage());
    }

    @Test
    void libraryByPath_isTakenFromThere() throws IOException, InterruptedException {
        Path library = Gcc.library(a, "libpath.so");
        Path program = Gcc.program(root, "program", LINK_ALL, library.toString());
        assertEquals(Set.of(library), own(program));
    }

    @Test
    void libraryByPath_missing_isAnErrorThatNamesIt() throws IOException, InterruptedException {
        Path library = Gcc.library(a, "libpath.so");
        Path program = Gcc.program(root, "program", LINK_ALL, library.toString());
        Files.delete(library);
        IOException e = assertThrows(IOException.class, () -> own(program));
        assertTrue(e.getMessage().contains("libpath.so"), e.getMessage());
        Files.writeString(library, "text");
        e = assertThrows(IOException.class, () -> own(program));
        assertTrue(e.getMessage().contains("libpath.so"), e.getMessage());
    }

    @Test
    void emptyElementOfAPath_isPassedOver() throws IOException, InterruptedException {
        Gcc.library(a, "libnear.so");
        Path program = Gcc.program(root, "program", LINK_ALL, "-L" + a, "-lnear", "-Wl,-rpath,::" + a);
        assertEquals(Set.of(a.resolve("libnear.so")), own(program));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/usr/.."})
    void loaderThatIsTheRootOfAllFiles_isAnErrorThatNamesIt(String loader) throws IOException, InterruptedException {
        Path program = Gcc.program(root, "program", "-Wl,--dynamic-linker=" + loader);
        IOException e = assertThrows(IOException.class, () -> libraries().of(program));
        assertTrue(e.getMessage().contains("program wants to be loaded by " + loader + ","), e.getMessage());
    }

    @Test
    void script_isNoProgram() throws IOException {
        Path script = Files.writeString(root.resolve("script"), "#!/bin/sh\n");
        IOException e = assertThrows(IOException.class, () -> libraries().of(script));
        assertTrue(e.getMessage().contains("script"), e.getMessage());
    }

    @Test
    void needsLoaderCache_onlyForLibrariesBeyondTheBuiltInDirectories() throws IOException, InterruptedException {
        SharedLibraries plain = libraries();
        plain.of(Path.of("/bin/sh"));
        assertFalse(plain.needsLoaderCache());
        Gcc.library(a, "libnear.so");
        SharedLibraries byPath = libraries();
        byPath.of(Gcc.program(root, "program", LINK_ALL, "-L" + a, "-lnear", "-Wl,-rpath," + a));
        assertFalse(byPath.needsLoaderCache());
    }
}
