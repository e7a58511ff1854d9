package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.bubblewrap.SandboxReport.Lack;
import dev.jdist.sandbox.cgroup.JobCgroups;
import dev.jdist.sandbox.tree.TreeOwner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A program that makes the calls that the filter is there for, in each kind of sandbox, with and without the filter. */
@ParameterizedClass
@EnumSource(SandboxStrategy.class)
@Timeout(120)
class CallFilterIT {
    private static final Path HELPER = Path.of(
                    System.getProperty(SandboxIT.HELPER_PROPERTY, "target/native/jdist-sandbox"))
            .toAbsolutePath();
    private static final Path BWRAP = Path.of(System.getProperty(SandboxIT.BWRAP_PROPERTY, "/usr/bin/bwrap"));
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final TreeOwner OWNER = ROOT ? TreeOwner.of(SandboxIT.JOBS) : TreeOwner.SELF;
    private static final JobLimits LIMITS = new JobLimits(Duration.ofSeconds(60), 256 << 20, 200, 64 << 20, 1 << 20, 0);

    private static final String EPERM = "1";
    private static final String ENOSYS = "38";
    /** Those with another way, and those that are gone; of what begins with x32, there is none. */
    private static final Set<String> UNKNOWN = Set.of(
            "clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "uselib", "sysfs", "ustat");

    @TempDir
    private static Path directories;

    @Parameter
    private SandboxStrategy strategy;

    private static Path directory;
    private static Path lower;

    @BeforeParameterizedClassInvocation
    static void compile(SandboxStrategy strategy) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BWRAP), "skipped: bubblewrap is not installed (scripts/setup test does it)");
        assumeTrue(ROOT || strategy != SandboxStrategy.ROOT_OVERLAY, "skipped: this kind takes root");
        assumeTrue(
                strategy != SandboxStrategy.BWRAP_OVERLAY || SandboxIT.bubblewrapHasOverlays(),
                "skipped: this kind takes bubblewrap 0.11");
        directory = Files.createDirectory(directories.resolve(strategy.label()));
        lower = Files.createDirectories(directory.resolve("lower"));
        Files.createDirectories(lower.resolve("bin"));
        compile("system-calls.c", "-static", "-pthread", "-o", lower + "/bin/calls");
    }

    private static int compile(String source, String... options) throws IOException, InterruptedException {
        Path copy = directory.resolve(source);
        try (InputStream in = CallFilterIT.class.getResourceAsStream(source)) {
            Files.write(copy, in.readAllBytes());
        }
        ProcessBuilder gcc = new ProcessBuilder("gcc", copy.toString()).redirectErrorStream(true);
        gcc.command().addAll(List.of(options));
        Process process = gcc.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor() == 0 || List.of(options).contains("-m32"), said);
        return process.exitValue();
    }

    private BubblewrapSandbox open(Path bubblewrap) throws IOException, InterruptedException {
        return BubblewrapSandbox.open(
                HELPER,
                bubblewrap,
                directory.resolve("scratch"),
                false,
                new BubblewrapSandbox.Wanted(List.of(strategy), OWNER, 1));
    }

    /** Names, and what became of each. */
    private static Map<String, String> outcomes(BubblewrapSandbox sandbox, String... words)
            throws IOException, InterruptedException {
        try (BubblewrapRoot root = sandbox.openRoot(lower)) {
            SandboxResult result = root.run(new SandboxCommand("/bin/calls", List.of(words), Map.of(), "/"), LIMITS);
            assertEquals(0, result.exitCode(), new String(result.stderr(), StandardCharsets.UTF_8));
            Map<String, String> outcomes = new LinkedHashMap<>();
            for (String line : new String(result.stdout(), StandardCharsets.UTF_8).split("\n")) {
                int space = line.lastIndexOf(' ');
                outcomes.put(line.substring(0, space), line.substring(space + 1));
            }
            return outcomes;
        }
    }

    @Test
    void run_callsThatNoCompilerMakes_areRefused() throws Exception {
        try (BubblewrapSandbox sandbox = open(BWRAP)) {
            assertEquals(Optional.empty(), sandbox.report().unfiltered());
            Map<String, String> filtered = outcomes(sandbox);

            assertTrue(filtered.size() > 60, filtered.toString());
            filtered.forEach((name, outcome) -> {
                // A kernel without support for 32-bit programs ends who calls as one.
                if (!name.startsWith("int80 ") || !outcome.equals("signal")) {
                    assertEquals(UNKNOWN.contains(name) || name.startsWith("x32 ") ? ENOSYS : EPERM, outcome, name);
                }
            });
        }
    }

    /** So that it is the filter that refuses, and not something else. */
    @Test
    void run_theSameWithoutFilter_haveOtherOutcomes() throws Exception {
        try (BubblewrapSandbox open = open(BWRAP);
                BubblewrapSandbox unfiltered = new BubblewrapSandbox(
                        HELPER,
                        BWRAP,
                        directory.resolve("scratch"),
                        new JobCgroups(List.of(), Optional.empty(), "none"),
                        new BubblewrapSandbox.Means(
                                open.report().withoutFilter(new Lack("this test", "")),
                                HelperArguments.Devices.READ_ONLY,
                                OWNER),
                        0)) {
            Map<String, String> outcomes = outcomes(unfiltered);

            long telling = outcomes.keySet().stream()
                    .filter(name -> name.endsWith("!"))
                    .peek(name -> assertNotEquals(EPERM, outcomes.get(name), name))
                    .count();
            assertTrue(telling >= 20, outcomes.toString());
        }
    }

    @Test
    void run_whatCompilersDo_works() throws Exception {
        try (BubblewrapSandbox sandbox = open(BWRAP)) {
            Map<String, String> outcomes = outcomes(sandbox, "harmless");

            assertEquals(9, outcomes.size());
            outcomes.forEach((name, outcome) -> assertEquals("0", outcome, name));
        }
    }

    /** A toolchain may be older than 64-bit machines. */
    @Test
    void run_programOf32Bits_works() throws Exception {
        int compiled = compile(
                "hello-32.c",
                "-m32",
                "-static",
                "-nostdlib",
                "-ffreestanding",
                "-fno-pie",
                "-no-pie",
                "-o",
                lower + "/bin/hello");
        assumeTrue(compiled == 0 && runsHere(lower.resolve("bin/hello")), "skipped: no 32-bit programs here");
        try (BubblewrapSandbox sandbox = open(BWRAP);
                BubblewrapRoot root = sandbox.openRoot(lower)) {
            SandboxResult result = root.run(new SandboxCommand("/bin/hello", List.of(), Map.of(), "/"), LIMITS);

            assertEquals("hello, socket 1\n", new String(result.stdout(), StandardCharsets.UTF_8));
            assertEquals(0, result.exitCode());
        }
    }

    private static boolean runsHere(Path program) throws InterruptedException {
        try {
            return new ProcessBuilder(program.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Played by a filter around bubblewrap that answers what a kernel without filters does. */
    @Test
    void open_whereTheKernelHasNoFilters_goesOnWithout() throws Exception {
        Path bubblewrap = directory.resolve("bwrap");
        compile("without-seccomp.c", "-DPROGRAM=\"" + BWRAP + "\"", "-o", bubblewrap.toString());
        try (BubblewrapSandbox sandbox = open(bubblewrap)) {
            Lack why = sandbox.report().unfiltered().orElseThrow();

            assertTrue(why.complaint().contains("PR_SET_SECCOMP"), why.complaint());
            assertTrue(why.remedy().contains("CONFIG_SECCOMP_FILTER"), why.remedy());
            assertEquals(strategy, sandbox.report().chosen());
            assertFalse(outcomes(sandbox).containsValue("signal"));
        }
    }
}
