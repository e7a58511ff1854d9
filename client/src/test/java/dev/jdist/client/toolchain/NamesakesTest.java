package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One installation of a compiler is one toolchain, by whichever of its names it is called. */
@Timeout(240)
class NamesakesTest {
    private static final SearchEnvironment HERE = SearchEnvironment.ofProcess();

    @TempDir
    private Path temporary;

    private int tried;
    private int packed;

    private static Compiler compiler(CompilerKind kind, Path path) {
        boolean plusplus = path.toString().endsWith("++");
        return new Compiler(CFamily.INSTANCE, kind, path, plusplus, "1", "stamp");
    }

    private ToolchainCache open() throws IOException {
        return new ToolchainCache(temporary.resolve("cache"), 1L << 32, List.of(), (compiler, libraryPath, archive) -> {
            tried++;
            packed += archive.getFileName().toString().startsWith(".packing-") ? 1 : 0;
        });
    }

    private static Set<String> names(PackagedToolchain toolchain) throws IOException {
        Set<String> found = new TreeSet<>();
        try (TarArchiveInputStream in =
                new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(toolchain.archive()), 1 << 16))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                found.add("/" + entry.getName());
            }
        }
        return found;
    }

    /** Each name is tried, as it may lack what another one has. */
    @ParameterizedTest
    @CsvSource({"GCC,gcc,g++", "CLANG,clang,clang++"})
    void compilersOfOneInstallation_areOneToolchain(CompilerKind kind, String c, String plusplus) throws Exception {
        Path one = Path.of("/usr/bin", c);
        Path two = Path.of("/usr/bin", plusplus);
        assumeTrue(Files.exists(one) && Files.exists(two), c + " and " + plusplus + " are not installed");
        ToolchainCache toolchains = open();
        PackagedToolchain ofC = toolchains.of(compiler(kind, one), HERE);
        PackagedToolchain ofPlusplus = toolchains.of(compiler(kind, two), HERE);
        assertEquals(ofC.toolchain(), ofPlusplus.toolchain());
        assertEquals(one.toString(), ofC.executable());
        assertEquals(two.toString(), ofPlusplus.executable());
        Set<String> names = names(ofC);
        assertTrue(names.containsAll(Set.of(one.toString(), two.toString())), names.toString());
        assertEquals(2, tried);
        assertEquals(1, packed);
        ToolchainCache restarted = open();
        assertEquals(ofPlusplus, restarted.of(compiler(kind, two), HERE));
        assertEquals(ofC, restarted.of(compiler(kind, one), HERE));
        assertEquals(2, tried);
    }

    /** Other installations have the same names, and may lie in the same directory. */
    @Test
    void compilerOfAnotherInstallation_isAToolchainOfItsOwn() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/clang++")), "clang is not installed");
        Path bin = Files.createDirectory(temporary.toRealPath().resolve("bin"));
        Path gcc = Files.createSymbolicLink(bin.resolve("gcc"), Path.of("/usr/bin/gcc"));
        Path other = Files.createSymbolicLink(bin.resolve("c++"), Path.of("/usr/bin/clang++"));
        Path script = Files.writeString(bin.resolve("cc"), "#!/bin/sh\ntouch " + bin + "/called\n");
        assertTrue(script.toFile().setExecutable(true));
        ToolchainCache toolchains = open();
        PackagedToolchain ofGcc = toolchains.of(compiler(CompilerKind.GCC, gcc), HERE);
        assertFalse(names(ofGcc).contains(other.toString()));
        assertFalse(Files.exists(bin.resolve("called")), "nobody knows what a script does");
        // The second one comes later, and is part of the toolchain from then on.
        Path plusplus = Files.createSymbolicLink(bin.resolve("g++"), Path.of("/usr/bin/g++"));
        PackagedToolchain ofBoth = toolchains.of(compiler(CompilerKind.GCC, gcc), HERE);
        assertNotEquals(ofGcc.toolchain(), ofBoth.toolchain());
        assertTrue(names(ofBoth).contains(plusplus.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "gcc,cc c++ gcc g++ clang clang++",
        "x86_64-linux-gnu-g++-12,x86_64-linux-gnu-cc-12 x86_64-linux-gnu-c++-12 x86_64-linux-gnu-gcc-12"
                + " x86_64-linux-gnu-g++-12 x86_64-linux-gnu-clang-12 x86_64-linux-gnu-clang++-12",
        "my-compiler,my-compiler",
        "mpicc,mpicc",
        "nvcc,nvcc"
    })
    void names_ofOneInstallation_haveTheSamePrefixAndVersion(String name, String expected) {
        assertEquals(List.of(expected.split(" ")), CFamily.INSTANCE.namesBeside(name));
    }
}
