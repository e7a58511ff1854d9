package dev.jdist.client.compiler.cfamily;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What decides about a gcc that is installed in a directory. */
class GccSearchTest {
    @TempDir
    private Path directory;

    private Path lib;

    @BeforeEach
    void install() throws IOException {
        lib = Files.createDirectories(directory.toRealPath().resolve("lib/gcc/12"));
        Files.createFile(lib.resolve("cc1"));
    }

    private GccSearch search(String programs, String libraries) {
        return GccSearch.of("install: " + lib + "/\nprograms: =" + programs + "\nlibraries: =" + libraries + "\n");
    }

    @Test
    void partsAndWhereOthersCouldBe_decide() {
        GccSearch found = search(lib + "/", lib + "/");
        assertEquals(
                Set.of(
                        lib.resolve("specs"),
                        lib.resolve("as"),
                        lib.resolve("objcopy"),
                        lib.resolve("cc1"),
                        lib.resolve("cc1plus"),
                        lib.resolve("cc1obj"),
                        lib.resolve("cc1objplus")),
                found.places());
        assertEquals(List.of(lib.resolve("cc1")), found.parts());
    }

    /** Each is looked at for each hit; gcc names a dozen below one that is not there. */
    @Test
    void directoriesThatAreNotThere_areOneIfOneKeepsThemAway() {
        String tools = lib + "/../../../x86_64-linux-gnu";
        GccSearch found = search(
                tools + "/bin/x86_64-linux-gnu/12/:" + tools + "/bin/", tools + "/lib/:" + tools + "/lib/../lib/");
        assertEquals(Set.of(Path.of(tools)), found.places());
        assertEquals(List.of(), found.parts());
    }

    @Test
    void fileInTheWayOfADirectory_decidesItself() throws IOException {
        Path file = Files.createFile(lib.resolve("file"));
        assertEquals(Set.of(file.resolve("bin")), search(file + "/bin/", "").places());
        assertEquals(Set.of(file), search(file + "/", "").places());
    }

    @Test
    void specsElsewhere_areForeign() throws IOException {
        Path other = Files.createDirectories(lib.resolve("other"));
        Files.createFile(lib.resolve("specs"));
        assertFalse(search("", lib + "/:" + other + "/").hasForeignSpecs());
        Files.createFile(other.resolve("specs"));
        assertTrue(search("", lib + "/:" + other + "/").hasForeignSpecs());
    }
}
