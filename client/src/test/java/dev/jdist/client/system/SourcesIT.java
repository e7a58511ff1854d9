package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.SourceTree;
import dev.jdist.client.testing.SourcesFarm;
import dev.jdist.client.testing.SourcesFarm.Made;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Builders compile the sources themselves: what they leave and say is what the compiler alone leaves and says, byte by byte. The
 * command lines are in {@code sources-command-lines.txt}, and the sources in {@code sources-project.txt}.
 */
class SourcesIT {
    private static final int PARTS_OF_A_ROW = 3;

    @TempDir
    static Path directory;

    private static SourcesFarm farm;
    private static String project;
    private static int projects;

    /** Where a unit is compiled, and of what. */
    private enum Where {
        SOURCES,
        HERE
    }

    /** One line, with one compiler. */
    private record Row(Where where, String compiler, String command) {}

    @BeforeAll
    static void startFarm() throws IOException, InterruptedException {
        project = SourceTree.text(SourcesIT.class, "sources-project.txt");
        farm = new SourcesFarm(directory.toRealPath(), false);
    }

    @AfterAll
    static void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line :
                SourceTree.text(SourcesIT.class, "sources-command-lines.txt").split("\n")) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.split("\\|", PARTS_OF_A_ROW);
            Where where = Where.valueOf(parts[0].strip().toUpperCase(java.util.Locale.ROOT));
            for (String compilers : parts[1].strip().split(",")) {
                Stream<String> names = switch (compilers) {
                    case "c" -> Stream.of("gcc", "clang");
                    case "c++" -> Stream.of("g++", "clang++");
                    case "either" -> Stream.of(rows.size() % 2 == 0 ? "gcc" : "clang");
                    default -> Stream.of(compilers);
                };
                names.forEach(name -> rows.add(new Row(where, name, parts[2].strip())));
            }
        }
        return rows;
    }

    @ParameterizedTest
    @EnumSource
    void unit_onAFarmThatCompilesSources_isTheOneOfTheCompilerAlone(Where where) throws Exception {
        List<Callable<List<String>>> all = new ArrayList<>();
        for (Row row : rows()) {
            if (row.where == where) {
                Path work = directory.toRealPath().resolve("work-" + ++projects);
                all.add(() -> differences(row, work));
            }
        }
        assertTrue(all.size() >= (where == Where.SOURCES ? 100 : 15), all.size() + " rows");
        farm.farm().zeroStatistics();
        long before = farm.compiledBySources();

        assertEquals(List.of(), SourcesFarm.inParallel(all));

        int expected = where == Where.SOURCES ? all.size() : 0;
        assertEquals(expected, farm.compiledBySources() - before, () -> whichWentElsewhere(where));
        JsonNode statistics = farm.farm().statistics();
        assertEquals(expected, Farm.distributed(statistics), statistics.toPrettyString());
        assertEquals(0, statistics.get("dist_errors").asInt(), statistics.toPrettyString());
    }

    private static List<String> differences(Row row, Path work) throws IOException, InterruptedException {
        Made alone = compile(row, work, false);
        Made behind = compile(row, work, true);
        if (row.where == Where.SOURCES && alone.result().code() != 0) {
            return List.of(row + " fails: " + alone.result().stderr());
        }
        return alone.equals(behind) ? List.of() : List.of(row + "\n alone  " + alone + "\n behind " + behind);
    }

    /** Each of the two has the sources as they were written: what was made of them may be beside them already. */
    private static Made compile(Row row, Path work, boolean isBehind) throws IOException, InterruptedException {
        if (!Files.exists(work)) {
            SourceTree.write(work, project);
        }
        return isBehind ? farm.behind(work, row.command, row.compiler) : farm.alone(work, row.command, row.compiler);
    }

    /** Tries all again, one after the other: the log has their order then. */
    private static String whichWentElsewhere(Where where) {
        Map<String, Long> wrong = new TreeMap<>();
        try {
            for (Row row : rows()) {
                Path work = directory.toRealPath().resolve("work-" + ++projects);
                long before = farm.compiledBySources();
                compile(row, work, true);
                long count = farm.compiledBySources() - before;
                if (row.where == where && count != (where == Where.SOURCES ? 1 : 0)) {
                    wrong.put(row.toString(), count);
                }
            }
            return wrong + "\n" + String.join("\n", farm.reasons());
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }
}
