package dev.jdist.client.compiler.cfamily;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compiler.CompileUnit;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand.Compile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * With real compilers: preprocessing here and compiling the text where nothing else is gives the very files that compiling
 * here gives, object, dependency file and all.
 */
class SplitCompileTest {
    private static final Map<String, String> SOURCES = Map.of(
            "a.c", """
                    #include "inc.h"
                    #include <sys.h>
                    /* A comment */
                    #ifdef NAME
                    int named = NAME;
                    #else
                    int nameless;
                    #endif
                    #ifndef __OPTIMIZE__
                    int slow;
                    #endif
                    #if __has_include("none.h")
                    #error none.h is nowhere
                    #endif
                    const char *where = __FILE__ " é $";
                    int line = __LINE__;
                    static inline int twice(int x) { return 2 * x; }
                    int f(int x) { for (int i = 0; i < x; i++) { x += twice(i) + FROM_INC + FROM_SYS; } return x; }
                    """,
            "n.c", "int n(int x) { return x ? 1 : 2; }\n",
            "tri.c", "const char *trigraph = \"??(\";\n",
            "inc/inc.h", "#pragma once\n#define FROM_INC 1\n",
            "sys/sys.h", "#define FROM_SYS (sizeof(struct sys))\nstruct sys { long a, b; };\n",
            "forced.h", "#define NAME 12\nint forced(int);\n",
            "b.cc", """
                    #include "inc.h"
                    #include <sys.h>
                    namespace { template <class T> T add(T a, T b) { return a + b + FROM_INC; } }
                    struct S { virtual ~S() {} virtual int g(); };
                    int S::g() { try { return add(1, NAME); } catch (int &) { return sizeof(sys); } }
                    """,
            "d.S", """
                    #include "inc.h"
                    .globl entry
                    entry:
                        mov $FROM_INC, %eax
                        mov $NAME, %ebx
                        ret
                    """,
            "e.s", ".globl plain\nplain:\n  ret\n",
            "m.m", "#include \"inc.h\"\nint objc(id x) { return x == (id)0 ? FROM_INC : NAME; }\n");

    @TempDir
    private Path root;

    private Path work;

    @BeforeEach
    void writeSources() throws IOException {
        work = root.resolve("work");
        for (String directory : List.of("work", "work/inc", "work/sys", "work/out dir")) {
            Files.createDirectory(root.resolve(directory));
        }
        for (Map.Entry<String, String> source : SOURCES.entrySet()) {
            Files.writeString(work.resolve(source.getKey()), source.getValue());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc     | -c a.c
            gcc     | -c a.c -o 'out dir/x.o' -O2
            gcc     | -c a.c -DNAME=3 -MD
            gcc     | -c a.c -DNAME=3 -MD -o 'out dir/x.o'
            gcc     | -c a.c -MMD -MP -MF 'out dir/deps' -o a.o
            gcc     | -c a.c -MD -MFdeps -MTtarget -MQ 'other target' -MP
            gcc     | -c a.c -Wp,-MD,deps -o 'out dir/x.o'
            gcc     | -c a.c -Wp,-DNAME=3 -Xpreprocessor -DMORE
            gcc     | -c a.c -include forced.h -Wall
            gcc     | -c a.c -imacros forced.h -UNAME
            gcc     | -c a.c -O3 -fPIC -march=x86-64-v2 -ffast-math -funroll-loops --param max-unroll-times=3
            gcc     | -c a.c -std=c11 -pedantic
            gcc     | -c tri.c -trigraphs
            gcc     | -c a.c -O2 -fsanitize=thread
            gcc     | -c n.c --coverage -frandom-seed=1
            gcc     | -c n.c -fprofile-arcs -ftest-coverage -o 'out dir/x.o' -frandom-seed=1
            gcc     | -c a.c -fprofile-generate -frandom-seed=1
            gcc     | -c a.c -Wa,--noexecstack,-mrelax-relocations=no -pipe
            gcc     | -c a.c -ffunction-sections -fdata-sections -fstack-protector-strong -fcf-protection
            gcc     | -c a.c -ffile-prefix-map=$CWD=/src -fmacro-prefix-map=a.c=z.c
            gcc     | -c $CWD/a.c -o $CWD/abs.o -MD
            gcc     | -c -x c++ a.c -DNAME=1
            gcc     | -c b.cc -DNAME=2 -O2 -MD
            g++     | -c b.cc -DNAME=2 -std=c++20 -o b.o
            g++     | -c a.c -fvisibility=hidden
            gcc     | -c d.S -DNAME=7 -MD -o d.o
            gcc     | -c e.s -o e2.o
            clang   | -c a.c
            clang   | -c a.c -o 'out dir/x.o' -O2
            clang   | -c a.c -DNAME=3 -MD
            clang   | -c a.c -DNAME=3 -MD -o 'out dir/x.o'
            clang   | -c a.c -MMD -MP -MF 'out dir/deps' -MV -o a.o
            clang   | -c a.c -Wp,-MD,deps -o 'out dir/x.o'
            clang   | -c a.c -Wp,-DNAME=3
            clang   | -c a.c -Xpreprocessor -DNAME=3
            clang   | -c a.c -include forced.h -Wall
            clang   | -c a.c -imacros forced.h
            clang   | -c tri.c -trigraphs -w
            clang   | -c a.c -DNAME=8 -O2 -flto=thin
            clang   | -c a.c -O3 -fPIC -mavx2 -mllvm -inline-threshold=3
            clang   | -c a.c --target=aarch64-linux-gnu -O1
            clang   | -c a.c --coverage -o 'out dir/x.o'
            clang   | -c a.c -fprofile-instr-generate
            clang   | -c a.c -ffile-prefix-map=$CWD=/src
            clang   | -c -o minus.o -- a.c
            clang   | -c b.cc -DNAME=2 -O2 -MD -std=c++17
            clang++ | -c b.cc -DNAME=2 -fno-rtti
            clang   | -c d.S -DNAME=7 -MD -o d.o
            clang   | -c e.s
            clang   | -c m.m -DNAME=4
            """)
    void splitCompile_givesTheFilesOfTheWholeOne(String program, String line) throws IOException, InterruptedException {
        assertSameFiles(program, line, false);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc     | -c a.c
            gcc     | -c a.c -DNAME=3 -MD -o 'out dir/x.o'
            gcc     | -c a.c -Wp,-DNAME=3 -Xpreprocessor -DMORE
            gcc     | -c a.c -imacros forced.h -UNAME
            gcc     | -c tri.c -trigraphs
            gcc     | -c a.c -std=c11 -pedantic
            gcc     | -c a.c -O2 -flto -frandom-seed=1
            g++     | -c b.cc -DNAME=2 -std=c++20 -o b.o
            gcc     | -c d.S -DNAME=7 -MD -o d.o
            clang   | -c a.c -DNAME=3 -MD -o 'out dir/x.o'
            clang   | -c a.c -DNAME=4 -UNAME
            clang   | -c a.c -Wp,-DNAME=3
            clang   | -c a.c -Xpreprocessor -DNAME=3
            clang   | -c a.c -include forced.h -Wall
            clang   | -c a.c -imacros forced.h
            clang   | -c tri.c -trigraphs -w
            clang++ | -c b.cc -DNAME=2 -fno-rtti
            clang   | -c d.S -DNAME=7 -MD -o d.o
            """)
    void splitCompileThatKeepsDirectives_givesTheFilesOfTheWholeOne(String program, String line)
            throws IOException, InterruptedException {
        assertSameFiles(program, line, true);
    }

    private void assertSameFiles(String program, String line, boolean keepDirectives)
            throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(ResponseFiles.split(line.replace("$CWD", work.toString()), CompilerKind.GCC));
        if (!line.contains("e.s")) {
            arguments.addAll(arguments.indexOf("-c"), List.of("-Iinc", "-isystem", "sys"));
        }
        run(program, arguments, Optional.empty());
        Map<String, String> whole = takeOutputs();

        Compiler compiler = new Compiler(
                CFamily.INSTANCE,
                program.startsWith("clang") ? CompilerKind.CLANG : CompilerKind.GCC,
                Path.of("/usr/bin", program),
                program.endsWith("++"),
                "1",
                "stamp");
        Compile compile = assertInstanceOf(Compile.class, CommandLineParser.parse(compiler, arguments, work, Map.of()));
        assertEquals(Optional.empty(), compile.localOnly());
        Path text = root.resolve("text");
        if (compile.unit().needsPreprocessing()) {
            run(program, compile.unit().preprocessArguments(keepDirectives), Optional.of(text));
        } else {
            Files.copy(work.resolve(compile.unit().input()), text);
        }
        Map<String, String> split = takeOutputs();
        moveToBuilder(compile.unit(), text);
        run(program, compile.unit().compilePreprocessedArguments(keepDirectives, false), Optional.empty());
        List<String> expected = compile.unit().outputs().stream()
                .map(output -> work.relativize(work.resolve(output.path())).toString())
                .toList();
        Map<String, String> made = takeOutputs();
        made.keySet().retainAll(expected);
        split.putAll(made);
        assertEquals(whole, split);
        assertTrue(made.containsKey(expected.get(0)), made.toString());
    }

    /** Leaves nothing of the sources but the preprocessed text, as on a builder. */
    private void moveToBuilder(CompileUnit unit, Path text) throws IOException {
        try (var files = Files.walk(work)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        Files.move(text, work.resolve(unit.input()));
    }

    /** The files that are no sources, by name with their bytes; they are removed. */
    private Map<String, String> takeOutputs() throws IOException {
        Map<String, String> outputs = new TreeMap<>();
        try (var files = Files.walk(work)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = work.relativize(file).toString();
                if (!SOURCES.containsKey(name)) {
                    byte[] bytes = Files.readAllBytes(file);
                    boolean isText = !name.endsWith(".o") && !name.endsWith(".gcno");
                    outputs.put(
                            name,
                            isText
                                    ? new String(bytes, StandardCharsets.UTF_8)
                                    : bytes.length + " octets " + Arrays.hashCode(bytes));
                    Files.delete(file);
                }
            }
        }
        return outputs;
    }

    private void run(String program, List<String> arguments, Optional<Path> stdout)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/" + program));
        command.addAll(arguments);
        Path printed = root.resolve("printed");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectOutput(stdout.orElse(printed).toFile())
                .redirectError(printed.toFile());
        builder.environment().remove("LANGUAGE");
        builder.environment().put("LC_ALL", "C.UTF-8");
        int code = builder.start().waitFor();
        assertEquals("0: ", code + ": " + Files.readString(printed), () -> String.join(" ", command));
    }
}
