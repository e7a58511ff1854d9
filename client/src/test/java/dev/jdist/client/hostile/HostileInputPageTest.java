package dev.jdist.client.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds docs/hostile-input.md against the tests: those that it names are there, and what they try is on it. */
class HostileInputPageTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("common-protocol", "sandbox", "scheduler", "builder", "client");
    private static final List<String> SECTIONS =
            List.of("attempts", "endless", "overruns", "overruns for cgroups", "outputs", "compiles", "commands");
    /** What the issue asks for. */
    private static final int LEAST = 60;

    private static final Pattern TEST = Pattern.compile("`(\\w+)\\.(\\w+)`");
    private static final Pattern COUNT = Pattern.compile("the ([0-9]+) ways");

    /** A line of one of the page's tables. */
    private record Line(String tried, String stoppedBy, String tests) {}

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/hostile-input.md"));
    }

    private static List<Line> lines() throws IOException {
        List<Line> lines = new ArrayList<>();
        for (String line : page().split("\n")) {
            if (line.startsWith("| ") && !line.startsWith("| what is tried")) {
                String[] columns = line.substring(2, line.length() - 2).split(" \\| ");
                assertEquals(3, columns.length, line);
                lines.add(new Line(columns[0], columns[1], columns[2]));
            }
        }
        return lines;
    }

    @Test
    void count_isThatOfThePage() throws IOException {
        Matcher count = COUNT.matcher(page());
        assertTrue(count.find());

        assertEquals(lines().size(), Integer.parseInt(count.group(1)));
        assertTrue(lines().size() >= LEAST);
    }

    @Test
    void attempts_areEachThereOnceAndStoppedBySomething() throws IOException {
        Set<String> seen = new HashSet<>();
        for (Line line : lines()) {
            assertTrue(seen.add(line.tried), () -> "twice: " + line);
            assertTrue(line.stoppedBy.length() > 3, line::toString);
        }
    }

    @Test
    void tests_areThere() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Line line : lines()) {
            Matcher test = TEST.matcher(line.tests);
            assertTrue(test.find(), () -> "no test: " + line);
            do {
                String name = test.group(1);
                if (!sources.containsKey(name)) {
                    sources.put(name, Files.readString(source(name).orElseThrow(() -> new AssertionError(name))));
                }
                Pattern method = Pattern.compile(
                        "@(?:Test|ParameterizedTest)\\b(?:(?!\\bvoid\\b)[\\s\\S])*\\bvoid " + test.group(2) + "\\(");
                assertTrue(method.matcher(sources.get(name)).find(), () -> "there is no such test: " + line);
            } while (test.find());
        }
    }

    private static Optional<Path> source(String name) throws IOException {
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                Optional<Path> found =
                        files.filter(file -> file.endsWith(name + ".java")).findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** In both directions, for the tables that {@link HostileJobsIT} goes through. */
    @Test
    void tablesOfTheTests_areOnThePage() throws IOException {
        Set<String> inTables = new TreeSet<>();
        for (String section : SECTIONS) {
            for (Intruder.Row row : Intruder.rows(section)) {
                inTables.add(section.equals("compiles") ? "`" + row.attempt() + "`: " + row.outcome() : row.attempt());
            }
        }
        HostileArchive.aimedAt(Path.of("/x/canary")).forEach(archive -> inTables.add(archive.name()));
        Set<String> onPage = new TreeSet<>();
        for (Line line : lines()) {
            if (Pattern.compile(
                            "HostileJobsIT\\.\\w+_(ofAJob|ofALimit|whereTheKernelKeepsLimits|endAtTheTimeLimit|thatIsATrap"
                                    + "|forAnotherPurpose|thatNoClientSends|asToolchain)_")
                    .matcher(line.tests)
                    .find()) {
                onPage.add(line.tried);
            }
        }
        assertEquals(inTables, onPage);
    }

    /** What the program can do and nobody has it do would be a test that is not made. */
    @Test
    void attemptsOfTheProgram_areInTheTables() throws IOException {
        Path resources = ROOT.resolve("client/src/test/resources/dev/jdist/client/hostile");
        Pattern entry = Pattern.compile("^    \\{\"([^\"]+)\", \\w+\\},$", Pattern.MULTILINE);
        Set<String> inTables = new TreeSet<>();
        List.of("attempts", "endless", "overruns", "overruns for cgroups")
                .forEach(section -> Intruder.rows(section).forEach(row -> inTables.add(row.attempt())));
        Set<String> missing = new TreeSet<>();
        for (String file : List.of("intruder.c", "harm.c")) {
            entry.matcher(Files.readString(resources.resolve(file)))
                    .results()
                    .map(found -> found.group(1))
                    .filter(name -> !inTables.contains(name))
                    .forEach(missing::add);
        }
        assertEquals(Set.of("sleep for ever", "be busy for ever"), missing, "JobLimitsIT has these");
    }
}
