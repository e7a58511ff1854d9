package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.protocol.message.ArchiveDigest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real compilers, packed, and put to work where nothing else is. */
@Timeout(120)
class ToolchainPackagerTest {
    @TempDir
    private Path directory;

    private Path pack(Compiler compiler, String name) throws IOException, InterruptedException {
        Path archive = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(archive)) {
            ToolchainPackager.write(compiler, out, PackingProgress.UNSEEN);
        }
        return archive;
    }

    private static Compiler compiler(CompilerKind kind, Path path) {
        return new Compiler(CFamily.INSTANCE, kind, path, false, "1", "stamp");
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        Process process = builder.start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + ":" + printed;
    }

    private static void assertRuns(String... command) throws IOException, InterruptedException {
        assertEquals("0:", run(List.of(command)), String.join(" ", command));
    }

    @ParameterizedTest
    @CsvSource({"GCC,/usr/bin/gcc,-fpreprocessed", "CLANG,/usr/bin/clang,-O2"})
    void packedCompiler_compilesWhereNothingElseIs(CompilerKind kind, String target, String option)
            throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")), "chroot is for root");
        Path link = Files.createSymbolicLink(directory.toRealPath().resolve("my-compiler"), Path.of(target));
        String program = link.toString();
        Path archive = pack(compiler(kind, link), "toolchain.tar.gz");
        String names = "\n" + run(List.of("tar", "-tzf", archive.toString()));
        assertTrue(names.contains("\n" + program.substring(1) + "\n"), "the name by which it is called");
        assertFalse(names.contains("stdio.h"), "headers of the system are of no use to what is preprocessed");
        Path root = Files.createDirectory(directory.resolve("root"));
        assertRuns("tar", "-xzf", archive.toString(), "-C", root.toString());
        assertTrue(Files.isDirectory(root.resolve("tmp")), "compilers want a place for their temporary files");

        Files.writeString(root.resolve("tmp/a.c"), "int f(int x) { return 2 * x; }\n");
        Files.writeString(
                root.resolve("tmp/b.cc"), "template <class T> T g(T x) { return x; }\nint h() { return g(1); }\n");
        Files.writeString(root.resolve("tmp/c.s"), ".globl s\ns: ret\n");
        List<String[]> units =
                List.of(new String[] {"cpp-output", "a.c"}, new String[] {"c++-cpp-output", "b.cc"}, new String[] {
                    "assembler", "c.s"
                });
        for (String[] unit : units) {
            String there = "/tmp/" + unit[1];
            Path here = root.resolve(there.substring(1));
            List<String> options = new ArrayList<>(List.of("-x", unit[0], "-c", there, "-o", there + ".o"));
            if (!unit[0].equals("assembler")) {
                options.add(option);
            }
            List<String> command = new ArrayList<>(List.of("chroot", root.toString(), program));
            command.addAll(options);
            assertEquals("0:", run(command), String.join(" ", command));
            // What it makes is what the compiler makes at home.
            List<String> local = new ArrayList<>(List.of(program));
            local.addAll(options);
            Path home = directory.resolve(unit[1] + ".o");
            local.replaceAll(
                    word -> word.equals(there) ? here.toString() : word.equals(there + ".o") ? home.toString() : word);
            assertEquals("0:", run(local));
            assertEquals(Files.size(home), Files.size(Path.of(here + ".o")), 200, unit[1]);
        }
        String split = run(List.of(
                "chroot",
                root.toString(),
                program,
                "-x",
                "cpp-output",
                "-g",
                "-gsplit-dwarf",
                "-c",
                "/tmp/a.c",
                "-o",
                "/tmp/s.o"));
        assertEquals("0:", split);
        assertTrue(Files.size(root.resolve("tmp/s.dwo")) > 0);

        if (kind == CompilerKind.GCC) {
            assertEquals(
                    ArchiveDigest.of(archive), ArchiveDigest.of(pack(compiler(kind, link), "again")), "packed again");
        }
    }

    @Test
    void script_cannotBePackedAndSaysWhy() throws IOException {
        Path script = Files.writeString(directory.resolve("gcc"), "#!/bin/sh\nexec /usr/bin/gcc \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        IOException e =
                assertThrows(IOException.class, () -> pack(compiler(CompilerKind.GCC, script), "toolchain.tar.gz"));
        assertTrue(e.getMessage().contains(script.toString()), e.getMessage());
        assertTrue(e.getMessage().contains("script"), e.getMessage());
    }

    @Test
    void compilerThatIsGone_cannotBePacked() {
        Path gone = directory.resolve("gcc");
        IOException e =
                assertThrows(IOException.class, () -> pack(compiler(CompilerKind.GCC, gone), "toolchain.tar.gz"));
        assertTrue(e.getMessage().contains(gone.toString()), e.getMessage());
    }
}
