package dev.jdist.client.files;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A header {@code h.h} that is reached as {@code now/h.h}, where {@code now} is a link to {@code current} and that one to
 * {@code tree/v1}. Beside it lies {@code tree/v2} with another one.
 */
class UnchangedPathsTest {
    @TempDir
    private Path directory;

    private Path header;
    private Path other;
    private Path reached;
    private FileBaseline before;

    @BeforeEach
    void lookBefore() throws IOException {
        directory = directory.toRealPath();
        header = write("tree/v1/h.h", "int one;\n");
        other = write("tree/v2/h.h", "int two;\n");
        Files.createSymbolicLink(directory.resolve("current"), Path.of("tree/v1"));
        Files.createSymbolicLink(directory.resolve("now"), Path.of("current"));
        reached = directory.resolve("now/h.h");
        before = baseline();
    }

    private FileBaseline baseline() throws IOException {
        return FileBaseline.take(FileStat.now(), directory.resolve("clock"), List.of(directory.resolve("now")));
    }

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private void assertUnchanged(Path path) throws IOException, ChangedException {
        UnchangedPaths paths = new UnchangedPaths(before);
        FileStat stat = FileStat.of(path).orElseThrow();
        paths.checkFile(path, stat);
        assertEquals(Optional.of(stat), paths.check(path));
        paths.finish(false);
    }

    private void assertChanged(Path path) throws IOException {
        FileStat stat = FileStat.of(path).orElseThrow();
        assertThrows(ChangedException.class, () -> new UnchangedPaths(before).checkFile(path, stat));
    }

    private void swap(Path one, Path two) throws IOException {
        Path aside = directory.resolve("aside");
        Files.move(one, aside);
        Files.move(two, one);
        Files.move(aside, two);
    }

    private void link(Path link, String target) throws IOException {
        Path fresh = directory.resolve("fresh");
        Files.createSymbolicLink(fresh, Path.of(target));
        Files.move(fresh, link, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void file_thatNobodyTouched_isUnchangedByAllItsNames() throws Exception {
        assertUnchanged(reached);
        assertUnchanged(header);
        assertUnchanged(directory.resolve("now/../v1/./h.h"));
        assertUnchanged(directory.resolve("now/..//v2/../v1/h.h"));
    }

    @Test
    void file_writtenJustBefore_isUnchanged() throws Exception {
        for (int i = 0; i < 30; i++) {
            Files.writeString(header, "int number_" + i + ";\n");
            before = baseline();
            assertUnchanged(reached);
        }
    }

    @Test
    void file_writtenJustAfter_isChanged() throws IOException {
        for (int i = 0; i < 30; i++) {
            before = baseline();
            Files.writeString(header, "int number_" + i + ";\n");
            assertChanged(reached);
        }
    }

    @Test
    void file_replacedWithItsOldTimes_isChanged() throws IOException {
        FileTime time = Files.getLastModifiedTime(header);
        Path fresh = write("fresh.h", "int six;\n");
        Files.setLastModifiedTime(fresh, time);
        Files.move(fresh, header, StandardCopyOption.REPLACE_EXISTING);
        assertChanged(reached);
    }

    @Test
    void file_ofAnotherName_movedIntoItsPlace_isChanged() throws IOException {
        Files.move(other, header, StandardCopyOption.REPLACE_EXISTING);
        assertChanged(reached);
    }

    @Test
    void lastLink_movedOn_isChanged() throws IOException {
        link(directory.resolve("current"), "tree/v2");
        assertChanged(reached);
    }

    @Test
    void firstLink_movedOn_isChanged() throws IOException {
        link(directory.resolve("now"), directory.resolve("tree/v2").toString());
        assertChanged(reached);
    }

    @Test
    void link_movedOnAndBack_isChanged() throws IOException {
        link(directory.resolve("current"), "tree/v2");
        link(directory.resolve("current"), "tree/v1");
        assertChanged(reached);
    }

    @Test
    void link_madeOfADirectory_isChanged() throws IOException {
        before = baseline();
        Files.move(directory.resolve("tree/v1"), directory.resolve("tree/v0"));
        Files.createSymbolicLink(directory.resolve("tree/v1"), Path.of("v2"));
        assertChanged(reached);
    }

    @Test
    void directory_swapped_isChanged() throws IOException {
        swap(directory.resolve("tree/v1"), directory.resolve("tree/v2"));
        assertChanged(reached);
        assertChanged(header);
    }

    @Test
    void directory_swappedAndSwappedBack_isChanged() throws IOException {
        swap(directory.resolve("tree/v1"), directory.resolve("tree/v2"));
        swap(directory.resolve("tree/v1"), directory.resolve("tree/v2"));
        assertChanged(reached);
    }

    @Test
    void directoryFarAbove_swapped_isChanged() throws IOException {
        write("copy/v1/h.h", "int one;\n");
        before = baseline();
        swap(directory.resolve("tree"), directory.resolve("copy"));
        assertChanged(reached);
    }

    @Test
    void directory_thatDotsLeadOutOf_isLookedAtWhereItReallyIs() throws Exception {
        Files.createDirectories(directory.resolve("far/deep"));
        write("far/h.h", "int far;\n");
        Files.createSymbolicLink(directory.resolve("out"), Path.of("far/deep"));
        before = baseline();
        assertUnchanged(directory.resolve("out/../h.h"));
        Files.createDirectories(directory.resolve("farther/deep"));
        write("farther/h.h", "int farther;\n");
        link(directory.resolve("out"), "farther/deep");
        assertChanged(directory.resolve("out/../h.h"));
    }

    @Test
    void directoriesInWhichObjectsAreWritten_areUnchanged() throws Exception {
        write("tree/object.o", "");
        write("tree/v1/object.o", "");
        write("object.o", "");
        assertUnchanged(reached);
    }

    @Test
    void directory_swappedWhereObjectsAreWritten_isChanged() throws IOException {
        swap(directory.resolve("tree/v1"), directory.resolve("tree/v2"));
        write("tree/object.o", "");
        write("tree/v1/object.o", "");
        assertChanged(reached);
    }

    @Test
    void directory_swappedAndSwappedBackWhereObjectsAreWritten_isChanged() throws IOException {
        write("tree/object.o", "");
        write("tree/v1/object.o", "");
        swap(directory.resolve("tree/v1"), directory.resolve("tree/v2"));
        swap(directory.resolve("tree/v1"), directory.resolve("tree/v2"));
        assertChanged(reached);
    }

    @Test
    void directory_thatNobodySawBefore_isChangedWhereObjectsAreWritten() throws IOException {
        before = new FileBaseline(before.began(), java.util.Map.of(), before.mounts());
        write("tree/object.o", "");
        write("tree/v1/object.o", "");
        assertChanged(reached);
    }

    @Test
    void directory_thatAppeared_isChanged() throws IOException {
        Files.createDirectories(directory.resolve("front"));
        assertThrows(ChangedException.class, () -> new UnchangedPaths(before).check(directory.resolve("front")));
    }

    @Test
    void directory_thatWasMovedIntoPlace_isChanged() throws IOException {
        Files.move(directory.resolve("tree/v2"), directory.resolve("front"));
        assertThrows(ChangedException.class, () -> new UnchangedPaths(before).check(directory.resolve("front")));
    }

    @Test
    void file_readBeforeItWasReplaced_isChanged() throws IOException {
        FileStat read = FileStat.of(header).orElseThrow();
        Files.writeString(header, "int three;\n");
        before = new FileBaseline(new Moment(Long.MAX_VALUE), before.directories(), before.mounts());
        assertThrows(ChangedException.class, () -> new UnchangedPaths(before).checkFile(header, read));
    }

    @Test
    void whatIsNotThere_isNothing() throws Exception {
        Files.createSymbolicLink(directory.resolve("nowhere"), Path.of("nothing/h.h"));
        before = baseline();
        UnchangedPaths paths = new UnchangedPaths(before);
        assertTrue(paths.check(directory.resolve("missing/h.h")).isEmpty());
        assertTrue(paths.check(directory.resolve("nowhere")).isEmpty());
        assertTrue(paths.check(header.resolve("below/a/file")).isEmpty());
        assertTrue(paths.check(header.resolve("../h.h")).isEmpty());
        assertDoesNotThrow(() -> paths.finish(false));
    }

    @Test
    void linkToItself_isRefused() throws IOException {
        Files.createSymbolicLink(directory.resolve("self"), Path.of("self"));
        before = baseline(directory);
        assertEquals(before.directories(), baseline(directory.resolve("self")).directories());
        assertThrows(
                FileSystemLoopException.class, () -> new UnchangedPaths(before).check(directory.resolve("self/h.h")));
    }

    private FileBaseline baseline(Path place) throws IOException {
        return FileBaseline.take(FileStat.now(), directory.resolve("clock"), List.of(place));
    }

    @Test
    void otherMounts_orUnknownOnes_proveNothing() throws Exception {
        for (Optional<String> text : List.of(Optional.of("another table"), Optional.<String>empty())) {
            before = new FileBaseline(before.began(), before.directories(), new MountTable(text));
            UnchangedPaths paths = new UnchangedPaths(before);
            paths.check(header);
            assertThrows(ChangedException.class, () -> paths.finish(true));
        }
    }

    @Test
    void mountThatCameAndWent_isNotOverlooked() throws Exception {
        UnchangedPaths paths = new UnchangedPaths(before);
        paths.check(header);
        assertDoesNotThrow(() -> paths.finish(false));
        assertThrows(ChangedException.class, () -> paths.finish(true));
    }

    /** As when a container starts while something is compiled. */
    @Test
    void mountElsewhere_doesNoHarm() throws Exception {
        String now = MountTable.now().text().orElseThrow();
        String more = now + "9999 1 0:4 / /run/netns/another rw - nsfs nsfs rw\n";
        UnchangedPaths paths = new UnchangedPaths(
                new FileBaseline(before.began(), before.directories(), new MountTable(Optional.of(more))));
        paths.check(header);
        assertDoesNotThrow(() -> paths.finish(true));
    }
}
