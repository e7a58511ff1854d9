package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.inputs.MakeRule;
import dev.jdist.client.inputs.SearchPath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What compilers print about paths: make rules and search lists. */
class PathsOfCompilersTest {
    private static final Path CWD = Path.of("/src");

    private static Optional<Set<Path>> prerequisites(String rule) {
        return MakeRule.prerequisites(rule.replace("~", "\n").getBytes(StandardCharsets.UTF_8), CWD);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.o: a.c                     | /src/a.c",
                "a.o: /x/a.c \\~ b.h          | /x/a.c /src/b.h",
                "a.o b.o: a.c~~b.h:~          | /src/a.c",
                "sub/a.o: \\~  a.c \\~  b.h~  | /src/a.c /src/b.h",
                "C:x.o: a.c                   | /src/a.c",
                "a.o: a$$b.c                  | /src/a$b.c",
                "a.o: a\\#b.c                 | /src/a#b.c",
            })
    void rule_isRead(String rule, String expected) {
        Set<Path> paths = new java.util.LinkedHashSet<>();
        for (String path : expected.split(" ")) {
            paths.add(Path.of(path));
        }
        assertEquals(Optional.of(paths), prerequisites(rule));
    }

    @Test
    void blanksInNames_areProtectedByBackslashes() {
        assertEquals(Optional.of(Set.of(Path.of("/src/a b.c"))), prerequisites("a.o: a\\ b.c"));
        assertEquals(Optional.of(Set.of(Path.of("/src/a\\b.c"))), prerequisites("a.o: a\\b.c"));
    }

    @ParameterizedTest
    @CsvSource({"''", "a.o", "a.o:", "':'"})
    void noRule_isNothing(String rule) {
        assertEquals(Optional.empty(), prerequisites(rule));
    }

    @Test
    void searchList_isRead() {
        String printed = """
                Using built-in specs.
                ignoring nonexistent directory "/usr/local/include/none"
                ignoring duplicate directory "link"
                ignoring duplicate directory "/usr/include"
                  as it is a non-system directory that duplicates a system directory
                #include "..." search starts here:
                 quoted
                #include <...> search starts here:
                 /opt/with blank/include
                 /usr/include
                 /Frameworks (framework directory)
                End of search list.
                COMPILER_PATH=/x
                """;
        assertEquals(
                List.of(
                        Path.of("/usr/local/include/none"),
                        Path.of("/src/link"),
                        Path.of("/usr/include"),
                        Path.of("/src/quoted"),
                        Path.of("/opt/with blank/include"),
                        Path.of("/Frameworks")),
                SearchPath.parse(printed, CWD).orElseThrow().directories());
    }

    @Test
    void searchListInAnotherLanguage_isNone() {
        assertEquals(Optional.empty(), SearchPath.parse("Ende der Suchliste.\n", CWD));
    }
}
