package dev.jdist.client.compiler;

import static dev.jdist.client.compiler.OptionForm.EQUALS_OR_SEPARATE;
import static dev.jdist.client.compiler.OptionForm.FLAG;
import static dev.jdist.client.compiler.OptionForm.JOINED;
import static dev.jdist.client.compiler.OptionForm.JOINED_BY_COMMA;
import static dev.jdist.client.compiler.OptionForm.JOINED_BY_EQUALS;
import static dev.jdist.client.compiler.OptionForm.JOINED_BY_HYPHEN;
import static dev.jdist.client.compiler.OptionForm.JOINED_OR_SEPARATE;
import static dev.jdist.client.compiler.OptionForm.SEPARATE;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The options that need thought. What is not in a table goes to every step as it is, unless it begins with two hyphens.
 *
 * <p>Which options stop sccache, and under which name it counts them, is its own behaviour and taken over; which ones
 * must not be distributed is ours and more cautious, see {@link Role#LOCAL_ONLY}.
 */
public final class OptionTable {
    /** One row. */
    record Option(String name, OptionForm form, Role role) {}

    private static final List<Option> COMMON = List.of(
            new Option("-", FLAG, Role.TOO_HARD),
            new Option("--coverage", FLAG, Role.COVERAGE),
            new Option("--param", SEPARATE, Role.COMMON),
            new Option("--save-temps", FLAG, Role.TOO_HARD),
            new Option("--save-temps=cwd", FLAG, Role.TOO_HARD),
            new Option("--save-temps=obj", FLAG, Role.TOO_HARD),
            new Option("--serialize-diagnostics", SEPARATE, Role.DIAGNOSTICS_FILE),
            new Option("--sysroot", SEPARATE, Role.COMMON),
            new Option("-A", SEPARATE, Role.COMMON),
            new Option("-B", JOINED_OR_SEPARATE, Role.LOCAL_ONLY),
            new Option("-D", JOINED_OR_SEPARATE, Role.MACRO),
            new Option("-E", FLAG, Role.TOO_HARD),
            new Option("-F", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-G", SEPARATE, Role.COMMON),
            new Option("-I", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-L", SEPARATE, Role.COMMON),
            new Option("-M", FLAG, Role.TOO_HARD),
            new Option("-MD", FLAG, Role.DEPENDENCIES),
            new Option("-MF", JOINED_OR_SEPARATE, Role.DEPENDENCY_FILE),
            new Option("-MM", FLAG, Role.TOO_HARD),
            new Option("-MMD", FLAG, Role.DEPENDENCIES),
            new Option("-MP", FLAG, Role.DEPENDENCIES),
            new Option("-MQ", JOINED_OR_SEPARATE, Role.DEPENDENCY_TARGET),
            new Option("-MT", JOINED_OR_SEPARATE, Role.DEPENDENCY_TARGET),
            new Option("-P", FLAG, Role.TOO_HARD),
            new Option("-U", JOINED_OR_SEPARATE, Role.MACRO),
            new Option("-V", SEPARATE, Role.COMMON),
            new Option("-Werror=pedantic", FLAG, Role.PEDANTIC),
            new Option("-Wp", JOINED_BY_COMMA, Role.PREPROCESSOR),
            new Option("-Wpedantic", FLAG, Role.PEDANTIC),
            new Option("-Xassembler", SEPARATE, Role.ASSEMBLER),
            new Option("-Xlinker", SEPARATE, Role.COMMON),
            new Option("-Xpreprocessor", SEPARATE, Role.PREPROCESSOR),
            new Option("-arch", SEPARATE, Role.ARCHITECTURE),
            new Option("-aux-info", SEPARATE, Role.LOCAL_ONLY),
            new Option("-b", SEPARATE, Role.COMMON),
            new Option("-c", FLAG, Role.COMPILE),
            new Option("-fdiagnostics-color", JOINED_BY_EQUALS, Role.COLOR),
            new Option("-fmodules", FLAG, Role.TOO_HARD),
            new Option("-fmodules-ts", FLAG, Role.TOO_HARD),
            new Option("-fno-diagnostics-color", FLAG, Role.COLOR_OFF),
            new Option("-fno-profile-generate", FLAG, Role.TOO_HARD),
            new Option("-fno-profile-use", FLAG, Role.TOO_HARD),
            new Option("-fno-working-directory", FLAG, Role.PREPROCESSOR),
            new Option("-fplugin=libcc1plugin", FLAG, Role.TOO_HARD),
            new Option("-fprofile-arcs", FLAG, Role.PROFILE),
            new Option("-fprofile-generate", FLAG, Role.PROFILE),
            new Option("-fprofile-use", JOINED, Role.TOO_HARD),
            new Option("-frepo", FLAG, Role.TOO_HARD),
            new Option("-fsyntax-only", FLAG, Role.TOO_HARD),
            new Option("-ftest-coverage", FLAG, Role.TEST_COVERAGE),
            new Option("-fworking-directory", FLAG, Role.PREPROCESSOR),
            new Option("-gsplit-dwarf", JOINED_BY_EQUALS, Role.SPLIT_DWARF),
            new Option("-idirafter", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-iframework", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-imacros", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-imultilib", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-include", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-index-store-path", SEPARATE, Role.TOO_HARD),
            new Option("-install_name", SEPARATE, Role.COMMON),
            new Option("-iprefix", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-iquote", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-isysroot", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-isystem", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-ivfsstatcache", JOINED_OR_SEPARATE, Role.LOCAL_ONLY),
            new Option("-iwithprefix", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-iwithprefixbefore", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-nostdinc", FLAG, Role.PREPROCESSOR),
            new Option("-nostdinc++", FLAG, Role.PREPROCESSOR),
            new Option("-o", JOINED_OR_SEPARATE, Role.OUTPUT),
            new Option("-pedantic", FLAG, Role.PEDANTIC),
            new Option("-pedantic-errors", FLAG, Role.PEDANTIC),
            new Option("-pipe", FLAG, Role.NEUTRAL),
            new Option("-remap", FLAG, Role.PREPROCESSOR),
            new Option("-save-temps", FLAG, Role.TOO_HARD),
            new Option("-save-temps=cwd", FLAG, Role.TOO_HARD),
            new Option("-save-temps=obj", FLAG, Role.TOO_HARD),
            new Option("-std", JOINED_BY_EQUALS, Role.STANDARD),
            new Option("-stdlib", JOINED_BY_EQUALS, Role.PREPROCESSOR),
            new Option("-trigraphs", FLAG, Role.PREPROCESSOR),
            new Option("-u", JOINED_OR_SEPARATE, Role.COMMON),
            new Option("-x", JOINED_OR_SEPARATE, Role.LANGUAGE),
            new Option("-z", JOINED_OR_SEPARATE, Role.COMMON),
            new Option("@", JOINED, Role.TOO_HARD),

            // Ours. Long names, of which the parser keeps those here that stand in no table:
            new Option("--all-warnings", FLAG, Role.COMMON),
            new Option("--debug", JOINED_BY_EQUALS, Role.COMMON),
            new Option("--extra-warnings", FLAG, Role.COMMON),
            new Option("--no-warnings", FLAG, Role.COMMON),
            new Option("--optimize", JOINED_BY_EQUALS, Role.COMMON),
            new Option("--param=", JOINED, Role.COMMON),
            new Option("--pedantic", FLAG, Role.PEDANTIC),
            new Option("--pedantic-errors", FLAG, Role.PEDANTIC),
            new Option("--std", JOINED_BY_EQUALS, Role.STANDARD),
            new Option("--sysroot=", JOINED, Role.COMMON),
            // What the assembler is told, which may write files too:
            new Option("-Wa", JOINED_BY_COMMA, Role.ASSEMBLER),
            // What prints more than diagnostics, or differently on another machine:
            new Option("-###", FLAG, Role.LOCAL_ONLY),
            new Option("-H", FLAG, Role.LOCAL_ONLY),
            new Option("-Q", FLAG, Role.LOCAL_ONLY),
            new Option("-v", FLAG, Role.LOCAL_ONLY),
            new Option("--verbose", FLAG, Role.LOCAL_ONLY),
            new Option("-ftime-report", FLAG, Role.LOCAL_ONLY),
            new Option("-fmem-report", FLAG, Role.LOCAL_ONLY),
            new Option("-march=native", FLAG, Role.THIS_MACHINE),
            new Option("-mcpu=native", FLAG, Role.THIS_MACHINE),
            new Option("-mtune=native", FLAG, Role.THIS_MACHINE),
            new Option("-fdiagnostics-format", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            // What puts the command line into the object:
            new Option("-frecord-command-line", FLAG, Role.RECORDS_WORDS),
            new Option("-frecord-gcc-switches", FLAG, Role.RECORDS_WORDS),
            new Option("-grecord-command-line", FLAG, Role.RECORDS_WORDS),
            // What would be done twice, to the sources and to the preprocessed text:
            new Option("-finput-charset", JOINED_BY_EQUALS, Role.WHOLE_ONLY),
            // What writes other files than an object, under names of their own:
            new Option("-S", FLAG, Role.LOCAL_ONLY),
            new Option("-da", FLAG, Role.LOCAL_ONLY),
            new Option("-dumpbase", SEPARATE, Role.LOCAL_ONLY),
            new Option("-dumpdir", SEPARATE, Role.LOCAL_ONLY),
            new Option("-fcallgraph-info", JOINED, Role.LOCAL_ONLY),
            new Option("-fdiagnostics-add-output", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fdiagnostics-set-output", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fdump-", JOINED, Role.LOCAL_ONLY),
            new Option("-fopt-info", JOINED, Role.LOCAL_ONLY),
            new Option("-fprofile-note", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fsave-optimization-record", JOINED, Role.LOCAL_ONLY),
            new Option("-fstack-usage", FLAG, Role.STACK_USAGE),
            new Option("-ftime-trace", JOINED, Role.LOCAL_ONLY),
            new Option("-d", JOINED, Role.LOCAL_ONLY),
            // What reads files or programs that only this machine has:
            new Option("--specs", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-specs", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fauto-profile", JOINED, Role.LOCAL_ONLY),
            new Option("-fbranch-probabilities", FLAG, Role.LOCAL_ONLY),
            new Option("-fplugin", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fplugin-arg", JOINED_BY_HYPHEN, Role.LOCAL_ONLY),
            new Option("-wrapper", SEPARATE, Role.LOCAL_ONLY));

    private static final List<Option> CLANG_ONLY = List.of(
            new Option("--dependent-lib", JOINED_BY_EQUALS, Role.COMMON),
            new Option("--end-no-unused-arguments", FLAG, Role.COMMON),
            new Option("--gcc-install-dir", JOINED_BY_EQUALS, Role.COMMON),
            new Option("--gcc-toolchain", JOINED_BY_EQUALS, Role.COMMON),
            new Option("--hip-device-lib-path", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("--hip-path", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("--precompile", FLAG, Role.LOCAL_ONLY),
            new Option("--rocm-path", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("--rtlib", JOINED_BY_EQUALS, Role.COMMON),
            new Option("--start-no-unused-arguments", FLAG, Role.COMMON),
            new Option("--stdlib", JOINED_BY_EQUALS, Role.PREPROCESSOR),
            new Option("--target", SEPARATE, Role.COMMON),
            new Option("--target=", JOINED, Role.COMMON),
            new Option("--unwindlib", JOINED_BY_EQUALS, Role.COMMON),
            new Option("-MJ", JOINED, Role.LOCAL_ONLY),
            new Option("-MV", FLAG, Role.DEPENDENCIES),
            new Option("-ObjC", FLAG, Role.LOCAL_ONLY),
            new Option("-ObjC++", FLAG, Role.LOCAL_ONLY),
            new Option("-Xclang", SEPARATE, Role.XCLANG),
            new Option("-add-plugin", SEPARATE, Role.COMMON),
            new Option("-ccc-", JOINED, Role.LOCAL_ONLY),
            new Option("-debug-info-kind", JOINED_BY_EQUALS, Role.COMMON),
            new Option("-dependency-file", SEPARATE, Role.DEPENDENCY_FILE),
            new Option("--analyze", FLAG, Role.LOCAL_ONLY),
            new Option("-emit-ast", FLAG, Role.LOCAL_ONLY),
            new Option("-emit-llvm", FLAG, Role.WHOLE_ONLY),
            new Option("-emit-pch", FLAG, Role.LOCAL_ONLY),
            new Option("-fcolor-diagnostics", FLAG, Role.COLOR_ON),
            new Option("-fcxx-modules", FLAG, Role.TOO_HARD),
            new Option("-fdebug-compilation-dir", SEPARATE, Role.COMMON),
            new Option("-fembed-bitcode", JOINED, Role.LOCAL_ONLY),
            new Option("-fembed-offload-object", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fexperimental-assignment-tracking", JOINED_BY_EQUALS, Role.COMMON),
            new Option("-fmodule-file", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fmodule-output", JOINED, Role.LOCAL_ONLY),
            new Option("-fno-color-diagnostics", FLAG, Role.COLOR_OFF),
            new Option("-fno-profile-instr-generate", FLAG, Role.TOO_HARD),
            new Option("-fno-profile-instr-use", FLAG, Role.TOO_HARD),
            new Option("-foptimization-record-", JOINED, Role.LOCAL_ONLY),
            new Option("-fplugin", EQUALS_OR_SEPARATE, Role.INPUT_FILE),
            new Option("-fprebuilt-implicit-modules", FLAG, Role.TOO_HARD),
            new Option("-fprebuilt-module-path", JOINED, Role.TOO_HARD),
            new Option("-fprofile-instr-generate", FLAG, Role.PROFILE),
            new Option("-fprofile-instr-use", JOINED_BY_EQUALS, Role.PROFILE_FILE),
            new Option("-fprofile-use", JOINED_BY_EQUALS, Role.PROFILE_FILE),
            new Option("-fprofile-sample-use", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fsanitize-blacklist", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fsanitize-ignorelist", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fprofile-list", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fprofile-remapping-file", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fpass-plugin", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fmodule-map-file", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-frandomize-layout-seed-file", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fsanitize-system-ignorelist", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fsanitize-coverage-allowlist", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fsanitize-coverage-ignorelist", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fbasic-block-sections", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fthinlto-index", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-fxray-always-instrument", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fxray-attr-list", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-fxray-never-instrument", JOINED_BY_EQUALS, Role.INPUT_FILE),
            new Option("-gcc-toolchain", SEPARATE, Role.COMMON),
            new Option("-grecord-gcc-switches", FLAG, Role.RECORDS_WORDS),
            new Option("-include-pch", JOINED_OR_SEPARATE, Role.LOCAL_ONLY),
            new Option("-ivfsoverlay", JOINED_OR_SEPARATE, Role.PREPROCESSOR),
            new Option("-load", SEPARATE, Role.INPUT_FILE),
            // Harmless, and worth a line as what is unknown is refused behind -Xclang:
            new Option("-Wno-unknown-cuda-version", FLAG, Role.COMMON),
            new Option("-Wno-unused-parameter", FLAG, Role.COMMON),
            new Option("-fcuda-allow-variadic-functions", FLAG, Role.COMMON),
            new Option("-fmodules-reduced-bmi", FLAG, Role.COMMON),
            new Option("-fno-pch-timestamp", FLAG, Role.COMMON),
            new Option("-fuse-ctor-homing", FLAG, Role.COMMON),
            new Option("-gcodeview", FLAG, Role.COMMON),
            new Option("-mconstructor-aliases", FLAG, Role.COMMON),
            new Option("-mrelax-all", FLAG, Role.COMMON),
            new Option("-mllvm", SEPARATE, Role.COMMON),
            new Option("-no-opaque-pointers", FLAG, Role.PREPROCESSOR),
            new Option("-parallel-jobs", JOINED_BY_EQUALS, Role.NEUTRAL),
            new Option("-plugin-arg", JOINED_BY_HYPHEN, Role.COMMON),
            new Option("-resource-dir", JOINED_BY_EQUALS, Role.LOCAL_ONLY),
            new Option("-save-stats", JOINED, Role.LOCAL_ONLY),
            new Option("-target", SEPARATE, Role.COMMON),
            new Option("-verify", FLAG, Role.PREPROCESSOR),
            new Option("--config", EQUALS_OR_SEPARATE, Role.LOCAL_ONLY));

    static final OptionTable GCC = new OptionTable(List.of(COMMON));
    static final OptionTable CLANG = new OptionTable(List.of(COMMON, CLANG_ONLY));

    /** By name; what several tables hold is there once, as the last one has it. */
    private final Map<String, Option> options = new TreeMap<>(Comparator.reverseOrder());

    private OptionTable(List<List<Option>> tables) {
        for (List<Option> table : tables) {
            for (Option option : table) {
                options.put(option.name(), option);
            }
        }
    }

    static OptionTable of(CompilerKind kind) {
        return kind == CompilerKind.CLANG ? CLANG : GCC;
    }

    /** The option that {@code word} is, with or without a value; of several, the one with the longest name. */
    Optional<Option> find(String word) {
        Option longest = null;
        for (int length = word.length(); length > 0 && longest == null; length--) {
            Option candidate = options.get(word.substring(0, length));
            if (candidate != null && candidate.form().matches(candidate.name(), word)) {
                longest = candidate;
            }
        }
        return Optional.ofNullable(longest);
    }
}
