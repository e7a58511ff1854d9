package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.sandbox.CommandKilledException;
import dev.jdist.sandbox.HostTree;
import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.ProcessSearch;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.helper.ServeRequests;
import dev.jdist.sandbox.tree.RootedTree;
import dev.jdist.sandbox.tree.TreeOwner;
import dev.jdist.sandbox.tree.TreeRemoval;
import dev.jdist.sandbox.tree.UnsafePathException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Commands under the real bubblewrap, in each kind of sandbox that whoever runs the tests can have, made when the command
 * is there or before. The lower tree has a
 * shell and a few programs of this machine, so that the commands can try what somebody who means harm would.
 */
@ParameterizedClass
@MethodSource("kinds")
@Timeout(300)
class SandboxIT {
    static final String HELPER_PROPERTY = "jdist.sandbox";
    static final String BWRAP_PROPERTY = "jdist.bwrap";

    private static final Path HELPER = Path.of(System.getProperty(HELPER_PROPERTY, "target/native/jdist-sandbox"))
            .toAbsolutePath();
    /** Set the property to one of version 0.11 or later, and its overlays are tested too. */
    private static final Path BWRAP = Path.of(System.getProperty(BWRAP_PROPERTY, "/usr/bin/bwrap"));

    /** Those that bubblewrap takes from the machine. */
    private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom", "tty");

    /** As settings have it by default. */
    static final int JOBS = 1_879_075_428;

    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final JobLimits LIMITS = new JobLimits(Duration.ofSeconds(30), 256 << 20, 200, 64 << 20, 1 << 20, 0);

    @TempDir
    private static Path directories;

    @Parameter(0)
    private SandboxStrategy strategy;

    /** Whether a sandbox waits for each command. */
    @Parameter(1)
    private boolean isPrepared;

    /** To whom jobs belong. */
    @Parameter(2)
    private TreeOwner owner;

    private static Path directory;
    private static Path lower;
    private static Path scratch;
    private static BubblewrapSandbox sandbox;
    private static int mostPrepared;
    private static Map<String, String> lowerBefore;

    /** What no command outside bears: finds the processes of a test in /proc. */
    private final String mark = "mark-" + UUID.randomUUID();

    /**
     * All of them, or those that the property names. Where root runs the tests, jobs have a user of their own, but for one
     * way of each kind that root hardly ever has.
     */
    static List<Arguments> kinds() {
        List<String> wanted =
                List.of(System.getProperty("jdist.sandbox.kinds", "").split(","));
        return Stream.of(SandboxStrategy.values())
                .filter(strategy -> wanted.contains("") || wanted.contains(strategy.label()))
                .flatMap(strategy -> Stream.of(
                        Arguments.of(strategy, false, owner(strategy != SandboxStrategy.DIRECTORY)),
                        Arguments.of(strategy, true, owner(strategy != SandboxStrategy.ROOTLESS_OVERLAY))))
                .toList();
    }

    private static TreeOwner owner(boolean isOfJobs) {
        return ROOT && isOfJobs ? TreeOwner.of(JOBS) : TreeOwner.SELF;
    }

    private BubblewrapSandbox.Wanted wanted() {
        return new BubblewrapSandbox.Wanted(List.of(strategy), owner, mostPrepared);
    }

    @BeforeParameterizedClassInvocation
    static void open(SandboxStrategy strategy, boolean isPrepared, TreeOwner owner)
            throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BWRAP), "skipped: bubblewrap is not installed (scripts/setup test does it)");
        assumeTrue(ROOT || strategy != SandboxStrategy.ROOT_OVERLAY, "skipped: this kind takes root");
        assumeTrue(
                strategy != SandboxStrategy.BWRAP_OVERLAY || bubblewrapHasOverlays(),
                "skipped: this kind takes bubblewrap 0.11");
        directory = Files.createDirectory(directories.resolve(strategy.label() + (isPrepared ? "-prepared" : "")));
        mostPrepared = isPrepared ? 3 : 0;
        lower = Files.createDirectories(directory.resolve("lower"));
        HostTree.fill(
                lower,
                "sh",
                "cat",
                "ls",
                "sleep",
                "mkdir",
                "rm",
                "ln",
                "id",
                "env",
                "find",
                "kill",
                "mount",
                "mknod",
                "chmod",
                "readlink",
                "unshare",
                "dd",
                "touch",
                "hostname",
                "yes",
                "head",
                "mv");
        HostTree.addLibraries(lower, HELPER); // with sanitizers it has some
        Files.createDirectories(lower.resolve("etc"));
        Files.writeString(lower.resolve("etc/lower"), "from below");
        owner.ownAll(lower); // which takes setuid bits away
        lowerBefore = snapshot(lower);
        scratch = directory.resolve("scratch");
        sandbox = BubblewrapSandbox.open(
                HELPER, BWRAP, scratch, false, new BubblewrapSandbox.Wanted(List.of(strategy), owner, mostPrepared));
        assertEquals(new SandboxReport(strategy, false, List.of()), sandbox.report());
    }

    static boolean bubblewrapHasOverlays() throws IOException, InterruptedException {
        Process help = new ProcessBuilder(BWRAP.toString(), "--help").start();
        boolean has = text(help.getInputStream().readAllBytes()).contains("--overlay-src");
        help.waitFor();
        return has;
    }

    @AfterParameterizedClassInvocation
    static void close() throws IOException {
        if (sandbox != null) {
            sandbox.close();
            assertEquals(0, scratch.toFile().list().length);
            TreeRemoval.remove(lower);
            sandbox = null;
        }
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        sandbox.giveUp(lower).join();
        assertEquals(0, scratch.toFile().list().length, "files are left");
        assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(scratch.toString()), "mounts are left");
        assertEquals(List.of(), ProcessSearch.naming(mark), "processes are left");
        assertEquals(lowerBefore, snapshot(lower), "the lower tree was changed");
    }

    /** With a sandbox that waits for its command, where sandboxes are prepared. */
    private BubblewrapRoot openRoot(Path tree) throws IOException {
        sandbox.prepareNext(tree, LIMITS, true);
        sandbox.prepared().awaitWaiting();
        return sandbox.openRoot(tree);
    }

    /** Names, kinds, sizes, times and modes. */
    private static Map<String, String> snapshot(Path root) throws IOException {
        Map<String, String> all = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) throws IOException {
                return visitFile(path, attributes);
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                all.put(
                        root.relativize(path).toString(),
                        Files.getAttribute(path, "unix:mode") + " " + attributes.size() + " "
                                + attributes.lastModifiedTime());
                return FileVisitResult.CONTINUE;
            }
        });
        return all;
    }

    /** What {@code sh -c script} did, with {@link #mark} as {@code $0}. */
    private SandboxResult shell(BubblewrapRoot root, String script) throws IOException, InterruptedException {
        return root.run(command(script), LIMITS);
    }

    private SandboxCommand command(String script) {
        return new SandboxCommand("/bin/sh", List.of("-c", script, mark), Map.of("PATH", "/bin"), "/");
    }

    private SandboxResult shell(String script) throws IOException, InterruptedException {
        try (BubblewrapRoot root = openRoot(lower)) {
            return shell(root, script);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** What a script prints that has to succeed. */
    private String printed(String script) throws IOException, InterruptedException {
        SandboxResult result = shell(script);
        assertEquals(0, result.exitCode(), text(result.stderr()));
        return text(result.stdout());
    }

    /** Which counts where the kernel weighs sessions against each other; the script ends when its own is there. */
    @Test
    void run_command_sessionIsAsNiceAsTheCommand() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/autogroup")), "skipped: this kernel does not weigh sessions");
        JobLimits nice = new JobLimits(Duration.ofSeconds(30), 256 << 20, 200, 64 << 20, 1 << 20, 9);
        try (BubblewrapRoot root = openRoot(lower)) {
            SandboxResult result = root.run(
                    command(
                            "while read -r line </proc/self/autogroup; do case $line in *' nice 0') ;; *) break ;; esac;"
                                    + " done; echo ${line#/autogroup-* }"),
                    nice);

            int expected = Math.min(19, ownNiceness() + 9);
            assertEquals("nice " + expected + "\n", text(result.stdout()), text(result.stderr()));
        }
    }

    private static int ownNiceness() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String content(BubblewrapRoot root, String path) throws IOException {
        try (InputStream in = root.openFile(path).orElseThrow()) {
            return text(in.readAllBytes());
        }
    }

    // What a command is there for.

    @Test
    void run_command_givesItsOutputsApart() throws Exception {
        SandboxResult result = shell("echo out; echo err >&2; exit 3");

        assertEquals(3, result.exitCode());
        assertEquals("out\n", text(result.stdout()));
        assertEquals("err\n", text(result.stderr()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 42, 125, 126, 127, 128, 255})
    void run_anyExitCode_isTheCommandsOwn(int code) throws Exception {
        assertEquals(code, shell("exit " + code).exitCode());
    }

    @ParameterizedTest
    @CsvSource({"KILL, 137", "SEGV, 139", "TERM, 143", "ABRT, 134"})
    void run_commandThatASignalEnds_is128PlusTheSignal(String signal, int code) throws Exception {
        assertEquals(code, shell("kill -" + signal + " $$").exitCode());
    }

    @Test
    void run_inputFiles_areThereAsWritten() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.writeFile("/home/me/src/a.c", false, stream("int a;\n"));
            root.writeFile("/home/me/tool", true, stream("#!/bin/sh\ncat \"$1\"\n"));
            root.createDirectories("/home/me/build");

            SandboxResult result = root.run(
                    new SandboxCommand("/home/me/tool", List.of("../src/a.c"), Map.of(), "/home/me/build"), LIMITS);

            assertEquals("int a;\n", text(result.stdout()), text(result.stderr()));
        }
    }

    @Test
    void run_inputOverALowerFile_hidesIt() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.writeFile("/etc/lower", false, stream("from above"));

            assertEquals("from above", text(shell(root, "cat /etc/lower").stdout()));
        }
    }

    /** Where both layers have the directory, at any depth. */
    @Test
    void run_inputsBesideLowerFiles_areSeenTogether() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.writeFile("/etc/beside", false, stream("beside\n"));
            root.writeFile("/lib/deep/er/input", false, stream("deep\n"));
            root.createDirectories("/bin");
            SandboxCommand command = new SandboxCommand(
                    "/bin/sh",
                    List.of("-c", "cat lower beside /lib/deep/er/input; ls /bin/cat; echo >out; echo >/bin/out", mark),
                    Map.of("PATH", "/bin"),
                    "/etc");

            SandboxResult result = root.run(command, LIMITS);

            assertEquals("from belowbeside\ndeep\n/bin/cat\n", text(result.stdout()), text(result.stderr()));
            assertEquals("\n", content(root, "/etc/out"));
            assertEquals("\n", content(root, "/bin/out"));
            assertEquals("from below", content(root, "/etc/lower"));
            assertTrue(root.openFile("/bin/cat").isPresent());
        }
    }

    @Test
    void run_linksOfTheLowerTree_leadWhereTheyDo() throws Exception {
        Path links = Files.createDirectories(directory.resolve("links"));
        HostTree.fill(links, "sh", "cat");
        Files.createSymbolicLink(links.resolve("tools"), Path.of("/bin"));
        Files.createSymbolicLink(links.resolve("bin/show"), Path.of("cat"));
        Files.createDirectories(links.resolve("usr/include"));
        Files.createSymbolicLink(links.resolve("include"), Path.of("usr/include"));
        try (BubblewrapRoot root = openRoot(links)) {
            root.writeFile("/include/a.h", false, stream("header\n"));
            root.createDirectories("/bin/extra");

            assertEquals(
                    "header\n", text(shell(root, "/tools/show /usr/include/a.h").stdout()));
        }
        sandbox.giveUp(links).join();
        TreeRemoval.remove(links);
    }

    @Test
    void run_temporaryDirectoryOfTheLowerTree_canBeWrittenTo() throws Exception {
        Path other = Files.createDirectories(directory.resolve("with-tmp"));
        HostTree.fill(other, "sh");
        Files.createDirectories(other.resolve("tmp"));
        Files.createDirectories(other.resolve("var/tmp"));
        try (BubblewrapRoot root = openRoot(other)) {
            assertEquals(0, shell(root, "echo >/tmp/x && echo >/var/tmp/x").exitCode());
        }
        sandbox.giveUp(other).join();
        assertEquals(0, other.resolve("tmp").toFile().list().length);
        TreeRemoval.remove(other);
    }

    @Test
    void run_aSecondCommand_findsWhatTheFirstLeft() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/etc");
            shell(root, "echo first >/etc/new; echo >/new");

            assertEquals(
                    "first\nfrom below",
                    text(shell(root, "cat /etc/new /etc/lower; ls /bin/cat >&2").stdout()));
        }
    }

    /** The first command puts links where the second one's mounts, and the builder's reading, would go. */
    @Test
    void run_linksInThePlaceOfDirectories_leadNowhereElse() throws Exception {
        Path secret = Files.createDirectories(directory.resolve("machine"));
        Files.writeString(secret.resolve("lower"), "of the machine");
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/etc");
            shell(root, "mv /etc /moved; ln -s " + secret + " /etc; ln -s /oldroot" + secret + " /more");

            shell(root, "echo >/etc/x; echo >/more/x");

            assertFalse(root.openFile("/etc/lower").isPresent());
            assertFalse(root.openFile(secret + "/lower").isPresent());
        }
        assertEquals(List.of("lower"), List.of(secret.toFile().list()));
    }

    @Test
    void openFile_afterTheCommand_givesWhatItWrote() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/out");
            shell(root, "echo object >/out/a.o; ln -s a.o /out/link; ln -s /out/a.o /out/absolute");

            assertEquals("object\n", content(root, "/out/a.o"));
            assertEquals("object\n", content(root, "/out/link"));
            assertEquals("object\n", content(root, "/out/absolute"));
            assertTrue(root.openFile("/out/b.o").isEmpty());
            assertEquals("from below", content(root, "/etc/lower"));
        }
    }

    @Test
    void openFile_lowerFileThatTheCommandRemoved_isNothing() throws Exception {
        assumeTrue(strategy != SandboxStrategy.DIRECTORY, "skipped: only an overlay lets it be removed");
        try (BubblewrapRoot root = openRoot(lower)) {
            shell(root, "rm /etc/lower");
            assertTrue(root.openFile("/etc/lower").isEmpty());
        }
        try (BubblewrapRoot root = openRoot(lower)) {
            shell(root, "rm -r /etc");
            assertTrue(root.openFile("/etc/lower").isEmpty());
        }
    }

    @Test
    void run_workingDirectory_isTheOneAskedFor() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/a b/\u00e9");
            SandboxCommand command =
                    new SandboxCommand("/bin/readlink", List.of("/proc/self/cwd"), Map.of(), "/a b/\u00e9");

            assertEquals("/a b/\u00e9\n", text(root.run(command, LIMITS).stdout()));
        }
    }

    @Test
    void run_environment_isTheOneGivenAndNothingElse() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            SandboxCommand command =
                    new SandboxCommand("/bin/env", List.of(), Map.of("LC_ALL", "C", "EMPTY", "", "A", "x y\nz"), "/");

            List<String> lines =
                    text(root.run(command, LIMITS).stdout()).lines().sorted().toList();

            assertEquals(List.of("A=x y", "EMPTY=", "LC_ALL=C", "z"), lines);
        }
    }

    @Test
    void run_standardInput_isEmpty() throws Exception {
        assertEquals("", printed("cat"));
    }

    /** What the first process says of the command is not said where the command speaks. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdist-sandbox: waiting for a command\n",
                "jdist-sandbox: cannot run /bin/sh: No such file or directory\n",
                "b",
                "",
            })
    void run_commandThatPrintsWhatTheHelperMaySay_isBelieved(String said) throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.writeFile("/said", false, stream(said));
            String script = "echo once >>/out; cat /said; cat /said >&2; for fd in 3 4 5 6 7 8 9; do"
                    + " (echo forged >&$fd) 2>/dev/null && echo fd $fd; done; exit 125";
            SandboxResult result = shell(root, script);
            assertEquals(125, result.exitCode());
            assertEquals(said, text(result.stdout()));
            assertEquals(said, text(result.stderr()));
            assertEquals("once\n", content(root, "/out"), "it ran once");
            assertEquals(isPrepared, root.ranPrepared());
        }
    }

    /** Not even by taking back what it printed. */
    @Test
    void run_commandThatEmptiesItsOutput_isBelieved() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            SandboxResult result = shell(root, "echo once >>/out; echo lost; : >/dev/stdout; exit 3");
            assertEquals(3, result.exitCode());
            assertEquals("", text(result.stdout()));
            assertEquals("once\n", content(root, "/out"), "it ran once");
        }
    }

    @Test
    void run_missingProgramOrDirectory_isTheSandboxesFailure() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            SandboxCommand missing = new SandboxCommand("/bin/nothing", List.of(), Map.of(), "/");
            SandboxCommand nowhere = new SandboxCommand("/bin/sh", List.of(), Map.of(), "/nowhere");

            SandboxException e = assertThrows(SandboxException.class, () -> root.run(missing, LIMITS));
            assertTrue(e.getMessage().contains("/bin/nothing"), e.getMessage());
            e = assertThrows(SandboxException.class, () -> root.run(nowhere, LIMITS));
            assertTrue(e.getMessage().contains("/nowhere"), e.getMessage());
        }
    }

    // How a command ends that does not end by itself.

    /** Signals that can be ignored, a session of its own, and children of children: all of it ends. */
    @Test
    void kill_stubbornCommand_endsAllItsProcesses() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/out");
            AtomicReference<Throwable> outcome = new AtomicReference<>();
            Thread runner = new Thread(() -> {
                try {
                    // The innermost says that all are there: of a process amid its exec no command line is seen.
                    shell(
                            root,
                            "trap '' TERM INT HUP; (trap '' TERM; sh -c 'echo >/out/up; sleep 600; :' $0) & "
                                    + "while :; do sleep 600; done");
                } catch (Throwable e) {
                    outcome.set(e);
                }
            });
            runner.start();
            awaitFile(scratch, "up");
            assertTrue(ProcessSearch.naming(mark).size() >= 2);

            root.kill();
            runner.join();

            assertTrue(outcome.get() instanceof CommandKilledException, String.valueOf(outcome.get()));
            assertEquals("the command was cancelled", outcome.get().getMessage());
            assertEquals(List.of(), ProcessSearch.naming(mark));
        }
    }

    /** Waits for the command itself, which has no other way to say that it runs. */
    private static void awaitFile(Path root, String name) throws IOException {
        for (boolean there = false; !there; Thread.onSpinWait()) {
            try (Stream<Path> files = Files.find(root, 5, (path, a) -> path.endsWith("upper/out/" + name))) {
                there = files.findAny().isPresent();
            } catch (UncheckedIOException e) {
                // The overlay's work directory comes and goes.
            }
        }
    }

    @Test
    void kill_beforeTheCommand_letsNoneStart() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/out");
            root.kill();

            assertThrows(CommandKilledException.class, () -> shell(root, "echo >/out/ran"));
            assertTrue(root.openFile("/out/ran").isEmpty());
        }
    }

    @Test
    void kill_afterTheCommand_isFine() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            shell(root, "exit 0");
            root.kill();
        }
    }

    /** At every stage of a start: bubblewrap's own processes must not survive it either. */
    @Test
    void run_interruptedThread_endsTheCommand() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (BubblewrapRoot root = openRoot(lower)) {
                Thread runner = new Thread(() -> {
                    assertThrows(InterruptedException.class, () -> shell(root, "sleep 600"));
                });
                AtomicReference<Throwable> failure = new AtomicReference<>();
                runner.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
                long started = System.nanoTime();
                runner.start();
                while (System.nanoTime() - started < i * 500_000L) {
                    Thread.onSpinWait();
                }
                runner.interrupt();
                runner.join();
                assertEquals(null, failure.get());
                assertEquals(List.of(), ProcessSearch.naming(mark));
            }
        }
    }

    /** What is read or removed afterwards must not change any more, so {@code run} returns when all have ended. */
    @Test
    void run_backgroundProcesses_haveEndedWhenItReturns() throws Exception {
        for (int i = 0; i < 5; i++) {
            try (BubblewrapRoot root = openRoot(lower)) {
                root.createDirectories("/out");
                assertEquals(
                        7,
                        shell(
                                        root,
                                        "for i in 1 2 3 4 5 6 7 8; do "
                                                + "sh -c 'while :; do mkdir /out/d; mv /out/d /out/e; rm -r /out/e; done' $0"
                                                + " 2>/dev/null & done; exit 7")
                                .exitCode());
                assertEquals(List.of(), ProcessSearch.naming(mark));
            }
        }
    }

    /** The helper is what Java started: whoever kills it, or Java itself, kills the job. */
    @Test
    void run_helperKilled_endsTheJob() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/out");
            AtomicReference<SandboxResult> result = new AtomicReference<>();
            Thread runner = new Thread(() -> {
                try {
                    result.set(shell(root, "echo >/out/up; sleep 600"));
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            runner.start();
            awaitFile(scratch, "up");
            kill(helpers().get(0));
            runner.join();

            assertEquals(137, result.get().exitCode());
            while (!ProcessSearch.naming(mark).isEmpty()) {
                Thread.onSpinWait();
            }
        }
    }

    /** The processes of this one's sandboxes that are its own children. */
    private static List<Long> helpers() {
        return ProcessHandle.current()
                .children()
                .map(ProcessHandle::pid)
                .filter(child ->
                        ProcessSearch.commandLine(Path.of("/proc", "" + child)).contains(scratch + "/"))
                .toList();
    }

    private static void kill(long process) throws IOException, InterruptedException {
        assertEquals(
                0, new ProcessBuilder("kill", "-KILL", "" + process).start().waitFor());
    }

    /** What makes a sandbox that waits run this. */
    private static byte[] request(SandboxCommand command) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ServeRequests(bytes, e -> e).run(command, 0);
        return bytes.toByteArray();
    }

    private List<String> lineOf(Path job, List<String> binds, TreeOwner of) {
        return HelperArguments.of(
                strategy, HelperArguments.Devices.READ_ONLY, of.user(), HELPER, BWRAP, 1, lower, job, binds, false);
    }

    /** With the file in which the first process says that its command began. */
    private static List<String> withStatus(List<String> line, Path job, TreeOwner of) {
        List<String> confine = new ArrayList<>(List.of(HELPER.toString(), "confine"));
        confine.addAll(List.of("--status", job.resolve("status").toString()));
        of.user().ifPresent(user -> confine.addAll(List.of("--users", user.toString(), "--userns")));
        confine.add("--");
        List<String> words = new ArrayList<>(line);
        words.addAll(line.indexOf("--") + 1, confine);
        return words;
    }

    /** A builder that is killed leaves neither processes nor mounts: played by a shell that starts the helper. */
    @Test
    void helper_callerKilled_endsTheJob() throws Exception {
        Path job = Files.createDirectories(directory.resolve("orphan"));
        for (String name : List.of("upper/out", "work", "target")) {
            Files.createDirectories(job.resolve(name));
        }
        Files.createFile(job.resolve("status"));
        Path upper = job.resolve("upper");
        List<String> binds = strategy == SandboxStrategy.DIRECTORY
                ? LowerBinds.prepare(lower, upper, new RootedTree(upper, Optional.of(lower)))
                : List.of();
        ProcessBuilder caller = new ProcessBuilder(
                "sh", "-c", "exec 3<&0; helper=$1 verb=$2; shift 3; \"$helper\" $verb $$ \"$@\" <&3 & wait", "caller");
        owner.ownAll(upper);
        caller.command().addAll(withStatus(lineOf(job, binds, owner), job, owner));
        Process process = caller.redirectOutput(
                        Redirect.appendTo(job.resolve("stdout").toFile()))
                .start();
        process.getOutputStream().write(request(command("echo >/out/up; sleep 600")));
        process.getOutputStream().flush();
        awaitFile(job, "up");

        process.destroyForcibly().waitFor();
        while (!ProcessSearch.naming(mark).isEmpty()
                || !ProcessSearch.naming(job.toString()).isEmpty()) {
            Thread.onSpinWait();
        }

        assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(job.toString()));
        TreeRemoval.remove(job);
    }

    /**
     * Bubblewrap's init is tied to its parent only some time after it was made. Played by a shell whose child never is: when
     * the builder is killed, and the shell with it, somebody has to be left who ends that child.
     */
    @Test
    void helper_callerKilledWhileBubblewrapStarts_endsWhatItLeftBehind() throws Exception {
        Path job = directory.resolve("starting");
        Path up = Files.createDirectories(job.resolve("upper/out")).resolve("up");
        String child = "sh -c 'sleep 600; :' \"$0\" & echo >\"$1\"; wait";
        // That of a builder whose starter ignored SIGTERM: ignored signals are inherited.
        String builder = "trap '' TERM; \"$1\" run-bare $$ -- /bin/sh -c \"$2\" \"$3\" \"$4\" & wait";
        Process caller = new ProcessBuilder(
                        "sh", "-c", builder, "builder", HELPER.toString(), child, mark, up.toString())
                .start();
        awaitFile(job, "up");

        caller.destroyForcibly().waitFor();
        while (!ProcessSearch.naming(mark).isEmpty()) {
            Thread.onSpinWait();
        }

        TreeRemoval.remove(job);
    }

    /** It does so by a child that keeps the namespace for it, and goes with it: killed at any moment, it leaves nothing. */
    @Test
    void helper_killedWhileItMakesANamespaceOfUsers_leavesNothing() throws Exception {
        assumeTrue(owner.user().isPresent() && strategy == SandboxStrategy.ROOT_OVERLAY, "skipped: takes no such kind");
        Path program = Files.copy(HELPER, directory.resolve("helper-" + mark)); // by which its processes are found
        Random moments = new Random(1);
        for (int i = 0; i < 300; i++) {
            long end = System.nanoTime() + moments.nextInt(4_000_000);
            Process process = new ProcessBuilder(
                            program.toString(), "confine", "--users", "" + JOBS, "--userns", "--", "/bin/true")
                    .start();
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            process.destroyForcibly().waitFor();
        }
        while (!ProcessSearch.naming(mark).isEmpty()) {
            Thread.onSpinWait();
        }
        Files.delete(program);
    }

    @Test
    void helper_whoseCallerIsAnother_doesNotRun() throws Exception {
        Process process = new ProcessBuilder(HELPER.toString(), "run", "1", "/a", "/b", "/c", "/d", "--", "/bin/true")
                .redirectErrorStream(true)
                .start();
        String said = text(process.getInputStream().readAllBytes());

        assertEquals(125, process.waitFor());
        assertEquals("jdist-sandbox: process 1 is not my parent: No such process\n", said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "run",
                "run 1 a b c d",
                "run 1 a b c d e",
                "run-rootless 1 a b c d --",
                "run-private 1 --",
                "run-bare 1 --",
                "run-bare 1 a b",
                "other",
                "scratch",
                "true x",
                "filtered x",
                "filter"
            })
    void helper_wrongArguments_isRefused(String arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(HELPER.toString()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments.split(" ")));
        Process process = builder.start();
        String said = text(process.getInputStream().readAllBytes());

        assertEquals(125, process.waitFor());
        assertTrue(said.startsWith("jdist-sandbox: wrong arguments"), said);
    }

    /** As in many containers: what is there is an overlay already, and none can be made of its files. */
    @Test
    void sandbox_onAnOverlay_worksOrSaysThatItNeedsADisk() throws Exception {
        assumeTrue(strategy != SandboxStrategy.ROOT_OVERLAY, "skipped: root keeps its jobs in memory");
        String said =
                onMachine("mkdir l u w m; mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w,userxattr m; cd m");

        if (strategy == SandboxStrategy.DIRECTORY) {
            assertEquals("ran\n", said);
        } else {
            assertTrue(
                    new SandboxAdvice(Path.of("/proc/sys"))
                            .remedy(strategy, said)
                            .contains("on a local disk"),
                    said);
        }
    }

    @Test
    void sandbox_withoutUserNamespaces_saysWhatForbidsThem() throws Exception {
        String said = onMachine("echo 0 >/proc/sys/user/max_user_namespaces");
        Path sysctls = Files.createDirectories(directory.resolve("sysctls"));
        Files.writeString(Files.createDirectories(sysctls.resolve("user")).resolve("max_user_namespaces"), "0\n");

        String remedy = new SandboxAdvice(sysctls).remedy(strategy, said);

        assertEquals("Allow user namespaces: sysctl user.max_user_namespaces=15000", remedy, said);
    }

    /** What is said by a command that prints "ran", on a machine of which {@code setUp} makes something else. */
    private String onMachine(String setUp) throws IOException, InterruptedException {
        Path place = Files.createDirectories(directory.resolve("machine-" + UUID.randomUUID()));
        Path job = Path.of("job");
        String script = "set -e; cd \"$1\"; " + setUp + "; mkdir -p job/upper job/work job/target; : >job/status;"
                + " helper=$2 verb=$3; shift 4; \"$helper\" $verb $$ \"$@\"";
        List<String> binds = List.of("--ro-bind", lower + "/bin", "/bin", "--ro-bind", lower + "/lib", "/lib");
        List<String> more = Files.exists(lower.resolve("lib64"))
                ? List.of("--ro-bind", lower + "/lib64", "/lib64")
                : List.<String>of();
        ProcessBuilder machine = new ProcessBuilder("unshare", "-Urm", "sh", "-c", script, "machine", place.toString());
        machine.command()
                .addAll(withStatus(
                        lineOf(job, Stream.concat(binds.stream(), more.stream()).toList(), TreeOwner.SELF),
                        job,
                        TreeOwner.SELF));
        Path output = place.resolve("output");
        Process process = machine.redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(output.toFile()))
                .start();
        try (OutputStream requests = process.getOutputStream()) {
            requests.write(request(command("echo ran")));
        } catch (IOException e) {
            // It has ended already, and says why.
        }
        process.waitFor();
        String said = Files.readString(output);
        TreeRemoval.remove(place);
        return said;
    }

    /** In a mount namespace of its own, as the launcher makes one for a builder. */
    @Test
    void helper_scratch_isATmpfsThatOnlyItsNamespaceSees() throws Exception {
        Path place = Files.createDirectories(directory.resolve("tmpfs"));
        Process process = new ProcessBuilder(
                        "unshare",
                        ROOT ? "--mount" : "-Urm",
                        "sh",
                        "-c",
                        "\"$0\" scratch \"$1\" && echo x >\"$1/file\" && grep \" $1 \" /proc/self/mountinfo",
                        HELPER.toString(),
                        place.toString())
                .redirectErrorStream(true)
                .start();
        String said = text(process.getInputStream().readAllBytes());

        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("nosuid,nodev") && said.contains("tmpfs jdist-scratch"), said);
        assertEquals(0, place.toFile().list().length);
    }

    // Sandboxes that wait.

    @Test
    void run_whereASandboxWaits_isThatSandboxes() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.writeFile("/home/me/a.c", false, stream("int a;\n"));
            root.writeFile("/home/me/tool", true, stream("#!/bin/sh\ncat a.c; echo object >out/a.o\n"));
            root.createDirectories("/home/me/out");
            assertEquals(mostPrepared == 0 ? 0 : 1, sandbox.prepared().waiting(lower));

            SandboxResult result = root.run(
                    new SandboxCommand("/home/me/tool", List.of(), Map.of("PATH", "/bin"), "/home/me"), LIMITS);

            assertEquals("int a;\n", text(result.stdout()), text(result.stderr()));
            assertEquals("object\n", content(root, "/home/me/out/a.o"));
            assertEquals(isPrepared, root.ranPrepared());
            assertEquals(0, sandbox.prepared().waiting(lower));
        }
    }

    @Test
    void run_inputsOfAnySize_areThere() throws Exception {
        int most = BubblewrapRoot.MAX_HANDED_OVER;
        for (int size : new int[] {most, most + 1}) {
            try (BubblewrapRoot root = openRoot(lower)) {
                root.writeFile("/home/me/large", false, new ByteArrayInputStream(new byte[size]));

                SandboxResult result = shell(root, "cat /home/me/large >/home/me/copy");

                assertEquals(0, result.exitCode(), text(result.stderr()));
                assertEquals(size, content(root, "/home/me/copy").length());
                assertEquals(isPrepared && size <= most, root.ranPrepared());
            }
        }
    }

    @Test
    void run_withOtherLimits_isNotInASandboxThatWasMadeForThese() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            JobLimits other = new JobLimits(LIMITS.time(), 128 << 20, 200, 64 << 20, 1 << 20, 0);

            assertEquals(0, root.run(command("exit 0"), other).exitCode());
            assertFalse(root.ranPrepared());
        }
    }

    /** It does not hang together with the binds of a directory that is the toolchain's alone. */
    @Test
    void run_inputsInDirectoriesOfTheLowerTree_arePutInAllTheSame() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.writeFile("/etc/more", false, stream("more\n"));

            assertEquals("more\n", text(shell(root, "cat /etc/more").stdout()));
            assertEquals(isPrepared && strategy != SandboxStrategy.DIRECTORY, root.ranPrepared());
        }
    }

    /** The helper first, then what is in it: whoever is killed, the command runs. */
    @Test
    void run_whereTheWaitingSandboxWasKilled_isInAnother() throws Exception {
        assumeTrue(isPrepared, "skipped: none waits");
        for (int depth = 0; depth < 3; depth++) {
            try (BubblewrapRoot root = openRoot(lower)) {
                root.writeFile("/home/me/a.c", false, stream("int a;\n"));
                List<Long> chain = awaitSandbox(helpers().get(0));
                kill(chain.get(depth));
                awaitEnd(chain.get(2)); // till then, what was not killed itself may yet begin a command

                assertEquals("int a;\n", text(shell(root, "cat /home/me/a.c").stdout()));
                assertFalse(root.ranPrepared());
            }
            sandbox.giveUp(lower).join();
        }
    }

    /** Waits until the helper, bubblewrap and the first process in the sandbox are there, and gives them in this order. */
    private static List<Long> awaitSandbox(long helper) {
        while (true) {
            List<Long> chain = new ArrayList<>(List.of(helper));
            ProcessHandle.of(helper)
                    .ifPresent(process ->
                            process.descendants().map(ProcessHandle::pid).forEach(chain::add));
            if (chain.size() == 3
                    && ProcessSearch.commandLine(Path.of("/proc", "" + chain.get(2)))
                            .startsWith("/dev/jdist-sandbox")) {
                return chain;
            }
            Thread.onSpinWait();
        }
    }

    /** What has ended has no command line, and be it that nobody has asked yet how it ended. */
    private static void awaitEnd(long process) {
        while (!ProcessSearch.commandLine(Path.of("/proc", "" + process)).isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void giveUp_whatWaits_endsItAndLeavesNothing() throws Exception {
        openRoot(lower).close();
        sandbox.prepareNext(lower, LIMITS, false);

        sandbox.giveUp(lower).join();

        assertEquals(List.of(), helpers());
        assertEquals(0, scratch.toFile().list().length);
    }

    @Test
    void close_whileSandboxesWait_endsThem() throws Exception {
        Path other = directory.resolve("closed");
        try (BubblewrapSandbox second = BubblewrapSandbox.open(HELPER, BWRAP, other, false, wanted())) {
            second.openRoot(lower).close();
            second.prepareNext(lower, LIMITS, false);
            second.prepared().awaitWaiting();
            assertEquals(Math.min(2, mostPrepared), second.prepared().waiting(lower));
        }
        assertEquals(List.of(), ProcessSearch.naming(other.toString()));
        assertEquals(0, other.toFile().list().length);
    }

    /** The first process of the sandbox reads what the builder says, and is none of the job's business. */
    @Test
    void run_attacksOnTheFirstProcess_getNowhere() throws Exception {
        String script = "for s in KILL STOP TERM SEGV HUP INT PIPE USR1; do kill -$s 1; done;"
                + " for f in /proc/1/fd/* /proc/1/mem /proc/1/environ /proc/1/maps; do"
                + " (cat $f >/read) 2>/dev/null && echo read $f; (: >>$f) 2>/dev/null && echo wrote $f; done;"
                + " readlink /proc/1/exe /proc/1/cwd /proc/1/root; chmod 755 /proc/1/exe; chmod 755 /dev/jdist-sandbox;"
                + " echo >/dev/jdist-sandbox; kill -CONT 1; exit 5";

        SandboxResult result = shell(script);

        assertEquals(5, result.exitCode(), text(result.stderr()));
        assertEquals("", text(result.stdout()));
    }

    // What a command must not be able to do.

    /** To the owner of a file of /proc/sys, its mode alone decides, and the job's uid 0 is the machine's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/sys/kernel/core_pattern",
                "/proc/sys/kernel/panic",
                "/proc/sys/kernel/hostname",
                "/proc/sys/vm/overcommit_memory",
                "/proc/sys/fs/file-max",
                "/proc/sysrq-trigger",
                "/proc/self/oom_score_adj",
                "/proc/self/uid_map",
                "/proc/self/comm",
                "/proc/1/oom_score_adj"
            })
    void run_writeToProc_isRefused(String file) throws Exception {
        String before =
                Files.isReadable(Path.of(file)) && file.contains("/sys/") ? Files.readString(Path.of(file)) : "";

        SandboxResult result = shell("cat " + file + " >/tmp-copy 2>/dev/null; echo 0 >" + file);

        assertFalse(result.exitCode() == 0, "it was written");
        String said = text(result.stderr());
        assertTrue(said.contains("Read-only file system") || said.contains("onexistent"), said);
        if (!before.isEmpty()) {
            assertEquals(before, Files.readString(Path.of(file)));
        }
    }

    /** Not even for opening; links to what is elsewhere (a job's own standard output) are not of /proc. */
    @Test
    void run_filesOfProc_areAllReadOnly() throws Exception {
        String script = "find /proc -maxdepth 3 -type f ! -path '/proc/*/fd*' | while read -r f; do"
                + " (: >>\"$f\") 2>/dev/null && echo \"$f\"; done; :";

        assertEquals("", printed(script));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mount -o remount,rw /proc",
                "mount -t proc proc /proc",
                "mount -t tmpfs none /etc",
                "mount --bind / /etc",
                "unshare --mount true",
                "unshare -Urm mount -o remount,rw /proc",
                "unshare -Urmpf mount -t proc proc /etc",
                "unshare -Urm mount -t sysfs sysfs /etc",
                "unshare -Urm mount -o remount,bind,rw /bin",
                "mknod /disk b 8 0",
                "mknod /mem c 1 1",
                "hostname other",
                "chmod 777 /proc/sys/kernel"
            })
    void run_whatTakesCapabilities_isRefused(String command) throws Exception {
        SandboxResult result = shell(command);

        assertFalse(result.exitCode() == 0, "it worked: " + text(result.stdout()));
    }

    @Test
    void run_capabilities_areNone() throws Exception {
        String status = printed("cat /proc/self/status");

        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertTrue(status.contains(set + ":\t0000000000000000\n"), set + " in " + status);
        }
        assertTrue(status.contains("NoNewPrivs:\t1\n"), status);
        assertTrue(status.contains("Seccomp:\t2\n"), status);
    }

    @Test
    void run_namespaces_areAllItsOwn() throws Exception {
        for (String namespace : List.of("user", "pid", "net", "ipc", "uts", "mnt", "cgroup")) {
            String outside =
                    Files.readSymbolicLink(Path.of("/proc/self/ns", namespace)).toString();
            assertFalse(printed("readlink /proc/self/ns/" + namespace).contains(outside), namespace);
        }
        assertEquals("jdist\n", printed("hostname"));
    }

    @Test
    void run_processesOfTheMachine_areNotSeen() throws Exception {
        List<String> ids = printed("ls /proc")
                .lines()
                .filter(name -> name.matches("[0-9]+"))
                .toList();

        assertTrue(ids.contains("1") && ids.size() <= 4, ids.toString());
        assertFalse(shell("readlink /proc/1/ns/pid").exitCode() == 0);
    }

    @Test
    void run_network_isNotThere() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String devices = printed("cat /proc/net/dev");
            List<String> names = devices.lines()
                    .filter(line -> line.contains(":"))
                    .map(line -> line.substring(0, line.indexOf(':')).strip())
                    .toList();

            assertTrue(List.of("lo").containsAll(names), devices);
            assertFalse(printed("cat /proc/net/tcp").contains(String.format("0100007F:%04X", listener.getLocalPort())));
            assertEquals(
                    "", printed("cat /proc/net/route").lines().skip(1).findAny().orElse(""));
        }
    }

    @Test
    void run_filesOfTheMachine_areNotThere() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "of the machine");

        SandboxResult result = shell(
                "cat " + secret + " /proc/1/root" + secret + " /proc/self/root/../.." + secret + " /../.." + secret);

        assertFalse(result.exitCode() == 0);
        assertEquals("", text(result.stdout()));
        assertEquals("bin\ndev\netc\nlib\nlib64\nproc\n", printed("ls /").replaceAll("(usr|sbin)\n", ""));
    }

    @Test
    void run_devices_areTheHarmlessOnes() throws Exception {
        List<String> devices = printed(
                        "for f in $(find /dev ! -type l); do if [ -b $f ] || [ -c $f ]; then echo $f; fi; done")
                .lines()
                .sorted()
                .toList();

        assertTrue(
                List.of(
                                "/dev/full",
                                "/dev/null",
                                "/dev/ptmx",
                                "/dev/pts/ptmx",
                                "/dev/random",
                                "/dev/tty",
                                "/dev/urandom",
                                "/dev/zero")
                        .containsAll(devices),
                devices.toString());
        DEVICES.forEach(device -> assertTrue(devices.contains("/dev/" + device), device));
    }

    /** Each does what it does anywhere. In what is printed, {@code @} is a NUL and {@code ;} ends a line. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cat /dev/null                                        | 0 |
            echo lost >/dev/null                                 | 0 |
            head -c 3 /dev/zero                                  | 0 | @@@
            echo lost >/dev/zero                                 | 0 |
            head -c 2 /dev/full                                  | 0 | @@
            echo lost >/dev/full                                 | 1 |
            head -c 1 /dev/random >/x; find /x -size 1c           | 0 | /x;
            head -c 9 /dev/urandom >/x; find /x -size 9c          | 0 | /x;
            : </dev/tty                                          | 2 |
            cat /dev/stdin                                       | 0 |
            cat /dev/fd/0                                        | 0 |
            echo out >>/dev/stdout                               | 0 | out;
            echo out >>/dev/fd/1                                 | 0 | out;
            echo lost >>/dev/stderr                              | 0 |
            cd /dev/shm                                          | 0 |
            cd /dev/pts                                          | 0 |
            readlink /proc/self/exe                              | 0 | /bin/readlink;
            """)
    void run_useOfADevice_isAsAtHome(String script, int code, String printed) throws Exception {
        SandboxResult result = shell(script);
        String expected = printed == null ? "" : printed.replace('@', '\0').replace(';', '\n');
        assertEquals(code, result.exitCode(), text(result.stderr()));
        assertEquals(expected, text(result.stdout()));
    }

    /** They are the machine's. */
    @ParameterizedTest
    @ValueSource(strings = {"touch", "touch -a", "touch -d 2001-01-01", "chmod 600", "rm", "mv /etc/lower"})
    void run_changeOfADevice_isRefused(String change) throws Exception {
        Map<String, Object> before = new TreeMap<>();
        for (String device : DEVICES) {
            before.put(device, Files.readAttributes(Path.of("/dev", device), "unix:mode,lastModifiedTime,ctime"));
        }
        for (String device : DEVICES) {
            SandboxResult result = shell(change + " /dev/" + device);
            assertFalse(result.exitCode() == 0, device);
        }
        for (String device : DEVICES) {
            boolean isWritten = device.equals("null") || device.equals("tty");
            String names = isWritten ? "unix:mode" : "unix:mode,lastModifiedTime,ctime";
            Map<String, Object> now = Files.readAttributes(Path.of("/dev", device), names);
            now.forEach((name, value) -> assertEquals(((Map<?, ?>) before.get(device)).get(name), value, device));
        }
    }

    @Test
    void run_otherJobs_areNotSeen() throws Exception {
        try (BubblewrapRoot one = openRoot(lower);
                BubblewrapRoot other = openRoot(lower)) {
            one.writeFile("/job/secret", false, stream("of one"));
            shell(one, "echo >/job/result; echo >/etc/lower");
            other.createDirectories("/job");

            assertEquals("", text(shell(other, "ls /job").stdout()));
            assertEquals("from below", text(shell(other, "cat /etc/lower").stdout()));
        }
    }

    /** Checked after each test; this one tries. */
    @Test
    void run_writesToTheToolchain_stayInTheJob() throws Exception {
        SandboxResult result = shell("echo evil >/bin/cat; rm /bin/ls; chmod 777 /etc; mkdir /bin/d; mv /etc /etc2;"
                + " ln -f /bin/sleep /bin/env; echo evil >>/etc2/lower; cat /bin/cat");

        assertTrue(Files.size(lower.resolve("bin/cat")) > 100, text(result.stderr()));
        assertEquals(
                strategy == SandboxStrategy.DIRECTORY, text(result.stderr()).contains("Read-only file system"));
    }

    /** The job runs as the builder's user, who could read all of it. */
    @Test
    void run_filesOfTheBuilder_areNotThere() throws Exception {
        String script = "for f in $(find / -xdev -type f) /proc/*/root" + scratch + " /proc/*/cwd" + scratch
                + "; do case $f in *" + scratch + "*) echo $f;; esac; done; cat /proc/1/environ >&2";

        SandboxResult result = shell(script);

        assertEquals(
                List.of("/proc/*/root" + scratch, "/proc/*/cwd" + scratch),
                text(result.stdout()).lines().toList());
        assertFalse(text(result.stderr()).contains("PATH=/usr"), text(result.stderr()));
    }

    @Test
    void run_user_isThatOfJobs() throws Exception {
        int user = owner.user().orElse((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));

        assertEquals(user + "\n" + user + "\n", printed("id -u; id -g"));
    }

    /** Outside of the sandbox, too: what a job writes is that user's. */
    @Test
    void run_filesOfJobs_belongToTheirUser() throws Exception {
        Object user = owner.user().orElse((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/out");
            root.writeFile("/out/input", false, InputStream.nullInputStream());
            assertEquals(
                    "",
                    text(shell(root, "echo x >/out/written; mkdir /out/d; echo x >>/out/input")
                            .stderr()));

            for (String name : List.of("input", "written", "d")) {
                Path file = only(scratch, name);
                assertEquals(user, Files.getAttribute(file, "unix:uid"), name);
                assertEquals(user, Files.getAttribute(file, "unix:gid"), name);
            }
        }
    }

    private static Path only(Path root, String name) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.endsWith("out/" + name)).findAny().orElseThrow();
        }
    }

    /** What commands are told to open by name, as `-o /dev/stdout` does. */
    @Test
    void run_standardStreamsByName_canBeOpened() throws Exception {
        SandboxResult result = shell("echo out >>/dev/stdout; echo err >>/dev/stderr");

        assertEquals("out\n", text(result.stdout()));
        assertEquals("err\n", text(result.stderr()));
    }

    /** No descriptor of the builder's or of bubblewrap's is left to a job. */
    @Test
    void run_openFiles_areTheStandardStreams() throws Exception {
        assertEquals("0\n1\n2\n3\n", printed("ls /proc/self/fd")); // the last is the directory
    }

    @Test
    void run_setuidPrograms_giveNothing() throws Exception {
        String status = printed("cat /bin/cat >/tool; chmod 4755 /tool; /tool /proc/self/status");

        assertTrue(status.contains("CapEff:\t0000000000000000\n"), status);
        String mounts = printed("cat /proc/self/mountinfo");
        // Bubblewrap's own overlay has no such flags, and needs none: no_new_privs and the user namespace see to it.
        assumeTrue(strategy != SandboxStrategy.BWRAP_OVERLAY);
        assertTrue(
                mounts.lines()
                        .filter(line -> line.split(" ")[4].equals("/"))
                        .allMatch(line -> line.contains("nosuid,nodev")),
                mounts);
    }

    @Test
    void run_coreDumps_areNotWritten() throws Exception {
        assertEquals("0\n", printed("ulimit -c"));
    }

    /** The command makes the trap, the builder would walk into it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ln -s /etc/shadow /out/a.o",
                "ln -s ../../../../../../../../../../etc/shadow /out/a.o",
                "rm -r /out; ln -s /etc /out; ln -s shadow /etc/a.o",
                "mkdir /out/a.o",
                "ln -s a.o /out/a.o",
                "ln -s /proc/self/environ /out/a.o",
                "ln -s /dev/zero /out/a.o"
            })
    void openFile_outputThatIsATrap_isNothingOrRefused(String script) throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/out");
            shell(root, script);
            try {
                assertTrue(root.openFile("/out/a.o").isEmpty());
            } catch (UnsafePathException e) {
                assertTrue(script.contains("a.o /out/a.o"), e.getMessage());
            }
        }
    }

    /** To root it is a file like any other. */
    @Test
    void openFile_outputThatMayNotBeRead_isNothing() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/out");
            shell(root, "echo x >/out/a.o; chmod 000 /out/a.o");

            assertEquals(ROOT, root.openFile("/out/a.o").isPresent());
        }
    }

    @Test
    void close_treeDeeperThanAnyPath_leavesNothing() throws Exception {
        try (BubblewrapRoot root = openRoot(lower)) {
            SandboxResult result = shell(
                    root,
                    "mkdir /deep; cd /deep; i=0; n=" + "d".repeat(200)
                            + "; while [ $i -lt 60 ]; do mkdir $n; cd -P $n; i=$((i+1)); done; echo x >file");
            assertEquals(0, result.exitCode(), text(result.stderr()));
        }
    }

    @Test
    void close_filesWithoutPermissions_leavesNothing() throws Exception {
        try {
            shell("mkdir -p /a/b/c; echo >/a/b/c/d; chmod 000 /a/b/c/d /a/b/c /a/b /a");
        } catch (LimitExceededException e) {
            // A slow machine: the watch has come by before the shell ended, and cannot measure what it may not read.
            assertEquals(JobLimit.SCRATCH, e.limit());
        }
    }

    // A whole machine.

    @Test
    void open_again_removesWhatACrashLeft() throws Exception {
        Path other = directory.resolve("other");
        Files.createDirectories(other.resolve("job-7/upper/etc"));
        Files.createDirectories(other.resolve("job-7/work/work"));

        try (BubblewrapSandbox second = BubblewrapSandbox.open(HELPER, BWRAP, other, false, wanted());
                BubblewrapRoot root = second.openRoot(lower)) {
            assertEquals("hi\n", text(shell(root, "echo hi").stdout()));
            assertFalse(Files.exists(other.resolve("job-7")));
        }
        assertEquals(0, other.toFile().list().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"with space", "with,comma", "with:colon", "back\\slash", "quote\"s", "\u00e9"})
    void openRoot_oddNames_areMounted(String name) throws Exception {
        Path odd = Files.createDirectories(directory.resolve("odd").resolve(name));
        Path oddLower = Files.createDirectories(odd.resolve("lower"));
        HostTree.fill(oddLower, "sh");
        try (BubblewrapSandbox second = BubblewrapSandbox.open(HELPER, BWRAP, odd.resolve("scratch"), false, wanted());
                BubblewrapRoot root = second.openRoot(oddLower)) {
            assertEquals("hi\n", text(shell(root, "echo hi").stdout()));
        }
    }

    @Test
    void run_manyAtOnce_eachHasItsOwn() throws Exception {
        List<Thread> threads = Stream.iterate(0, i -> i + 1)
                .limit(8)
                .map(i -> new Thread(() -> runOne(i)))
                .toList();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        threads.forEach(thread -> thread.setUncaughtExceptionHandler((t, e) -> failure.set(e)));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        }
        assertEquals(null, failure.get());
    }

    private void runOne(int number) {
        try (BubblewrapRoot root = openRoot(lower)) {
            root.createDirectories("/out");
            assertEquals(
                    number,
                    shell(root, "echo " + number + " >/out/n; exit " + number).exitCode());
            assertEquals(number + "\n", content(root, "/out/n"));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
