package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.testing.CacheDaemon;
import java.io.BufferedReader;
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
 * {@code scripts/check cache} runs this, which names the program.
 */
@EnabledIfSystemProperty(named = "jdist.sccache", matches = ".+")
class SccacheDecisionsIT {
    @TempDir
    static Path directory;

    private static CommandLineRuns<List<String>> decisions;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        decisions = new CommandLineRuns<>(sccache(), directory, rows(), SccacheDecisionsIT::decideTwice);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        decisions.close();
    }

    private static List<String> decideTwice(CacheDaemon daemon, CommandLineProject project, CommandLineRow row)
            throws IOException, InterruptedException {
        return List.of(
                daemon.decisionOn(() -> daemon.runBehind(project, row)),
                daemon.decisionOn(() -> daemon.runBehind(project, row)));
    }

    static Stream<CommandLineRow> rows() throws IOException {
        return CommandLineRow.all(version());
    }

    private static Path sccache() {
        return Path.of(System.getProperty("jdist.sccache"));
    }

    /** The program's, without what only counts its corrections: 0.16 of "sccache 0.16.0". */
    private static String version() throws IOException {
        Process process = new ProcessBuilder(sccache().toString(), "--version").start();
        try (BufferedReader output = process.inputReader()) {
            return output.readLine().replaceFirst(".* (\\d+\\.\\d+).*", "$1");
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void commandLine_behindTheRealSccache_isDecidedAsTheTableSays(CommandLineRow row) throws Exception {
        List<String> decided = decisions.of(row);

        String told =
                decided.equals(row.decisions()) ? told(decided) : told(row.decisions()) + "; sccache: " + told(decided);
        System.out.printf(
                "%-7s %s%n        %s%n",
                row.compiler(), row.command(), told + (row.why().isEmpty() ? "" : " (" + row.why() + ")"));
        assertEquals(row.ofSccache(), decided);
    }

    private static String told(List<String> decisions) {
        return String.join(
                " then ",
                Stream.of(decisions.get(0), decisions.get(1)).distinct().toList());
    }
}
