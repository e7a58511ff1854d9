package dev.jdist.client.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
    @TempDir
    private Path root;

    @Test
    void open_leftoversOfAKilledDaemon_areRemoved() throws IOException {
        Path directory = Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("d/1.i"), "text");
        Files.writeString(root.resolve("d/23-question.c"), "text");
        try (Scratch scratch = Scratch.open(directory)) {
            try (var files = Files.list(root.resolve("d"))) {
                assertEquals(0, files.count());
            }
            assertFalse(Files.exists(scratch.newFile(".i")));
        }
    }

    @Test
    void open_filesOfSomebodyElse_areLeftAlone() throws IOException {
        Path theirs = Files.createDirectory(root.resolve("profile.d"));
        Files.writeString(theirs.resolve("50-path.sh.bak2"), "x");
        Files.writeString(theirs.resolve("locale.sh"), "x");
        Scratch.open(theirs);
        try (var files = Files.list(theirs)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void newFile_namesNoFileTwice() throws IOException {
        try (Scratch scratch = Scratch.open(Files.createDirectory(root.resolve("d")))) {
            assertNotEquals(scratch.newFile(".i"), scratch.newFile(".i"));
        }
    }

    @Test
    void close_whatIsStillThere_goes() throws IOException {
        Scratch scratch = Scratch.open(Files.createDirectory(root.resolve("d")));
        Files.writeString(scratch.newFile(".err"), "x");
        scratch.close();
        assertFalse(Files.exists(root.resolve("d")));
    }
}
