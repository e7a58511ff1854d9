package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ElfFileTest {
    @TempDir
    private Path directory;

    private Path library(String name, String... options) throws IOException, InterruptedException {
        return Gcc.library(directory, name, options);
    }

    /** What readelf says of the dynamic section, in a line per entry. */
    private static List<String> readelf(Path file, String tag) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("readelf", "-dW", file.toString()).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("(" + tag + ")"))
                .map(line -> line.substring(line.indexOf('[') + 1, line.lastIndexOf(']')))
                .toList();
        assertEquals(0, process.waitFor());
        return lines;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr/bin/gcc", "/usr/bin/as", "/bin/sh", "/usr/bin/clang"})
    void programOfThisMachine_isReadAsReadelfReadsIt(String program) throws IOException, InterruptedException {
        Path path = Path.of(program);
        ElfFile elf = ElfFile.read(path).orElseThrow();
        assertEquals(readelf(path, "NEEDED"), elf.needed());
        assertTrue(Files.isRegularFile(Path.of(elf.interpreter().orElseThrow())));
        assertFalse(elf.needed().isEmpty());
    }

    @Test
    void library_hasItsPaths() throws IOException, InterruptedException {
        library("libother.so");
        Path lib = library(
                "libone.so",
                "-L" + directory,
                "-Wl,--no-as-needed",
                "-lother",
                "-Wl,--enable-new-dtags,-rpath,$ORIGIN/a:/b,-rpath,/c");
        ElfFile elf = ElfFile.read(lib).orElseThrow();
        assertEquals(Optional.empty(), elf.interpreter());
        assertEquals("libother.so", elf.needed().get(0));
        assertEquals(List.of("$ORIGIN/a", "/b", "/c"), elf.runpath());
        assertEquals(List.of(), elf.rpath());
        assertEquals(Optional.empty(), elf.soname());
        assertEquals(
                Optional.of("libtwo.so.2"),
                ElfFile.read(library("libtwo.so.2.1", "-Wl,-soname,libtwo.so.2"))
                        .orElseThrow()
                        .soname());

        ElfFile old = ElfFile.read(library("libold.so", "-Wl,--disable-new-dtags,-rpath,/x"))
                .orElseThrow();
        assertEquals(List.of("/x"), old.rpath());
        assertEquals(List.of(), old.runpath());
    }

    @Test
    void objectAndStaticProgram_needNothing() throws IOException, InterruptedException {
        Path source = Files.writeString(directory.resolve("m.c"), "int main(void) { return 0; }\n");
        Path object = directory.resolve("m.o");
        Gcc.run("-c", source.toString(), "-o", object.toString());
        assertEquals(List.of(), ElfFile.read(object).orElseThrow().needed());
        Path program = directory.resolve("m");
        Gcc.run("-static", source.toString(), "-o", program.toString());
        assertEquals(List.of(), ElfFile.read(program).orElseThrow().needed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "#!/bin/sh\nexit 0\n", "\u007fELF", "!<arch>\n a library archive"})
    void fileThatIsNotElf_isNone(String content) throws IOException {
        assertEquals(Optional.empty(), ElfFile.read(Files.writeString(directory.resolve("file"), content)));
    }

    @Test
    void missingFile_isAnError() {
        assertThrows(IOException.class, () -> ElfFile.read(directory.resolve("missing")));
    }

    @Test
    void bigEndianAndNarrow_isReadToo() throws IOException {
        // e_ident, e_type, e_machine (20 is PowerPC) and so on, see elf(5); a PT_INTERP, a PT_LOAD and a PT_DYNAMIC.
        ByteBuffer file = ByteBuffer.allocate(512).order(ByteOrder.BIG_ENDIAN);
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 1, 2, 1}).position(16);
        file.putShort((short) 2).putShort((short) 20).putInt(1);
        file.putInt(0).putInt(52).putInt(0).putInt(0);
        file.putShort((short) 52).putShort((short) 32).putShort((short) 3);
        file.position(52);
        segment(file, 3, 400, 0, 20);
        segment(file, 1, 0, 0x10000, 512);
        segment(file, 2, 200, 0x10000 + 200, 48);
        file.position(200);
        file.putInt(5).putInt(0x10000 + 300); // DT_STRTAB
        file.putInt(1).putInt(1); // DT_NEEDED
        file.putInt(14).putInt(4); // DT_SONAME
        file.putInt(15).putInt(11); // DT_RPATH
        file.putInt(0).putInt(0);
        file.position(300);
        file.put("\0libpower.\0/a:/b\0".getBytes(StandardCharsets.US_ASCII));
        file.position(400);
        file.put("/lib/ld.so.1\0".getBytes(StandardCharsets.US_ASCII));
        Path path = Files.write(directory.resolve("ppc"), file.array());
        assertEquals(
                Optional.of(new ElfFile(
                        20,
                        false,
                        Optional.of("/lib/ld.so.1"),
                        Optional.of("power."),
                        List.of("libpower."),
                        List.of("/a", "/b"),
                        List.of())),
                ElfFile.read(path));
    }

    private static void segment(ByteBuffer file, int type, int offset, int address, int size) {
        file.putInt(type)
                .putInt(offset)
                .putInt(address)
                .putInt(0)
                .putInt(size)
                .putInt(size)
                .putInt(0)
                .putInt(0);
    }

    @Test
    void fileCutOffAnywhere_isNoneOrAnErrorThatNamesIt() throws IOException, InterruptedException {
        byte[] whole = Files.readAllBytes(library("libwhole.so"));
        Path cut = directory.resolve("cut.so");
        for (int length = 0; length < whole.length; length += length < 700 ? 7 : 499) {
            Files.write(cut, Arrays.copyOf(whole, length));
            try {
                ElfFile.read(cut);
            } catch (IOException e) {
                assertTrue(e.getMessage().contains("cut.so"), e.getMessage());
            }
        }
    }

    @Test
    void damagedFile_isReadOrRefusedAndNothingElse() throws IOException, InterruptedException {
        byte[] whole = Files.readAllBytes(library("libwhole.so", "-Wl,-rpath,/some/where"));
        Path damaged = directory.resolve("damaged.so");
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer header = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        int interesting = (int) header.getLong(32) + 56 * header.getShort(56);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = whole.clone();
            for (int damage = random.nextInt(1, 6); damage > 0; damage--) {
                int at = random.nextInt(random.nextInt(3) == 0 ? bytes.length : interesting);
                bytes[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : -1);
            }
            bytes[0] = 0x7f;
            Files.write(damaged, bytes);
            try {
                ElfFile.read(damaged);
            } catch (IOException e) {
                // As documented.
            } catch (RuntimeException | OutOfMemoryError e) {
                throw new AssertionError("seed " + seed + ", round " + i, e);
            }
        }
    }
}
