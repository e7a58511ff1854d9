package dev.jdist.client.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectFormatTest {
    @TempDir
    private Path directory;

    /** Whatever the installed compilers make of a unit for other systems, too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gcc -c a.c",
                "gcc -flto -c a.c",
                "clang -c a.c",
                "clang -flto -c a.c",
                "clang -emit-llvm -c a.c",
                "clang --target=aarch64-linux-gnu -c a.c",
                "clang --target=x86_64-apple-macos -c a.c",
                "clang --target=arm64-apple-macos -c a.c",
                "clang --target=arm64-apple-ios -flto -c a.c",
                "clang --target=x86_64-pc-windows-msvc -c a.c",
                "clang --target=i686-pc-windows-msvc -c a.c",
                "clang --target=aarch64-pc-windows-msvc -c a.c",
                "clang --target=armv7-pc-windows-msvc -c a.c",
                "clang --target=wasm32 -c a.c"
            })
    void isObject_ofWhatCompilersMake_isTrue(String command) throws Exception {
        Path object = directory.resolve("a.o");
        Files.writeString(directory.resolve("a.c"), "int a = 1;\n");
        Process compiler = new ProcessBuilder((command + " -o a.o").split(" "))
                .directory(directory.toFile())
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor());

        String beginning = ObjectFormat.beginning(Bytes.wrap(Files.readAllBytes(object)));

        assertEquals(8, beginning.length());
        assertTrue(ObjectFormat.isObject(beginning), beginning);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7f", "7f454c", "213c6172", "1f8b0800", "23212f62", "00000000", "64"})
    void isObject_ofOtherFiles_isFalse(String beginning) {
        assertFalse(ObjectFormat.isObject(beginning));
    }

    @Test
    void beginning_ofWhatArrivesDamaged_isAnError() {
        assertThrows(
                IOException.class,
                () -> ObjectFormat.beginning(new PrimitiveBytes() {
                    @Override
                    public long length() {
                        return 10;
                    }

                    @Override
                    public InputStream toInputStream() throws IOException {
                        throw new IOException("damaged");
                    }
                }));
    }
}
