package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.SourceTree;
import dev.jdist.client.testing.SourcesFarm;
import dev.jdist.client.testing.SourcesFarm.Made;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Headers that shadow others, and such as are not there: after each change, a builder that compiles the sources finds what the
 * compiler alone finds, and the cache too. The cases are in {@code shadowing.txt}.
 */
@EnabledIfSystemProperty(named = "jdist.sources", matches = "all")
class ShadowingIT {
    private static final String HEAD = "=== ";
    private static final String CHANGE = "~~~\n";
    private static final String SAME = "same";

    @TempDir
    static Path directory;

    private static SourcesFarm farm;

    /**
     * One case.
     *
     * @param isSame whether the change makes no difference
     */
    private record Shadow(String name, String options, boolean isSame, String sources, String change) {}

    @BeforeAll
    static void startFarm() throws IOException, InterruptedException {
        farm = new SourcesFarm(directory.toRealPath(), true);
    }

    @AfterAll
    static void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    private static List<Shadow> shadows() throws IOException {
        List<Shadow> shadows = new ArrayList<>();
        String all = SourceTree.text(ShadowingIT.class, "shadowing.txt");
        String[] texts =
                all.substring(all.indexOf("\n" + HEAD) + 1 + HEAD.length()).split("\n" + HEAD);
        for (String text : texts) {
            int end = text.indexOf('\n');
            String[] head = text.substring(0, end).split(" \\| ");
            String[] parts = text.substring(end + 1).split(CHANGE);
            String sources = parts[0].contains("--- unit.c")
                    ? parts[0]
                    : parts[0] + "--- unit.c\n#include \"h.h\"\nint f(void) { return W; }\n";
            boolean isSame = head.length > 2 && head[2].equals(SAME);
            shadows.add(new Shadow(head[0], head[1], isSame, sources, parts[1]));
        }
        return shadows;
    }

    @Test
    void unit_whoseHeadersComeAndGo_isAlwaysTheOneOfTheCompilerAlone() throws Exception {
        List<Callable<List<String>>> all = new ArrayList<>();
        for (Shadow shadow : shadows()) {
            String compiler = all.size() % 2 == 0 ? "gcc" : "clang";
            Path work = directory.toRealPath().resolve("work-" + all.size());
            all.add(() -> differences(shadow, compiler, work));
        }
        assertTrue(all.size() >= 40, all.size() + " cases");

        assertEquals(List.of(), SourcesFarm.inParallel(all));

        // Those that do not compile before or after their change are compiled here.
        assertTrue(farm.compiledBySources() >= 2L * (all.size() - 12), () -> String.valueOf(why()));
        assertEquals(farm.compiledBySources(), farm.compiledByBuilders(), () -> String.valueOf(why()));
    }

    private static List<String> why() {
        try {
            return farm.reasons();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    private static List<String> differences(Shadow shadow, String compiler, Path work)
            throws IOException, InterruptedException {
        SourceTree.write(work, shadow.sources);
        // Another one in each case: none is found by the text of another.
        Path unit = work.resolve("unit.c");
        Files.writeString(
                unit,
                Files.readString(unit) + "int of_"
                        + work.getFileName().toString().replace('-', '_') + ";\n");
        String command = "$CC -O1 -g -MD -MF d " + shadow.options + " -c unit.c -o unit.o";
        List<String> found = new ArrayList<>();
        Made behind = farm.behind(work, command, compiler);
        Made before = farm.alone(work, command, compiler);
        compare(before, behind, shadow, "before the change", found);
        int changed = farm.farm()
                .runProgram(work, List.of("/bin/sh", "-c", shadow.change))
                .code();
        if (changed != 0) {
            found.add(shadow.name + ": the change fails");
        }
        // At once: nothing that was seen just now may be taken for what is there.
        Made afterwards = farm.behind(work, command, compiler);
        Made after = farm.alone(work, command, compiler);
        compare(after, afterwards, shadow, "after the change", found);
        Made again = farm.behind(work, "SCCACHE_RECACHE=1 " + command, compiler);
        compare(after, again, shadow, "after the change, without the cache", found);
        if (before.equals(after) != shadow.isSame) {
            found.add(shadow.name + ": the change makes " + (shadow.isSame ? "a" : "no") + " difference");
        }
        return found;
    }

    private static void compare(Made alone, Made behind, Shadow shadow, String when, List<String> found) {
        if (!alone.equals(behind)) {
            found.add(shadow.name + ", " + when + ":\n alone  " + alone + "\n behind " + behind + "\n");
        }
    }
}
