package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseDirectoriesTest {
    private static final BaseDirectories BASE =
            new BaseDirectories(List.of(Path.of("/home/u/a"), Path.of("/home/u/b/"), Path.of("/home/u/a/inner")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DIR/x.c",
                "# 1 \"DIR//\"",
                "DIR",
                "-IDIR",
                "-IDIR/inc",
                "-ffile-prefix-map=DIR=.",
                "DIR/one:DIR:DIR/two",
                "const char *here = \"DIR\";",
                "DIR/",
                "/usr/include"
            })
    void text_thatDiffersInTheDirectoryOnly_isTheSame(String text) {
        assertEquals(BASE.strip(text.replace("DIR", "/home/u/a")), BASE.strip(text.replace("DIR", "/home/u/b")));
        assertEquals(BASE.strip(text.replace("DIR", "/home/u/a/inner")), BASE.strip(text.replace("DIR", "/home/u/b")));
    }

    // Neither is one of the directories, or they are not in the same place.
    @ParameterizedTest
    @CsvSource({
        "/home/u/a/x.c,/home/u/c/x.c",
        "/home/u/a.c,/home/u/b.c",
        "/home/u/a-1/x.c,/home/u/b-1/x.c",
        "/home/u/a,''",
        "-DX=/home/u/a,-DX=",
        "/home/u/a/x.c,x.c",
        "/home/u/a/x.c,/x.c",
        "/home/u/a/b/x.c,/home/u/b/x.c"
    })
    void text_thatSaysSomethingElse_isAnother(String one, String other) {
        assertNotEquals(BASE.strip(one), BASE.strip(other));
    }

    @Test
    void none_changeNothing() {
        BaseDirectories none = new BaseDirectories(List.of());
        assertTrue(none.isEmpty());
        assertEquals("/home/u/a/x.c", none.strip("/home/u/a/x.c"));
    }
}
