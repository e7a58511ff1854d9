package dev.jdist.client.compiler.cfamily;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.jdist.client.compiler.CompileUnit;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand.Compile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that a compile splits into. */
class CUnitTest {
    private static CompileUnit unit(String program, String line) {
        CompilerKind kind = program.startsWith("clang") ? CompilerKind.CLANG : CompilerKind.GCC;
        Compiler compiler = new Compiler(
                CFamily.INSTANCE, kind, Path.of("/usr/bin", program), program.endsWith("++"), "1", "stamp");
        return assertInstanceOf(
                        Compile.class,
                        CommandLineParser.parse(
                                compiler, ResponseFiles.split(line, CompilerKind.GCC), Path.of("/"), Map.of()))
                .unit();
    }

    private static String join(List<String> arguments) {
        return String.join(" ", arguments);
    }

    // Columns: compiler, arguments, what the preprocessor is called with.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c                            | -E a.c
            gcc   | -c a.c -o a.o                     | -E a.c
            gcc   | -oa.o -O2 -c -DX=1 -Iinc a.c      | -O2 -E -DX=1 -Iinc a.c
            gcc   | -x c++ -c a.c -Wall -o a.o        | -x c++ -E a.c -Wall
            gcc   | -c a.c -MD                        | -E a.c -MD
            gcc   | -c a.c -MP                        | -E a.c -MP
            gcc   | -c a.c -MP -o a.o                 | -E a.c -MP
            gcc   | -c a.c -MD -o dir/a.o             | -MF dir/a.d -MQ dir/a.o -E a.c -MD
            gcc   | -c a.c -MMD -MP -o dir.d/a        | -MF dir.d/a.d -MQ dir.d/a -E a.c -MMD -MP
            gcc   | -c a.c -MD -MF x.d -o a.o         | -MQ a.o -E a.c -MD -MF x.d
            gcc   | -c a.c -MD -MFx.d -o a.o          | -MQ a.o -E a.c -MD -MFx.d
            gcc   | -c a.c -MD -MT t -o a.o           | -MF a.d -E a.c -MD -MT t
            gcc   | -c a.c -MD -MF x.d -MT t -o a.o   | -E a.c -MD -MF x.d -MT t
            clang | -c a.c -MMD -MV -o a.o            | -MF a.d -MQ a.o -E a.c -MMD -MV
            gcc   | -c a.c -Wp,-MD,x.d -o d/a.o       | -E a.c -Wp,-MD,x.d
            clang | -c a.c -Wp,-MD,x.d -o d/a.o       | -MQ d/a.o -E a.c -Wp,-MD,x.d
            clang | -c a.c -Wp,-MMD,x.d -o d/a.o      | -MQ d/a.o -E a.c -Wp,-MMD,x.d
            clang | -c a.c -Wp,-MD,x.d -MT t -o d/a.o | -E a.c -Wp,-MD,x.d -MT t
            clang | -c -o a.o -MD -- -a.c             | -MF a.d -MQ a.o -E -MD -- -a.c
            gcc   | -c a.S -DX -o a.o                 | -E a.S -DX
            gcc   | -c a.c -fdiagnostics-color=always | -E a.c -fdiagnostics-color=always
            gcc   | -c a.c --coverage -gsplit-dwarf   | -E a.c --coverage -gsplit-dwarf
            """)
    void preprocessArguments_areTheCallersButForTheObject(String program, String line, String expected) {
        assertEquals(expected, join(unit(program, line).preprocessArguments(false)));
    }

    // Columns: compiler, arguments, what the builder's compiler is called with.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c                             | -x cpp-output -c a.c -o a.o -fpreprocessed
            gcc   | -c d/a.cc -o b.o -O2               | -x c++-cpp-output -c d/a.cc -o b.o -fpreprocessed -O2
            g++   | -c a.c                             | -x c++-cpp-output -c a.c -o a.o -fpreprocessed
            gcc   | -x c++ -c a.c                      | -x c++-cpp-output -c a.c -o a.o -fpreprocessed
            clang | -c a.c                             | -x cpp-output -c a.c -o a.o
            clang | -c a.mm                            | -x objective-c++-cpp-output -c a.mm -o a.o
            gcc   | -c a.m                             | -x objective-c-cpp-output -c a.m -o a.o -fpreprocessed
            gcc   | -c a.S -DX                         | -x assembler -c a.S -o a.o -fpreprocessed
            gcc   | -c a.s                             | -x assembler -c a.s -o a.o
            gcc   | -c a.i                             | -x cpp-output -c a.i -o a.o
            gcc   | -c a.ii                            | -x c++-cpp-output -c a.ii -o a.o
            clang | -c -o a.o -- -a.c                  | -x cpp-output -c -a.c -o a.o
            gcc   | -c a.c -DX -UY -Iinc -isystem s -include p.h -imacros m.h | -x cpp-output -c a.c -o a.o -fpreprocessed
            gcc   | -c a.c -MD -MF a.d -MT t -MP -Wp,-MD,x -Xpreprocessor -DX | -x cpp-output -c a.c -o a.o -fpreprocessed
            gcc   | -c a.c -nostdinc -trigraphs -remap | -x cpp-output -c a.c -o a.o -fpreprocessed
            gcc   | -c a.c -g -std=c11 -pedantic -fno-such | -x cpp-output -c a.c -o a.o -fpreprocessed -g -std=c11 -pedantic -fno-such
            gcc   | -c a.c --param a=1 -arch x -Wa,-g  | -x cpp-output -c a.c -o a.o -fpreprocessed --param a=1 -arch x -Wa,-g
            gcc   | -c a.c -fdiagnostics-color=always  | -x cpp-output -c a.c -o a.o -fpreprocessed
            """)
    void compilePreprocessedArguments_leaveOutWhatThePreprocessorHasDone(String program, String line, String expected) {
        CompileUnit unit = unit(program, line);
        assertEquals(expected + " -fdiagnostics-color=never", join(unit.compilePreprocessedArguments(false, false)));
        assertEquals(expected + " -fdiagnostics-color=always", join(unit.compilePreprocessedArguments(false, true)));
    }

    /** It would warn that it makes no use of it, and a warning costs a second job. */
    @ParameterizedTest
    @CsvSource({"a.s,assembler", "a.S,assembler"})
    void compilePreprocessedArguments_clangAssembling_isNotToldOfColors(String input, String language) {
        assertEquals(
                "-x " + language + " -c " + input + " -o a.o",
                join(unit("clang", "-c " + input).compilePreprocessedArguments(false, true)));
    }

    // Columns: compiler, arguments, what the builder's compiler is called with for the sake of its messages.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c                               | -c a.c
            gcc   | -x c++ -DX -Iinc -c a.c -o a.o       | -x c++ -DX -Iinc -c a.c -o a.o
            gcc   | -c a.c -MD -MF a.d -MQ q -MMD -MP    | -c a.c
            gcc   | -c a.c -Wp,-MD,a.d                   | -c a.c
            clang | -c a.c -Wp,-MMD,a.d                  | -c a.c
            gcc   | -c a.c -Wp,-DX                       | -c a.c -Wp,-DX
            gcc   | -c a.c -fno-diagnostics-color -Wall  | -c a.c -Wall
            clang | -c -fcolor-diagnostics -- a.c        | -c -- a.c
            """)
    void compileArguments_areTheCallersButForTheDependencyFile(String program, String line, String expected) {
        assertEquals(
                "-fdiagnostics-color=never " + expected,
                join(unit(program, line).compileArguments(false)));
    }

    // Columns: compiler, arguments, preprocessor's option, compiler's arguments; for rewrite_includes_only.
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            gcc   | -c a.c -DX                    | -fdirectives-only  | -x cpp-output -c a.c -o a.o -fdirectives-only -fpreprocessed
            gcc   | -c a.c -pedantic              | -                  | -x cpp-output -c a.c -o a.o -fpreprocessed -pedantic
            gcc   | -c a.c -pedantic -std=gnu11   | -                  | -x cpp-output -c a.c -o a.o -fpreprocessed -pedantic -std=gnu11
            gcc   | -c a.c -pedantic -std=c11     | -fdirectives-only  | -x cpp-output -c a.c -o a.o -fdirectives-only -fpreprocessed -pedantic -std=c11
            gcc   | -c a.c -trigraphs             | -                  | -x cpp-output -c a.c -o a.o -fpreprocessed
            gcc   | -c a.S -DX                    | -                  | -x assembler -c a.S -o a.o -fpreprocessed
            clang | -c a.c -DX -U Y -Iinc         | -frewrite-includes | -x c -c a.c -o a.o -DX -U Y
            clang | -c a.cc -pedantic             | -frewrite-includes | -x c++ -c a.cc -o a.o -pedantic
            clang | -c a.c -imacros m.h           | -                  | -x cpp-output -c a.c -o a.o
            clang | -c a.c -Wp,-DX                | -                  | -x cpp-output -c a.c -o a.o
            clang | -c a.c -trigraphs             | -                  | -x cpp-output -c a.c -o a.o
            clang | -c a.S -DX                    | -                  | -x assembler -c a.S -o a.o
            clang | -c a.i                        | -                  | -x cpp-output -c a.i -o a.o
            """)
    void keepingDirectives_isDoneWhereItGivesTheSameObject(
            String program, String line, String option, String expected) {
        CompileUnit unit = unit(program, line);
        List<String> plain = unit.preprocessArguments(false);
        List<String> keeping = unit.preprocessArguments(true);
        assertEquals(option == null ? join(plain) : option + " " + join(plain), join(keeping));
        String color = program.equals("clang") && line.contains(".S") ? "" : " -fdiagnostics-color=never";
        assertEquals(expected + color, join(unit.compilePreprocessedArguments(true, false)));
    }

    @ParameterizedTest
    @CsvSource({"a.c,true", "a.S,true", "a.mm,true", "a.s,false", "a.i,false", "a.ii,false", "a.mi,false", "a.mii,false"
    })
    void needsPreprocessing_goesByTheLanguage(String input, boolean expected) {
        assertEquals(expected, unit("gcc", "-c " + input).needsPreprocessing());
    }
}
