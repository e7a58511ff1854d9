package dev.jdist.client.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountTableTest {
    private static final String ROOT = "22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n";
    private static final Set<Path> PLACES = Set.of(Path.of("/home/me/unit.c"), Path.of("/home/me/my files/a.h"));

    private static MountTable table(String more) {
        return new MountTable(Optional.of(ROOT + more));
    }

    // Columns: where something is mounted, whether that matters
    @ParameterizedTest
    @CsvSource({
        "/, true",
        "/home, true",
        "/home/me/unit.c, true",
        "/home/me/my\\040files, true",
        "/home/me/my, false",
        "/home/you, false",
        "/run/netns/a, false",
        "/home/me/unit.c/below, false"
    })
    void mount_mattersOnTheWayToAPlace(String mounted, boolean matters) {
        MountTable with = table("90 22 0:4 / " + mounted + " rw - tmpfs tmpfs rw\n");
        assertEquals(matters, with.differsFor(PLACES, table("")));
        assertEquals(matters, table("").differsFor(PLACES, with));
    }

    @Test
    void table_thatCannotBeTold_isNeverTheSame() {
        MountTable unknown = new MountTable(Optional.empty());
        assertFalse(unknown.isSameAs(unknown));
        assertTrue(unknown.differsFor(PLACES, table("")));
        assertTrue(table("").differsFor(PLACES, unknown));
    }

    @Test
    void line_ofAnotherShape_matters() {
        assertTrue(table("what is this\n").differsFor(PLACES, table("")));
    }
}
