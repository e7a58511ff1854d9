package dev.jdist.client.inputs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.InputForm.UnavailableException;
import dev.jdist.client.inputs.UnitInputs.KeyText;
import dev.jdist.client.launcher.FakeLauncher;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which units are keyed and sent, and what all of them have to do. */
class InputFormsTest {
    private static final String TEXT = "# 1 \"a.c\"\n# 1 \"h.h\" 1\nint x;\n# 9 \"gone.y\"\n";

    @TempDir
    private Path root;

    private Path cwd;
    private Scratch scratch;
    private final LocalSlots slots = new LocalSlots(1);
    private final SourceFileCache contents = new SourceFileCache(FileStat::now);
    private String text = TEXT;
    private String remarks = "";
    private int code;
    private final FakeLauncher launcher = new FakeLauncher(this::preprocess);
    private CompilerKind kind = CompilerKind.GCC;

    private enum Form {
        PREPROCESSED,
        DIRECTIVES_KEPT,
        MACROS_SENT,
        SOURCES_SENT
    }

    private InputForm form(Form form) {
        Preprocessor preprocessor = new Preprocessor(slots, scratch, contents);
        return switch (form) {
            case PREPROCESSED -> PreprocessedInputs.form(preprocessor);
            case DIRECTIVES_KEPT -> DirectivesKeptInputs.form(preprocessor);
            case MACROS_SENT -> MacrosSentInputs.form(preprocessor);
            case SOURCES_SENT -> SourcesSentInputs.form(MacrosSentInputs.form(preprocessor), preprocessor);
        };
    }

    private Optional<SearchPath> searched() {
        return Optional.of(new SearchPath(List.of(cwd)));
    }

    @BeforeEach
    void makeProject() throws IOException {
        cwd = Files.createDirectories(root.resolve("project"));
        Files.writeString(cwd.resolve("a.c"), "#include \"h.h\"\n");
        Files.writeString(cwd.resolve("a.i"), "int preprocessed;\n");
        Files.writeString(cwd.resolve("h.h"), "int x;\n");
        scratch = Scratch.open(Files.createDirectory(root.resolve("scratch")));
    }

    @AfterEach
    void checkScratch() throws IOException {
        assertEquals(List.of(), scratchFiles(), "closed inputs leave nothing");
    }

    private List<Path> scratchFiles() throws IOException {
        try (var files = Files.list(root.resolve("scratch"))) {
            return files.toList();
        }
    }

    private int preprocess(RunCommand order) throws IOException {
        Files.writeString(order.stdout().orElseThrow(), text);
        Files.writeString(order.stderr().orElseThrow(), remarks);
        return code;
    }

    private CompileTask task(String line) {
        List<String> options = List.of(line.split(" "));
        List<String> arguments = new ArrayList<>(List.of("gcc"));
        arguments.addAll(options);
        CallerRequest request = new CallerRequest(false, false, 0, cwd, "/usr/bin/gcc", arguments, Map.of());
        Compiler gcc = new Compiler(CFamily.INSTANCE, kind, Path.of("/usr/bin/gcc"), false, "12", "stamp");
        ParsedCommand.Compile parsed =
                assertInstanceOf(ParsedCommand.Compile.class, CFamily.INSTANCE.parse(gcc, options, cwd, Map.of()));
        return new CompileTask(launcher, request, gcc, parsed.unit(), Map.of(), FileStat.now());
    }

    private static String keyText(UnitInputs inputs) throws IOException {
        return inputs.read()
                .keyText()
                .map(key -> key.form() + ": " + new String(key.text(), StandardCharsets.UTF_8))
                .orElse("none");
    }

    @Test
    void preprocessedUnit_isOneTextInThePlaceOfItsSource() throws Exception {
        try (UnitInputs inputs = form(Form.PREPROCESSED).of(task("-O2 -c a.c"), searched())) {
            assertEquals(
                    List.of("gcc", "-O2", "-E", "a.c"), launcher.orders.get(0).arguments());
            assertEquals("no directives: " + TEXT, keyText(inputs));
            assertEquals(
                    "-x cpp-output -c a.c -o a.o -fpreprocessed -O2 -fdiagnostics-color=never",
                    String.join(" ", inputs.arguments()));
        }
    }

    @Test
    void unitWithDirectivesKept_isKeyedAndCompiledAsSuch() throws Exception {
        try (UnitInputs inputs = form(Form.DIRECTIVES_KEPT).of(task("-O2 -c a.c"), searched())) {
            assertEquals(
                    List.of("gcc", "-fdirectives-only", "-O2", "-E", "a.c"),
                    launcher.orders.get(0).arguments());
            assertEquals("directives: " + TEXT, keyText(inputs));
            assertEquals(
                    "-x cpp-output -c a.c -o a.o -fdirectives-only -fpreprocessed -O2 -fdiagnostics-color=never",
                    String.join(" ", inputs.arguments()));
        }
    }

    @Test
    void unitThatAllowsNoDirectives_isPreprocessed() throws Exception {
        try (UnitInputs inputs = form(Form.DIRECTIVES_KEPT).of(task("-pedantic -c a.c"), searched())) {
            assertFalse(launcher.orders.get(0).arguments().contains("-fdirectives-only"));
            assertEquals("no directives: " + TEXT, keyText(inputs));
            assertFalse(inputs.arguments().contains("-fdirectives-only"));
        }
    }

    @Test
    void unitWithAPragmaThatIsLeftOut_isPreprocessed() throws Exception {
        text = "# 1 \"a.c\"\nint x;\n";
        Files.writeString(cwd.resolve("a.c"), "#pragma push_macro(\"A\")\nint x;\n");
        try (UnitInputs inputs = form(Form.DIRECTIVES_KEPT).of(task("-c a.c"), searched())) {
            assertEquals("no directives: " + text, keyText(inputs));
        }
        try (UnitInputs inputs = form(Form.MACROS_SENT).of(task("-c a.c"), searched())) {
            assertSame(inputs, inputs.toSend());
            assertTrue(inputs.mayHideMessages());
        }
    }

    /** A header that is marked to be read once, and is the same as another one, is found and not read. */
    @Test
    void sourcesForMessages_areThereWithWhatTheCompilerMayFind() throws Exception {
        Path early = Files.createDirectory(cwd.resolve("early"));
        Files.writeString(early.resolve("h.h"), "#pragma once\n");
        Files.writeString(early.resolve("not-included.h"), "int y;\n");
        text = "# 1 \"a.c\"\n# 1 \"h.h\" 1\nint x;\n";
        try (UnitInputs inputs =
                form(Form.PREPROCESSED).of(task("-c a.c"), Optional.of(new SearchPath(List.of(early, cwd))))) {
            UnitInputs sources = inputs.forMessages().orElseThrow();
            assertEquals(
                    Set.of(cwd.resolve("a.c"), cwd.resolve("h.h"), early.resolve("h.h")),
                    sources.files().stream().map(InputFile::path).collect(Collectors.toSet()));
        }
    }

    @Test
    void unitWhoseMacrosAreSent_isKnownWithoutThem() throws Exception {
        try (UnitInputs inputs = form(Form.MACROS_SENT).of(task("-O2 -c a.c"), searched())) {
            assertEquals("no directives: " + TEXT, keyText(inputs));
            assertEquals(1, launcher.orders.size(), "what is found in the cache is not sent");
            UnitInputs sent = inputs.toSend();
            assertSame(sent, inputs.toSend());
            assertEquals(
                    List.of("gcc", "-fdirectives-only", "-O2", "-E", "a.c"),
                    launcher.orders.get(1).arguments());
            assertTrue(sent.arguments().contains("-fdirectives-only"));
            assertFalse(sent.mayHideMessages());
        }
    }

    @Test
    void unitWithoutWarnings_isSentAsItIsKnown() throws Exception {
        try (UnitInputs inputs = form(Form.MACROS_SENT).of(task("-w -c a.c"), searched())) {
            assertSame(inputs, inputs.toSend());
            assertFalse(inputs.mayHideMessages());
        }
    }

    @ParameterizedTest
    @CsvSource({"-pedantic -c a.c, int x;", "-c a.c, const char *now = __TIME__;"})
    void unitWhoseMacrosCannotBeSent_mayHideMessages(String line, String printed) throws Exception {
        text = printed + "\n";
        try (UnitInputs inputs = form(Form.MACROS_SENT).of(task(line), searched())) {
            assertSame(inputs, inputs.toSend());
            assertTrue(inputs.mayHideMessages());
        }
    }

    // Columns: options, what the preprocessor prints, whether a message may be hidden
    @ParameterizedTest
    @CsvSource({
        "-Wall, # 1 \"h.h\", true",
        "-Wmisleading-indentation, # 1 \"h.h\", true",
        "-Wall, # 1 \"h.h\" 1 3 4, false",
        "-Wextra, # 1 \"h.h\", false",
        "-Wall -w, # 1 \"h.h\", false",
        "-O2, #pragma GCC diagnostic warning \"-Wmisleading-indentation\", true",
    })
    void indentationThatMisleads_mayHideMessages(String options, String printed, boolean expected) throws Exception {
        Files.writeString(cwd.resolve("h.h"), "int f(int a) {\n  if (a)\n    a++;\n    a--;\n  return a;\n}\n");
        text = "# 1 \"a.c\"\n" + printed + "\n# 1 \"" + (printed.startsWith("#p") ? "h.h" : "a.c") + "\" 2\n";
        try (UnitInputs inputs = form(Form.PREPROCESSED).of(task(options + " -c a.c"), searched())) {
            assertEquals(expected, inputs.mayHideMessages());
        }
    }

    /** Expanded already, or still to be expanded by a compiler at another time. */
    @Test
    void timeOfDay_isInTheKeyOrThereIsNone() throws Exception {
        text = "const char *now = __TIME__;\n";
        try (UnitInputs inputs = form(Form.PREPROCESSED).of(task("-c a.c"), searched())) {
            assertEquals("no directives: " + text, keyText(inputs));
        }
        try (UnitInputs inputs = form(Form.DIRECTIVES_KEPT).of(task("-c a.c"), searched())) {
            assertEquals("none", keyText(inputs));
        }
    }

    @ParameterizedTest
    @EnumSource
    void inputs_haveTheTextAsAFileUntilTheyAreClosed(Form form) throws Exception {
        Path content;
        try (UnitInputs inputs = form(form).of(task("-c a.c"), searched())) {
            List<InputFile> files = inputs.files();
            assertEquals(1, files.size());
            assertEquals(cwd.resolve("a.c"), files.get(0).path());
            content = files.get(0).content();
            assertEquals(TEXT, Files.readString(content));
        }
        assertTrue(Files.notExists(content));
    }

    @ParameterizedTest
    @EnumSource
    void inputs_tellWhatTheyWereMadeOf(Form form) throws Exception {
        try (UnitInputs inputs = form(form).of(task("-c a.c"), searched())) {
            assertEquals(
                    new LinkedHashSet<>(List.of(cwd.resolve("a.c"), cwd.resolve("h.h"), cwd.resolve("gone.y"))),
                    inputs.read().sources());
            assertEquals(Optional.empty(), inputs.read().outsideNeed());
            assertTrue(inputs.before().began().nanos() > 0);
            assertTrue(inputs.before().directories().containsKey(cwd.toRealPath()));
        }
        text = "asm(\".incbin \\\"blob\\\"\");\n";
        try (UnitInputs inputs = form(form).of(task("-c a.c"), searched())) {
            assertEquals(
                    Optional.of(PreprocessedSource.ASSEMBLER_INPUT),
                    inputs.read().outsideNeed());
        }
    }

    @ParameterizedTest
    @EnumSource
    void remarksOfThePreprocessor_areInTheKey(Form form) throws Exception {
        try (UnitInputs inputs = form(form).of(task("-c a.c"), searched())) {
            assertFalse(inputs.toSend().mayHideMessages());
        }
        remarks = "a.c:1: warning: #warning";
        try (UnitInputs inputs = form(form).of(task("-c a.c"), searched())) {
            assertTrue(inputs.toSend().mayHideMessages());
            KeyText key = inputs.read().keyText().orElseThrow();
            assertEquals(remarks, key.remarks().toUtf8());
        }
    }

    @ParameterizedTest
    @EnumSource
    void inputs_madeOnceMore_areComparedAndLeaveNothing(Form form) throws Exception {
        try (UnitInputs inputs = form(form).of(task("-c a.c"), searched())) {
            assertTrue(inputs.areReproducible());
            assertEquals(
                    launcher.orders.get(0).arguments(), launcher.orders.get(1).arguments());
            text = TEXT + "int later;\n";
            assertFalse(inputs.areReproducible());
            code = 1;
            assertFalse(inputs.areReproducible());
            assertEquals(1, scratchFiles().size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void sources_areWhatACompilerNeedsForItsMessages(Form form) throws Exception {
        try (UnitInputs inputs = form(form).of(task("-Wall -MD -c a.c"), searched())) {
            UnitInputs sources = inputs.forMessages().orElseThrow();
            assertEquals("-fdiagnostics-color=never -Wall -c a.c", String.join(" ", sources.arguments()));
            // The file of a #line that is not there is not missed.
            assertEquals(
                    List.of(
                            new InputFile(cwd.resolve("a.c"), cwd.resolve("a.c")),
                            new InputFile(cwd.resolve("h.h"), cwd.resolve("h.h"))),
                    sources.files());
            assertSame(sources, sources.forMessages().orElseThrow());
            assertEquals(inputs.before(), sources.before());
            assertEquals(inputs.read().sources(), sources.read().sources());
            assertEquals("none", keyText(sources));
        }
    }

    @ParameterizedTest
    @CsvSource({"CLANG, -w -flto=thin", "GCC, -w -flto", "GCC, -w -fcontracts", "GCC, -w --coverage"})
    void unitWhoseObjectTellsOfPlacesInItsFiles_isSentAsItsSources(CompilerKind compiler, String options)
            throws Exception {
        kind = compiler;
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task(options + " -c a.c"), searched())) {
            assertTrue(inputs.read().keyText().orElseThrow().tellsOfSources());
            assertEquals(cwd.resolve("a.c"), inputs.toSend().files().get(0).content());
        }
    }

    @Test
    void unitWithDebuggingInformation_isSentAsItsSources() throws Exception {
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task("-g -c a.c"), searched())) {
            assertEquals("no directives: " + TEXT, keyText(inputs));
            UnitInputs sent = inputs.toSend();
            assertEquals("-fdiagnostics-color=never -g -c a.c", String.join(" ", sent.arguments()));
            assertEquals(
                    List.of(cwd.resolve("a.c"), cwd.resolve("h.h")),
                    sent.files().stream().map(InputFile::path).toList());
            assertEquals(1, launcher.orders.size(), "it is preprocessed once");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-w -c a.c", "-w -g0 -c a.c", "-g -x assembler-with-cpp -c a.c"})
    void unitWhoseObjectTellsOfNoSource_isNotSentAsItsSources(String line) throws Exception {
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task(line), searched())) {
            UnitInputs sent = inputs.toSend();
            assertEquals(inputs.files(), sent.files());
            assertEquals(1, sent.files().size());
            assertFalse(sent.keepsColumns());
        }
    }

    // Columns: compiler, options, what the preprocessor prints, whether the object tells of columns
    @ParameterizedTest
    @CsvSource({
        "GCC, -w -fsanitize=undefined, int x;, true",
        "CLANG, -w -fsanitize=address, int x;, true",
        "GCC, -w -fno-sanitize=all, int x;, false",
        "GCC, -w, auto x = __builtin_source_location();, true",
        "CLANG, -w, int x = __builtin_COLUMN();, true",
        "CLANG, -w, const char *x = __PRETTY_FUNCTION__;, true",
        "GCC, -w, const char *x = __PRETTY_FUNCTION__;, false",
        "CLANG, -w, const char *x = __func__;, false",
        "GCC, -w -fsanitize=undefined -x assembler-with-cpp, nop, false",
    })
    void unitWhoseObjectTellsOfColumns_isSentAsItsSources(
            CompilerKind compiler, String options, String printed, boolean expected) throws Exception {
        kind = compiler;
        text = "# 1 \"a.c\"\n" + printed + "\n";
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task(options + " -c a.c"), searched())) {
            assertEquals(expected, inputs.read().keyText().orElseThrow().tellsOfSources());
            UnitInputs sent = inputs.toSend();
            assertEquals(expected, sent.keepsColumns());
            assertEquals(
                    expected ? cwd.resolve("a.c") : inputs.files().get(0).content(),
                    sent.files().get(0).content());
        }
    }

    /** Where macros are sent anyway, that is enough. */
    @Test
    void unitWhoseObjectTellsOfColumns_isSentWithItsMacros() throws Exception {
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task("-fsanitize=undefined -c a.c"), searched())) {
            assertTrue(inputs.toSend().arguments().contains("-fdirectives-only"));
        }
    }

    @Test
    void unitWhoseObjectTellsOfColumnsOfHiddenSources_isSentWithItsMacros() throws Exception {
        kind = CompilerKind.CLANG;
        Files.writeString(cwd.resolve("h.h"), "#if __has_include(NAME)\n#endif\n");
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task("-fsanitize=undefined -c a.c"), searched())) {
            UnitInputs sent = inputs.toSend();
            assertTrue(launcher.orders.get(1).arguments().contains("-frewrite-includes"));
            assertTrue(sent.keepsColumns());
            assertEquals(TEXT, Files.readString(sent.files().get(0).content()));
        }
    }

    /** Nor with its macros, as a builder would put in another time. */
    @Test
    void unitWhoseObjectTellsOfColumnsAndTime_isNotSent() throws Exception {
        kind = CompilerKind.CLANG;
        Files.writeString(cwd.resolve("h.h"), "const char *now = __TIME__;\n");
        text = "# 1 \"a.c\"\n# 1 \"h.h\" 1\nconst char *now = __TIME__;\n";
        assertNotSentButWarnedOf("-fsanitize=undefined -c a.c");
    }

    /** What its sources say at another time is what a compiler warns of now. */
    @ParameterizedTest
    @ValueSource(strings = {"int t = sizeof(__TIMESTAMP__);\n", "#define T(x) __TI##x\nint t = sizeof(T(ME__));\n"})
    void debuggedUnitThatTellsTheTime_isNotSentButWarnedOf(String header) throws Exception {
        Files.writeString(cwd.resolve("h.h"), header);
        assertNotSentButWarnedOf("-w -g -c a.c");
    }

    private void assertNotSentButWarnedOf(String line) throws Exception {
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task(line), searched())) {
            assertThrows(NotSentException.class, inputs::toSend);
            assertTrue(inputs.forMessages().isPresent());
        }
    }

    /** In all of these, a machine that has the files that were read may find others. */
    @ParameterizedTest
    @CsvSource({
        "'#if __has_include(NAME)\n#endif\n'",
        "'#pragma once\n#define UP \"../up.h\"\n#include NAME\n'",
    })
    void debuggedUnitOfSourcesThatAreNotSeenThrough_isNotSent(String header) throws Exception {
        Files.writeString(cwd.resolve("h.h"), header.replace("\\n", "\n"));
        assertNotSentAsSources(searched());
    }

    /** A name that macros put together may be that of any file that is sent, in any directory. */
    @Test
    void sourcesWithAComputedName_areSentWithAllThatMayHaveIt() throws Exception {
        Files.writeString(cwd.resolve("h.h"), "#pragma once\n#include NAME\n");
        Path early = Files.createDirectories(root.resolve("early"));
        Path deep = Files.createDirectories(cwd.resolve("deep"));
        Path deepOfEarly = Files.createDirectories(early.resolve("deep"));
        for (Path namesake : List.of(early.resolve("x.h"), deep.resolve("x.h"), deepOfEarly.resolve("x.h"))) {
            Files.writeString(namesake, "/* " + namesake + " */\n");
        }
        Files.writeString(early.resolve("y.h"), "of another name\n");
        text = "# 1 \"a.c\"\n# 1 \"h.h\" 1\n# 1 \"deep/x.h\" 1\nint x;\n";
        SearchPath searched = new SearchPath(List.of(early, deep, cwd));
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task("-w -g -c a.c"), Optional.of(searched))) {
            assertEquals(
                    Set.of(
                            cwd.resolve("a.c"),
                            cwd.resolve("h.h"),
                            deep.resolve("x.h"),
                            early.resolve("x.h"),
                            deepOfEarly.resolve("x.h")),
                    inputs.toSend().files().stream().map(InputFile::path).collect(Collectors.toSet()));
        }
    }

    /** Where both are written in the same second, gcc takes them for one. */
    @Test
    void debuggedSourcesWithAHeaderTwice_areNotSentIfItIsReadOnce() throws Exception {
        Files.writeString(cwd.resolve("a.c"), "#include \"h.h\"\n#include \"copy.h\"\n");
        for (String name : List.of("h.h", "copy.h")) {
            Files.writeString(cwd.resolve(name), "#pragma once\nint x;\n");
        }
        assertNotSentAsSources(searched());
    }

    /** Clang reads a file "once" for each way to write its name. */
    @Test
    void debuggedSourcesWithAHeaderByTwoWays_areSent() throws Exception {
        Files.writeString(cwd.resolve("a.c"), "#include \"h.h\"\n#include \"./h.h\"\n");
        Files.writeString(cwd.resolve("h.h"), "#pragma once\nint x;\n");
        text = "# 1 \"a.c\"\n# 1 \"h.h\" 1\n# 1 \"./h.h\" 1\nint x;\n";
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task("-w -g -c a.c"), searched())) {
            assertEquals(
                    Set.of(cwd.resolve("a.c"), cwd.resolve("h.h")),
                    inputs.toSend().files().stream()
                            .map(file -> file.path().normalize())
                            .collect(Collectors.toSet()));
        }
    }

    @Test
    void debuggedSourceWithAHardLink_isNotSent() throws Exception {
        Files.writeString(cwd.resolve("a.c"), "#include \"h.h\"\n#include \"same.h\"\n");
        Files.createLink(cwd.resolve("same.h"), cwd.resolve("h.h"));
        assertNotSentAsSources(searched());
    }

    @Test
    void debuggedSourceWithTwoNames_isNotSent() throws Exception {
        Files.writeString(cwd.resolve("a.c"), "#include \"h.h\"\n#include \"same.h\"\n");
        Files.createSymbolicLink(cwd.resolve("same.h"), cwd.resolve("h.h"));
        assertNotSentAsSources(searched());
    }

    @Test
    void debuggedSourceBehindALinkToAPlaceThatIsNotThere_isNotSent() throws Exception {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere/deep"));
        Files.writeString(root.resolve("elsewhere/other.h"), "int x;\n");
        Files.createSymbolicLink(cwd.resolve("link"), elsewhere);
        text = "# 1 \"a.c\"\n# 1 \"link/../other.h\" 1\nint x;\n";
        assertNotSentAsSources(searched());
    }

    @Test
    void debuggedSourceBehindALinkAndBack_isNotSent() throws Exception {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere/deep"));
        Files.writeString(root.resolve("elsewhere/h.h"), "int x;\n");
        Files.createSymbolicLink(cwd.resolve("link"), elsewhere);
        text = "# 1 \"a.c\"\n# 1 \"link/../h.h\" 1\nint x;\n";
        assertNotSentAsSources(searched());
    }

    @Test
    void debuggedUnitWhoseCompilerDoesNotSayWhereItLooks_isNotSent() throws Exception {
        assertNotSentAsSources(Optional.empty());
    }

    private void assertNotSentAsSources(Optional<SearchPath> searched) throws Exception {
        assertNotSent("-w -g -c a.c", searched);
    }

    private void assertNotSent(String line, Optional<SearchPath> searched) throws Exception {
        try (UnitInputs inputs = form(Form.SOURCES_SENT).of(task(line), searched)) {
            assertThrows(NotSentException.class, inputs::toSend);
            assertEquals(Optional.empty(), inputs.forMessages());
        }
    }

    /** Files of which generated source tells that it was made of them need not be there. */
    @Test
    void namesThatAreNeverEntered_areTold() throws Exception {
        text = "# 0 \"a.c\"\n# 1 \"h.h\" 1\nint x;\n# 2 \"a.c\" 2\n# 9 \"gone.y\"\n# 1 \"/usr/include/s.h\" 1 3 4\n";
        try (UnitInputs inputs = form(Form.PREPROCESSED).of(task("-c a.c"), searched())) {
            assertEquals(Set.of(cwd.resolve("gone.y")), inputs.read().onlyNamed());
        }
    }

    @ParameterizedTest
    @EnumSource
    void unitThatIsPreprocessedAlready_isTakenAsItIs(Form form) throws Exception {
        try (UnitInputs inputs = form(form).of(task("-c a.i"), searched())) {
            assertEquals("no directives: int preprocessed;\n", keyText(inputs));
            assertEquals(Optional.empty(), inputs.forMessages());
            assertTrue(inputs.areReproducible());
        }
        assertEquals(List.of(), launcher.orders);
    }

    @ParameterizedTest
    @EnumSource
    void unitThatCannotBePreprocessed_hasNoInputs(Form form) {
        code = 1;
        UnavailableException e = assertThrows(
                UnavailableException.class,
                () -> form(form).of(task("-c a.c"), searched()).close());
        assertEquals("it cannot be preprocessed (exit code 1)", e.getMessage());
        assertEquals("preprocessing failed", e.reason());
    }
}
