package dev.jdist.client.compiler.cfamily;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compiler.ConfigurationFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClangConfigurationTest {
    @TempDir
    private Path root;

    @Test
    void included_areReadInTheirPlace() throws IOException {
        Path main = Files.writeString(root.resolve("clang.cfg"), """
                # as the distribution wants it
                -O1 @sub/more.cfg \\
                  -DNAME='a b'
                --sysroot=<CFGDIR>/root
                """);
        Files.createDirectory(root.resolve("sub"));
        Path more = Files.writeString(root.resolve("sub/more.cfg"), "-Wall\n  # no more\n");
        Path second = Files.writeString(root.resolve("second.cfg"), "-fPIC");
        ConfigurationFiles read = ClangConfiguration.read(List.of(main, second));
        assertEquals(List.of(main, more, second), read.files());
        assertEquals(List.of("-O1", "-Wall", "-DNAME=a b", "--sysroot=" + root + "/root", "-fPIC"), read.options());
    }

    @Test
    void fileThatIncludesItselfOrIsMissing_isAnError() throws IOException {
        Path main = Files.writeString(root.resolve("clang.cfg"), "@clang.cfg");
        assertThrows(IOException.class, () -> ClangConfiguration.read(List.of(main)));
        assertThrows(IOException.class, () -> ClangConfiguration.read(List.of(root.resolve("missing.cfg"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-O2 -Wall -fPIC -DX=1 -I/usr/include/x -isystem /y -std=gnu17",
                "-stdlib=libc++ -fuse-ld=lld -L/opt/lib -Wl,-z,now -rtlib=compiler-rt",
                "-fstack-protector-strong -m32 -target x86_64-linux-gnu"
            })
    void optionsThatChangeOnlyWhatIsMade_arePlain(String options) throws IOException {
        assertTrue(read(options).arePlain());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-g",
                "-include config.h",
                "-march=native",
                "-MMD",
                "-fplugin=x.so",
                "-fprofile-use=x",
                "-B/opt/bin",
                "-ftime-trace",
                "-DNOW=__TIME__",
                "-x c++",
                "more.c",
                "-gsplit-dwarf",
                "--coverage",
                "-save-temps",
                "-fdiagnostics-color",
                "-E"
            })
    void optionsThatReadWriteOrNameMore_areNot(String options) throws IOException {
        assertFalse(read(options).arePlain());
    }

    private ConfigurationFiles read(String options) throws IOException {
        return ClangConfiguration.read(List.of(Files.writeString(root.resolve("clang.cfg"), options)));
    }
}
