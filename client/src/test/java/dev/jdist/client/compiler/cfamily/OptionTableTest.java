package dev.jdist.client.compiler.cfamily;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.CommandLineRow;
import dev.jdist.client.compiler.CacheKeyOptions;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.ParsedCommand.CannotCache;
import dev.jdist.client.compiler.ParsedCommand.Compile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the table of options against command lines, so that no row is there that nothing has ever asked for. */
class OptionTableTest {
    /**
     * Options that command-lines.txt does not have. Columns: compiler; options; what becomes of the unit, which is compiled on
     * the farm, here with the cache, or uncached, or which is refused; what is part of the key of its preprocessed source; and
     * whether that is so in any directory, or the directory of the compile is part of the keys.
     */
    private static final String FURTHER_OPTIONS = """
            gcc   | -###                                   | uncached |                                        |
            gcc   | --all-warnings                         | farm     | --all-warnings                         | its own
            gcc   | --debug                                | farm     | --debug                                | its own
            gcc   | --extra-warnings                       | farm     | --extra-warnings                       | its own
            gcc   | --no-warnings                          | farm     | --no-warnings                          | its own
            gcc   | --optimize=2                           | farm     | --optimize=2                           | its own
            gcc   | --pedantic                             | farm     | --pedantic                             | any
            gcc   | --pedantic-errors                      | farm     | --pedantic-errors                      | any
            gcc   | --save-temps=cwd                       | refused  |                                        |
            gcc   | --save-temps=obj                       | refused  |                                        |
            gcc   | --specs=x                              | uncached |                                        |
            gcc   | --std=c11                              | farm     | --std=c11                              | any
            gcc   | --sysroot x                            | farm     | --sysroot x                            | its own
            gcc   | --verbose                              | uncached |                                        |
            gcc   | -A x                                   | farm     | -A x                                   | its own
            gcc   | -Bx                                    | uncached |                                        |
            gcc   | -Fx                                    | farm     |                                        | its own
            gcc   | -G x                                   | farm     | -G x                                   | its own
            gcc   | -H                                     | uncached |                                        |
            gcc   | -L x                                   | farm     | -L x                                   | its own
            gcc   | -Q                                     | uncached |                                        |
            gcc   | -W                                     | farm     | -W                                     | any
            gcc   | -Wdocumentation                        | farm     | -Wdocumentation                        | any
            gcc   | -Werror=pedantic                       | farm     | -Werror=pedantic                       | any
            gcc   | -Weverything                           | farm     | -Weverything                           | any
            gcc   | -Wimplicit-fallthrough=3               | farm     | -Wimplicit-fallthrough=3               | any
            gcc   | -Wl,x                                  | farm     | -Wl,x                                  | its own
            gcc   | -Ax=y                                  | farm     | -Ax=y                                  | its own
            gcc   | -coverage                              | farm     | -coverage a.o                          | its own
            gcc   | -fcompare-debug=x                      | uncached |                                        |
            gcc   | -fmodule-file=x                        | uncached |                                        |
            gcc   | -Xlinker x                             | farm     | -Xlinker x                             | its own
            gcc   | -aux-info x                            | uncached |                                        |
            gcc   | -b x                                   | farm     | -b x                                   | its own
            gcc   | -dumpbase x                            | uncached |                                        |
            gcc   | -dumpdir x                             | uncached |                                        |
            gcc   | -fauto-profile                         | uncached |                                        |
            gcc   | -fbranch-probabilities                 | uncached |                                        |
            gcc   | -fcallgraph-info                       | uncached |                                        |
            gcc   | -fcontracts                            | farm     | -fcontracts                            | any
            gcc   | -fcs-profile-generate=x                | farm     | -fcs-profile-generate=x a.o            | its own
            gcc   | -fdiagnostics-add-output=x             | uncached |                                        |
            gcc   | -fdiagnostics-format=json              | uncached |                                        |
            gcc   | -fdiagnostics-set-output=x             | uncached |                                        |
            gcc   | -fdiagnostics-urls=never               | farm     | -fdiagnostics-urls=never               | any
            gcc   | -fmem-report                           | uncached |                                        |
            gcc   | -fno-diagnostics-color                 | farm     | -fno-diagnostics-color                 | any
            gcc   | -fno-profile-generate                  | refused  |                                        |
            gcc   | -fno-profile-use                       | refused  |                                        |
            gcc   | -fopt-info                             | uncached |                                        |
            gcc   | -fplugin=x                             | uncached |                                        |
            gcc   | -fplugin-arg-p-key=1                   | uncached |                                        |
            gcc   | -fplugin=libcc1plugin                  | refused  |                                        |
            gcc   | -fprofile-note=x                       | uncached |                                        |
            gcc   | -frepo                                 | refused  |                                        |
            gcc   | -ftime-report                          | uncached |                                        |
            gcc   | -fworking-directory                    | farm     | -fworking-directory                    | any
            gcc   | -grecord-command-line                  | here     | /a.c -grecord-command-line a.o         | its own
            gcc   | -iframeworkx                           | farm     |                                        | its own
            gcc   | -imultilibx                            | farm     |                                        | its own
            gcc   | -index-store-path x                    | refused  |                                        |
            gcc   | -install_name x                        | farm     | -install_name x                        | its own
            gcc   | -ivfsstatcachex                        | uncached |                                        |
            gcc   | -mcpu=native                           | here     | -mcpu=native                           | any
            gcc   | -nostdinc++                            | farm     | -nostdinc++                            | any
            gcc   | -remap                                 | farm     | -remap                                 | any
            gcc   | -save-temps=cwd                        | refused  |                                        |
            gcc   | -stdlib=libc++                         | farm     |                                        | any
            gcc   | -ux                                    | farm     | -ux                                    | its own
            gcc   | -v                                     | uncached |                                        |
            gcc   | -wrapper x                             | uncached |                                        |
            gcc   | -zx                                    | farm     | -zx                                    | its own
            gcc   | -fcanon-prefix-map                     | uncached |                                        |
            gcc   | -fcondition-coverage                   | here     | -fcondition-coverage a.o               | its own
            gcc   | -fdebug-cpp                            | uncached |                                        |
            gcc   | -fmem-report-wpa                       | uncached |                                        |
            gcc   | -fpath-coverage                        | here     | -fpath-coverage a.o                    | its own
            gcc   | -fpost-ipa-mem-report                  | uncached |                                        |
            gcc   | -fpre-ipa-mem-report                   | uncached |                                        |
            gcc   | -fsearch-include-path                  | uncached |                                        |
            gcc   | -fsearch-include-path=system           | uncached |                                        |
            gcc   | -fstats                                | uncached |                                        |
            gcc   | -ftime-report-details                  | uncached |                                        |
            gcc   | -fvtv-counts                           | uncached |                                        |
            gcc   | -fvtv-debug                            | uncached |                                        |
            gcc   | -print-search-dirs                     | uncached |                                        |
            clang | --analyze                              | uncached |                                        |
            clang | --config=x                             | uncached |                                        |
            clang | --dependent-lib=x                      | farm     | --dependent-lib=x                      | its own
            clang | --end-no-unused-arguments              | farm     | --end-no-unused-arguments              | its own
            clang | --gcc-install-dir=x                    | farm     | --gcc-install-dir=x                    | its own
            clang | --gcc-toolchain=x                      | farm     | --gcc-toolchain=x                      | its own
            clang | --hip-device-lib-path=x                | uncached |                                        |
            clang | --hip-path=x                           | uncached |                                        |
            clang | --precompile                           | uncached |                                        |
            clang | --rocm-path=x                          | uncached |                                        |
            clang | --rtlib=x                              | farm     | --rtlib=x                              | its own
            clang | --start-no-unused-arguments            | farm     | --start-no-unused-arguments            | its own
            clang | --stdlib=x                             | farm     |                                        | its own
            clang | --target x                             | farm     | --target x                             | any
            clang | --unwindlib=x                          | farm     | --unwindlib=x                          | its own
            clang | -ObjC                                  | uncached |                                        |
            clang | -ObjC++                                | uncached |                                        |
            clang | -Wno-unknown-cuda-version              | farm     | -Wno-unknown-cuda-version              | any
            clang | -add-plugin x                          | farm     | -add-plugin x                          | its own
            clang | -Rpass=x                               | farm     | -Rpass=x                               | its own
            clang | -fcreate-profile                       | farm     | -fcreate-profile a.o                   | its own
            clang | -fexperimental-sanitize-metadata-ignorelist=x | here | -fexperimental-sanitize-metadata-ignorelist=x | its own
            clang | -fimplicit-module-maps                 | uncached |                                        |
            clang | -fmemory-profile-use=x                 | here     | -fmemory-profile-use=x                 | its own
            clang | -fmodule-maps                          | uncached |                                        |
            clang | -fproc-stat-report=x                   | uncached |                                        |
            clang | -fsanitize-coverage-blacklist=x        | here     | -fsanitize-coverage-blacklist=x        | its own
            clang | -fsanitize-coverage-whitelist=x        | here     | -fsanitize-coverage-whitelist=x        | its own
            clang | -objcmt-migrate-all                    | uncached |                                        |
            clang | -object-file-name=x                    | uncached |                                        |
            clang | -gen-reproducer=always                 | uncached |                                        |
            clang | -gsimple-template-names=simple         | farm     | -gsimple-template-names=simple         | its own
            clang | -gsrc-hash=md5                         | farm     | -gsrc-hash=md5                         | its own
            clang | -mllvm -foo=file                       | uncached |                                        |
            clang | -mllvm -stats                          | uncached |                                        |
            clang | -mllvm=-foo=file                       | uncached |                                        |
            clang | -mllvm -inline-threshold=5             | farm     | -mllvm -inline-threshold=5             | its own
            clang | -ccc-print-phases                      | uncached |                                        |
            clang | -dependency-file x                     | farm     | -dependency-file                       | any
            clang | -emit-ast                              | uncached |                                        |
            clang | -fbasic-block-sections=x               | uncached |                                        |
            clang | -fcuda-allow-variadic-functions        | farm     | -fcuda-allow-variadic-functions        | any
            clang | -fcxx-modules                          | refused  |                                        |
            clang | -fembed-bitcode                        | uncached |                                        |
            clang | -fembed-offload-object=x               | here     | -fembed-offload-object=x               | its own
            clang | -fexperimental-assignment-tracking=x   | farm     | -fexperimental-assignment-tracking=x   | any
            clang | -fmodule-file=x                        | here     | -fmodule-file=x a.o                    | its own
            clang | -fmodule-map-file=x                    | uncached |                                        |
            clang | -fmodule-output                        | here     | -fmodule-output a.o                    | its own
            clang | -fmodules-reduced-bmi                  | farm     | -fmodules-reduced-bmi                  | any
            clang | -fno-profile-instr-generate            | refused  |                                        |
            clang | -fno-profile-instr-use                 | refused  |                                        |
            clang | -foptimization-record-file=x           | uncached |                                        |
            clang | -fpass-plugin=x                        | here     | -fpass-plugin=x                        | its own
            clang | -fplugin=x                             | here     | -fplugin=x                             | its own
            clang | -fprebuilt-implicit-modules            | refused  |                                        |
            clang | -fprebuilt-module-path=x               | here     | -fprebuilt-module-path=x a.o           | its own
            clang | -fprofile-list=x                       | here     | -fprofile-list=x                       | its own
            clang | -fprofile-remapping-file=x             | here     | -fprofile-remapping-file=x             | its own
            clang | -fprofile-use=x                        | here     | -fprofile-use=x                        | its own
            clang | -frandomize-layout-seed-file=x         | uncached |                                        |
            clang | -fsanitize-blacklist=x                 | here     | -fsanitize-blacklist=x                 | its own
            clang | -fsanitize-coverage-allowlist=x        | here     | -fsanitize-coverage-allowlist=x        | its own
            clang | -fsanitize-coverage-ignorelist=x       | here     | -fsanitize-coverage-ignorelist=x       | its own
            clang | -fthinlto-index=x                      | uncached |                                        |
            clang | -fuse-ctor-homing                      | farm     | -fuse-ctor-homing                      | any
            clang | -fxray-always-instrument=x             | here     | -fxray-always-instrument=x             | its own
            clang | -fxray-attr-list=x                     | here     | -fxray-attr-list=x                     | its own
            clang | -fxray-never-instrument=x              | here     | -fxray-never-instrument=x              | its own
            clang | -gcc-toolchain x                       | farm     | -gcc-toolchain x                       | its own
            clang | -gcodeview                             | farm     | -gcodeview                             | its own
            clang | -grecord-gcc-switches                  | here     | /a.c -grecord-gcc-switches a.o         | its own
            clang | -ivfsoverlayx                          | farm     |                                        | its own
            clang | -load x                                | here     | -load x                                | its own
            clang | -mconstructor-aliases                  | farm     | -mconstructor-aliases                  | any
            clang | -mrelax-all                            | farm     | -mrelax-all                            | any
            clang | -no-opaque-pointers                    | farm     | -no-opaque-pointers                    | any
            clang | -parallel-jobs=4                       | farm     | -parallel-jobs                         | any
            clang | -plugin-arg-p-key                      | farm     | -plugin-arg-p-key                      | any
            clang | -resource-dir=x                        | uncached |                                        |
            clang | -save-stats                            | uncached |                                        |
            clang | -verify                                | farm     | -verify                                | any
            clang | -fcodegen-data-use                     | uncached |                                        |
            clang | -fforce-check-cxx20-modules-input-files | uncached |                                        |
            clang | -fkeep-system-includes                 | uncached |                                        |
            clang | -fminimize-whitespace                  | uncached |                                        |
            clang | -fmodules-driver                       | uncached |                                        |
            clang | -fmodules-validate-input-files-content | uncached |                                        |
            clang | -fno-temp-file                         | uncached |                                        |
            clang | -fopenmp-targets=x                     | uncached |                                        |
            clang | -frewrite-imports                      | uncached |                                        |
            clang | -frewrite-includes                     | uncached |                                        |
            clang | -fsycl                                 | uncached |                                        |
            clang | -ftime-report-json                     | uncached |                                        |
            clang | -fuse-line-directives                  | uncached |                                        |
            clang | -fvalidate-ast-input-files-content     | uncached |                                        |
            clang | -fdiagnostics-absolute-paths           | farm     | -fdiagnostics-absolute-paths           | its own
            clang | -fprofile-generate-cold-function-coverage=x | farm     | -fprofile-generate-cold-function-coverage=x a.o | its own
            clang | -gcodeview-command-line                | here     | /a.c -gcodeview-command-line a.o       | its own
            clang | -isysroot x                            | farm     | -isysroot x                            | its own
            clang | -gen-cdb-fragment-path x               | uncached |                                        |
            clang | -module-dependency-dir x               | uncached |                                        |
            clang | -module-file-info                      | uncached |                                        |
            clang | -fmodule-output=                       | uncached |                                        |
            clang | -fmodule-output=x                      | here     | -fmodule-output=x a.o                  | its own
            """;

    private static String version(String program) {
        return kind(program) == CompilerKind.CLANG ? "Debian Clang 19.1.7" : "12.2.0";
    }

    private static CompilerKind kind(String program) {
        return Path.of(program).getFileName().toString().startsWith("clang") ? CompilerKind.CLANG : CompilerKind.GCC;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = FURTHER_OPTIONS)
    void option_decidesWhereAUnitIsCompiledAndHowItIsKeyed(
            String program, String options, String fate, String key, String directory) {
        Compiler compiler = new Compiler(
                CFamily.INSTANCE, kind(program), Path.of("/usr/bin", program), false, version(program), "stamp");
        List<String> arguments = new ArrayList<>(List.of("-c", "/a.c"));
        arguments.addAll(List.of(options.split(" ")));
        ParsedCommand parsed = CommandLineParser.parse(compiler, arguments, Path.of("/"), Map.of());
        if (fate.equals("refused")) {
            String reason = assertInstanceOf(CannotCache.class, parsed).reason();
            assertTrue(options.startsWith(reason), reason);
            return;
        }
        Compile compile = assertInstanceOf(Compile.class, parsed);
        boolean cached = compile.untracked().isEmpty();
        assertEquals(fate, cached ? compile.localOnly().isEmpty() ? "farm" : "here" : "uncached");
        if (cached) {
            CacheKeyOptions caching = compile.unit().caching();
            // The language and -c come first.
            assertEquals(
                    key == null ? "" : key, caching.forText().stream().skip(2).collect(Collectors.joining(" ")));
            assertEquals(directory, caching.dependOnDirectory() ? "its own" : "any");
        }
    }

    /** What is in no table may name a file: its content would be in no key, and nobody would bring it back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-fnew-profile=x",
                "-fnew-profile=/x",
                "-fnew/x",
                "-fnew=x.y",
                "-mnew=x",
                "-mnew/x",
                "-gnew=x",
                "-pnew=x",
                "-Wnew=x/y",
                "-Wnew=x.y",
                "-Onew=x",
                "-new",
                "-new=x",
                "-newx/y",
                "--new",
                "--new=x",
                "-Wp,-fnew",
                "-Wp,-funsigned-char",
                "-Wp,-imacros,x,y",
                "-Wp,-fplugin=x",
                "-Wp,@x",
                "-Xpreprocessor -fauto-profile=x",
                "-Wa,x",
                "-Wa,-adhln=x",
                "-Wa,--MD,x",
                "-Wa,-I/x,y",
                "-Wa,@x",
                "-Wa,--itbl,x",
                "-Wa,--alternate",
                "-Wa,-M",
                "-Xassembler x",
                "-Wa,--defsym,x",
            })
    void unknownOption_isLeftToTheCompiler(String options) {
        for (String program : List.of("gcc", "clang")) {
            assertTrue(parse(program, options).untracked().isPresent(), program);
        }
    }

    /** They would be cached without a thought otherwise. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-fsome-switch",
                "-mavx10.1-512",
                "-Wsome-warning=2",
                "-Wno-error=some-warning",
                "-O2",
                "-gdwarf-5",
                "-pthread",
                "-shared",
                "-lm",
                "-L/x",
                "-Wl,-rpath,/x",
                "-Wp,-D_FORTIFY_SOURCE=2",
                "-Wp,-MMD,x.d",
                "-Wp,-I,include",
                "-Wa,--noexecstack,-march=armv8.2-a",
                "-Wa,--defsym,X=1",
                "-Wa,-I,include",
                "-Wa,--debug-prefix-map,/x=y",
                "-ffile-prefix-map=/a/b=.",
                "-fmacro-prefix-map=./=",
            })
    void knownOption_isFollowed(String options) {
        for (String program : List.of("gcc", "clang")) {
            assertEquals(Optional.empty(), parse(program, options).untracked(), program);
        }
    }

    static Stream<String> plainOptions() {
        return PlainOptions.rows().stream()
                .map(row -> row.form() == OptionForm.FLAG ? row.name() : row.name() + "=1,a/b.c");
    }

    @ParameterizedTest
    @MethodSource("plainOptions")
    void plainOption_isPartOfTheKeyAndNoObstacle(String option) {
        for (String program : List.of("gcc", "clang")) {
            Compile compile = parse(program, option);
            assertEquals(Optional.empty(), compile.untracked());
            assertTrue(compile.unit().caching().forText().contains(option));
        }
    }

    private static Compile parse(String program, String options) {
        Compiler compiler = new Compiler(
                CFamily.INSTANCE, kind(program), Path.of("/usr/bin", program), false, version(program), "stamp");
        List<String> arguments = new ArrayList<>(List.of("-c", "/a.c"));
        arguments.addAll(List.of(options.split(" ")));
        return assertInstanceOf(Compile.class, CommandLineParser.parse(compiler, arguments, Path.of("/"), Map.of()));
    }

    /**
     * Options with a value that the table leaves to the rows of what is unknown, so that units with them are compiled without
     * the cache: they name files, or folders of files, or are for other languages than those of C.
     */
    private static final Set<String> LEFT_TO_THE_COMPILER = Set.of((
            // gcc's for Ada, COBOL, D, Fortran, Go, Modula-2 and Rust
            "-cpp -fRTS -fada-spec-parent -fbounds-check -fcheck -fcheckaction -fcoarray -fconvert -fcppprog -fdebug -fdef"
                    + " -fdoc-dir -fdoc-file -fdoc-inc -fextern-std -ffpe-summary -ffpe-trap -fgo-c-header"
                    + " -fgo-debug-escape-hash -fgo-embedcfg -fgo-pkgpath -fgo-prefix -fgo-relative-import-path -fhelp"
                    + " -finit-character -finit-integer -finit-logical -finit-real -finline-matmul-limit"
                    + " -fintrinsic-modules-path -flibs -flocation -fmax-array-constructor -fmax-identifier-length"
                    + " -fmax-stack-var-size -fmax-subrecord-length -fmod -fonly -fpre-include -fruntime-modules"
                    + " -fcobol-exceptions -fexec-national-charset -findicator-column -finline-intrinsics -fgo-importcfg"
                    + " -fgen-module-list -fuse-list -fm2-debug-trace -fm2-dump -fm2-dump-decl -fm2-dump-filter"
                    + " -fm2-dump-gimple -fm2-dump-quad -fm2-file-offset-bits -fm2-pathname -fm2-pathname-root"
                    + " -fm2-pathname-rootI -fm2-prefix -fmodules-map -fmodules-map-file -frust-cfg -frust-compile-until"
                    + " -frust-crate -frust-crate-attr -frust-crate-type -frust-edition -frust-extern -frust-mangling"
                    + " -frust-metadata-output -frust-panic -fstropping -main"
                    + " -fsave-mixins -ftail-call-workaround -ftarget-ar -ftarget-ranlib -fversion -symbol"
                    // gcc's that name files, or are for its linker
                    + " -aux-info -flang-info-include-translate -flang-info-module-cmi -fltrans-output-list -fmodule-header"
                    + " -fmodule-mapper -fobject-path -fresolution -fself-test -fwpa -iplugindir -fdeps-file -fdeps-format -fdeps-target"
                    // clang's for other languages
                    + " -fbootclasspath -fclasspath -fcompile-resource -fencoding -fextdirs -foutput-class-dir"
                    + " -fdx-rootsignature-define -fdx-rootsignature-version -fspv-extension -mzos-target -fspv-target-env -mxcoff-build-id -mzos-hlq-clang -mzos-hlq-csslib -mzos-hlq-le"
                    + " -save-temps -mzos-sys-include"
                    // clang's that name files, or pass something on
                    + " -Xclang -Xopenmp-target -fbuild-session-file -fdepfile-entry -fmodules-cache-path"
                    + " -fmodules-prune-after -fmodules-prune-interval -frewrite-map-file -fsanitize-system-blacklist"
                    + " -fthin-link-bitcode -ftime-report -print-file-name -print-prog-name -fmodule-file-deps"
                    + " -fms-secure-hotpatch-functions-file -fms-secure-hotpatch-functions-list -fthinlto-distributor"
                    + " -multi-lib-config -Xclangas -Xthinlto-distributor -clangir-lib-opt -fuse-lipo")
            .split(" "));

    private static final Pattern COMPILER = Pattern.compile("(gcc|clang)(-\\d+)?");

    /** gcc and clang, with and without versions, of all directories of PATH, and those that {@code jdist.compilers} names. */
    static Stream<String> compilers() throws IOException {
        Map<Path, String> found = new TreeMap<>();
        for (String directory : System.getenv("PATH").split(":")) {
            if (Files.isDirectory(Path.of(directory))) {
                try (Stream<Path> programs = Files.list(Path.of(directory))) {
                    for (Path program : programs.sorted().toList()) {
                        if (COMPILER.matcher(program.getFileName().toString()).matches()
                                && Files.isExecutable(program)) {
                            found.putIfAbsent(program.toRealPath(), program.toString());
                        }
                    }
                }
            }
        }
        Stream<String> named =
                Stream.of(System.getProperty("jdist.compilers", "").split(":")).filter(name -> !name.isEmpty());
        return Stream.concat(found.values().stream(), named);
    }

    @Test
    void compilers_toCompareWith_areOfBothKinds() throws Exception {
        assertEquals(
                Set.of(CompilerKind.GCC, CompilerKind.CLANG),
                compilers().map(OptionTableTest::kind).collect(Collectors.toSet()));
    }

    /**
     * A new compiler has new options. One that fails here wants a row in the table if it names a file, or does something else
     * that matters; a name in {@link PlainOptions} if it does not; or else a name above.
     */
    @ParameterizedTest
    @MethodSource("compilers")
    void optionWithAValue_ofACompiler_isKnown(String compiler) throws Exception {
        Set<String> names = new TreeSet<>();
        if (kind(compiler) == CompilerKind.CLANG) {
            printed(compiler, "--autocomplete=-")
                    .lines()
                    .map(line -> line.split("\t")[0])
                    .forEach(names::add);
        } else {
            for (String kind : List.of("joined", "joined,undocumented", "target", "separate")) {
                printed(compiler, "--help=" + kind)
                        .lines()
                        .filter(line -> line.startsWith("  -"))
                        .map(line -> line.strip().replaceFirst("[\\[< \t].*", ""))
                        .forEach(names::add);
            }
        }
        assertTrue(names.size() > 100, "it lists its options");
        Set<String> unknown = new TreeSet<>();
        for (String name : names) {
            String plain = name.replaceFirst("=$", "");
            if (name.endsWith("=")
                    && !plain.startsWith("-W")
                    && !LEFT_TO_THE_COMPILER.contains(plain)
                    && isOfFamily(compiler, name + "x")
                    && !plain.startsWith("--")) {
                unknown.add(name);
            }
        }
        assertEquals(Set.of(), unknown);
        for (String name : LEFT_TO_THE_COMPILER) {
            assertTrue(parse(compiler, name + "=x").untracked().isPresent(), name);
        }
    }

    /** Whether the table knows a word only by how it begins. */
    private static boolean isOfFamily(String compiler, String word) {
        Set<String> families = Set.of("-", "--", "-M", "-O", "-W", "-f", "-g", "-m", "-p");
        return families.contains(
                OptionTable.of(kind(compiler)).find(word).orElseThrow().name());
    }

    /** What a switch says of itself that may read, write or print something of its own accord. */
    private static final Pattern SUSPICIOUS = Pattern.compile(
            "(?i)\\b(files?|logs?|dumps?|prints?|printing|reports?|statistics|counters|paths?|director(y|ies)|read|reads|writes?"
                    + "|preprocess(ed|or)?|preprocessing|profil(e|es|ing)|coverage|embed(ded)?|output|record)\\b");

    /** Switches that are suspicious and have no row: somebody has read what they do, and they are switches like any other. */
    private static Set<String> harmlessSwitches() throws IOException {
        try (InputStream list =
                Objects.requireNonNull(OptionTableTest.class.getResourceAsStream("harmless-switches.txt"))) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> Stream.of(line.split(" ")))
                    .collect(Collectors.toSet());
        }
    }

    /**
     * A switch of a family is cached without a thought, so one that writes a log, or reads a file with a name of its own, has to
     * be in the table. One that fails here wants a row there, or its name in harmless-switches.txt.
     */
    @ParameterizedTest
    @MethodSource("compilers")
    void switch_ofACompiler_thatMayReadOrWriteSomething_isKnown(String compiler) throws Exception {
        List<String> questions = kind(compiler) == CompilerKind.CLANG
                ? List.of("--help-hidden")
                : List.of(
                        "--help=common",
                        "--help=c",
                        "--help=c++",
                        "--help=optimizers",
                        "--help=target",
                        "--help=undocumented");
        Set<String> harmless = harmlessSwitches();
        Set<String> unknown = new TreeSet<>();
        int switches = 0;
        for (String question : questions) {
            for (String entry : printed(compiler, question).split("\n(?=  ? ?-)")) {
                String[] parts = entry.strip().split("\\s+", 2);
                String name = parts[0];
                boolean isSwitch = name.matches("-[fmgpOW][-+.\\w]*") && !name.startsWith("-W");
                switches += isSwitch ? 1 : 0;
                if (isSwitch
                        && isOfFamily(compiler, name)
                        && parts.length > 1
                        && SUSPICIOUS.matcher(parts[1]).find()
                        && !harmless.contains(name)) {
                    unknown.add(name);
                }
            }
        }
        assertTrue(switches > 100, "it lists its switches");
        assertEquals(Set.of(), unknown);
    }

    private static String printed(String compiler, String question) throws Exception {
        Process process = new ProcessBuilder(compiler, question)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        return answer;
    }

    /** A row that fails here wants a line in command-lines.txt, or above if a unit test says enough. */
    @Test
    void row_isExercisedByACommandLine() {
        Set<Option> exercised = new HashSet<>(PlainOptions.rows());
        Stream<List<String>> further = FURTHER_OPTIONS
                .lines()
                .map(line -> Stream.of(line.split("\\|")).map(String::strip).toList());
        Stream<List<String>> lines = CommandLineRow.all().map(row -> List.of(row.compiler(), row.command()));
        Stream.concat(further, lines).forEach(line -> {
            OptionTable table = OptionTable.of(kind(line.get(0)));
            for (String word : ResponseFiles.split(line.get(1), CompilerKind.GCC)) {
                table.find(word).ifPresent(exercised::add);
            }
        });
        Set<String> missing = Stream.of(CompilerKind.values())
                .flatMap(kind -> OptionTable.of(kind).rows().stream())
                .filter(row -> !exercised.contains(row))
                .map(row -> row.name() + " " + row.form())
                .collect(Collectors.toSet());
        assertEquals(Set.of(), missing);
    }
}
