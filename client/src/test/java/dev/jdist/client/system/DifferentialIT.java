package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.PackedToolchains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A minute of {@code scripts/check differential}: random units, whose files change between compiles and during them, become what the
 * compiler alone makes of them, by the cache and on a farm.
 */
class DifferentialIT {
    private static final int SECONDS = Integer.getInteger("jdist.differential.seconds", 60);
    /** The same each time: a run that fails has to fail again. Other worlds are what the check itself is for. */
    private static final String SEED = System.getProperty("jdist.differential.seed", "1");

    private static final long MOST_MINUTES = 30;

    @Test
    void compile_ofRandomUnits_isTheOneOfTheCompilerAlone(@TempDir Path directory) throws Exception {
        Path project = project();
        List<String> command = new ArrayList<>(List.of("python3", "-B"));
        command.add(project.resolve("scripts/differential").toString());
        command.addAll(
                List.of(Integer.toString(SECONDS), SEED, "--worlds", "1", "--compilers", "gcc,g++,clang,clang++"));
        command.addAll(List.of("--jdist", distribution().resolve("bin").toString()));
        // Where a client with XDG_CACHE_HOME has them.
        command.addAll(List.of(
                "--packed",
                PackedToolchains.directory().resolve("sccache-dist-client").toString()));

        Path output = directory.resolve("output");
        ProcessBuilder differential =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // What it starts, and where it writes, is gone with this directory.
        differential.environment().put("TMPDIR", directory.toString());

        assertEquals(
                0,
                exitCode(differential),
                () -> text(output) + "\nTo see it again: scripts/check differential " + SECONDS + " " + SEED
                        + " --farms jdist --worlds 1 --compilers gcc,g++,clang,clang++");
        assertTrue(text(output).contains(": 0 differences"), () -> text(output));
    }

    private static int exitCode(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.start();
        try {
            assertTrue(
                    process.waitFor(MOST_MINUTES, TimeUnit.MINUTES),
                    "it still runs after " + MOST_MINUTES + " minutes");
            return process.exitValue();
        } finally {
            // It ends its daemons then.
            process.destroy();
            process.waitFor();
        }
    }

    private static Path distribution() {
        return Path.of(System.getProperty("jdist.dist"));
    }

    /** The folder that has the project's scripts. */
    private static Path project() {
        return distribution().getParent().getParent();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "no output: " + e;
        }
    }
}
