package dev.jdist.client.compiler.cfamily;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compiler.CacheKeyOptions;
import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the cache makes of command lines. */
class CKeyOptionsTest {
    private static CacheKeyOptions arguments(String program, String line) {
        CompilerKind kind = program.startsWith("gcc") ? CompilerKind.GCC : CompilerKind.CLANG;
        Compiler compiler = new Compiler(CFamily.INSTANCE, kind, Path.of("/usr/bin", program), false, "12", "stamp");
        ParsedCommand parsed = CommandLineParser.parse(compiler, List.of(line.split(" ")), Path.of("/"), Map.of());
        return assertInstanceOf(ParsedCommand.Compile.class, parsed).unit().caching();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c                        | NONE
            gcc   | -c a.c -MD                    | ALL
            gcc   | -c a.c -MD -MMD               | SOME
            gcc   | -c a.c -MMD -MF x.d -MT y     | SOME
            gcc   | -c a.c -Wp,-MD,x.d            | ALL
            clang | -c a.c -Wp,-MMD,x.d           | SOME
            gcc   | -c a.c -Wp,-MD,x.d -Wp,-MT,y  | UNKNOWN
            gcc   | -c a.c -Xpreprocessor -MD     | UNKNOWN
            gcc   | -c a.c -MD -MF -              | UNKNOWN
            gcc   | -c a.c -MD -MF /dev/tty    | UNKNOWN
            gcc   | -c a.c -MF x.d                | UNKNOWN
            gcc   | -c a.c -MP                    | UNKNOWN
            gcc   | -c a.c -o x.o -o y.o          | UNKNOWN
            """)
    void dependencies_areFollowedOrKnownNotToBe(String program, String line, Dependencies expected) {
        assertEquals(expected, arguments(program, line).dependencies());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c -o a.o -MD                          | a.o
            clang | -c a.c -oa.o -MMD -MF a.d                  | a.o
            gcc   | -c a.c -o a.o -MD -MT b.o                  | b.o
            gcc   | -c a.c -MD -MQb.o                          | b.o
            gcc   | -c a.c -MD                                 |
            gcc   | -c a.c -o a.o                              |
            gcc   | -c a.c -o a.o -MT b.o                      |
            gcc   | -c a.c -o a.o -MD -MT b.o -MQ c.o          |
            gcc   | -c a.c -o a.o -Wp,-MD,a.d                  |
            gcc   | -c a.c -o a.o -MD -Xpreprocessor -MT       |
            """)
    void target_ofTheDependencyFile_isToldWhereItIsSure(String program, String line, String target) {
        assertEquals(Optional.ofNullable(target), arguments(program, line).soleTarget());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -O2 -std=gnu11 -Wall -Wno-error=unused -fPIC -march=armv8.2-a -pthread -DA=b/c -I/i -c /a.c -o a.o
            gcc   | -MD -MT a.o -MF a.d -isystem /i -include /first.h -nostdinc -o a.o -c /a.c -fvisibility=hidden -g0
            gcc   | --param max-inline-insns=9 --sysroot=/root -fdiagnostics-color=always -mtune=native -w -c /a.c
            gcc   | -c /a.c -ffile-prefix-map=/a=b
            clang | --target=x86_64-linux-gnu -stdlib=libc++ -flto=thin -fsanitize=address,undefined -c /a.c
            """)
    void directory_thatNoWordRefersTo_doesNotMatter(String program, String line) {
        assertFalse(arguments(program, line).dependOnDirectory());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c
            gcc   | -c /a.c -Ii
            gcc   | -c /a.c -include first.h
            gcc   | -c /a.c -Wp,-MD,a.d
            gcc   | -c /a.c --sysroot=root
            gcc   | -c /a.c -frecord-gcc-switches
            gcc   | -c /a.c -g
            gcc   | -c /a.c -gsplit-dwarf
            gcc   | -c /a.c --debug
            gcc   | -c /a.c --coverage
            gcc   | -c /a.c -flto=auto
            gcc   | -c /a.c -fprofile-generate=/profiles
            gcc   | -c /a.c -Wa,--gdwarf-5
            gcc   | -c /a.c -Xassembler -g
            gcc   | -c /a.c -fstack-usage
            clang | -c /a.c -fsanitize-ignorelist=list
            clang | -c /a.c -fprofile-instr-use=profile
            clang | -c /a.c -Xclang -debug-info-kind=limited
            clang | -c /a.c -mllvm -anything
            """)
    void directory_thatIsWrittenOrReferredTo_matters(String program, String line) {
        assertTrue(arguments(program, line).dependOnDirectory());
    }

    @ParameterizedTest
    @CsvSource({
        "-c a.c -Ix -o a.o,                    -c a.c -Iy -o b.o",
        "-c a.c -isystem x -include a.h,       -c a.c -isystem y -include b.h",
        "-c a.c -MD -MF a.d -MT a -o a.o,      -c a.c -MD -MF b.d -MT b -o b.o",
    })
    void textOfTheSame_madeInOtherPlaces_isTheSameCompile(String line, String other) {
        assertEquals(arguments("gcc", line).forText(), arguments("gcc", other).forText());
    }

    @ParameterizedTest
    @CsvSource({
        "-c a.c,                               -c a.c -O2",
        "-c a.c,                               -c a.c -DX",
        "-c a.c,                               -c -x c++ a.c",
        // clang says that it has no use for the second.
        "-c a.c -MD,                           -c a.c -MD -MMD",
        "-c a.c -MD,                           -c a.c -MD -MF a.d",
        "-c a.c -gsplit-dwarf -o a.o,          -c a.c -gsplit-dwarf -o b.o",
        "-c a.c --coverage -o a.o,             -c a.c --coverage -o b.o",
        "-c a.c -frecord-gcc-switches -Ix,     -c a.c -frecord-gcc-switches -Iy",
        "-c a.c -fdiagnostics-color=always,    -c a.c",
    })
    void textOfTheSame_withOtherConsequences_isAnotherCompile(String line, String other) {
        assertNotEquals(
                arguments("gcc", line).forText(), arguments("gcc", other).forText());
    }

    @ParameterizedTest
    @CsvSource({
        "-c a.c -Wall,                         false",
        "-c a.c -Wextra,                       true",
        "-c a.c -W,                            true",
        "-c a.c -Wimplicit-fallthrough=3,      true",
        "-c a.c -Wimplicit-int,                false",
        "-c a.c -Weverything,                  true",
    })
    void warningsOnComments_areKnown(String line, boolean heeds) {
        assertEquals(heeds, arguments("gcc", line).heedsComments());
    }

    @ParameterizedTest
    @CsvSource({
        "-c a.c -fprofile-use,                 ''",
        "-c a.c -fprofile-instr-use=x,         x",
    })
    void profile_ofClang_isAFileEvenWhereNoneIsNamed(String line, String profile) {
        assertEquals(List.of(profile), arguments("clang", line).profiles());
    }

    @ParameterizedTest
    @CsvSource({
        "-c a.c -ivfsoverlay x.yaml,           false",
        "-c a.c -Xclang -ivfsoverlay -Xclang x.yaml, false",
        "-c a.c -Xclang -include -Xclang a.h,  false",
        "'-c a.c -Wp,-include,a.h',            false",
        "-c a.c -Xpreprocessor -imacros -Xpreprocessor a.h, false",
        "-c a.c -Ix -include a.h,              true",
    })
    void names_thatMeanOtherFiles_areKnown(String line, boolean files) {
        assertEquals(files, arguments("clang", line).namesAreFiles());
    }

    /** Wherever it stands in a value, and whoever it is passed on to: its content has to be part of the key. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -fmodule-file=m=m.pcm                                       | m.pcm
            -fmodule-file=m.pcm                                         | m.pcm
            -fmodule-file=a.b:part=dir/x=y.pcm                          | dir/x=y.pcm
            -fsanitize-ignorelist=list -fxray-attr-list=other           | list other
            -Xclang -fsanitize-ignorelist=list                          | list
            -Xclang -load -Xclang plugin.so                             | plugin.so
            -Xclang -fmodule-file=m=m.pcm                               | m.pcm
            -fprofile-sample-use=samples -fmemory-profile-use=memory    | samples memory
            -fsanitize-ignorelist=                                      |
            """)
    void file_thatAnOptionNames_isAnInput(String line, String files) {
        assertEquals(
                files == null ? List.of() : List.of(files.split(" ")),
                arguments("clang", "-c /a.c " + line).inputFiles());
    }

    @Test
    void profile_behindXclang_isAnInput() {
        assertEquals(
                List.of("p"),
                arguments("clang", "-c /a.c -Xclang -fprofile-instr-use=p").profiles());
    }
}
