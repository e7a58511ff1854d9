package dev.jdist.client.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compiler.ParsedCommand.CannotCache;
import dev.jdist.client.compiler.ParsedCommand.Compile;
import dev.jdist.client.compiler.cfamily.CFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessFilesTest {
    @TempDir
    private Path root;

    @BeforeEach
    void makeLinks() throws IOException {
        Files.createDirectories(root.resolve("dir/sub"));
        Files.writeString(root.resolve("dir/a.c"), "int a;\n");
        link("to-fd", "/dev/fd/3");
        link("fds", "/dev/fd");
        link("cwd", "/proc/self/cwd");
        link("dir/up", "../to-fd");
        link("twice", "dir/up");
        link("plain", "dir/sub");
        link("loop", "loop");
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/dev/fd/3",
                "/dev/stdin",
                "/dev/stdout",
                "/dev//fd/./4",
                "/dev/../dev/fd/4",
                "/proc/self/fd/3",
                "/proc/thread-self/fd/3",
                "/proc/1/root/etc/passwd",
                "/proc/self/cwd/a.c",
                "/proc",
                "/proc/cpuinfo",
                "to-fd",
                "fds/3",
                "cwd/a.c",
                "dir/up",
                "twice",
                "./dir/../to-fd",
                "plain/../up",
            })
    void nameOfAProcess_isRecognised(String name) {
        assertTrue(new ProcessFiles().contain(root, name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "dir/a.c",
                "plain",
                "plain/b.c",
                "missing",
                "missing/proc",
                "loop",
                "/dev/null",
                "/dev/shm/a.c",
                "/procfs",
                "dir/proc/self",
                "..",
                "/..",
                "\\0",
                "-O2",
                "/usr/bin/cc",
            })
    void otherName_isNot(String name) {
        assertFalse(new ProcessFiles().contain(root, name.replace("\\0", "\0")));
    }

    private ParsedCommand parse(String line, Map<String, String> environment) {
        Compiler clang =
                new Compiler(CFamily.INSTANCE, CompilerKind.CLANG, Path.of("/usr/bin/clang"), false, "19", "stamp");
        return CFamily.INSTANCE.parse(clang, List.of(line.split(" ")), root, environment);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-x c -c /dev/fd/3",
                "-x c -c to-fd",
                "-x c -c fds/3 -o a.o",
                "-c cwd/a.c",
                "-c a.c -o /dev/fd/4",
                "-c a.c -o fds/4",
                "-c a.c -MD -MF /dev/fd/5",
                "-c a.c -MMD -MFfds/5",
                "-c a.c -include /proc/self/fd/3",
                "-c a.c -includeto-fd",
                "-c a.c -imacros twice",
                "-c a.c -I/proc/self/cwd/include",
                "-c a.c -isystem cwd",
                "-c a.c -iquote fds",
                "-c a.c -fprofile-use=/dev/fd/3",
                "-c a.c -fprofile-instr-use=to-fd",
                "-c a.c -fmodule-file=m=/dev/fd/3",
                "-c a.c -fmodule-file=m=to-fd",
                "-c a.c -fplugin=/proc/self/cwd/p.so",
                "-c a.c -Wp,-include,/dev/fd/3",
                "-c a.c -Wp,-MD,/dev/fd/3",
                "-c a.c -Xclang -load -Xclang fds/3",
                "-c a.c -fsanitize-ignorelist=to-fd",
                "-c a.c --sysroot=/proc/1/root",
                "-c a.c -ivfsoverlay to-fd",
                "-c a.c -Xpreprocessor -include -Xpreprocessor to-fd",
                "-c a.c --serialize-diagnostics /dev/fd/3",
                "-c a.c -fxray-attr-list=to-fd",
            })
    void commandLine_thatNamesOne_isLeftToTheCompiler(String line) {
        assertEquals(
                "file of a process",
                assertInstanceOf(CannotCache.class, parse(line, Map.of())).reason());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"CPATH", "C_INCLUDE_PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "SDKROOT", "SCCACHE_EXTRAFILES"})
    void variable_thatNamesOne_leavesTheUnitToTheCompiler(String variable) {
        assertInstanceOf(CannotCache.class, parse("-c a.c", Map.of(variable, "/usr/include:" + root + "/fds")));
        assertInstanceOf(Compile.class, parse("-c a.c", Map.of(variable, "/usr/include:" + root + "/dir")));
    }

    /** Bazel calls every compile so. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-c a.c -fdebug-prefix-map=/proc/self/cwd=",
                "-c a.c -ffile-prefix-map=/proc/self/cwd=.",
                "-c a.c -fdebug-compilation-dir=/proc/self/cwd",
                "-c a.c -DFD=/dev/fd/3",
                "-c a.c -include /dev/null",
            })
    void commandLine_thatOnlyMentionsOne_isFollowed(String line) {
        assertInstanceOf(Compile.class, parse(line, Map.of("PWD", "/proc/self/cwd")));
    }

    @Test
    void responseFile_ofAProcess_isNotRead() throws IOException {
        Files.writeString(root.resolve("arguments"), "-c a.c");
        assertInstanceOf(Compile.class, parse("@arguments", Map.of()));
        for (String name : List.of("@cwd/arguments", "@/dev/fd/3", "@to-fd", "@/proc/self/fd/3")) {
            assertEquals(
                    "@",
                    assertInstanceOf(CannotCache.class, parse("-c a.c " + name, Map.of()))
                            .reason());
        }
    }
}
