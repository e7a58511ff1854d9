package dev.jdist.client.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.identity.CompilerRegistry.Identified;
import dev.jdist.client.launcher.FakeLauncher;
import dev.jdist.client.launcher.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CompilerRegistryTest {
    @TempDir
    private Path root;

    private final AtomicLong time = new AtomicLong();
    private Scratch scratch;
    private CompilerWrappers wrappers;
    private CompilerRegistry registry;

    @BeforeEach
    void open() throws IOException {
        scratch = Scratch.open(Files.createDirectory(root.resolve("scratch")));
        registry = new CompilerRegistry(List.of(CFamily.INSTANCE), scratch, time::get);
        wrappers = new CompilerWrappers(registry);
    }

    @AfterEach
    void checkScratch() throws IOException {
        try (var files = Files.list(root.resolve("scratch"))) {
            assertEquals(List.of(), files.toList());
        }
    }

    private Optional<Compiler> identify(Path program, Launcher launcher) throws Exception {
        return identify(program, launcher, Map.of());
    }

    private Optional<Compiler> identify(Path program, Launcher launcher, Map<String, String> environment)
            throws Exception {
        CallerRequest request =
                new CallerRequest(false, false, 0, root, program.toString(), List.of("name", "-c", "a.c"), environment);
        return registry.identify(wrappers.seeThrough(request), launcher).map(Identified::compiler);
    }

    private boolean isWrapper(Path program) throws Exception {
        CallerRequest request = new CallerRequest(false, false, 0, root, program.toString(), List.of("name"), Map.of());
        return registry.identify(request, launcher()).orElseThrow().isWrapper();
    }

    private FakeLauncher launcher() {
        return FakeLauncher.running(root);
    }

    private Path script(String name, String body) throws IOException {
        Path script = root.resolve(name);
        Files.createDirectories(script.getParent());
        Path fresh = Files.writeString(root.resolve("fresh"), "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Files.move(fresh, script, StandardCopyOption.REPLACE_EXISTING);
    }

    @ParameterizedTest
    @CsvSource({
        "gcc,GCC,false",
        "g++,GCC,true",
        "cc,GCC,false",
        "c++,GCC,true",
        "clang,CLANG,false",
        "clang++,CLANG,true"
    })
    void realCompiler_isRecognised(String name, CompilerKind kind, boolean plusplus) throws Exception {
        Path program = Path.of("/usr/bin", name);
        Compiler compiler = identify(program, launcher()).orElseThrow();
        assertEquals(kind, compiler.kind());
        assertEquals(program, compiler.path());
        assertEquals(plusplus, compiler.plusplus());
        assertTrue(compiler.version().matches("[A-Za-z ]*[0-9]+\\.[0-9]+.*"), compiler.version());
    }

    @ParameterizedTest
    @CsvSource({
        "x86_64-linux-gnu-gcc-12,/usr/bin/gcc,GCC,false",
        "riscv64-unknown-elf-g++,/usr/bin/g++,GCC,true",
        "my-clang-19,/usr/bin/clang,CLANG,false",
        "CC,/usr/bin/g++,GCC,true"
    })
    void compilerUnderAnotherName_keepsThatName(String name, Path target, CompilerKind kind, boolean plusplus)
            throws Exception {
        Path link = Files.createSymbolicLink(root.resolve(name), target);
        Compiler compiler = identify(link, launcher()).orElseThrow();
        assertEquals(kind, compiler.kind());
        assertEquals(link, compiler.path());
        assertEquals(plusplus, compiler.plusplus());
    }

    @Test
    void programWithAnotherName_isNotRun() throws Exception {
        Path program = script("rm-everything", "echo jdist-compiler = gcc");
        FakeLauncher launcher = launcher();
        assertEquals(Optional.empty(), identify(program, launcher));
        assertEquals(List.of(), launcher.orders);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exit 1",
                "true",
                "echo nothing of interest",
                "echo 'jdist-compiler = other'; echo 'jdist-version = 1.2'",
                "echo 'jdist-compiler = gcc'; exit 2",
                "head -c 200000 /dev/urandom",
            })
    void programThatAnswersOtherwise_isNoCompiler(String body) throws Exception {
        assertEquals(Optional.empty(), identify(script("strangecc", body), launcher()));
    }

    @Test
    void compilerThatDefinesTheMacrosOfAnother_isNotTakenForIt() throws Exception {
        for (String macro : List.of("__NVCC__", "__INTEL_COMPILER", "__TINYC__", "__EDG__")) {
            Path wrapper = script("fakecc", "exec gcc -D" + macro + " \"$@\"");
            assertEquals(Optional.empty(), identify(wrapper, launcher()), macro);
        }
    }

    @Test
    void compiler_isAskedOnce() throws Exception {
        FakeLauncher first = launcher();
        Compiler compiler = identify(Path.of("/usr/bin/gcc"), first).orElseThrow();
        FakeLauncher second = launcher();
        assertEquals(compiler, identify(Path.of("/usr/bin/gcc"), second).orElseThrow());
        assertEquals(2, first.orders.size());
        assertEquals(0, second.orders.size());
    }

    @Test
    void programThatIsReplaced_isAskedAgain() throws Exception {
        Path program = script("mycc", "exec gcc \"$@\"");
        Compiler before = identify(program, launcher()).orElseThrow();
        script("mycc", "exec clang++ \"$@\"");
        Compiler after = identify(program, launcher()).orElseThrow();
        assertEquals(CompilerKind.GCC, before.kind());
        assertEquals(CompilerKind.CLANG, after.kind());
        assertNotEquals(before.stamp(), after.stamp());
    }

    @Test
    void linkThatIsPointedElsewhere_isAskedAgain() throws Exception {
        Path link = Files.createSymbolicLink(root.resolve("cc"), Path.of("/usr/bin/gcc"));
        assertEquals(CompilerKind.GCC, identify(link, launcher()).orElseThrow().kind());
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("/usr/bin/clang"));
        assertEquals(
                CompilerKind.CLANG, identify(link, launcher()).orElseThrow().kind());
    }

    @Test
    void noCompilerEither_isRememberedForAWhile() throws Exception {
        Path program = script("badcc", "test -e " + root + "/recovered && exec gcc \"$@\"");
        identify(program, launcher());
        FakeLauncher second = launcher();
        time.addAndGet(CompilerRegistry.DOUBT.toNanos() - 1);
        Files.createFile(root.resolve("recovered"));
        assertEquals(Optional.empty(), identify(program, second));
        assertEquals(List.of(), second.orders);
        time.incrementAndGet();
        assertTrue(identify(program, launcher()).isPresent());
        time.addAndGet(2 * CompilerRegistry.DOUBT.toNanos());
        assertTrue(identify(program, second).isPresent());
        assertEquals(List.of(), second.orders, "what is known for sure is asked once");
    }

    /** gcc fails at its second question: what was understood of it is not for ever. */
    @Test
    void compilerThatFailsHalfway_isAskedAgainAfterAWhile() throws Exception {
        FakeLauncher real = launcher();
        FakeLauncher poor =
                new FakeLauncher(order -> order.arguments().contains("-print-search-dirs") ? 1 : real.run(order));
        identify(Path.of("/usr/bin/gcc"), poor);
        FakeLauncher later = launcher();
        identify(Path.of("/usr/bin/gcc"), later);
        assertEquals(0, later.orders.size());
        time.addAndGet(CompilerRegistry.DOUBT.toNanos());
        identify(Path.of("/usr/bin/gcc"), later);
        assertEquals(2, later.orders.size());
    }

    private CallerRequest limited(Path program) {
        return new CallerRequest(
                false,
                false,
                CallerRequest.Limits.OWN,
                0,
                root,
                program.toString(),
                List.of("gcc"),
                Map.of(),
                "",
                Optional.empty());
    }

    /** As with a small ulimit -v. Those who wait meanwhile ask for themselves. */
    @Test
    void failureUnderLimitsOfTheCallersOwn_isOfNoConsequenceForOthers() throws Exception {
        Path gcc = Path.of("/usr/bin/gcc");
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        FakeLauncher failing = new FakeLauncher(order -> {
            asking.countDown();
            answer.await();
            return 1;
        });
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Future<Optional<Identified>> first = threads.submit(() -> registry.identify(limited(gcc), failing));
            asking.await();
            Future<Optional<Compiler>> other = threads.submit(() -> identify(gcc, launcher()));
            answer.countDown();
            assertEquals(Optional.empty(), first.get());
            assertTrue(other.get().isPresent());
        } finally {
            threads.shutdownNow();
        }
        assertTrue(registry.identify(limited(gcc), failing).isPresent(), "what is known holds for this caller, too");
    }

    @Test
    void compilerThatDoesNotAnswer_isNotWaitedForByEachCaller() throws Exception {
        FakeLauncher silent = new FakeLauncher(order -> RunCommand.TOO_LONG);
        for (int i = 0; i < 3; i++) {
            SilentCompilerException silence =
                    assertThrows(SilentCompilerException.class, () -> identify(Path.of("/usr/bin/gcc"), silent));
            assertTrue(silence.getMessage().startsWith("/usr/bin/gcc -E "), silence.getMessage());
        }
        assertEquals(1, silent.orders.size());
        assertEquals(RunCommand.Kind.QUESTION, silent.orders.get(0).kind());
        time.addAndGet(CompilerRegistry.DOUBT.toNanos());
        assertTrue(identify(Path.of("/usr/bin/gcc"), launcher()).isPresent());
    }

    @Test
    void severalAtOnce_oneAsksAndTheOthersWait() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        FakeLauncher real = launcher();
        FakeLauncher slow = new FakeLauncher(order -> {
            asked.incrementAndGet();
            asking.countDown();
            answer.await();
            return real.run(order);
        });
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Optional<Compiler>>> answers = new ArrayList<>();
            answers.add(threads.submit(() -> identify(Path.of("/usr/bin/gcc"), slow)));
            asking.await();
            for (int i = 0; i < 5; i++) {
                answers.add(threads.submit(() -> identify(Path.of("/usr/bin/gcc"), slow)));
            }
            // Another compiler does not wait for this one.
            assertEquals(
                    CompilerKind.CLANG,
                    identify(Path.of("/usr/bin/clang"), launcher())
                            .orElseThrow()
                            .kind());
            answer.countDown();
            for (Future<Optional<Compiler>> each : answers) {
                assertEquals(CompilerKind.GCC, each.get().orElseThrow().kind());
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(2, asked.get(), "which compiler it is, and where it looks for its parts");
    }

    @Test
    void launcherThatGoesWhileAsking_leavesTheQuestionToTheNext() throws Exception {
        FakeLauncher leaving = new FakeLauncher(order -> {
            throw new CallerGoneException();
        });
        assertThrows(CallerGoneException.class, () -> identify(Path.of("/usr/bin/gcc"), leaving));
        assertTrue(identify(Path.of("/usr/bin/gcc"), launcher()).isPresent());
    }

    @Test
    void programThatIsGone_isAnError() {
        assertThrows(IOException.class, () -> identify(root.resolve("gcc"), launcher()));
    }

    /** /usr/lib/ccache/gcc and its like pass the compile on to the next gcc of PATH; so do we, without them. */
    @ParameterizedTest
    @ValueSource(strings = {"ccache", "sccache", "distcc", "icecc", "ccache.exe", "jdist"})
    void wrapperUnderACompilersName_isSeenThrough(String wrapper) throws Exception {
        script("bin/" + wrapper, "exit 9");
        Files.createDirectory(root.resolve("masquerade"));
        Path link = Files.createSymbolicLink(
                root.resolve("masquerade/gcc"), root.resolve("bin").resolve(wrapper));
        String path = "relative:" + root.resolve("masquerade") + ":/nowhere::/usr/bin";
        Compiler compiler = identify(link, launcher(), Map.of("PATH", path)).orElseThrow();
        assertEquals(Path.of("/usr/bin/gcc"), compiler.path());
    }

    @Test
    void wrapperWithNothingBehindIt_isItself() throws Exception {
        script("bin/ccache", "exit 9");
        Path link = Files.createSymbolicLink(root.resolve("gcc"), root.resolve("bin/ccache"));
        assertEquals(Optional.empty(), identify(link, launcher(), Map.of("PATH", root.toString())));
    }

    private Optional<CallerRequest> seenThrough(Path program, String path, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("name"));
        arguments.addAll(List.of(options));
        CallerRequest request =
                new CallerRequest(false, false, 0, root, program.toString(), arguments, Map.of("PATH", path));
        CallerRequest seen = wrappers.seeThrough(request);
        return seen == request ? Optional.empty() : Optional.of(seen);
    }

    /** A script of a wrapper of a script: what is called in the end, and with what. */
    @Test
    void scriptsThatPassTheCallOn_areSeenThrough() throws Exception {
        script("bin/ccache", "exit 9");
        Path outer = script("outer-gcc", "exec ccache " + root + "/inner-gcc -O1 \"$@\" -pipe");
        script("inner-gcc", "exec gcc -m64 \"$@\"");
        CallerRequest seen = seenThrough(outer, root.resolve("bin") + ":/usr/bin", "-c", "a.c")
                .orElseThrow();
        assertEquals("/usr/bin/gcc", seen.executable());
        assertEquals(List.of("/usr/bin/gcc", "-m64", "-O1", "-c", "a.c", "-pipe"), seen.arguments());
        assertEquals(
                Path.of("/usr/bin/gcc"),
                identify(outer, launcher(), Map.of("PATH", "/usr/bin"))
                        .orElseThrow()
                        .path());
    }

    /** The name means the script once more where it stands in front in PATH; nobody wants that. */
    @ParameterizedTest
    @ValueSource(strings = {"exec jdist gcc", "exec /opt/jdist/bin/jdist gcc", "exec ccache gcc", "gcc"})
    void scriptThatCallsItsOwnName_callsTheNextOne(String command) throws Exception {
        Path script = script("bin/gcc", command + " \"$@\"");
        CallerRequest seen = seenThrough(script, root.resolve("bin") + ":/usr/bin", "-c", "a.c")
                .orElseThrow();
        assertEquals("/usr/bin/gcc", seen.executable());
    }

    /** A ccache that finds jdist under the compiler's name would find itself by it. */
    @Test
    void jdistBehindAWrapper_isPassedBy() throws Exception {
        script("bin/ccache", "exit 9");
        script("bin/jdist", "exit 9");
        Path link = Files.createSymbolicLink(
                Files.createDirectory(root.resolve("masquerade")).resolve("gcc"), root.resolve("bin/ccache"));
        Path links = Files.createDirectory(root.resolve("links"));
        Files.createSymbolicLink(links.resolve("gcc"), root.resolve("bin/jdist"));
        String path = links + ":" + root.resolve("masquerade") + ":/usr/bin";
        assertEquals(
                Path.of("/usr/bin/gcc"),
                identify(link, launcher(), Map.of("PATH", path)).orElseThrow().path());
    }

    @Test
    void scriptsThatDoMoreOrCallNoCompiler_areNot() throws Exception {
        assertEquals(Optional.empty(), seenThrough(script("a-gcc", "exec gcc $FLAGS \"$@\""), "/usr/bin"));
        assertEquals(Optional.empty(), seenThrough(script("b-gcc", "exec nice gcc \"$@\""), "/usr/bin"));
        assertEquals(Optional.empty(), seenThrough(script("c-gcc", "exec ./gcc \"$@\""), "/usr/bin"));
        assertEquals(Optional.empty(), seenThrough(script("d-gcc", "exec /no/such/gcc \"$@\""), "/usr/bin"));
        assertEquals(Optional.empty(), seenThrough(script("e-gcc", "exec " + root + "/e-gcc \"$@\""), "/usr/bin"));
        assertEquals(Optional.empty(), seenThrough(script("f-gcc", "exec gcc \"$@\""), "/nowhere"));
    }

    /** What they add may come from a variable or a file, so that nobody knows what the same words mean the next time. */
    @ParameterizedTest
    @ValueSource(strings = {"gcc", "g++", "clang", "clang++"})
    void programThatCallsACompiler_isNotTakenForIt(String name) throws Exception {
        assertTrue(isWrapper(script("script-" + name, "exec " + name + " $FLAGS \"$@\"")));
        Path source = Files.writeString(root.resolve("wrapper.c"), """
                #include <unistd.h>
                int main(int count, char **words) {
                    (void)count;
                    words[0] = "/usr/bin/%1$s";
                    return execv("/usr/bin/%1$s", words);
                }
                """.formatted(name));
        Path wrapper = root.resolve("native-" + name);
        assertEquals(
                0,
                new ProcessBuilder("gcc", source.toString(), "-o", wrapper.toString())
                        .start()
                        .waitFor());
        assertTrue(isWrapper(wrapper));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gcc", "g++", "cc", "c++", "gcc-12", "clang", "clang++", "clang-14", "clang-19"})
    void compilerUnderAnyOfItsNames_isItself(String name) throws Exception {
        Path program = Path.of("/usr/bin", name);
        assertFalse(isWrapper(program));
        assertFalse(isWrapper(Files.createSymbolicLink(root.resolve("link-" + name), program)));
    }

    @Test
    void clangWithAnInstallationOfItsOwn_isItself() throws Exception {
        assertFalse(isWrapper(ownClang()));
    }

    /** ccache runs another compiler then, and a shell more than the script. */
    @ParameterizedTest
    @ValueSource(strings = {"CCACHE_COMPILER", "CCACHE_CC", "CCACHE_PATH", "ICECC_CC", "BASH_ENV", "BASH_FUNC_gcc%%"})
    void wrapperThatTheEnvironmentDirects_isNotSeenThrough(String variable) throws Exception {
        Path wrapper = script("bin/ccache", "exit 9");
        Path program = variable.startsWith("BASH")
                ? script("plain-gcc", "gcc \"$@\"")
                : Files.createSymbolicLink(root.resolve("gcc"), wrapper);
        Map<String, String> environment = Map.of("PATH", "/usr/bin", variable, "something");
        CallerRequest request =
                new CallerRequest(false, false, 0, root, program.toString(), List.of("name"), environment);

        assertSame(request, wrappers.seeThrough(request));
        assertTrue(seenThrough(program, "/usr/bin").isPresent());
    }

    private boolean isWrapper(Path program, String libraryPath) throws Exception {
        Map<String, String> environment = Map.of("LIBRARY_PATH", libraryPath);
        CallerRequest request =
                new CallerRequest(false, false, 0, root, program.toString(), List.of("name"), environment);
        FakeLauncher launcher = FakeLauncher.running(root, environment);
        return registry.identify(request, launcher).orElseThrow().isWrapper();
    }

    /** gcc takes specs from there as well, with options for each of its programs in them. */
    @Test
    void specsInTheLibraryPath_makeAnotherCompilerOfGcc() throws Exception {
        Path gcc = Path.of("/usr/bin/gcc");
        Path directory = Files.createDirectories(root.resolve("libraries"));
        assertFalse(isWrapper(gcc, directory.toString()));
        Path specs = Files.writeString(directory.resolve("specs"), "*cc1:\n+ -DFROM_SPECS=1\n");
        assertTrue(isWrapper(gcc, directory.toString()));
        assertFalse(isWrapper(gcc));
        Files.delete(specs);
        assertFalse(isWrapper(gcc, directory.toString()));
        // A directory that is not there yet.
        assertFalse(isWrapper(gcc, root.resolve("later").toString()));
        Files.createDirectories(root.resolve("later"));
        Files.writeString(root.resolve("later/specs"), "*cc1:\n+ -DFROM_SPECS=1\n");
        assertTrue(isWrapper(gcc, root.resolve("later").toString()));
    }

    /** A clang in a directory of its own: it looks for its configuration beside itself. */
    private Path ownClang() throws IOException {
        Path bin = Files.createDirectories(root.resolve("llvm/bin"));
        Path clang = bin.resolve("x86_64-linux-gnu-clang");
        Files.copy(Path.of("/usr/bin/clang").toRealPath(), clang);
        // Its libraries are found beside it.
        Path libraries =
                Path.of("/usr/bin/clang").toRealPath().resolveSibling("../lib").toRealPath();
        Files.createSymbolicLink(root.resolve("llvm/lib"), libraries);
        return clang;
    }

    @Test
    void configurationOfClang_isKnownAndWatched() throws Exception {
        Path clang = ownClang();
        Compiler plain = identify(clang, launcher()).orElseThrow();
        assertEquals(List.of(), plain.configuration().files());

        // One that appears.
        Path file = Files.writeString(clang.resolveSibling("x86_64-linux-gnu-clang.cfg"), "-O1 @more.cfg\n");
        Path more = Files.writeString(clang.resolveSibling("more.cfg"), "-DMORE\n");
        Compiler configured = identify(clang, launcher()).orElseThrow();
        assertEquals(List.of(file, more), configured.configuration().files());
        assertEquals(List.of("-O1", "-DMORE"), configured.configuration().options());
        assertNotEquals(plain.stamp(), configured.stamp());
        FakeLauncher unasked = launcher();
        assertEquals(configured, identify(clang, unasked).orElseThrow());
        assertEquals(List.of(), unasked.orders);

        // One that changes, though only included.
        Files.writeString(more, "-DOTHER=1\n");
        Compiler changed = identify(clang, launcher()).orElseThrow();
        assertEquals(List.of("-O1", "-DOTHER=1"), changed.configuration().options());
        assertNotEquals(configured.stamp(), changed.stamp());

        // And one that goes.
        Files.delete(file);
        assertEquals(plain, identify(clang, launcher()).orElseThrow());
    }
}
