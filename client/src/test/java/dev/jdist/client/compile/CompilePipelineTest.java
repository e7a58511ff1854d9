package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compile.FakeFarm.Job;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.daemon.PipelineRun;
import dev.jdist.client.execution.ActionResult.Output;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.execution.FarmException;
import dev.jdist.client.execution.Verdict;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Moment;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.DirectivesKeptInputs;
import dev.jdist.client.inputs.InputFile;
import dev.jdist.client.inputs.InputForm;
import dev.jdist.client.inputs.PreprocessedInputs;
import dev.jdist.client.inputs.Preprocessor;
import dev.jdist.client.inputs.SourcesSentInputs;
import dev.jdist.client.inputs.UnitInputs;
import dev.jdist.client.launcher.FakeLauncher;
import dev.jdist.client.launcher.FakeLauncher.Exit;
import dev.jdist.client.outcome.Outcome.Counter;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.toolchain.ToolchainCache;
import dev.jdist.client.toolchain.ToolchainProof;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.settings.ClientConfig.CustomToolchain;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is run where for one unit, what the caller gets to see of it, and how it is counted. */
@Timeout(60)
class CompilePipelineTest {
    private static final ToolchainProof UNPROVEN = (compiler, libraryPath, archive) -> {};
    private static final Path GCC = Path.of("/usr/bin/gcc");
    private static final String TEXT = """
            # 1 "a.c"
            # 1 "<built-in>"
            # 1 "inc/h.h" 1
            # 9 "gone.y"
            int x;
            """;

    /** It begins as one. */
    private static final String OBJECT = "\u007fELF the object";

    @TempDir
    private Path root;

    private Path cwd;
    private Scratch scratch;
    private final Statistics statistics = new Statistics();
    private Map<String, String> environment = Map.of("LANG", "en_US.UTF-8", "HOME", "/root");
    private boolean terminal;
    private CompilerKind kind = CompilerKind.GCC;

    @BeforeEach
    void makeProject() throws IOException {
        cwd = Files.createDirectories(root.resolve("project"));
        Files.createDirectory(cwd.resolve("inc"));
        Files.writeString(cwd.resolve("a.c"), "#include \"h.h\"\n");
        Files.writeString(cwd.resolve("a.i"), "int preprocessed;\n");
        Files.writeString(cwd.resolve("inc/h.h"), "int x;\n");
        scratch = Scratch.open(Files.createDirectory(root.resolve("scratch")));
        Files.writeString(root.resolve("gcc.tar.gz"), "an archive");
    }

    /** However a compile ended, nothing of it stays behind. */
    @AfterEach
    void checkScratch() throws IOException {
        try (var files = Files.list(root.resolve("scratch"))) {
            assertEquals(List.of(), files.toList());
        }
    }

    private Distribution distribution(FakeFarm farm) throws IOException {
        return distribution(farm, PreprocessedInputs.form(preprocessor()));
    }

    private Preprocessor preprocessor() {
        return new Preprocessor(new LocalSlots(1), scratch, new SourceFileCache(FileStat::now));
    }

    private Distribution distribution(FakeFarm farm, InputForm inputs) throws IOException {
        CustomToolchain archive = new CustomToolchain.PathOverride(GCC, root.resolve("gcc.tar.gz"), "/opt/gcc");
        return new Distribution(
                farm, new ToolchainCache(root.resolve("cache"), 1 << 20, List.of(archive), UNPROVEN), inputs);
    }

    private void compile(FakeLauncher launcher, Distribution distribution, String line) throws Exception {
        compile(launcher, Optional.of(distribution), line);
    }

    private void compile(FakeLauncher launcher, Optional<Distribution> distribution, String line) throws Exception {
        List<String> options = List.of(line.split(" "));
        List<String> arguments = new ArrayList<>(List.of("gcc"));
        arguments.addAll(options);
        CallerRequest request =
                new CallerRequest(terminal, terminal, 0, cwd, "/bin/link-to-gcc", arguments, environment);
        Compiler compiler = new Compiler(CFamily.INSTANCE, kind, GCC, false, "12", "stamp");
        ParsedCommand.Compile parsed = assertInstanceOf(
                ParsedCommand.Compile.class, CFamily.INSTANCE.parse(compiler, options, cwd, environment));
        CompileTask task = new CompileTask(launcher, request, compiler, parsed.unit(), Map.of(), FileStat.now());
        new PipelineRun(scratch, statistics).compile(launcher, task, Optional.empty(), distribution);
    }

    /** A launcher whose preprocessor prints {@link #TEXT} and whose compiler ends with the given code. */
    private static FakeLauncher launcher(int localCode) {
        return launcher(TEXT, "", localCode);
    }

    private static FakeLauncher launcher(String text, String complaints, int localCode) {
        return new FakeLauncher(order -> {
            if (order.kind() == RunCommand.Kind.LAST_STEP) {
                return localCode;
            }
            Files.writeString(order.stdout().orElseThrow(), text);
            Files.writeString(order.stderr().orElseThrow(), complaints);
            return 0;
        });
    }

    private Map<String, String> object(String name) {
        return Map.of(cwd.resolve(name).toString(), OBJECT);
    }

    /** What was run on this machine: p for the preprocessor, c for the compiler. */
    private static String localRuns(FakeLauncher launcher) {
        StringBuilder runs = new StringBuilder();
        launcher.orders.forEach(order -> runs.append(order.kind() == RunCommand.Kind.LAST_STEP ? 'c' : 'p'));
        return runs.toString();
    }

    /** Compilations, failures, distributed ones, failures of distribution. */
    private String counts() {
        Statistics.Snapshot now = statistics.snapshot();
        return now.count(Counter.COMPILATIONS) + " " + now.count(Counter.COMPILE_FAILS) + " " + now.distCompiles() + " "
                + now.count(Counter.DIST_ERRORS);
    }

    private void assertCompiledHere(FakeLauncher launcher, String runs, int code, String counts) {
        assertEquals(runs, localRuns(launcher));
        assertEquals(List.of(new Exit(code, "", "")), launcher.exits);
        assertEquals(counts, counts());
        assertFalse(Files.exists(cwd.resolve("a.o")), "the launcher's compiler writes the object, not the daemon");
    }

    @Test
    void unit_silentBuilder_isCompiledThere() throws Exception {
        FakeLauncher launcher = launcher(9);
        FakeFarm farm = new FakeFarm(FakeFarm.writes(object("a.o")));

        compile(launcher, distribution(farm), "-Iinc -O2 -c a.c -o a.o");

        assertEquals(List.of(new Exit(0, "", "")), launcher.exits);
        assertEquals("p", localRuns(launcher));
        RunCommand preprocess = launcher.orders.get(0);
        assertEquals("/usr/bin/gcc", preprocess.executable());
        assertEquals(List.of("gcc", "-Iinc", "-O2", "-E", "a.c"), preprocess.arguments());
        Job job = farm.jobs.get(0);
        assertEquals("/opt/gcc", job.executable());
        assertEquals(cwd.toString(), job.directory());
        assertEquals("-x cpp-output -c a.c -o a.o -fpreprocessed -O2 -fdiagnostics-color=never", job.line());
        assertEquals(List.of(cwd.resolve("a.o").toString()), job.outputs());
        assertEquals(Map.of(cwd.resolve("a.c").toString().substring(1), TEXT), job.inputs());
        assertEquals(
                List.of(
                        new EnvironmentVariable("PATH", "/usr/local/bin:/usr/bin:/bin"),
                        new EnvironmentVariable("LC_ALL", "C.UTF-8")),
                job.environment());
        assertEquals(OBJECT, Files.readString(cwd.resolve("a.o")));
        assertEquals("1 0 {10.0.0.7:10501=1} 0", counts());
    }

    @Test
    void unit_withDirectivesKept_isCompiledWithThem() throws Exception {
        FakeLauncher launcher = launcher(9);
        FakeFarm farm = new FakeFarm(FakeFarm.writes(object("a.o")));

        compile(launcher, distribution(farm, DirectivesKeptInputs.form(preprocessor())), "-Iinc -O2 -c a.c -o a.o");

        assertEquals(
                List.of("gcc", "-fdirectives-only", "-Iinc", "-O2", "-E", "a.c"),
                launcher.orders.get(0).arguments());
        assertEquals(
                "-x cpp-output -c a.c -o a.o -fdirectives-only -fpreprocessed -O2 -fdiagnostics-color=never",
                farm.jobs.get(0).line());
        assertEquals("1 0 {10.0.0.7:10501=1} 0", counts());
    }

    /** A form whose texts are noted as long as anybody has them. */
    private static InputForm watched(InputForm form, List<WeakReference<Object>> texts) {
        return (task, searched) -> {
            UnitInputs inputs = form.of(task, searched);
            return (UnitInputs) Proxy.newProxyInstance(
                    UnitInputs.class.getClassLoader(),
                    new Class<?>[] {UnitInputs.class},
                    (proxy, method, arguments) -> {
                        Object answer;
                        try {
                            answer = method.invoke(inputs, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                        if (answer instanceof UnitInputs.Content) {
                            texts.add(new WeakReference<>(answer));
                        }
                        return answer == inputs ? proxy : answer;
                    });
        };
    }

    /** Texts of many megabytes, of as many units as launchers ask for, would fill memory. */
    @ParameterizedTest
    @ValueSource(strings = {"-c a.c -o a.o", "-Wall -c a.c -o a.o"})
    void text_ofAUnitThatIsCompiledElsewhere_isNotKept(String line) throws Exception {
        List<WeakReference<Object>> texts = new ArrayList<>();
        FakeFarm farm = new FakeFarm((job, gone) -> {
            System.gc();
            assertEquals(0, texts.stream().filter(text -> text.get() != null).count(), "texts that are kept");
            return FakeFarm.writes(object("a.o")).run(job, gone);
        });
        InputForm form =
                SourcesSentInputs.form(watched(PreprocessedInputs.form(preprocessor()), texts), preprocessor());

        compile(launcher("# 1 \"a.c\"\nint x;\n", "", 9), distribution(farm, form), line);

        assertEquals(1, farm.jobs.size());
        assertFalse(texts.isEmpty());
    }

    /** Inputs of a form that no step knows: the unit's source with a list of what it needs. */
    private final class OtherInputs implements UnitInputs, UnitInputs.Content {
        private final CompileTask task;
        private final Optional<String> need;
        private boolean closed;

        OtherInputs(CompileTask task, Optional<String> need) {
            this.task = task;
            this.need = need;
        }

        @Override
        public Content read() {
            return this;
        }

        @Override
        public FileBaseline before() {
            return FileBaseline.of(new Moment(0));
        }

        @Override
        public boolean mayHideMessages() {
            return false;
        }

        @Override
        public boolean areReproducible() {
            return true;
        }

        @Override
        public boolean tellsOfColumns() {
            return false;
        }

        @Override
        public List<String> arguments() {
            return List.of("-other", "form");
        }

        @Override
        public List<InputFile> files() {
            return List.of(
                    new InputFile(task.source(), task.source()),
                    new InputFile(Path.of("/list"), cwd.resolve("inc/h.h")));
        }

        @Override
        public Optional<UnitInputs> forMessages() {
            return Optional.of(this);
        }

        @Override
        public void close() {
            closed = true;
        }

        @Override
        public Optional<String> outsideNeed() {
            return need;
        }

        @Override
        public Set<Path> sources() {
            return Set.of(task.source());
        }

        @Override
        public Set<Path> onlyNamed() {
            return Set.of();
        }

        @Override
        public Optional<KeyText> keyText() {
            return Optional.empty();
        }
    }

    @Test
    void unit_inAnotherForm_isSentInIt() throws Exception {
        List<OtherInputs> made = new ArrayList<>();
        FakeLauncher launcher = launcher(9);
        FakeFarm farm = new FakeFarm(FakeFarm.says(0, "", "a.c: warning: properly", object("a.o")));

        compile(
                launcher,
                distribution(farm, (task, places) -> {
                    made.add(new OtherInputs(task, Optional.empty()));
                    return made.get(0);
                }),
                "-c a.c");

        Job job = farm.jobs.get(0);
        assertEquals("-other form", job.line());
        assertEquals(
                Map.of(cwd.resolve("a.c").toString().substring(1), "#include \"h.h\"\n", "list", "int x;\n"),
                job.inputs());
        // They give the messages of the local compiler, so that one job is enough.
        assertEquals(List.of(new Exit(0, "", "a.c: warning: properly")), launcher.exits);
        assertEquals(1, farm.jobs.size());
        assertEquals("", localRuns(launcher));
        assertTrue(made.get(0).closed);
    }

    @Test
    void unit_inAnotherFormThatIsNotEnough_isCompiledHere() throws Exception {
        List<OtherInputs> made = new ArrayList<>();
        FakeLauncher launcher = launcher(0);
        FakeFarm farm = new FakeFarm();

        compile(
                launcher,
                distribution(farm, (task, places) -> {
                    made.add(new OtherInputs(task, Optional.of("a device")));
                    return made.get(0);
                }),
                "-c a.c");

        assertCompiledHere(launcher, "c", 0, "1 0 {} 0");
        assertEquals(List.of(), farm.jobs);
        assertTrue(made.get(0).closed);
    }

    @Test
    void unit_preprocessedAlready_isSentAsItIs() throws Exception {
        FakeLauncher launcher = launcher(9);
        FakeFarm farm = new FakeFarm(FakeFarm.writes(object("a.o")));

        compile(launcher, distribution(farm), "-c a.i");

        assertEquals("", localRuns(launcher));
        assertEquals(
                Map.of(cwd.resolve("a.i").toString().substring(1), "int preprocessed;\n"),
                farm.jobs.get(0).inputs());
        assertEquals(List.of(new Exit(0, "", "")), launcher.exits);
    }

    @ParameterizedTest
    @CsvSource({"no slot: Insufficient capacity across 3 available servers", "connection refused"})
    void farmThatDoesNot_meansCompilingHere(String message) throws Exception {
        FakeLauncher launcher = launcher(0);
        compile(launcher, distribution(new FakeFarm(FakeFarm.fails(message))), "-c a.c");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 1");
        RunCommand local = launcher.orders.get(1);
        assertEquals("/bin/link-to-gcc", local.executable());
        assertEquals(List.of("gcc", "-c", "a.c"), local.arguments());
        assertEquals(Optional.empty(), local.stdout());
        assertEquals(Optional.empty(), local.stderr());
    }

    @Test
    void builderThatFindsFault_leavesTheVerdictToTheLocalCompiler() throws Exception {
        FakeLauncher launcher = launcher(1);
        FakeFarm farm = new FakeFarm(FakeFarm.says(1, "", "a.c:1: error: remote words", Map.of()));

        compile(launcher, distribution(farm), "-c a.c");

        // The unit is at fault, and not the farm.
        assertCompiledHere(launcher, "pc", 1, "1 1 {} 0");
        assertEquals(List.of(Verdict.OPEN), farm.verdicts);
    }

    @Test
    void builderThatFindsFaultWhereThereIsNone_isCountedAgainstTheFarm() throws Exception {
        FakeLauncher launcher = launcher(0);
        FakeFarm farm = new FakeFarm(FakeFarm.says(4, "", "internal compiler error: Killed", object("a.o")));

        compile(launcher, distribution(farm), "-c a.c");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 1");
        assertEquals(List.of(Verdict.FAILS_ELSEWHERE_ONLY), farm.verdicts);
    }

    @Test
    void builderThatSendsNoObject_isNotBelieved() throws Exception {
        FakeLauncher launcher = launcher(0);
        FakeFarm farm = new FakeFarm(FakeFarm.says(0, "", "a warning", Map.of()));

        compile(launcher, distribution(farm), "-c a.c");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 1");
        assertEquals(List.of(Verdict.WRONG_OUTPUT), farm.verdicts);
    }

    @Test
    void builderThatSendsWhatNobodyAskedFor_writesNoneOfIt() throws Exception {
        Path victim = Files.writeString(root.resolve("profile"), "mine");
        FakeFarm farm = new FakeFarm(FakeFarm.writes(Map.of(
                cwd.resolve("a.o").toString(), OBJECT,
                victim.toString(), "theirs",
                cwd.resolve("a.d").toString(), "theirs")));

        compile(launcher(9), distribution(farm), "-c a.c");

        assertEquals(OBJECT, Files.readString(cwd.resolve("a.o")));
        assertEquals("mine", Files.readString(victim));
        assertFalse(Files.exists(cwd.resolve("a.d")));
    }

    /** Of a builder that is broken, or none. */
    @ParameterizedTest
    @ValueSource(strings = {"", "E", "\u007fEL", "not an object", "!<arch>", "<html>", "#!/bin/sh", "\0\0\0\0"})
    void objectThatIsNone_meansCompilingHere(String sent) throws Exception {
        FakeLauncher launcher = launcher(0);
        FakeFarm farm = new FakeFarm(FakeFarm.writes(Map.of(cwd.resolve("a.o").toString(), sent)));

        compile(launcher, distribution(farm), "-c a.c");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 1");
    }

    @Test
    void objectThatArrivesDamaged_meansCompilingHere() throws Exception {
        FakeLauncher launcher = launcher(0);
        Output damaged = new Output(cwd.resolve("a.o").toString(), new PrimitiveBytes() {
            @Override
            public long length() {
                return 100;
            }

            @Override
            public InputStream toInputStream() throws IOException {
                throw new IOException("damaged");
            }
        });
        FakeFarm farm = new FakeFarm(FakeFarm.sends(0, "", "", List.of(damaged)));

        compile(launcher, distribution(farm), "-c a.c");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 1");
    }

    @Test
    void builderThatWarns_isAskedAgainWithTheSources() throws Exception {
        FakeLauncher launcher = launcher(9);
        FakeFarm farm = new FakeFarm(
                FakeFarm.says(0, "", "a.c: warning: in the words of preprocessed text", object("a.o")),
                FakeFarm.says(
                        0,
                        "out",
                        "a.c: warning: properly",
                        Map.of(cwd.resolve("a.o").toString(), OBJECT + " of the sources")));

        compile(launcher, distribution(farm), "-Iinc -Wall -MD -c a.c -o a.o");

        assertEquals(List.of(new Exit(0, "out", "a.c: warning: properly")), launcher.exits);
        Job second = farm.jobs.get(1);
        assertEquals("-fdiagnostics-color=never -Iinc -Wall -c a.c -o a.o", second.line());
        // The file of a #line that is not there is not missed.
        String here = cwd.toString().substring(1);
        assertEquals(Map.of(here + "/a.c", "#include \"h.h\"\n", here + "/inc/h.h", "int x;\n"), second.inputs());
        assertEquals(OBJECT, Files.readString(cwd.resolve("a.o")));
        assertEquals("p", localRuns(launcher));
        assertEquals("1 0 {10.0.0.7:10501=1} 0", counts());
    }

    /** Whatever a builder says of the sources, the local compiler decides if it did not compile them. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void builderThatMakesNothingOfTheSources_isNotQuoted(int code) throws Exception {
        FakeLauncher launcher = launcher(0);
        FakeFarm farm = new FakeFarm(
                FakeFarm.says(0, "", "a.c: warning: in the words of preprocessed text", object("a.o")),
                FakeFarm.says(code, "", "gcc: error: no such file: a.c", Map.of()));

        compile(launcher, distribution(farm), "-Iinc -Wall -c a.c -o a.o");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 1");
    }

    /** A builder has no terminal, and its compiler trims nothing. */
    @Test
    void warningThatTheTerminalTrims_isLeftToTheLocalCompiler() throws Exception {
        terminal = true;
        environment = Map.of("TERM", "xterm-256color", "COLUMNS", "40", "LANG", "C");
        String warning = "a.c:1: warning: w\n    1 | " + "x".repeat(40) + "\n";
        FakeFarm farm = new FakeFarm(
                FakeFarm.says(0, "", warning, object("a.o")), FakeFarm.says(0, "", warning, object("a.o")));
        FakeLauncher launcher = launcher(0);

        compile(launcher, distribution(farm), "-c a.c");

        assertTrue(
                farm.jobs.get(1).line().startsWith("-fdiagnostics-color=always -fdiagnostics-urls=always"),
                farm.jobs.get(1).line());
        assertCompiledHere(launcher, "pc", 0, "1 0 {} 0");
    }

    @Test
    void preprocessorThatWarns_isReasonEnoughToAskAgain() throws Exception {
        FakeLauncher launcher = launcher(TEXT, "a.c:1: warning: #warning", 9);
        FakeFarm farm = new FakeFarm(
                FakeFarm.writes(object("a.o")), FakeFarm.says(0, "", "a.c:1: warning: #warning", object("a.o")));

        compile(launcher, distribution(farm), "-c a.c");

        assertEquals(List.of(new Exit(0, "", "a.c:1: warning: #warning")), launcher.exits);
    }

    @Test
    void builderThatWarnsOfPreprocessedTextOnly_isForgiven() throws Exception {
        FakeLauncher launcher = launcher(9);
        FakeFarm farm = new FakeFarm(
                FakeFarm.says(0, "", "warning: fallthrough", object("a.o")), FakeFarm.writes(object("a.o")));

        compile(launcher, distribution(farm), "-c a.c");

        assertEquals(List.of(new Exit(0, "", "")), launcher.exits);
    }

    @Test
    void secondJobThatFails_meansCompilingHere() throws Exception {
        FakeLauncher launcher = launcher(0);
        FakeFarm farm = new FakeFarm(
                FakeFarm.says(0, "", "warning", object("a.o")), FakeFarm.says(1, "", "no such file", Map.of()));

        compile(launcher, distribution(farm), "-c a.c");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 1");
        assertEquals(List.of(Verdict.GOOD, Verdict.FAILS_ELSEWHERE_ONLY), farm.verdicts);
    }

    @Test
    void warningInAnotherLanguage_isLeftToTheLocalCompiler() throws Exception {
        environment = Map.of("LANG", "de_DE.UTF-8");
        FakeLauncher launcher = launcher(0);

        compile(launcher, distribution(new FakeFarm(FakeFarm.says(0, "", "warning", object("a.o")))), "-c a.c");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 0");
    }

    @Test
    void warningOfPreprocessedInput_isLeftToTheLocalCompiler() throws Exception {
        FakeLauncher launcher = launcher(0);

        compile(launcher, distribution(new FakeFarm(FakeFarm.says(0, "", "warning", object("a.o")))), "-c a.i");

        assertCompiledHere(launcher, "c", 0, "1 0 {} 0");
    }

    @Test
    void unitThatCannotBePreprocessed_neverReachesTheFarm() throws Exception {
        FakeLauncher launcher = new FakeLauncher(order -> {
            if (order.stderr().isPresent()) {
                Files.writeString(order.stderr().get(), "a.c:1: fatal error: h.h: No such file");
            }
            return 1;
        });
        FakeFarm farm = new FakeFarm();

        compile(launcher, distribution(farm), "-c a.c");

        assertCompiledHere(launcher, "pc", 1, "0 1 {} 0");
        assertEquals(List.of(), farm.jobs);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "asm(\".incbin \\\"blob\\\"\");",
                "#pragma GCC pch_preprocess \"all.h.gch\"",
            })
    void textThatNeedsAFileOfThisMachine_neverReachesTheFarm(String text) throws Exception {
        FakeLauncher launcher = launcher(text + "\n", "", 0);
        FakeFarm farm = new FakeFarm();

        compile(launcher, distribution(farm), "-c a.c");

        assertCompiledHere(launcher, "pc", 0, "1 0 {} 0");
    }

    @Test
    void inputThatIsNoFile_isReadByTheLocalCompilerAlone() throws Exception {
        FakeLauncher launcher = launcher(0);
        compile(launcher, distribution(new FakeFarm()), "-x c -c /dev/zero -o a.o");
        assertCompiledHere(launcher, "c", 0, "1 0 {} 0");
    }

    /** What macros put together cannot be told from a text that has them; what the assembler reads is on this machine only. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "asm(\"nop\");|asm(\"nop\");|p|1 0 {10.0.0.7:10501=1} 0",
                "asm(NOP);|asm(\"nop\");|pp|1 0 {10.0.0.7:10501=1} 0",
                "asm(EMBED);|asm(\".incbin 1\");|ppc|1 0 {} 0",
            })
    void assemblerThatMacrosPutTogether_isExpandedBeforeItIsSent(
            String kept, String expanded, String runs, String counts) throws Exception {
        FakeLauncher launcher = new FakeLauncher(order -> {
            if (!(order.kind() == RunCommand.Kind.LAST_STEP)) {
                boolean keeps = order.arguments().contains("-fdirectives-only");
                Files.writeString(order.stdout().orElseThrow(), (keeps ? kept : expanded) + "\n");
                Files.writeString(order.stderr().orElseThrow(), "");
            }
            return 0;
        });
        FakeFarm farm = new FakeFarm(FakeFarm.writes(object("a.o")));

        compile(launcher, distribution(farm, DirectivesKeptInputs.form(preprocessor())), "-w -c a.c -o a.o");

        assertEquals(runs, localRuns(launcher));
        assertEquals(counts, counts());
    }

    /** No key can have its content in it, and no key does without. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-fsanitize-ignorelist=missing",
                "-fmodule-file=m=missing",
                "-fprofile-use=missing",
                "-fprofile-use=/dev/zero",
                "-fprofile-use=inc",
                "-Xclang -fsanitize-ignorelist=missing",
                "-fmemory-profile-use=missing",
            })
    void optionThatNamesNoFile_isReadByTheLocalCompilerAlone(String option) throws Exception {
        kind = CompilerKind.CLANG;
        FakeLauncher launcher = launcher(0);
        compile(launcher, distribution(new FakeFarm()), "-c a.c " + option);
        assertCompiledHere(launcher, "c", 0, "1 0 {} 0");
    }

    /** A preprocessor would write a dependency file where the compiler, which cannot use it, writes none. */
    @ParameterizedTest
    @ValueSource(strings = {"inc/h.h.gch", "inc/h.h.pch"})
    void headerOfTheCommandLineThatIsPrecompiled_isNotPreprocessed(String precompiled) throws Exception {
        Files.writeString(cwd.resolve(precompiled), "made by another compiler");
        FakeLauncher launcher = launcher(1);
        compile(launcher, distribution(new FakeFarm()), "-include inc/h.h -MD -c a.c");
        assertCompiledHere(launcher, "c", 1, "0 1 {} 0");
    }

    @ParameterizedTest
    @CsvSource({"missing.c,a.o", "a.c,/dev/null", "a.c,nowhere/a.o", "a.c,inc"})
    void inputOrOutputForTheCompilerToComplainAbout_isLeftToIt(String input, String output) throws Exception {
        FakeLauncher launcher = launcher(1);
        compile(launcher, distribution(new FakeFarm()), "-c " + input + " -o " + output);
        assertCompiledHere(launcher, "c", 1, "0 1 {} 0");
    }

    @Test
    void compilerThatCannotBePackaged_costsNoPreprocessing() throws Exception {
        FakeLauncher launcher = launcher(0);
        Distribution distribution = new Distribution(
                new FakeFarm(),
                new ToolchainCache(
                        root.resolve("cache"),
                        1 << 20,
                        List.of(new CustomToolchain.PathOverride(GCC, root.resolve("missing.tar.gz"), "/opt/gcc")),
                        UNPROVEN),
                PreprocessedInputs.form(preprocessor()));

        compile(launcher, distribution, "-c a.c");

        assertCompiledHere(launcher, "c", 0, "1 0 {} 1");
    }

    @Test
    void launcherThatGoesWhilePreprocessing_endsIt() throws Exception {
        FakeLauncher launcher = new FakeLauncher(order -> {
            throw new CallerGoneException();
        });
        assertThrows(CallerGoneException.class, () -> compile(launcher, distribution(new FakeFarm()), "-c a.c"));
        assertEquals("0 0 {} 0", counts());
        assertEquals(List.of(), launcher.exits);
    }

    @Test
    void launcherThatGoesWhileTheFarmWorks_isNotWorkedForAnyMore() throws Exception {
        FakeLauncher launcher = launcher(0);
        FakeFarm farm = new FakeFarm((job, gone) -> {
            launcher.gone.complete(null);
            assertTrue(gone.toCompletableFuture().isDone());
            throw new FarmException("the caller went away");
        });
        assertThrows(CallerGoneException.class, () -> compile(launcher, distribution(farm), "-c a.c"));
        assertEquals("p", localRuns(launcher));
        assertEquals("0 0 {} 0", counts());
    }

    @Test
    void severalOutputs_comeHomeTogether() throws Exception {
        FakeFarm farm = new FakeFarm(FakeFarm.writes(Map.of(
                cwd.resolve("out.o").toString(),
                OBJECT,
                cwd.resolve("out.dwo").toString(),
                OBJECT + "'s debug",
                cwd.resolve("out.gcno").toString(),
                "notes")));

        compile(launcher(9), distribution(farm), "-g -gsplit-dwarf --coverage -c a.c -o out.o");

        assertEquals(OBJECT, Files.readString(cwd.resolve("out.o")));
        assertEquals(OBJECT + "'s debug", Files.readString(cwd.resolve("out.dwo")));
        assertEquals("notes", Files.readString(cwd.resolve("out.gcno")));
    }

    @Test
    void outputThatMayBeLeftOut_isNotMissed() throws Exception {
        FakeLauncher launcher = launcher(9);
        compile(launcher, distribution(new FakeFarm(FakeFarm.writes(object("a.o")))), "-gsplit-dwarf -c a.c");
        assertEquals(List.of(new Exit(0, "", "")), launcher.exits);
    }

    @Test
    void outputThatMustNotBeLeftOut_isMissed() throws Exception {
        FakeLauncher launcher = launcher(0);
        compile(launcher, distribution(new FakeFarm(FakeFarm.writes(object("a.o")))), "--coverage -c a.c");
        // Where headers are looked for is asked, too: notes name places in the sources, so that these are sent.
        assertCompiledHere(launcher, "ppc", 0, "1 0 {} 1");
    }

    /** The object would have another name of the directory in it on a builder, which has no links. */
    @Test
    void directoryThatTheShellCallsByALink_isNamedByTheLocalCompiler() throws Exception {
        environment = Map.of(
                "PWD", Files.createSymbolicLink(root.resolve("link"), cwd).toString());
        FakeLauncher launcher = launcher(0);
        compile(launcher, distribution(new FakeFarm()), "-g -c a.c");
        assertCompiledHere(launcher, "ppc", 0, "1 0 {} 0");
    }

    @ParameterizedTest
    @CsvSource({"-c a.c, link", "-g -c a.c, elsewhere", "-g -c a.c, nowhere"})
    void directoryThatTheCompilerDoesNotCallByALink_isNoReasonToStay(String line, String pwd) throws Exception {
        Files.createSymbolicLink(root.resolve("link"), cwd);
        Files.createDirectory(root.resolve("elsewhere"));
        environment = Map.of("PWD", root.resolve(pwd).toString());
        FakeFarm farm = new FakeFarm(FakeFarm.writes(object("a.o")));
        compile(launcher(9), distribution(farm), line);
        assertEquals(1, farm.jobs.size());
    }

    /** Nothing is wrong with the farm then. */
    @Test
    void unitOfWhichABuilderMightMakeSomethingElse_isCompiledHere() throws Exception {
        Files.writeString(cwd.resolve("a.c"), "const char *now = __TIME__;\n");
        FakeLauncher launcher = launcher(0);
        InputForm inputs = SourcesSentInputs.form(PreprocessedInputs.form(preprocessor()), preprocessor());
        compile(launcher, distribution(new FakeFarm(), inputs), "-g -c a.c");
        assertCompiledHere(launcher, "ppc", 0, "1 0 {} 0");
    }

    /** {@code link/..} is where the link leads to, and not where it is; a builder has a plain directory instead. */
    @Test
    void outputBesideALink_isPutWhereTheCompilerWouldPutIt() throws Exception {
        Files.createDirectories(root.resolve("elsewhere/dir"));
        Files.createSymbolicLink(cwd.resolve("link"), root.resolve("elsewhere/dir"));
        FakeFarm farm = new FakeFarm(FakeFarm.writes(object("a.o")));

        compile(launcher(9), distribution(farm), "-c a.c -o link/../a.o");

        assertEquals(OBJECT, Files.readString(root.resolve("elsewhere/a.o")));
        assertFalse(Files.exists(cwd.resolve("a.o")));
        assertEquals(
                Set.of(cwd.toString().substring(1) + "/a.c", cwd.toString().substring(1) + "/link/"),
                farm.jobs.get(0).inputs().keySet());
    }

    @ParameterizedTest
    @CsvSource({
        "-c a.c,true,xterm,always",
        "-c a.c,true,dumb,never",
        "-c a.c,true,,never",
        "-c a.c,false,xterm,never",
        "-c a.c -fdiagnostics-color=always,false,dumb,always",
        "-c a.c -fdiagnostics-color=never,true,xterm,never",
        "-c a.c -fdiagnostics-color=auto,true,xterm,always"
    })
    void colors_goByTheCallersTerminal(String line, boolean isTerminal, String term, String expected) throws Exception {
        terminal = isTerminal;
        environment = term == null ? Map.of() : Map.of("TERM", term);
        FakeFarm farm = new FakeFarm(FakeFarm.writes(object("a.o")));

        compile(launcher(9), distribution(farm), line);

        assertTrue(
                farm.jobs.get(0).line().endsWith("-fdiagnostics-color=" + expected),
                farm.jobs.get(0).line());
    }

    @Test
    void compileHere_runsTheCallersCommandAndCountsIt() throws Exception {
        FakeLauncher launcher = launcher(3);
        compile(launcher, Optional.empty(), "-c a.c -march=native");
        assertCompiledHere(launcher, "c", 3, "0 1 {} 0");
        assertEquals(
                List.of("gcc", "-c", "a.c", "-march=native"),
                launcher.orders.get(0).arguments());
    }
}
