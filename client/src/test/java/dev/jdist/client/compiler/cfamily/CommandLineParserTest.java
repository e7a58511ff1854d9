package dev.jdist.client.compiler.cfamily;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.jdist.client.compiler.CompileUnit;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.ParsedCommand.CannotCache;
import dev.jdist.client.compiler.ParsedCommand.Compile;
import dev.jdist.client.compiler.ParsedCommand.NotCompilation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which command lines compile one unit, to what, and which of these a builder may have. */
class CommandLineParserTest {
    @TempDir
    private Path cwd;

    private ParsedCommand parse(String program, String line) {
        return parse(program, line, Map.of());
    }

    private ParsedCommand parse(String program, String line, Map<String, String> environment) {
        CompilerKind kind = program.startsWith("clang") ? CompilerKind.CLANG : CompilerKind.GCC;
        Compiler compiler = new Compiler(
                CFamily.INSTANCE,
                kind,
                Path.of("/usr/bin", program),
                program.endsWith("++"),
                kind == CompilerKind.CLANG ? "Debian Clang 19.1.7" : "12.2.0",
                "stamp");
        return CommandLineParser.parse(compiler, ResponseFiles.split(line, CompilerKind.GCC), cwd, environment);
    }

    private Compile parseCompile(String program, String line) {
        return assertInstanceOf(Compile.class, parse(program, line));
    }

    private static String describe(CompileUnit unit) {
        String outputs = unit.outputs().stream()
                .map(output -> output.kind() + "=" + output.path() + (output.optional() ? "?" : ""))
                .collect(Collectors.joining(" "));
        return unit.language().statisticsName() + " " + unit.input() + " " + outputs;
    }

    // Columns: compiler, arguments, what becomes of files that are in the places of the outputs.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c                                          | REPLACED_UNLESS_EMPTY
            gcc   | -c a.S                                          | REPLACED_UNLESS_EMPTY
            gcc   | -c a.c -gsplit-dwarf                            | REPLACED_UNLESS_EMPTY REPLACED_UNLESS_EMPTY
            gcc   | -c a.c --coverage -fstack-usage                 | REPLACED_UNLESS_EMPTY WRITTEN_OVER WRITTEN_OVER
            clang | -c a.c                                          | REPLACED
            clang | -c a.S                                          | WRITTEN_OVER
            clang | -c a.s                                          | WRITTEN_OVER
            clang | -c a.c -gsplit-dwarf --serialize-diagnostics d  | REPLACED WRITTEN_OVER REPLACED
            clang | -c a.c --coverage -fstack-usage                 | REPLACED WRITTEN_OVER WRITTEN_OVER
            clang | -c a.cppm -fmodule-output                       | REPLACED WRITTEN_OVER
            clang | -c a.cppm -fmodule-output=b                     | REPLACED WRITTEN_OVER
            clang | --precompile a.cppm                             | WRITTEN_OVER
            clang | -c a.c -fno-integrated-as                       | REPLACED_UNLESS_EMPTY
            clang | -c a.S -no-integrated-as                        | REPLACED_UNLESS_EMPTY
            clang | -c a.c -fno-integrated-as -fintegrated-as       | REPLACED
            """)
    void output_goesIntoItsPlaceAsTheCompilerPutsItThere(String program, String line, String manners) {
        assertEquals(
                manners,
                parseCompile(program, line).unit().outputs().stream()
                        .map(output -> output.manner().name())
                        .collect(Collectors.joining(" ")));
    }

    // Columns: compiler, arguments, language and input and outputs.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc     | -c a.c                                    | c a.c obj=a.o
            gcc     | a.c -c                                    | c a.c obj=a.o
            gcc     | -c dir/a.c                                | c dir/a.c obj=a.o
            gcc     | -x c++ -x c -c /abs/dir.d/a               | c /abs/dir.d/a obj=a.o
            gcc     | -c ../up/a.b.c                            | c ../up/a.b.c obj=a.b.o
            gcc     | -c a.c -o out.o                           | c a.c obj=out.o
            gcc     | -c a.c -oout.o                            | c a.c obj=out.o
            gcc     | -o out.o -c a.c                           | c a.c obj=out.o
            gcc     | -c a.c -o first.o -o last.o               | c a.c obj=last.o
            gcc     | -c a.c -o obj/x86/out                     | c a.c obj=obj/x86/out
            gcc     | -c a.c -o /abs/out.obj                    | c a.c obj=/abs/out.obj
            gcc     | -c 'with space.c' -o 'with space.o'       | c with space.c obj=with space.o
            gcc     | -c a.c -o 'quo"te.o'                      | c a.c obj=quo"te.o
            gcc     | -c a.cc                                   | c++ a.cc obj=a.o
            gcc     | -c a.cp                                   | c++ a.cp obj=a.o
            gcc     | -c a.cpp                                  | c++ a.cpp obj=a.o
            gcc     | -c a.CPP                                  | c++ a.CPP obj=a.o
            gcc     | -c a.cxx                                  | c++ a.cxx obj=a.o
            gcc     | -c a.c++                                  | c++ a.c++ obj=a.o
            gcc     | -c a.C                                    | c++ a.C obj=a.o
            g++     | -c a.c                                    | c++ a.c obj=a.o
            g++     | -c -x c a.c                               | c a.c obj=a.o
            g++     | -c a.s                                    | assembler a.s obj=a.o
            clang++ | -c a.c                                    | c++ a.c obj=a.o
            gcc     | -x c++ -c a.c                             | c++ a.c obj=a.o
            gcc     | -xc++ -c a.c                              | c++ a.c obj=a.o
            gcc     | -c a.c -x c++                             | c a.c obj=a.o
            gcc     | -x c++ -x c -c a.unknown                  | c a.unknown obj=a.o
            gcc     | -x c -c /d.x/fd/file                      | c /d.x/fd/file obj=file.o
            gcc     | -c a.m                                    | objc a.m obj=a.o
            gcc     | -c a.mm                                   | objc++ a.mm obj=a.o
            gcc     | -c a.M                                    | objc++ a.M obj=a.o
            gcc     | -x objective-c++ -c a.c                   | objc++ a.c obj=a.o
            gcc     | -c a.s                                    | assembler a.s obj=a.o
            gcc     | -c a.S                                    | assemblerToPreprocess a.S obj=a.o
            gcc     | -c a.sx                                   | assemblerToPreprocess a.sx obj=a.o
            gcc     | -x assembler-with-cpp -c a.asm            | assemblerToPreprocess a.asm obj=a.o
            gcc     | -c a.i                                    | cPreprocessed a.i obj=a.o
            gcc     | -c a.ii                                   | c++Preprocessed a.ii obj=a.o
            gcc     | -c a.mi                                   | objcPreprocessed a.mi obj=a.o
            gcc     | -c a.mii                                  | objc++Preprocessed a.mii obj=a.o
            gcc     | -c a.c -O3 -g -Wall -Wextra -march=x86-64-v3 -fPIC -pthread | c a.c obj=a.o
            gcc     | -c a.c -Iinc -I inc -isystem inc -isysteminc -iquote q -idirafter d | c a.c obj=a.o
            gcc     | -c a.c -DA -D B -DC=1 -D D=2 -UE -U F     | c a.c obj=a.o
            gcc     | -c a.c -include pre.h -includepre.h -imacros m.h | c a.c obj=a.o
            gcc     | -c a.c -isysroot /sys -F fw -iframework fw | c a.c obj=a.o
            gcc     | -c a.c -iprefix p -iwithprefix w -iwithprefixbefore b -imultilib m | c a.c obj=a.o
            gcc     | -c a.c -MD                                | c a.c obj=a.o
            gcc     | -c a.c -MMD -MP -MF a.d -MT a.o -MQ b.o   | c a.c obj=a.o
            gcc     | -c a.c -MD -MFdep/a.d -MTa.o -MQb.o       | c a.c obj=a.o
            clang   | -c a.c -MD -MFdep/a.d -MTa.o -MQb.o -MV   | c a.c obj=a.o
            gcc     | -c a.c -Wp,-MD,.a.o.d -Wp,-DX             | c a.c obj=a.o
            gcc     | -c a.c -Xpreprocessor -DX                 | c a.c obj=a.o
            gcc     | -c a.c -Xassembler -mrelax-relocations=no | c a.c obj=a.o
            gcc     | -c a.c -Wa,--noexecstack,-mbig-obj -Wl,-O1 -Xlinker -v | c a.c obj=a.o
            gcc     | -c a.c --param max-inline-insns-auto=9 --param=l1-cache-size=32 | c a.c obj=a.o
            gcc     | -c a.c --sysroot /s --sysroot=/s --std=c11 --pedantic | c a.c obj=a.o
            gcc     | -c a.c -L lib -Llib -lm -u sym -usym -z now -A p -b m -V v -G 0 | c a.c obj=a.o
            gcc     | -c a.c -std=gnu11 -ansi -pedantic -Werror=pedantic | c a.c obj=a.o
            gcc     | -c a.c -pipe -nostdinc -trigraphs -remap  | c a.c obj=a.o
            gcc     | -c a.c -fplugin-not-really -fno-such-option | c a.c obj=a.o
            gcc     | -c a.c -arch x86_64 -arch x86_64          | c a.c obj=a.o
            gcc     | -c a.c -gsplit-dwarf -g                   | c a.c obj=a.o dwo=a.dwo?
            gcc     | -c a.c -gsplit-dwarf -o d/x.y.o           | c a.c obj=d/x.y.o dwo=d/x.y.dwo?
            gcc     | -c a.c -gsplit-dwarf -o d.d/x             | c a.c obj=d.d/x dwo=d.d/x.dwo?
            clang   | -c a.c -gsplit-dwarf=split -g             | c a.c obj=a.o dwo=a.dwo?
            clang   | -c a.c -gsplit-dwarf=single -g            | c a.c obj=a.o dwo=a.dwo?
            gcc     | -c a.c --coverage                         | c a.c obj=a.o gcno=a.gcno
            gcc     | -c a.c --coverage -o cov/b.o              | c a.c obj=cov/b.o gcno=cov/b.gcno
            gcc     | -c a.c -ftest-coverage -fprofile-arcs     | c a.c obj=a.o gcno=a.gcno
            gcc     | -c a.c -fprofile-arcs                     | c a.c obj=a.o
            gcc     | -c a.c --coverage -gsplit-dwarf           | c a.c obj=a.o dwo=a.dwo? gcno=a.gcno
            gcc     | -c a.c -fprofile-generate                 | c a.c obj=a.o
            gcc     | -c a.c -fprofile-generate=/profiles       | c a.c obj=a.o
            clang   | -c a.c -fprofile-instr-generate           | c a.c obj=a.o
            clang   | -c a.c -fprofile-instr-generate=p.profraw | c a.c obj=a.o
            gcc     | -c a.c -flto -flto=auto -ffat-lto-objects -fno-lto | c a.c obj=a.o
            gcc     | -c a.c -fdebug-prefix-map=/a=/b -ffile-prefix-map=/a=/b | c a.c obj=a.o
            gcc     | -c a.c -fdiagnostics-color=always         | c a.c obj=a.o
            clang   | -c -- a.c                                 | c a.c obj=a.o
            clang   | -c -o x.o -- -a.c                         | c -a.c obj=x.o
            clang   | -c a.c --target=aarch64-linux-gnu         | c a.c obj=a.o
            clang   | -c a.c -target aarch64-linux-gnu --target arm-linux | c a.c obj=a.o
            clang   | -c a.c --gcc-toolchain=/usr -gcc-toolchain /usr --rtlib=compiler-rt | c a.c obj=a.o
            clang   | -c a.c -mllvm -inline-threshold=9 -fcolor-diagnostics | c a.c obj=a.o
            clang   | -c a.c --start-no-unused-arguments -lm --end-no-unused-arguments | c a.c obj=a.o
            clang   | -c a.c -stdlib=libc++ --stdlib=libc++ -ivfsoverlay v | c a.c obj=a.o
            clang   | -c a.c -fdebug-compilation-dir . -parallel-jobs=4 | c a.c obj=a.o
            clang   | -c a.mm -fobjc-arc                        | objc++ a.mm obj=a.o
            """)
    void compileOfOneUnit_isDistributable(String program, String line, String expected) {
        Compile compile = parseCompile(program, line);
        assertEquals(expected, describe(compile.unit()));
        assertEquals(Optional.empty(), compile.localOnly());
    }

    // Columns: compiler, arguments, why it stays here.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c -S                              | -S
            gcc   | -S -c a.c                              | -S
            gcc   | -c a.c -v                              | -v
            gcc   | -c a.c --verbose                       | --verbose
            gcc   | -c a.c -###                            | -###
            gcc   | -c a.c -H                              | -H
            gcc   | -c a.c -Q                              | -Q
            gcc   | -c a.c -ftime-report                   | -ftime-report
            gcc   | -c a.c -march=native                   | -march=native
            gcc   | -c a.c -mtune=native                   | -mtune=native
            clang | -c a.c -mcpu=native                    | -mcpu=native
            gcc   | -c a.c -fdiagnostics-format=json       | -fdiagnostics-format=json
            gcc   | -c a.c -fdiagnostics-add-output=sarif  | -fdiagnostics-add-output=sarif
            gcc   | -c a.c -frecord-gcc-switches           | -frecord-gcc-switches
            clang | -c a.c -frecord-command-line           | -frecord-command-line
            clang | -c a.c -grecord-gcc-switches           | -grecord-gcc-switches
            gcc   | -c a.c -finput-charset=latin1          | -finput-charset=latin1
            gcc   | -c a.c -dA                             | -dA
            gcc   | -c a.c -da                             | -da
            gcc   | -c a.c -dumpbase x                     | -dumpbase
            gcc   | -c a.c -dumpdir x/                     | -dumpdir
            gcc   | -c a.c -fdump-tree-all                 | -fdump-tree-all
            gcc   | -c a.c -fcallgraph-info=su             | -fcallgraph-info=su
            gcc   | -c a.c -fstack-usage                   | -fstack-usage
            gcc   | -c a.c -fopt-info-vec=v.txt            | -fopt-info-vec=v.txt
            gcc   | -c a.c -fsave-optimization-record      | -fsave-optimization-record
            clang | -c a.c -foptimization-record-file=r    | -foptimization-record-file=r
            clang | -c a.c -ftime-trace=t.json             | -ftime-trace=t.json
            clang | -c a.c -save-stats=obj                 | -save-stats=obj
            gcc   | -c a.c --coverage -fprofile-note=n     | -fprofile-note=n
            gcc   | -c a.c -aux-info x                     | -aux-info
            gcc   | -c a.c -Wa,-adhln=a.lst                | -Wa,-adhln=a.lst
            gcc   | -c a.c -Wa,--noexecstack,--MD,a.d      | -Wa,--noexecstack,--MD,a.d
            gcc   | -c a.c -Xassembler -al=a.lst           | -Xassembler
            gcc   | -c a.c -Wa,@more                       | -Wa,@more
            gcc   | -c a.c --specs=nano.specs              | --specs=nano.specs
            gcc   | -c a.c -specs=nano.specs               | -specs=nano.specs
            gcc   | -c a.c -B tools                        | -B
            gcc   | -c a.c -Btools                         | -Btools
            gcc   | -c a.c -wrapper gdb,--args             | -wrapper
            gcc   | -c a.c -fplugin=p.so                   | -fplugin=p.so
            gcc   | -c a.c -fplugin-arg-p-key=1            | -fplugin-arg-p-key=1
            clang | -c a.c -fplugin=p.so                   | -fplugin=p.so
            clang | -c a.c -load p.so                      | -load
            gcc   | -c a.c -fauto-profile=x                | -fauto-profile=x
            gcc   | -c a.c -fbranch-probabilities          | -fbranch-probabilities
            clang | -c a.c -fprofile-use                   | -fprofile-use
            clang | -c a.c -fprofile-use=x.profdata        | -fprofile-use=x.profdata
            clang | -c a.c -fprofile-instr-use=x           | -fprofile-instr-use=x
            clang | -c a.c -fprofile-sample-use=x          | -fprofile-sample-use=x
            clang | -c a.c -fsanitize-ignorelist=x         | -fsanitize-ignorelist=x
            clang | -c a.c -fxray-attr-list=x              | -fxray-attr-list=x
            clang | -c a.c -fthinlto-index=x               | -fthinlto-index=x
            clang | -c a.c -resource-dir=/opt/res          | -resource-dir=/opt/res
            clang | -c a.c --config=x.cfg                  | --config=x.cfg
            clang | -c a.c --config x.cfg                  | --config
            clang | -c a.c -include-pch a.pch              | -include-pch
            clang | -c a.c -emit-llvm                      | -emit-llvm
            clang | -c a.c -emit-ast                       | -emit-ast
            clang | -c a.c --analyze                       | --analyze
            clang | --precompile a.c                       | --precompile
            clang | -c --precompile a.cppm                 | --precompile
            clang | --precompile a.cppm -MD                | --precompile
            clang | -c a.cppm -Wp,-MD,a.d                  | -Wp,-MD,a.d
            clang | -c a.cppm -MD --serialize-diagnostics d | --serialize-diagnostics
            clang | -c a.c -fmodule-file=m.pcm             | -fmodule-file=m.pcm
            clang | -c a.c -fmodule-output                 | -fmodule-output
            clang | -c a.c -fembed-bitcode                 | -fembed-bitcode
            clang | -c a.c -MJa.json                       | -MJa.json
            clang | -c a.c -ObjC                           | -ObjC
            clang | -c a.c -ccc-print-phases               | -ccc-print-phases
            clang | -c a.c -Xclang -fcolor-diagnostics     | -Xclang
            clang | -c a.c -Xclang -mllvm -Xclang -fast    | -Xclang
            clang | -c a.c -Xclang -mllvm -Xclang -debug   | -mllvm
            clang | -c a.c -Xclang -fno-pch-timestamp -Xclang -include -Xclang a.h | -Xclang
            clang | -c a.c -frecord-command-line           | -frecord-command-line
            gcc   | -c a.c -fstack-usage                   | -fstack-usage
            clang | -c a.c -fprofile-use=x                 | -fprofile-use=x
            clang | -c a.c -Xclang -load -Xclang p.so -Xclang -add-plugin -Xclang p | -Xclang
            clang | -c a.c -Xclang -plugin-arg-p -Xclang word | -Xclang
            gcc   | -c a.c --serialize-diagnostics a.dia   | --serialize-diagnostics
            gcc   | -c a.c --language=c++                  | --language=c++
            gcc   | -c a.c --output=b.o                    | --output=b.o
            gcc   | -c a.c --write-dependencies            | --write-dependencies
            gcc   | -c a.c --assemble                      | --assemble
            gcc   | -c a.c --version                       | --version
            gcc   | -c -- a.c                              | --
            clang | -c a.c --driver-mode=g++               | --driver-mode=g++
            gcc   | -c a.h                                 | language c/c++
            gcc   | -c a.hpp                               | language c++Header
            gcc   | -x c-header -c a.c                     | language cHeader
            gcc   | -x c++-header -c a.h -o a.h.gch        | language c++Header
            gcc   | -c a.cppm                              | modules of an unknown compiler
            clang | -x c++-module -c a.cppm                | a module
            clang | -c a.cppm                              | a module
            clang | -c a.ccm                               | a module
            clang | -c a.cu                                | language cuda
            clang | -x hip -c a.cpp                        | language hip
            """)
    void compileThatIsTiedToThisMachine_staysHere(String program, String line, String reason) {
        assertEquals(Optional.of(reason), parseCompile(program, line).localOnly());
    }

    // Columns: compiler, arguments, sccache's name for the reason.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c -E                         | -E
            gcc   | -E a.c                            | -E
            gcc   | -M a.c                            | -M
            gcc   | -MM -c a.c                        | -MM
            gcc   | -c a.c -P                         | -P
            gcc   | -c -                              | -
            gcc   | -x c -c - -o a.o                  | -
            gcc   | -c a.c -save-temps                | -save-temps
            gcc   | -c a.c -save-temps=obj            | -save-temps=obj
            gcc   | -c a.c --save-temps=cwd           | --save-temps=cwd
            gcc   | -c a.c -fsyntax-only              | -fsyntax-only
            gcc   | -c a.c -frepo                     | -frepo
            gcc   | -c a.c -fmodules                  | -fmodules
            gcc   | -c a.c -fmodules-ts               | -fmodules-ts
            clang | -c a.c -fcxx-modules              | -fcxx-modules
            gcc   | -c a.c -fprofile-use              | -fprofile-use
            gcc   | -c a.c -fprofile-use=dir          | -fprofile-use
            gcc   | -c a.c -fno-profile-use           | -fno-profile-use
            gcc   | -c a.c -fno-profile-generate      | -fno-profile-generate
            clang | -c a.c -fno-profile-instr-use     | -fno-profile-instr-use
            gcc   | -c a.c -fplugin=libcc1plugin      | -fplugin=libcc1plugin
            gcc   | -c a.c -index-store-path x        | -index-store-path
            gcc   | -x none -c a.c                    | -x
            gcc   | -x ada -c a.adb                   | -x
            gcc   | -x cpp-output -c a.c              | -x
            gcc   | -c a.c @missing                   | @
            gcc   | @missing                          | @
            gcc   | -c a.c -I @missing                | @
            gcc   | -c a.c b.c                        | multiple input files
            gcc   | -c a.c -T script                  | multiple input files
            clang | -c -- a.c -v                      | multiple input files
            clang | -c a.c -MJ a.json                 | multiple input files
            gcc   | -c                                | no input file
            gcc   | -c -Wall -O2                      | no input file
            gcc   | -c a.f90                          | unknown source language
            gcc   | -c a                              | unknown source language
            gcc   | -c .c                             | unknown source language
            gcc   | -c a.ads -o a.o                   | unknown source language
            gcc   | -c a.c -MF                        | argument parse
            gcc   | -c a.c --param                    | argument parse
            clang | -c a.c -Xclang                    | argument parse
            clang | -c a.c -Xclang -mllvm             | argument parse
            clang | -c a.c -Xclang -fno-such-thing    | Can't handle UnknownFlag arguments with -Xclang
            clang | -c a.c -Xclang -dump-something    | Can't handle UnknownFlag arguments with -Xclang
            clang | -c a.c -Xclang -include-pch -Xclang a.pch | -include-pch
            clang | -c a.c -Xclang -emit-pch          | -emit-pch
            clang | -c a.c -Xclang word               | Can't handle Raw arguments with -Xclang
            clang | -c a.c -Xclang -load -Xclang p.so -Xclang word | Can't handle Raw arguments with -Xclang
            clang | -c a.c -Xclang -o -Xclang x       | -o
            clang | -c a.c -Xclang -E                 | -E
            clang | -c a.c -Xclang -std=c99           | -std
            clang | -c a.c -Xclang -Xclang -Xclang -c | -Xclang
            gcc   | -c a.c -arch x86_64 -arch arm64   | multiple different -arch, and SCCACHE_CACHE_MULTIARCH not set
            """)
    void commandThatSccacheRefuses_isRefusedInItsWords(String program, String line, String reason) {
        assertEquals(new CannotCache(reason), parse(program, line));
    }

    /** sccache takes some of these for compiles, with an empty value; the compiler refuses all of them. */
    @ParameterizedTest
    @CsvSource({"-o", "-I", "-x", "-D", "-include"})
    void valueMissingAtTheEnd_isForTheCompilerToComplainAbout(String option) {
        assertEquals(new CannotCache("argument parse"), parse("gcc", "-c a.c " + option));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | a.c
            gcc   | a.o b.o -o prog -lm
            gcc   | -S a.c
            gcc   | --version
            gcc   | -v
            gcc   | -dumpmachine
            gcc   | -print-prog-name=as
            gcc   | -shared -o libx.so a.o
            gcc   | --compile a.c
            clang | -- -c
            gcc   | ''
            """)
    void commandWithoutMinusC_isNoCompilation(String program, String line) {
        assertEquals(new NotCompilation(), parse(program, line));
    }

    @Test
    void noArgumentsAtAll_isNoCompilation() {
        assertInstanceOf(NotCompilation.class, parse("gcc", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gcc   | -c a.c                                                    | UNSAID
            gcc   | -c a.c -fdiagnostics-color                                | ON
            gcc   | -c a.c -fdiagnostics-color=always                         | ON
            gcc   | -c a.c -fdiagnostics-color=never                          | OFF
            gcc   | -c a.c -fdiagnostics-color=auto                           | AUTO
            gcc   | -c a.c -fno-diagnostics-color                             | OFF
            gcc   | -c a.c -fdiagnostics-color=always -fno-diagnostics-color  | OFF
            clang | -c a.c -fcolor-diagnostics                                | ON
            clang | -c a.c -fcolor-diagnostics -fno-color-diagnostics         | OFF
            """)
    void colorOptions_theLastOneCounts(String program, String line, ColorMode expected) {
        assertEquals(expected, ((CUnit) parseCompile(program, line).unit()).color());
    }

    /** A library that every program loads may do anything; the cache knows its content, and a builder does not have it. */
    @ParameterizedTest
    @CsvSource({"LD_PRELOAD,x,true", "LD_AUDIT,x,true", "LD_PRELOAD,,false", "LD_LIBRARY_PATH,/opt/lib,false"})
    void librariesThatAreNotTheCompilers_keepItFromBuilders(String variable, String value, boolean stays) {
        Map<String, String> environment = Map.of(variable, value == null ? "" : value);
        Compile compile = assertInstanceOf(Compile.class, parse("gcc", "-c a.c", environment));
        assertEquals(stays ? Optional.of(variable) : Optional.empty(), compile.localOnly());
        assertEquals(Optional.empty(), compile.untracked());
    }

    @Test
    void libraryPathThatOnlyTheLoaderUnderstands_keepsTheCompileHere() {
        Map<String, String> environment = Map.of("LD_LIBRARY_PATH", "/opt/$LIB");
        Compile compile = assertInstanceOf(Compile.class, parse("gcc", "-c a.c", environment));
        assertEquals(Optional.of("LD_LIBRARY_PATH"), compile.untracked());
    }

    @ParameterizedTest
    @CsvSource({
        "COMPILER_PATH",
        "GCC_EXEC_PREFIX",
        "CCC_OVERRIDE_OPTIONS",
        "DEPENDENCIES_OUTPUT",
        "SUNPRO_DEPENDENCIES",
        "GCC_COMPARE_DEBUG",
        "EXPERIMENTAL_SARIF_SOCKET",
        "CLANG_NO_DEFAULT_CONFIG",
        "FORCE_CLANG_DIAGNOSTICS_CRASH"
    })
    void variableThatTiesTheCompilerToThisMachine_keepsTheCompileHere(String variable) {
        Compile compile = assertInstanceOf(Compile.class, parse("gcc", "-c a.c", Map.of(variable, "x", "HOME", "/")));
        assertEquals(Optional.of(variable), compile.localOnly());
    }

    @Test
    void severalArchitecturesByPermission_areCompiledHere() {
        ParsedCommand parsed =
                parse("clang", "-c a.c -arch x86_64 -arch arm64", Map.of("SCCACHE_CACHE_MULTIARCH", "1"));
        assertEquals(
                Optional.of("-arch"), assertInstanceOf(Compile.class, parsed).localOnly());
    }

    @Test
    void responseFile_countsLikeItsWords() throws IOException {
        Files.writeString(cwd.resolve("options"), "-c 'a b.c'\n-o out.o @more");
        Files.writeString(cwd.resolve("more"), "-march=native");
        Compile compile = parseCompile("gcc", "-O2 @options");
        assertEquals("c a b.c obj=out.o", describe(compile.unit()));
        assertEquals(Optional.of("-march=native"), compile.localOnly());
    }

    @Test
    void responseFileBehindXclang_countsLikeItsWords() throws IOException {
        Files.writeString(cwd.resolve("plugin"), "-load -Xclang p.so");
        assertEquals(
                Optional.of("-Xclang"),
                parseCompile("clang", "-c a.c -Xclang @plugin").localOnly());
    }

    @Test
    void responseFileThatIsNotText_isRefused() throws IOException {
        Files.write(cwd.resolve("latin1"), "-DX=é".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(new CannotCache("@"), parse("gcc", "-c a.c @latin1"));
    }

    @Test
    void responseFileOfItself_isRefused() throws IOException {
        Files.writeString(cwd.resolve("loop"), "-O2 @loop");
        assertEquals(new CannotCache("@"), parse("gcc", "-c a.c @loop"));
    }

    /** Linkers and the like get long lines; the time to read one must not grow with its square. */
    @Test
    void longCommandLine_isReadAtOnce() {
        List<String> arguments = new ArrayList<>(List.of("-c", "a.c"));
        for (int i = 0; i < 50_000; i++) {
            arguments.add("-I/some/long/directory/with/a/name/" + i);
            arguments.add("-DNAME_" + i + "=" + "x".repeat(40));
        }
        Compiler gcc = new Compiler(CFamily.INSTANCE, CompilerKind.GCC, Path.of("/usr/bin/gcc"), false, "1", "stamp");
        assertInstanceOf(Compile.class, CommandLineParser.parse(gcc, arguments, cwd, Map.of()));
    }

    @Test
    void specsInARelativeLibraryPath_areNotFollowed(@TempDir Path directory) throws IOException {
        Compiler gcc = new Compiler(CFamily.INSTANCE, CompilerKind.GCC, Path.of("/usr/bin/gcc"), false, "12", "stamp");
        Map<String, String> environment = Map.of("LIBRARY_PATH", "/usr/lib::lib");
        Files.createDirectories(directory.resolve("lib"));
        for (String place : List.of("specs", "lib/specs")) {
            assertEquals(Optional.empty(), untracked(gcc, directory, environment));
            Files.writeString(directory.resolve(place), "*cc1:\n+ -DA\n");
            assertEquals(Optional.of("LIBRARY_PATH"), untracked(gcc, directory, environment));
            Files.delete(directory.resolve(place));
        }
    }

    private static Optional<String> untracked(Compiler compiler, Path cwd, Map<String, String> environment) {
        return assertInstanceOf(
                        Compile.class, CommandLineParser.parse(compiler, List.of("-c", "a.c"), cwd, environment))
                .untracked();
    }
}
