package dev.jdist.client.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.files.OutputWriter.Move;
import dev.jdist.client.files.OutputWriter.NewFile;
import dev.jdist.client.files.OutputWriter.Staged;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputWriterTest {
    @TempDir
    private Path directory;

    private NewFile file(String name, String content) {
        return new NewFile(directory.resolve(name), out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
    }

    private Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        try (var files = Files.list(directory)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }

    @ParameterizedTest
    @CsvSource({"022,rw-r--r--", "027,rw-r-----", "077,rw-------", "0,rw-rw-rw-", "0777,---------", "0111,rw-rw-rw-"})
    void write_newFile_hasTheModeOfTheCallersUmask(String umask, String mode) throws IOException {
        OutputWriter.writeAll(List.of(file("a.o", "object")), Integer.parseInt(umask, 8));
        assertEquals(PosixFilePermissions.fromString(mode), Files.getPosixFilePermissions(directory.resolve("a.o")));
    }

    @Test
    void write_severalFiles_allAppear() throws IOException {
        OutputWriter.writeAll(List.of(file("a.o", "object"), file("a.dwo", ""), file("b.gcno", "notes")), 022);
        assertEquals(Set.of("a.o", "a.dwo", "b.gcno"), names());
        assertEquals("object", Files.readString(directory.resolve("a.o")));
        assertEquals("", Files.readString(directory.resolve("a.dwo")));
        assertEquals("notes", Files.readString(directory.resolve("b.gcno")));
    }

    @Test
    void write_nothing_isNoError() throws IOException {
        OutputWriter.writeAll(List.of(), 022);
        assertEquals(Set.of(), names());
    }

    /** Who has the old object open or linked keeps it whole: it is replaced and not written over. */
    @Test
    void write_existingFile_isReplacedAndNotChanged() throws IOException {
        Path old = Files.writeString(directory.resolve("a.o"), "old");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("r--------"));
        Files.createLink(directory.resolve("kept"), old);
        OutputWriter.writeAll(List.of(file("a.o", "new")), 022);
        assertEquals("new", Files.readString(old));
        assertEquals("old", Files.readString(directory.resolve("kept")));
        assertEquals(PosixFilePermissions.fromString("rw-r--r--"), Files.getPosixFilePermissions(old));
    }

    @Test
    void write_link_isReplacedItself() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "old");
        Files.createSymbolicLink(directory.resolve("a.o"), target);
        OutputWriter.writeAll(List.of(file("a.o", "new")), 022);
        assertFalse(Files.isSymbolicLink(directory.resolve("a.o")));
        assertEquals("old", Files.readString(target));
    }

    @Test
    void write_secondFileHasNoDirectory_changesNothing() throws IOException {
        Files.writeString(directory.resolve("a.o"), "old");
        List<NewFile> outputs = List.of(file("a.o", "new"), file("missing/a.gcno", "notes"));
        IOException e = assertThrows(IOException.class, () -> OutputWriter.writeAll(outputs, 022));
        assertTrue(e.getMessage().contains("missing/a.gcno"), e.getMessage());
        assertEquals("old", Files.readString(directory.resolve("a.o")));
        assertEquals(Set.of("a.o"), names());
    }

    @Test
    void write_secondFileIsDamaged_changesNothing() throws IOException {
        Files.writeString(directory.resolve("a.o"), "old");
        NewFile damaged = new NewFile(directory.resolve("b.o"), out -> {
            out.write(1);
            throw new IOException("damaged");
        });
        assertThrows(IOException.class, () -> OutputWriter.writeAll(List.of(file("a.o", "new"), damaged), 022));
        assertEquals("old", Files.readString(directory.resolve("a.o")));
        assertEquals(Set.of("a.o"), names());
    }

    @Test
    void canReplace_filesAndFreeNames() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("nowhere"));
        assertTrue(OutputWriter.canReplace(file));
        assertTrue(OutputWriter.canReplace(directory.resolve("free")));
        assertTrue(OutputWriter.canReplace(directory.resolve("dangling")));
        assertTrue(OutputWriter.canReplace(Path.of("relative-and-free")));
    }

    @Test
    void canReplace_notDevicesDirectoriesAndWhatHasNone() throws IOException {
        assertFalse(OutputWriter.canReplace(Path.of("/dev/null")));
        assertFalse(OutputWriter.canReplace(directory));
        assertFalse(OutputWriter.canReplace(directory.resolve("missing/a.o")));
        Files.writeString(directory.resolve("file"), "");
        assertFalse(OutputWriter.canReplace(directory.resolve("file/a.o")));
    }

    @Test
    void staged_untilItIsMoved_waitsBesideItsPlace() throws IOException {
        Path target = Files.writeString(directory.resolve("a.o"), "old");
        NewFile moved = new NewFile(target, out -> out.write('n'));
        NewFile left = new NewFile(directory.resolve("a.d"), out -> out.write('d'));
        try (Staged staged = OutputWriter.stage(List.of(moved, left), 022)) {
            assertEquals("old", Files.readString(target));
            assertEquals(
                    List.of(target, left.target()),
                    staged.moves().stream().map(Move::target).toList());
            Files.move(staged.moves().get(0).fresh(), target, StandardCopyOption.REPLACE_EXISTING);
        }
        assertEquals("n", Files.readString(target));
        assertEquals(Set.of("a.o"), names());
    }
}
