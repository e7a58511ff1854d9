package dev.jdist.protocol.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateDirectoryTest {
    private static final int NOBODY = 65534;

    @TempDir
    private Path parent;

    private Path directory;

    @BeforeEach
    void name() {
        directory = parent.resolve("d");
    }

    private Path take() throws Exception {
        return PrivateDirectory.take(directory, "choose another");
    }

    private static void mode(Path file, String mode) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static void giveAway(Path file) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "skipped: only root gives files away");
        Files.setAttribute(file, "unix:uid", NOBODY, java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void take_nothingThere_makesOneForItsOwnerOnly() throws Exception {
        directory = parent.resolve("a/b");

        assertEquals(directory, take());
        assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(directory));
        assertEquals(Optional.empty(), PrivateDirectory.objection(directory));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwx------", "rwxr-xr-x"})
    void take_ofThisUser_takesItAsItIs(String mode) throws Exception {
        Files.createDirectory(directory);
        mode(directory, mode);

        assertEquals(directory, take());
        assertEquals(PosixFilePermissions.fromString(mode), Files.getPosixFilePermissions(directory));
    }

    private void refused(String reason) {
        StartupException refusal = assertThrows(StartupException.class, this::take);

        assertTrue(refusal.getMessage().startsWith(directory + " " + reason), refusal.getMessage());
        assertTrue(
                refusal.getMessage().endsWith(": look who made it, and remove it, or choose another"),
                refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx----w-", "rwxrwxrwx"})
    void take_othersMayWrite_isRefusedWithTheMode(String mode) throws Exception {
        Files.createDirectory(directory);
        mode(directory, mode);

        refused("is a directory of user " + Files.getOwner(directory).getName() + " (");
        assertTrue(PrivateDirectory.objection(directory).get().contains("to which others may write (mode " + mode));
    }

    @Test
    void take_ofAnotherUser_isRefusedWithTheirName() throws Exception {
        giveAway(Files.createDirectory(directory));

        refused("is a directory of user " + Files.getOwner(directory).getName() + " (65534), not of this one (0)");
    }

    @Test
    void take_link_isRefusedWhereverItLeads() throws Exception {
        Files.createSymbolicLink(directory, Files.createDirectory(parent.resolve("mine")));

        refused("is a symbolic link of user ");
    }

    @Test
    void take_file_isRefused() throws Exception {
        Files.createFile(directory);

        refused("is not a directory, but a file of user ");
    }

    private Path named(Path path) throws Exception {
        return PrivateDirectory.named(path, "choose another");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d", "d/e", "d/e/f"})
    void named_foreignWhereEverybodyMayMakeThem_isRefused(String path) throws Exception {
        mode(parent, "rwxrwxrwx");
        giveAway(Files.createDirectory(directory));

        StartupException refusal = assertThrows(StartupException.class, () -> named(parent.resolve(path)));

        assertTrue(refusal.getMessage().startsWith(directory + " is a directory of user "), refusal.getMessage());
    }

    @Test
    void named_foreignLinkWhereEverybodyMayMakeThem_isRefused() throws Exception {
        mode(parent, "rwxrwxrwx");
        giveAway(Files.createSymbolicLink(directory, Files.createDirectory(parent.resolve("mine"))));

        assertThrows(StartupException.class, () -> named(directory));
    }

    /** A volume of a container, say. */
    @Test
    void named_foreignWhereItsOwnerMadeIt_isTaken() throws Exception {
        mode(parent, "rwxr-xr-x");
        giveAway(Files.createDirectory(directory));

        assertEquals(directory.resolve("e"), named(directory.resolve("e")));
    }

    @Test
    void named_ofThisUser_isTakenWhereverItIs() throws Exception {
        mode(parent, "rwxrwxrwx");
        Path own = Files.createDirectory(directory);
        Path link = Files.createSymbolicLink(parent.resolve("link"), own);

        named(link);
        assertEquals(own.resolve("e"), named(own.resolve("e")));
        assertTrue(Files.isDirectory(own.resolve("e")));
    }

    @Test
    void make_anythingThere_isRefused() throws Exception {
        PrivateDirectory.make(directory);

        assertThrows(FileAlreadyExistsException.class, () -> PrivateDirectory.make(directory));
    }

    private Path takeOrName(List<Path> removed) throws Exception {
        return PrivateDirectory.takeOrName(directory, "choose another", leftover -> {
            removed.add(leftover.getFileName());
            Files.delete(leftover);
        });
    }

    @Test
    void takeOrName_parentOfThisUser_hasTheName() throws Exception {
        mode(parent, "rwxr-xr-x");

        assertEquals(directory, takeOrName(new ArrayList<>()));
    }

    @Test
    void takeOrName_othersMayWriteToTheParent_hasANameThatNobodyKnowsBefore() throws Exception {
        mode(parent, "rwxrwxrwx");
        List<Path> removed = new ArrayList<>();

        Path first = takeOrName(removed);
        Path second = takeOrName(removed);

        assertTrue(first.getFileName().toString().matches("d-\\d{10,}"), first.toString());
        assertNotEquals(first, second);
        assertEquals(List.of(first.getFileName()), removed);
        assertFalse(Files.exists(first));
        assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(second));
    }

    @Test
    void takeOrName_leftoversOfOthers_areLeftAlone() throws Exception {
        mode(parent, "rwxrwxrwx");
        Files.createSymbolicLink(parent.resolve("d-1"), parent);
        giveAway(Files.createDirectory(parent.resolve("d-2")));
        List<Path> removed = new ArrayList<>();

        takeOrName(removed);

        assertEquals(List.of(), removed);
    }
}
