package dev.jdist.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the real sccache makes of the command lines of {@link CacheIT}: the same as jdist, or what their table says. Only
 * {@code scripts/check-cache} runs this, which names the program.
 */
@EnabledIfSystemProperty(named = "jdist.sccache", matches = ".+")
class SccacheDecisionsIT {
    @TempDir
    static Path directory;

    private static CacheDaemon daemon;
    private static CommandLineProject project;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        daemon = new CacheDaemon(Path.of(System.getProperty("jdist.sccache")), directory.resolve("sccache"));
        project = new CommandLineProject(directory);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        daemon.close();
    }

    static Stream<CommandLineRow> rows() {
        return CommandLineRow.all();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void commandLine_behindTheRealSccache_isDecidedAsTheTableSays(CommandLineRow row) throws Exception {
        List<String> decisions = List.of(
                daemon.decisionOn(() -> daemon.runBehind(project, row)),
                daemon.decisionOn(() -> daemon.runBehind(project, row)));

        String told = decisions.equals(row.decisions())
                ? told(decisions)
                : told(row.decisions()) + "; sccache: " + told(decisions);
        System.out.printf(
                "%-7s %s%n        %s%n",
                row.compiler(), row.command(), told + (row.why().isEmpty() ? "" : " (" + row.why() + ")"));
        assertEquals(row.ofSccache(), decisions);
    }

    private static String told(List<String> decisions) {
        return String.join(
                " then ",
                Stream.of(decisions.get(0), decisions.get(1)).distinct().toList());
    }
}
