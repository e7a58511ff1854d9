package dev.jdist.client.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.launcher.FakeLauncher;
import dev.jdist.protocol.wire.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What compilers are told of the terminal that they do not see. */
class CompileTaskTest {
    private static final String COLORS = "-fdiagnostics-color=always";
    private static final String LINKS = "-fdiagnostics-urls=always";

    private static List<String> terminalOptions(String version, boolean terminal, String variables, String line) {
        return task(version, terminal, 0, variables, line).terminalOptions();
    }

    private static CompileTask task(String version, boolean terminal, int columns, String variables, String line) {
        Map<String, String> environment = Stream.of(variables.split(" "))
                .filter(variable -> variable.contains("="))
                .collect(Collectors.toMap(v -> v.split("=")[0], v -> v.split("=")[1]));
        CompilerKind kind = version.toLowerCase(Locale.ROOT).contains("clang") ? CompilerKind.CLANG : CompilerKind.GCC;
        Compiler compiler = new Compiler(CFamily.INSTANCE, kind, Path.of("/usr/bin/cc"), false, version, "stamp");
        List<String> arguments = new ArrayList<>(List.of("cc"));
        arguments.addAll(List.of(line.split(" ")));
        CallerRequest request =
                new CallerRequest(false, terminal, columns, Path.of("/"), "/usr/bin/cc", arguments, environment);
        ParsedCommand parsed = CFamily.INSTANCE.parse(compiler, request.options(), request.cwd(), environment);
        return new CompileTask(
                new FakeLauncher(order -> 0),
                request,
                compiler,
                assertInstanceOf(ParsedCommand.Compile.class, parsed).unit(),
                Map.of(),
                0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            12.2.0 | TERM=xterm-256color                        | -c a.c                            | true  | true
            12.2.0 | TERM=xterm                                 | -c a.c                            | true  | false
            12.2.0 | TERM=xterm COLORTERM=truecolor             | -c a.c                            | true  | true
            12.2.0 | TERM=xterm GCC_URLS=st                     | -c a.c                            | true  | true
            12.2.0 | TERM=xterm-256color COLORTERM=xfce4-terminal | -c a.c                          | true  | false
            12.2.0 | TERM=linux                                 | -c a.c                            | true  | false
            12.2.0 | TERM=dumb                                  | -c a.c                            | false | false
            12.2.0 | A=b                                        | -c a.c                            | false | false
            9.4.0  | TERM=xterm-256color                        | -c a.c                            | true  | false
            clang  | TERM=xterm-256color                        | -c a.c                            | true  | false
            Clang 17.0.6 | TERM=xterm NO_COLOR=1                | -c a.c                            | false | false
            Ubuntu Clang 23.1.0 (++2) | TERM=xterm NO_COLOR=0                | -c a.c                            | false | false
            Debian Clang 19.1.7 (3~deb12u1) | TERM=xterm NO_COLOR=1                | -c a.c -fdiagnostics-color=auto   | true  | false
            Debian Clang 16.0.6 (15~deb12u1) | TERM=xterm NO_COLOR=1                | -c a.c                            | true  | false
            16.1.0 | TERM=xterm NO_COLOR=1                      | -c a.c                            | true  | false
            12.2.0 | TERM=xterm-256color                        | -c a.c -g                         | true  | false
            12.2.0 | TERM=xterm-256color                        | -c a.c -flto=auto                 | true  | false
            12.2.0 | TERM=xterm-256color                        | -c a.c -fdiagnostics-urls=never   | true  | false
            12.2.0 | TERM=xterm-256color                        | -c a.c -fdiagnostics-color=never  | false | true
            12.2.0 | TERM=xterm-256color                        | -c a.c -fdiagnostics-color=always | false | true
            """)
    void terminal_isDescribedByOptions(String version, String variables, String line, boolean colors, boolean links) {
        List<String> expected = new ArrayList<>();
        if (colors) {
            expected.add(COLORS);
        }
        if (links) {
            expected.add(LINKS);
        }
        assertEquals(expected, terminalOptions(version, true, variables, line));
    }

    @ParameterizedTest
    @CsvSource({"-c a.c", "-c a.c -fdiagnostics-color=always", "-c a.c -fdiagnostics-color=auto"})
    void file_isToldNothing(String line) {
        assertEquals(List.of(), terminalOptions("12.2.0", false, "TERM=xterm-256color", line));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            COLUMNS=60  | -c a.c                     | true  | -fmessage-length=60
            COLUMNS=60x | -c a.c                     | true  | -fmessage-length=60
            COLUMNS=0   | -c a.c                     | true  | ''
            COLUMNS=x   | -c a.c                     | true  | ''
            A=b         | -c a.c                     | true  | ''
            COLUMNS=60  | -c a.c -fmessage-length=70 | true  | ''
            COLUMNS=60  | -c a.c                     | false | ''
            """)
    void widthThatAVariableSays_isSaidToClang(String variables, String line, boolean terminal, String option) {
        List<String> expected = option.isEmpty() ? List.of() : List.of(option);
        assertEquals(expected, terminalOptions("clang", terminal, variables, line));
    }

    private static final String QUOTED = "a.c:1:2: warning: a message of any length at all is never trimmed by gcc\n";

    // Columns: standard error is a terminal, its width, variables, what was printed, whether it is the same there.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            true  | 40 | A=b         | 20 | false | true
            true  | 40 | A=b         | 60 | false | false
            true  | 40 | A=b         | 60 | true  | false
            true  | 40 | A=b         | 20 | true  | true
            true  | 40 | COLUMNS=100 | 60 | false | true
            true  | 0  | COLUMNS=40  | 60 | false | false
            true  | 0  | A=b         | 60 | false | true
            false | 40 | COLUMNS=40  | 60 | false | true
            """)
    void quotedLine_thatGccWouldTrimOnTheTerminal_isNotShownAlike(
            boolean terminal, int columns, String variables, int length, boolean colored, boolean alike) {
        String color = colored ? "\u001b[01;35m\u001b[K" : "";
        String quoted = " " + "x".repeat(length / 2) + color + "x".repeat(length - length / 2 - 1);
        String printed = QUOTED + quoted + "\n" + " ".repeat(17) + "from " + "/directory".repeat(20) + ":3:\n";
        CompileTask task = task("12.2.0", terminal, columns, variables, "-c a.c");
        assertEquals(alike, task.isShownAlike(Bytes.utf8(printed)));
        assertTrue(task.isShownAlike(Bytes.EMPTY));
        assertTrue(task("clang", terminal, columns, variables, "-c a.c").isShownAlike(Bytes.utf8(printed)));
    }
}
