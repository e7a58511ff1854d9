package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.bubblewrap.SandboxReport.Lack;
import dev.jdist.sandbox.bubblewrap.SandboxReport.Rejection;
import dev.jdist.sandbox.tree.TreeOwner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person reads when a machine cannot run jobs: it says what to do. */
class BubblewrapSandboxTest {
    private static final BubblewrapSandbox.Wanted ALL =
            new BubblewrapSandbox.Wanted(SandboxStrategy.BEST_FIRST, TreeOwner.SELF, 0);

    /** Says, as the first process of a sandbox, that the command began. */
    private static final String BEGIN = "while [ $1 != --status ]; do shift; done; echo b >$2";

    @TempDir
    private Path directory;

    private Path program(String name, String script) throws IOException {
        Path program = directory.resolve(name);
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    private String refusal(Path bubblewrap) {
        return assertThrows(
                        SandboxException.class,
                        () -> BubblewrapSandbox.open(
                                Path.of("/nowhere"), bubblewrap, directory.resolve("scratch"), false, ALL))
                .getMessage();
    }

    @Test
    void open_withoutBubblewrap_saysWhatToInstall() {
        assertEquals(
                "there is no program /nowhere/bwrap; install bubblewrap (Debian: apt install bubblewrap) or set"
                        + " bwrap_path",
                refusal(Path.of("/nowhere/bwrap")));
    }

    @Test
    void open_anotherProgram_isNotTakenForBubblewrap() throws IOException {
        String wanted = "is not bubblewrap (by its answer to --version); set bwrap_path to bwrap";

        assertTrue(refusal(program("other", "echo other 1.0")).endsWith(wanted));
        assertTrue(refusal(program("failing", "echo bubblewrap 0.8.0; exit 1")).endsWith(wanted));
        assertTrue(refusal(program("silent", "exit 0")).endsWith(wanted));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.1.8", "0.2.99"})
    void open_oldBubblewrap_saysWhichIsNeeded(String version) throws IOException {
        Path old = program("bwrap", "echo bubblewrap " + version);

        assertEquals(old + " is bubblewrap " + version + "; version 0.3.0 or later is needed", refusal(old));
    }

    /** The version is good, so it goes on to the next thing, which is the helper that is not there. */
    @ParameterizedTest
    @ValueSource(strings = {"0.3.0", "0.11.0", "1.0.0", "0.8.0-12-gabcdef"})
    void open_newerBubblewrap_passesTheCheck(String version) throws IOException {
        Path bubblewrap = program("bwrap", "echo bubblewrap " + version);

        IOException e = assertThrows(
                IOException.class,
                () -> BubblewrapSandbox.open(
                        Path.of("/nowhere"), bubblewrap, directory.resolve("scratch"), false, ALL));
        assertTrue(e.getMessage().contains("/nowhere"), e.getMessage());
    }

    @Test
    void open_scratchWithLeftovers_isEmptied() throws IOException {
        Path scratch = Files.createDirectories(directory.resolve("scratch"));
        Files.writeString(
                Files.createDirectories(scratch.resolve("job-1/upper")).resolve("secret"), "x");
        Path bubblewrap = program("bwrap", "echo bubblewrap 0.8.0");

        assertThrows(
                IOException.class, () -> BubblewrapSandbox.open(Path.of("/nowhere"), bubblewrap, scratch, false, ALL));

        assertTrue(Files.notExists(scratch.resolve("job-1")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(scratch)));
    }

    /** The programs are shells that play what a machine would say. */
    @Test
    void open_whereNothingWorks_saysWhyOfEach() throws IOException {
        Path bubblewrap = program("bwrap", "echo bubblewrap 0.8.0");
        Path helper = program("helper", "echo \"jdist-sandbox: cannot $1: Operation not permitted\" >&2; exit 125");

        String said = assertThrows(
                        SandboxException.class,
                        () -> BubblewrapSandbox.open(helper, bubblewrap, directory.resolve("scratch"), true, ALL))
                .getMessage();

        assertTrue(
                said.startsWith("jobs cannot be run on this machine. root-overlay: jdist-sandbox: cannot run: "), said);
        assertTrue(said.contains("; rootless-overlay: jdist-sandbox: cannot run-rootless: "), said);
        assertTrue(said.contains("; bwrap-overlay: " + bubblewrap + " is of version 0.8. It takes 0.11"), said);
        assertTrue(said.contains("; directory: jdist-sandbox: cannot run-bare: "), said);
        assertEquals(0, directory.resolve("scratch").toFile().list().length);
    }

    @Test
    void open_whereTheLastWorks_reportsTheOthers() throws Exception {
        Path bubblewrap = program("bwrap", "echo bubblewrap 0.12.1");
        Path helper = program(
                "helper",
                "[ $1 = run-bare ] || { echo jdist-sandbox: no >&2; exit 125; }\n"
                        + "case $* in *--overlay-src*) echo bwrap: no >&2; exit 1;; esac; " + BEGIN);

        try (BubblewrapSandbox sandbox =
                BubblewrapSandbox.open(helper, bubblewrap, directory.resolve("scratch"), false, ALL)) {
            assertEquals(
                    new SandboxReport(
                            SandboxStrategy.DIRECTORY,
                            false,
                            List.of(
                                    new Rejection(SandboxStrategy.ROOT_OVERLAY, "jdist-sandbox: no", ""),
                                    new Rejection(SandboxStrategy.ROOTLESS_OVERLAY, "jdist-sandbox: no", ""),
                                    new Rejection(SandboxStrategy.BWRAP_OVERLAY, "bwrap: no", ""))),
                    sandbox.report());
        }
    }

    /** What only the user of jobs keeps from working is taken with the builder's own. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bwrap: Unknown option --userns|1|bubblewrap 0.4.0",
                "jdist-sandbox: cannot map the user of jobs into a namespace: 7: Invalid argument|125|has no such user",
                "odd|1|job_uid to 0"
            })
    void open_whereJobsCannotHaveTheirUser_goesOnWithTheBuilders(String said, int code, String remedy)
            throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "skipped: files are given to another user");
        Path bubblewrap = program("bwrap", "echo bubblewrap 0.3.0");
        Path helper =
                program("helper", "case $* in *--users*) echo '" + said + "' >&2; exit " + code + ";; esac; " + BEGIN);
        BubblewrapSandbox.Wanted wanted =
                new BubblewrapSandbox.Wanted(SandboxStrategy.BEST_FIRST, TreeOwner.of(SandboxIT.JOBS), 0);

        try (BubblewrapSandbox sandbox =
                BubblewrapSandbox.open(helper, bubblewrap, directory.resolve("scratch"), false, wanted)) {
            assertEquals(SandboxStrategy.ROOT_OVERLAY, sandbox.report().chosen());
            assertEquals(List.of(), sandbox.report().rejected());
            assertEquals(Optional.empty(), sandbox.owner().user());
            Lack why = sandbox.report().asBuilder().orElseThrow();
            assertTrue(why.complaint().endsWith(said), why.complaint());
            assertTrue(why.remedy().contains(remedy), why.remedy());
        }
    }

    /** What only the filter of system calls keeps from working is taken without it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bwrap: prctl(PR_SET_SECCOMP): Invalid argument|1|CONFIG_SECCOMP_FILTER",
                "jdist-sandbox: the filter of system calls is not in force|1|CONFIG_SECCOMP_FILTER",
                "jdist-sandbox: cannot filter system calls with --seccomp: Function not implemented|125|aarch64"
            })
    void open_whereCallsCannotBeFiltered_goesOnWithout(String said, int code, String remedy) throws Exception {
        Path bubblewrap = program("bwrap", "echo bubblewrap 0.8.0");
        Path helper =
                program("helper", "case $* in *--filter*) echo '" + said + "' >&2; exit " + code + ";; esac; " + BEGIN);

        try (BubblewrapSandbox sandbox =
                BubblewrapSandbox.open(helper, bubblewrap, directory.resolve("scratch"), false, ALL)) {
            assertEquals(SandboxStrategy.ROOT_OVERLAY, sandbox.report().chosen());
            assertEquals(List.of(), sandbox.report().rejected());
            Lack why = sandbox.report().unfiltered().orElseThrow();
            assertTrue(why.complaint().endsWith(said), why.complaint());
            assertTrue(why.remedy().contains(remedy), why.remedy());
        }
    }
}
