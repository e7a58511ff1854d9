package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.sandbox.TestRun;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where root runs the tests: those of {@link SandboxIT} and {@link CallFilterIT} once more, in a JVM of a user who has no
 * rights at all.
 */
@Timeout(600)
class UnprivilegedSandboxIT {
    private static final String NOBODY = "65534";
    /** For what the user has to read and may not where it is. */
    @TempDir
    private Path copies;

    /** @param atLeast those of two kinds of sandboxes: root's is skipped, and most machines lack a bubblewrap with overlays */
    @ParameterizedTest
    @CsvSource({"SandboxIT, 200", "CallFilterIT, 8"})
    void sandboxes_ofAUserWithoutRights_passTheSameTests(String tests, String atLeast) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "skipped: the tests run without rights already");
        Files.setPosixFilePermissions(copies, PosixFilePermissions.fromString("rwxr-xr-x"));
        String helper = System.getProperty(SandboxIT.HELPER_PROPERTY, "target/native/jdist-sandbox");
        Path home = Files.createDirectory(copies.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY));
        command.addAll(List.of(
                "--clear-groups",
                Path.of(System.getProperty("java.home"), "bin/java").toString()));
        command.addAll(List.of("-Xmx256m", "-Duser.home=" + home, "-cp", classPath()));
        command.add("-D" + SandboxIT.HELPER_PROPERTY + "=" + copy(Path.of(helper)));
        String bubblewrap = System.getProperty(SandboxIT.BWRAP_PROPERTY);
        if (bubblewrap != null) {
            command.add("-D" + SandboxIT.BWRAP_PROPERTY + "=" + bubblewrap);
        }
        command.addAll(List.of(TestRun.class.getName(), getClass().getPackageName() + "." + tests, atLeast));

        Process process = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, process.waitFor(), said);
    }

    private String classPath() throws IOException, InterruptedException {
        List<String> path = new ArrayList<>();
        String here = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : here.split(File.pathSeparator)) {
            if (Files.exists(Path.of(entry))) {
                path.add(copy(Path.of(entry)).toString());
            }
        }
        return String.join(File.pathSeparator, path);
    }

    private Path copy(Path what) throws IOException, InterruptedException {
        try (var there = Files.list(copies)) {
            Path target = copies.resolve(there.count() + "-" + what.getFileName());
            String[] copy = {"cp", "-rL", what.toString(), target.toString()};
            assertEquals(0, new ProcessBuilder(copy).inheritIO().start().waitFor());
            return target;
        }
    }
}
