package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.identity.WrapperScript;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A compiler in a store as Nix and Guix keep them: each package in a directory of its own, its C library and loader too,
 * found by paths in the programs, and called through a script and a profile of links. The compiler is a small program that
 * writes something, as gcc cannot be linked anew here.
 */
@Timeout(120)
class StoreLayoutTest {
    private static final String LINK_ALL = "-Wl,--no-as-needed";

    @TempDir
    private Path temporary;

    private Path store;
    private Path loader;
    private Path libc;

    @BeforeEach
    void makeStore() throws IOException, InterruptedException {
        store = Files.createDirectory(temporary.toRealPath().resolve("store"));
        Path systemLoader = Path.of(
                ElfFile.read(Path.of("/bin/sh")).orElseThrow().interpreter().orElseThrow());
        libc = Files.createDirectories(store.resolve("0aaa-glibc-2/lib"));
        loader = libc.resolve(systemLoader.getFileName());
        Files.copy(systemLoader.toRealPath(), loader);
        Path systemLibc = SharedLibraries.ofSystem(SearchEnvironment.ofProcess()).of(Path.of("/bin/sh")).stream()
                .filter(library -> library.endsWith("libc.so.6"))
                .findFirst()
                .orElseThrow();
        Files.copy(systemLibc.toRealPath(), libc.resolve("libc.so.6"));
    }

    private Path packageOf(String name) throws IOException {
        return Files.createDirectories(store.resolve(name));
    }

    private String[] options(String... more) {
        List<String> options = new java.util.ArrayList<>(
                List.of(LINK_ALL, "-Wl,--dynamic-linker=" + loader, "-Wl,--enable-new-dtags,-rpath," + libc));
        options.addAll(List.of(more));
        return options.toArray(String[]::new);
    }

    private Path program(Path directory, String name, String source, String... more)
            throws IOException, InterruptedException {
        Path file = Files.writeString(temporary.resolve("source.c"), source);
        Path program = directory.resolve(name);
        List<String> arguments = new java.util.ArrayList<>(List.of(file.toString(), "-o", program.toString()));
        arguments.addAll(List.of(options(more)));
        Gcc.run(arguments.toArray(String[]::new));
        return program;
    }

    /** A gcc that says where its cc1 is, and has it write the object. */
    private Path makeCompiler() throws IOException, InterruptedException {
        Path one = Files.createDirectories(packageOf("1bbb-isl").resolve("lib"));
        Path real = Gcc.library(one, "libstore.so.1.2", "-Wl,-soname,libstore.so.1");
        Files.createSymbolicLink(one.resolve("libstore.so.1"), real.getFileName());
        Files.createSymbolicLink(one.resolve("libstore.so"), Path.of("libstore.so.1"));
        // It needs a C library too, and has no path to it: that of whoever loads it is there by then.
        Path libexec = Files.createDirectories(packageOf("2ccc-gcc").resolve("libexec"));
        Path cc1 = program(libexec, "cc1", """
                #include <stdio.h>
                int main(int argc, char **argv) {
                    FILE *out = fopen(argv[argc - 1], "w");
                    return out == NULL || fputs("an object", out) < 0 || fclose(out) != 0;
                }
                """, "-L" + one, "-lstore", "-Wl,-rpath," + one);
        Path bin = Files.createDirectories(packageOf("2ccc-gcc").resolve("bin"));
        return program(bin, "gcc", """
                #include <stdio.h>
                #include <string.h>
                #include <unistd.h>
                int main(int argc, char **argv) {
                    if (argc == 2 && strcmp(argv[1], "-print-prog-name=cc1") == 0) {
                        puts("CC1");
                        return 0;
                    }
                    if (argc == 2) {
                        return 1;
                    }
                    execv("CC1", argv);
                    perror("cannot execute CC1");
                    return 1;
                }
                """.replace("CC1", cc1.toString()));
    }

    private static Set<String> names(Path archive) throws IOException {
        Set<String> names = new TreeSet<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(archive)))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                names.add("/" + entry.getName());
            }
        }
        return names;
    }

    @Test
    void compilerOfAStore_isPackedWithWhatItNeedsOfTheStoreAndNothingElse() throws IOException, InterruptedException {
        Path gcc = makeCompiler();
        Path wrapper = Files.createDirectories(packageOf("3ddd-gcc-wrapper").resolve("bin"))
                .resolve("gcc");
        Files.writeString(wrapper, "#! /bin/sh -e\nexec \"" + gcc + "\"  \"$@\"\n");
        WrapperScript script = WrapperScript.read(wrapper).orElseThrow();
        assertEquals(gcc.toString(), script.program());

        Path profile = Files.createSymbolicLink(temporary.toRealPath().resolve("profile"), packageOf("2ccc-gcc"));
        Compiler compiler =
                new Compiler(CFamily.INSTANCE, CompilerKind.GCC, profile.resolve("bin/gcc"), false, "1", "stamp");
        Path archive = temporary.resolve("gcc.tar.gz");
        try (OutputStream out = Files.newOutputStream(archive)) {
            ToolchainPackager.write(compiler, out, PackingProgress.UNSEEN);
        }
        Set<String> names = names(archive);
        Set<String> ofStore =
                names.stream().filter(name -> name.startsWith(store.toString())).collect(Collectors.toSet());
        assertEquals(
                Set.of(
                        loader.toString(),
                        libc.resolve("libc.so.6").toString(),
                        store.resolve("1bbb-isl/lib/libstore.so.1").toString(),
                        store.resolve("1bbb-isl/lib/libstore.so.1.2").toString(),
                        gcc.toString(),
                        store.resolve("2ccc-gcc/libexec/cc1").toString()),
                ofStore);
        assertTrue(names.contains(profile.toString()), "the link by which it is called");
        assertFalse(names.stream().anyMatch(name -> name.matches("/(usr/)?lib/.*/libc\\.so\\.6")), names.toString());

        assumeTrue(ChrootRunner.find().isPresent(), "no other root can be had here");
        new TrialCompile().check(compiler, Optional.empty(), archive);
    }

    /** Such a loader knows the directory that it lies in, and no /etc/ld.so.conf. */
    @Test
    void libraryBesideItsLoader_isFoundWithoutAPath() throws IOException, InterruptedException {
        Path program = Gcc.program(temporary, "program", LINK_ALL, "-Wl,--dynamic-linker=" + loader);
        assertEquals(
                Set.of(loader, libc.resolve("libc.so.6")),
                SharedLibraries.ofSystem(SearchEnvironment.ofProcess()).of(program));
    }

    @Test
    void libraryThatIsThereAlready_isNotLookedForAgain() throws IOException, InterruptedException {
        Path one = Files.createDirectories(packageOf("1bbb-one").resolve("lib"));
        Path other = Files.createDirectories(packageOf("4eee-other").resolve("lib"));
        Gcc.library(one, "libtwo.so");
        Gcc.library(other, "libtwo.so");
        Gcc.library(one, "libone.so", LINK_ALL, "-L" + other, "-ltwo", "-Wl,-rpath," + other);
        Path program = Gcc.program(
                temporary, "program", LINK_ALL, "-L" + one, "-ltwo", "-lone", "-Wl,--enable-new-dtags,-rpath," + one);
        Set<Path> found =
                SharedLibraries.ofSystem(SearchEnvironment.ofProcess()).of(program);
        assertTrue(found.contains(one.resolve("libtwo.so")));
        assertFalse(found.contains(other.resolve("libtwo.so")), "the loader takes the one that it has");
    }
}
