package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.sandbox.CommandKilledException;
import dev.jdist.sandbox.HostTree;
import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.ViewResult;
import dev.jdist.sandbox.tree.TreeOwner;
import dev.jdist.sandbox.tree.TreeRemoval;
import dev.jdist.sandbox.view.Entries;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.Node;
import dev.jdist.sandbox.view.PathUse;
import dev.jdist.sandbox.view.ViewException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands under a view, in each kind of sandbox that has views, made for the command or before. */
@ParameterizedClass
@MethodSource("kinds")
@Timeout(300)
class ViewIT {
    private static final Path HELPER = Path.of(
                    System.getProperty(SandboxIT.HELPER_PROPERTY, "target/native/jdist-sandbox"))
            .toAbsolutePath();
    private static final Path BWRAP = Path.of(System.getProperty(SandboxIT.BWRAP_PROPERTY, "/usr/bin/bwrap"));
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final JobLimits LIMITS = new JobLimits(Duration.ofSeconds(60), 1 << 30, 2000, 1 << 30, 1 << 20, 0);

    @TempDir
    private static Path directories;

    @Parameter(0)
    private SandboxStrategy strategy;

    @Parameter(1)
    private boolean isPrepared;

    @Parameter(2)
    private TreeOwner owner;

    private static Path directory;
    private static Path lower;
    private static Path contents;
    /** What the view of most tests shows. */
    private static Path theirs;

    private static BubblewrapSandbox sandbox;

    static List<Arguments> kinds() {
        List<String> wanted =
                List.of(System.getProperty("jdist.sandbox.kinds", "").split(","));
        return Stream.of(SandboxStrategy.values())
                .filter(strategy -> strategy != SandboxStrategy.DIRECTORY)
                .filter(strategy -> wanted.contains("") || wanted.contains(strategy.label()))
                .flatMap(strategy -> Stream.of(
                        Arguments.of(strategy, false, owner(strategy == SandboxStrategy.ROOT_OVERLAY)),
                        Arguments.of(strategy, true, owner(strategy != SandboxStrategy.ROOTLESS_OVERLAY))))
                .toList();
    }

    private static TreeOwner owner(boolean isOfJobs) {
        return ROOT && isOfJobs ? TreeOwner.of(SandboxIT.JOBS) : TreeOwner.SELF;
    }

    @BeforeParameterizedClassInvocation
    static void open(SandboxStrategy strategy, boolean isPrepared, TreeOwner owner)
            throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BWRAP), "skipped: bubblewrap is not installed (scripts/setup test does it)");
        assumeTrue(ROOT || strategy != SandboxStrategy.ROOT_OVERLAY, "skipped: this kind takes root");
        assumeTrue(
                strategy != SandboxStrategy.BWRAP_OVERLAY || SandboxIT.bubblewrapHasOverlays(),
                "skipped: this kind takes bubblewrap 0.11");
        directory = Files.createDirectory(directories.resolve(strategy.label() + (isPrepared ? "-prepared" : "")));
        lower = Files.createDirectories(directory.resolve("lower"));
        contents = Files.createDirectories(directory.resolve("contents"));
        fillLower();
        fillView();
        owner.ownAll(lower);
        sandbox = BubblewrapSandbox.open(
                HELPER,
                BWRAP,
                directory.resolve("scratch"),
                false,
                new BubblewrapSandbox.Wanted(List.of(strategy), owner, isPrepared ? 3 : 0, Optional.of(contents)));
        assertEquals(Optional.empty(), sandbox.withoutViews());
    }

    @AfterParameterizedClassInvocation
    static void close() throws IOException {
        if (sandbox != null) {
            sandbox.close();
            TreeRemoval.remove(lower);
            sandbox = null;
        }
    }

    /** Programs that the view knows of, and decoys that it does not. */
    private static void fillLower() throws IOException, InterruptedException {
        HostTree.fill(lower, "sh", "cat", "ls", "stat", "rm", "mv", "ln", "mkdir", "readlink", "id", "sleep");
        for (String decoy : List.of(
                "work/decoy",
                "work/decoy2",
                "work/decoys/decoy",
                "decoy/decoy",
                "full/decoy",
                "many/decoy",
                "bin/decoy")) {
            Path file = lower.resolve(decoy);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "#!/bin/sh\necho decoy\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.createSymbolicLink(lower.resolve("elsewhere"), Path.of("decoy"));
        compile("view-calls.c", "-static", "-pthread", "-o", lower + "/bin/calls");
    }

    private static void compile(String source, String... options) throws IOException, InterruptedException {
        Path copy = directory.resolve(source);
        try (InputStream in = Objects.requireNonNull(ViewIT.class.getResourceAsStream(source))) {
            Files.write(copy, in.readAllBytes());
        }
        ProcessBuilder gcc = new ProcessBuilder("gcc", copy.toString()).redirectErrorStream(true);
        gcc.command().addAll(List.of(options));
        Process process = gcc.start();
        String said = text(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
    }

    private static void fillView() throws IOException {
        theirs = Files.createDirectories(directory.resolve("theirs"));
        for (String made : List.of("work", "full", "empty", "many", "tmp", "elsewhere/deep")) {
            Files.createDirectories(theirs.resolve(made));
        }
        Files.writeString(theirs.resolve("work/here"), "here\n");
        Files.setLastModifiedTime(
                theirs.resolve("work/here"), FileTime.from(Instant.parse("2001-02-03T04:05:06.789Z")));
        Files.setPosixFilePermissions(theirs.resolve("work/here"), PosixFilePermissions.fromString("r--r--r--"));
        Files.writeString(theirs.resolve("work/long"), "x".repeat(100));
        Files.writeString(theirs.resolve("work/script"), "#!/work/interpreter -e\necho $0\n");
        Files.createSymbolicLink(theirs.resolve("work/interpreter"), Path.of("../bin/sh"));
        Files.setPosixFilePermissions(theirs.resolve("work/script"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(theirs.resolve("work/linked"), Path.of("here"));
        Files.createSymbolicLink(theirs.resolve("work/loop"), Path.of("loop"));
        Files.createSymbolicLink(theirs.resolve("work/dangling"), Path.of("made"));
        Files.createSymbolicLink(theirs.resolve("work/deep"), Path.of("../elsewhere/deep"));
        Files.writeString(theirs.resolve("elsewhere/file"), "elsewhere\n");
        Files.createLink(theirs.resolve("work/twin"), theirs.resolve("elsewhere/file"));
        Files.writeString(theirs.resolve("full/a"), "a");
        Files.writeString(theirs.resolve("full/b"), "b");
        for (int i = 0; i < 300; i++) {
            Files.writeString(theirs.resolve("many/" + i), Integer.toString(i));
        }
    }

    private static boolean isOfLower(String path) {
        return !path.contains("decoy")
                && path.matches("/(bin|lib|lib64|usr)(/.*)?")
                && Files.exists(lower.resolve(path.substring(1)));
    }

    private static MachineView view(boolean wholeDirectories) {
        MachineView view = new MachineView(theirs, contents, wholeDirectories);
        view.isOfLower = ViewIT::isOfLower;
        view.lower = lower;
        return view;
    }

    private BubblewrapRoot openRoot() throws IOException {
        sandbox.prepareNext(lower, LIMITS, true);
        sandbox.prepared().awaitWaiting();
        return sandbox.openRoot(lower);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private ViewResult run(FileView view, String... words) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(words));
        SandboxCommand command = new SandboxCommand(arguments.remove(0), arguments, Map.of("PATH", "/bin"), "/work");
        try (BubblewrapRoot root = openRoot()) {
            return root.run(command, LIMITS, view);
        }
    }

    private String shell(String script) throws IOException, InterruptedException {
        return printed(run(view(false), "/bin/sh", "-c", script));
    }

    private static String printed(ViewResult result) {
        assertEquals("", text(result.result().stderr()));
        assertEquals(0, result.result().exitCode(), text(result.result().stdout()));
        return text(result.result().stdout());
    }

    /** What {@code view-calls.c} tried, and what became of it. */
    private Map<String, String> calls(FileView view, String... words) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("/bin/calls"));
        line.addAll(List.of(words));
        Map<String, String> outcomes = new LinkedHashMap<>();
        for (String said : printed(run(view, line.toArray(String[]::new))).split("\n")) {
            int space = said.lastIndexOf(' ');
            outcomes.merge(
                    said.substring(0, Math.max(space, 0)), said.substring(space + 1), (old, more) -> old + " " + more);
        }
        return outcomes;
    }

    private static Map<String, PathUse.Kind> uses(ViewResult result) {
        return result.uses().stream().collect(Collectors.toMap(PathUse::path, PathUse::kind));
    }

    private static byte[] compileHere(Path source, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/gcc"));
        command.addAll(options);
        command.addAll(List.of("-c", source.toString(), "-o", "here.o"));
        Process process = new ProcessBuilder(command)
                .directory(source.getParent().toFile())
                .redirectErrorStream(true)
                .start();
        String said = text(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        byte[] object = Files.readAllBytes(source.resolveSibling("here.o"));
        Files.delete(source.resolveSibling("here.o"));
        return object;
    }

    @Test
    void run_gccOfThisMachine_makesTheSameObject() throws Exception {
        Path source = Files.createDirectories(directory.resolve("work/gcc")).resolve("a.c");
        Files.writeString(source.resolveSibling("own.h"), "#define FORMAT \"%d\\n\"\n");
        Files.writeString(
                source,
                "#include <stdio.h>\n#include <stdlib.h>\n#include <errno.h>\n#include <unistd.h>\n"
                        + "#include \"own.h\"\nint main(void) { return printf(FORMAT, errno); }\n");
        byte[] here = compileHere(source, List.of("-g", "-O2"));
        MachineView view = new MachineView(Path.of("/"), contents, false);
        try (BubblewrapRoot root = openRoot()) {
            ViewResult result = root.run(
                    new SandboxCommand(
                            "/usr/bin/gcc",
                            List.of("-g", "-O2", "-c", source.toString(), "-o", "here.o"),
                            Map.of("PATH", "/usr/bin:/bin"),
                            source.getParent().toString()),
                    LIMITS,
                    view);

            assertEquals(0, result.result().exitCode(), text(result.result().stderr()));
            try (InputStream in =
                    root.openFile(source.resolveSibling("here.o").toString()).orElseThrow()) {
                assertArrayEquals(here, in.readAllBytes());
            }
            assertTrue(result.uses().size() > 50, result.uses().toString());
            assertEquals(isPrepared, root.ranPrepared());
            assertEquals(strategy, sandbox.report().chosen());
            assertEquals(owner.user(), sandbox.owner().user());
        }
    }

    // What a view shows.

    @Test
    void run_file_isAsTheViewSays() throws Exception {
        assertEquals(
                "here\n5 444 981173106 2001-02-03 04:05:06.789000000 +0000\n",
                shell("cat here; stat -c '%s %a %Y %y' here"));
    }

    @Test
    void run_namesOfOneFile_areOneFile() throws Exception {
        assertEquals(
                "2\nelsewhere\nsame\n",
                shell("cat twin >/dev/null; stat -c %h /elsewhere/file; cat twin;"
                        + " [ twin -ef /elsewhere/file ] && echo same"));
    }

    @Test
    void run_links_leadWhereTheyLeadInTheView() throws Exception {
        assertEquals(
                "here\nhere\nelsewhere\nelsewhere\n../elsewhere/deep\n",
                shell("cat linked; cat /work/./linked; cat deep/../file; cd deep; cat ../file; readlink /work/deep"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void run_decoysOfTheLowerTree_areNotThere(boolean wholeDirectories) throws Exception {
        Map<String, String> outcomes = calls(view(wholeDirectories), "decoys", "/work/decoy");

        assertEquals(32, outcomes.size(), outcomes.toString());
        outcomes.forEach((name, outcome) -> assertEquals("2", outcome, name));
    }

    @Test
    void run_listing_hasWhatTheViewHasAndTheCommandMade() throws Exception {
        assertEquals(
                "a b\nown\ndangling deep here interpreter linked long loop script twin\nempty\n",
                shell("echo >/full/own; rm /full/own; set -- $(ls /full); echo $*; cd /empty; echo >own; ls;"
                        + " rm own; cd /work; set -- $(ls); echo $*; echo empty $(ls -A /empty)"));
    }

    @Test
    void run_listing_filesHaveTheirContentAfterwards() throws Exception {
        assertEquals(
                "b\n5\n100\n", shell("ls /full >/dev/null; cat /full/b; echo; ls >/dev/null; stat -c %s here long"));
    }

    @Test
    void run_placesOfTheMachine_leadBackIntoTheView() throws Exception {
        assertEquals(
                "here\nhere\nhere\n",
                shell("cat /proc/self/cwd/here; exec 3<here; cat /dev/fd/3; cd /; cat /proc/self/root/work/linked"));
    }

    @Test
    void run_command_tellsWhatItUsed() throws Exception {
        Map<String, PathUse.Kind> uses =
                uses(run(view(false), "/bin/sh", "-c", "cat linked; [ -e none ]; ls /full; [ -e long ]; echo >own"));

        assertEquals(PathUse.Kind.READ, uses.get("/work/here"));
        assertEquals(PathUse.Kind.SEEN, uses.get("/work/linked"));
        assertEquals(PathUse.Kind.ABSENT, uses.get("/work/none"));
        assertEquals(PathUse.Kind.LISTED, uses.get("/full"));
        assertEquals(PathUse.Kind.SEEN, uses.get("/work/long"));
        assertEquals(PathUse.Kind.READ, uses.get("/bin/sh"));
        assertFalse(uses.containsKey("/work/own"), uses.toString());
        assertFalse(uses.containsKey("/work/twin"), uses.toString());
    }

    @Test
    void run_fileThatIsNotTouched_isNotAskedFor() throws Exception {
        MachineView view = view(false);
        run(view, "/bin/sh", "-c", "cat here; cat here");

        assertEquals(1, view.questions.stream().filter("n /work here"::equals).count(), view.questions.toString());
        assertEquals(
                List.of(),
                view.questions.stream().filter(asked -> asked.contains("long")).toList());
        assertEquals(
                List.of(),
                view.questions.stream().filter(asked -> asked.startsWith("a ")).toList());
    }

    /** As assemblers look at the object that they replace. */
    @Test
    void run_fileThatIsOnlyLookedAt_isNotFetchedBeforeItIsOpened() throws Exception {
        Path file = theirs.resolve("work/looked");
        Files.writeString(file, isPrepared + " content");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(-2)));
        try {
            MachineView view = view(false);
            assertEquals(
                    Files.size(file) + " 444 -2.000000000\n",
                    printed(run(view, "/bin/sh", "-c", "stat -c '%s %a %.9Y' looked; mv -f here looked; rm looked")));
            Node.RegularFile node = (Node.RegularFile) view.node("/work/looked");
            assertFalse(view.questions.contains("f " + node.content()), view.questions.toString());

            assertEquals(
                    isPrepared + " content\nsame\n444\n",
                    printed(run(
                            view,
                            "/bin/sh",
                            "-c",
                            "set -- $(stat -c %i looked); cat looked; echo; [ $1 = $(stat -c %i looked) ] && echo same;"
                                    + " stat -c %a looked")));
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void run_completeDirectory_isAskedForOnce() throws Exception {
        MachineView view = view(true);
        run(view, "/bin/sh", "-c", "[ -e a ]; [ -e b ]; cat here; [ -e c ]");

        assertEquals(
                1,
                view.questions.stream()
                        .filter(asked -> asked.startsWith("n /work "))
                        .count());
    }

    @Test
    void run_ownFiles_areThereAsTheCommandLeftThem() throws Exception {
        Map<String, String> outcomes = calls(view(false), "own");

        assertEquals(
                "{create=0, create again=17, look=0, create what is there=17, rename=0, gone=2, there=0, mkdir=0,"
                        + " mkdir what is there=17, mkdir below=0, mkdir in nothing=2, symlink=0, through it=0,"
                        + " size=5 0 0 0, link=0, rename dir=0, below the other=0, below the old=2,"
                        + " rename what the view has=18, rmdir what is full=39, rmdir what is empty=0, empty is gone=2,"
                        + " unlink what the view has=0, unlinked is gone=2, over decoy=0, size of it=0 0 0,"
                        + " over decoys, exclusively=0, mkdir over decoys=0, below decoys=2, rename over=0,"
                        + " truncate by opening=0, bind=0, bound=0, connect to what does not listen=111, exchange=0, read=1}",
                outcomes.toString());
    }

    @Test
    void run_script_isRunByTheInterpreterOfTheView() throws Exception {
        ViewResult result = run(view(false), "/work/script");

        assertEquals("/work/script\n", printed(result));
        assertEquals(PathUse.Kind.READ, uses(result).get("/work/script"));
        assertEquals(PathUse.Kind.SEEN, uses(result).get("/work/interpreter"));
    }

    @Test
    void run_outputs_areThereAfterwards() throws Exception {
        try (BubblewrapRoot root = openRoot()) {
            ViewResult result = root.run(
                    new SandboxCommand(
                            "/bin/sh",
                            List.of("-c", "[ -L dangling ]; echo made >dangling; echo out >out"),
                            Map.of("PATH", "/bin"),
                            "/work"),
                    LIMITS,
                    view(false));

            assertEquals("", text(result.result().stderr()));
            for (String name : List.of("made", "out")) {
                try (InputStream in = root.openFile("/work/" + name).orElseThrow()) {
                    assertEquals(name + "\n", text(in.readAllBytes()));
                }
            }
        }
    }

    @Test
    void run_plainCommandWhereThereAreViews_seesWhatIsBelow() throws Exception {
        try (BubblewrapRoot root = openRoot()) {
            SandboxCommand command = new SandboxCommand("/bin/cat", List.of("/work/decoy"), Map.of(), "/");

            assertEquals(
                    "#!/bin/sh\necho decoy\n", text(root.run(command, LIMITS).stdout()));
        }
    }

    @Test
    void run_callsOf32Bits_areAnsweredAlike() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "skipped: 32-bit calls are tried on x86_64");
        assertEquals(
                "{open here=0, read=5, open decoy=2, openat decoy=2, stat64 decoy=2, access decoy=2, execve decoy=2,"
                        + " stat64 here=0}",
                calls(view(false), "narrow").toString());
    }

    // What goes wrong.

    private static final class ViewFailure extends IOException {
        private static final long serialVersionUID = 1;
    }

    private static FileView failing(MachineView view, Exception failure) {
        return new FileView() {
            @Override
            public Entries entries(String directory, String name) throws IOException, InterruptedException {
                if (directory.equals("/work") && name.equals("long")) {
                    if (failure instanceof RuntimeException e) {
                        throw e;
                    }
                    throw (IOException) failure;
                }
                return view.entries(directory, name);
            }

            @Override
            public Entries all(String directory) throws IOException, InterruptedException {
                return view.all(directory);
            }

            @Override
            public void fetch(String content) throws IOException, InterruptedException {
                view.fetch(content);
            }
        };
    }

    static List<Exception> failures() {
        return List.of(new ViewFailure(), new IllegalStateException("no"), new SandboxException("no"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void run_viewThatFails_endsTheCommandAndSaysHow(Exception failure) {
        Exception thrown = assertThrows(
                Exception.class, () -> run(failing(view(false), failure), "/bin/sh", "-c", "cat long; sleep 50"));

        assertSame(failure, thrown);
    }

    @Test
    void run_viewThatFailsBeforeTheCommandBegins_isNotAskedAgain() {
        ViewFailure failure = new ViewFailure();
        MachineView view = view(false);
        view.onQuestion = () -> {
            throw new UncheckedIOException(failure);
        };

        assertSame(
                failure,
                assertThrows(UncheckedIOException.class, () -> run(view, "/bin/true"))
                        .getCause());
        assertEquals(1, view.questions.size());
    }

    @Test
    void run_contentThatDoesNotCome_isSaid() {
        MachineView view = new MachineView(theirs, contents, false) {
            @Override
            Node node(String path) {
                return path.equals("/work/long") ? new Node.RegularFile("c/none", 1, 2, 0644, 0) : super.node(path);
            }

            @Override
            public void fetch(String content) throws IOException, InterruptedException {
                if (!content.equals("c/none")) {
                    super.fetch(content);
                }
            }
        };
        view.isOfLower = ViewIT::isOfLower;

        ViewException e = assertThrows(ViewException.class, () -> run(view, "/bin/cat", "long"));
        assertEquals("cannot open the content of /work/long: No such file or directory", e.getMessage());
    }

    @Test
    void run_damagedContent_isFetchedAgain() throws Exception {
        MachineView view = view(false);
        Node.RegularFile file = (Node.RegularFile) view.node("/work/long");
        Path content = contents.resolve(file.content());
        Files.createDirectories(content.getParent());
        Files.writeString(content, "short");

        assertEquals("x".repeat(100), printed(run(view, "/bin/cat", "long")));
        assertTrue(view.questions.contains("f " + file.content()));
    }

    @Test
    void run_toolchainThatLacksWhatTheViewSays_isSaid() {
        MachineView view = new MachineView(theirs, contents, false);
        view.isOfLower = path -> isOfLower(path) || path.equals("/bin/none");

        ViewException e = assertThrows(ViewException.class, () -> run(view, "/bin/sh", "-c", "none; echo went on"));
        assertEquals("cannot find in the toolchain /bin/none", e.getMessage());
    }

    @Test
    void run_commandThatIsNotThere_isSaid() {
        SandboxException e = assertThrows(SandboxException.class, () -> run(view(false), "/bin/decoy"));

        assertEquals("jdist-sandbox: cannot run /bin/decoy: No such file or directory", e.getMessage());
    }

    @Test
    void kill_whileTheViewIsAsked_endsBoth() throws Exception {
        MachineView view = view(false);
        CountDownLatch asked = new CountDownLatch(1);
        view.onQuestion = () -> {
            if (view.questions.get(view.questions.size() - 1).equals("n /work long")) {
                asked.countDown();
                new CountDownLatch(1).await();
            }
        };
        try (BubblewrapRoot root = openRoot()) {
            Thread killer = new Thread(() -> {
                try {
                    asked.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                root.kill();
            });
            killer.start();
            SandboxCommand command = new SandboxCommand("/bin/cat", List.of("long"), Map.of(), "/work");

            assertThrows(CommandKilledException.class, () -> root.run(command, LIMITS, view));
            killer.join();
        }
    }

    @Test
    void run_commandThatTakesTooLong_endsTheViewToo() throws Exception {
        MachineView view = view(false);
        view.onQuestion = () -> {
            if (view.questions.get(view.questions.size() - 1).equals("n /work long")) {
                new CountDownLatch(1).await();
            }
        };
        try (BubblewrapRoot root = openRoot()) {
            SandboxCommand command = new SandboxCommand("/bin/cat", List.of("long"), Map.of(), "/work");

            LimitExceededException e = assertThrows(
                    LimitExceededException.class, () -> root.run(command, LIMITS.within(Duration.ofSeconds(2)), view));
            assertEquals(JobLimit.TIME, e.limit());
        }
    }

    /** Played by a program around bubblewrap that listens already. */
    @Test
    void open_whereSomebodyListensAlready_hasNoViewsAndSaysWhy() throws Exception {
        Path bubblewrap = directory.resolve("bwrap");
        compile("with-listener.c", "-DPROGRAM=\"" + BWRAP + "\"", "-o", bubblewrap.toString());
        try (BubblewrapSandbox open = BubblewrapSandbox.open(
                HELPER,
                bubblewrap,
                directory.resolve("scratch-without"),
                false,
                new BubblewrapSandbox.Wanted(List.of(strategy), owner, 1, Optional.of(contents)))) {
            String why = open.withoutViews().orElseThrow();

            assertTrue(why.startsWith("jdist-sandbox: cannot listen to the system calls of /lower/true:"), why);
            assertTrue(why.contains("one listener"), why);
            try (BubblewrapRoot root = open.openRoot(lower)) {
                SandboxCommand command = new SandboxCommand("/bin/cat", List.of("/work/decoy"), Map.of(), "/");

                assertEquals(0, root.run(command, LIMITS).exitCode());
                assertThrows(SandboxException.class, () -> root.run(command, LIMITS, view(false)));
            }
        }
    }

    @Test
    void open_withoutOverlays_hasNoViewsAndSaysWhy() throws Exception {
        try (BubblewrapSandbox open = BubblewrapSandbox.open(
                HELPER,
                BWRAP,
                directory.resolve("scratch-without"),
                false,
                new BubblewrapSandbox.Wanted(List.of(SandboxStrategy.DIRECTORY), owner, 0, Optional.of(contents)))) {
            assertEquals(
                    "sandboxes of the kind directory have toolchains mounted in the way of a job's files."
                            + " It takes one of the other kinds",
                    open.withoutViews().orElseThrow());
        }
    }

    @Test
    void open_withContentsThatAreNotThere_hasNoViewsAndSaysWhy() throws Exception {
        try (BubblewrapSandbox open = BubblewrapSandbox.open(
                HELPER,
                BWRAP,
                directory.resolve("scratch-without"),
                false,
                new BubblewrapSandbox.Wanted(List.of(strategy), owner, 0, Optional.of(directory.resolve("none"))))) {
            String why = open.withoutViews().orElseThrow();

            assertTrue(why.contains("cannot show views out of " + directory.resolve("none")), why);
        }
    }

    // What somebody does who means harm.

    @Test
    void run_oddPointersAndPaths_areAnsweredAsTheKernelDoes() throws Exception {
        Map<String, String> outcomes = calls(view(false), "odd");

        assertEquals(
                "{at the end of a page=0, behind the end=14, nowhere=14, null=14, empty=2, 4095 slashes=0,"
                        + " 4096 slashes=36, name of 256=36, name of 255=2, bad directory=9, file as directory=20,"
                        + " in a directory=0, empty path of a file=0, null path of a file=0, slash behind a file=20,"
                        + " dots behind a file=20, dots above the root=0, loop=40, loop itself=0,"
                        + " root of another kind=38, beneath=0, beneath, and not=18, structure nowhere=14, temporary=0,"
                        + " self cwd=2, self root=0, thread root=0, self fd=0, decoy by fd=2, decoy by root=2,"
                        + " decoy by cwd=2, dev fd=0, root of process 1=13, contents of process 1=13}",
                outcomes.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"race", "swap"})
    void run_whatChangesWhileItIsLookedAt_isTheLossOfTheCommand(String what) throws Exception {
        assertEquals(Map.of("", "over"), calls(view(false), what));
    }

    @Test
    void run_manyThreads_seeTheSame() throws Exception {
        assertEquals(Map.of("missing", "0"), calls(view(false), "threads"));
    }

    @Test
    void run_manyProcesses_areAllAnswered() throws Exception {
        assertEquals(Map.of("failed", "0"), calls(view(false), "processes"));
    }

    @Test
    void run_killsOfThoseWhoWait_leaveTheRestAsItIs() throws Exception {
        assertEquals(Map.of("kill 1", "0", "here", "0", "decoy", "2"), calls(view(false), "kills"));
    }

    @Test
    void run_processThatHidesItsMemory_endsTheCommand() {
        ViewException e = assertThrows(ViewException.class, () -> run(view(false), "/bin/calls", "hide"));

        assertTrue(e.getMessage().startsWith("cannot read the memory of a process of the command"), e.getMessage());
    }

    @Test
    void run_nameThatIsNotText_endsTheCommand() {
        ViewException e = assertThrows(
                ViewException.class,
                () -> run(view(false), "/bin/sh", "-c", "name=$(printf '\\377'); [ -e /work/$name ]"));

        assertTrue(e.getMessage().startsWith("the command uses a name that is not UTF-8"), e.getMessage());
    }
}
