package dev.jdist.client.compiler.cfamily;

import static dev.jdist.client.compiler.cfamily.Option.option;
import static dev.jdist.client.compiler.cfamily.OptionForm.EQUALS_OR_SEPARATE;
import static dev.jdist.client.compiler.cfamily.OptionForm.FLAG;
import static dev.jdist.client.compiler.cfamily.OptionForm.JOINED;
import static dev.jdist.client.compiler.cfamily.OptionForm.JOINED_BY_COMMA;
import static dev.jdist.client.compiler.cfamily.OptionForm.JOINED_BY_EQUALS;
import static dev.jdist.client.compiler.cfamily.OptionForm.JOINED_BY_HYPHEN;
import static dev.jdist.client.compiler.cfamily.OptionForm.JOINED_OR_SEPARATE;
import static dev.jdist.client.compiler.cfamily.OptionForm.SEPARATE;
import static dev.jdist.client.compiler.cfamily.Trait.ABOUT_DEPENDENCIES;
import static dev.jdist.client.compiler.cfamily.Trait.ARCHITECTURE;
import static dev.jdist.client.compiler.cfamily.Trait.COLORS_BY_VALUE;
import static dev.jdist.client.compiler.cfamily.Trait.COLORS_OFF;
import static dev.jdist.client.compiler.cfamily.Trait.COLORS_ON;
import static dev.jdist.client.compiler.cfamily.Trait.COMPILE;
import static dev.jdist.client.compiler.cfamily.Trait.DEPENDENCIES_BY_VALUE;
import static dev.jdist.client.compiler.cfamily.Trait.DEPENDENCIES_OF_ALL;
import static dev.jdist.client.compiler.cfamily.Trait.DEPENDENCIES_OF_SOME;
import static dev.jdist.client.compiler.cfamily.Trait.DEPENDENCY_FILE;
import static dev.jdist.client.compiler.cfamily.Trait.DEPENDENCY_TARGET;
import static dev.jdist.client.compiler.cfamily.Trait.EMBEDS_DIRECTORY;
import static dev.jdist.client.compiler.cfamily.Trait.EMBEDS_PLACES;
import static dev.jdist.client.compiler.cfamily.Trait.END_OF_OPTIONS;
import static dev.jdist.client.compiler.cfamily.Trait.FOR_PREPROCESSED;
import static dev.jdist.client.compiler.cfamily.Trait.FOR_SEARCH_PATH;
import static dev.jdist.client.compiler.cfamily.Trait.HEEDS_COMMENTS;
import static dev.jdist.client.compiler.cfamily.Trait.HEEDS_INDENTATION;
import static dev.jdist.client.compiler.cfamily.Trait.KEYED;
import static dev.jdist.client.compiler.cfamily.Trait.LANGUAGE;
import static dev.jdist.client.compiler.cfamily.Trait.LOST_IN_DIRECTIVES_ONLY;
import static dev.jdist.client.compiler.cfamily.Trait.LOST_IN_REWRITTEN_INCLUDES;
import static dev.jdist.client.compiler.cfamily.Trait.MODULE_DIRECTORY;
import static dev.jdist.client.compiler.cfamily.Trait.NAMES_PATH;
import static dev.jdist.client.compiler.cfamily.Trait.OTHER_ASSEMBLER;
import static dev.jdist.client.compiler.cfamily.Trait.OUTPUT;
import static dev.jdist.client.compiler.cfamily.Trait.OWN_ASSEMBLER;
import static dev.jdist.client.compiler.cfamily.Trait.PASSES_ON;
import static dev.jdist.client.compiler.cfamily.Trait.PLUGIN_ARGUMENT;
import static dev.jdist.client.compiler.cfamily.Trait.PRECOMPILES;
import static dev.jdist.client.compiler.cfamily.Trait.REMAPS_NAMES;
import static dev.jdist.client.compiler.cfamily.Trait.SILENCES;
import static dev.jdist.client.compiler.cfamily.Trait.STANDARD;
import static dev.jdist.client.compiler.cfamily.Trait.UNTRACKED;
import static dev.jdist.client.compiler.cfamily.Trait.WARNS_OF_COMMENTS;
import static dev.jdist.client.compiler.cfamily.Trait.WIDTH;
import static dev.jdist.client.compiler.cfamily.Trait.WITHOUT_LINKS;
import static dev.jdist.client.compiler.cfamily.Trait.XCLANG;

import dev.jdist.client.compiler.CompilerKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that jdist knows of the options of gcc and clang: one row for each option that needs thought, and for all others one row
 * for each way in which they begin. {@link PlainOptions} has those about which there is nothing to know. To know another option is
 * to add a row, or a name there.
 *
 * <p>Which options stop sccache, and under which name it counts them, is its own behaviour and taken over; which ones
 * must not be distributed is ours and more cautious, see {@link Trait#UNTRACKED} and {@link Trait#STAYS_HERE}.
 */
final class OptionTable {
    /** A joined value that names no file: no slash is in it, and a dot only before an equals sign. */
    private static final String WORD = "[-+.\\w]*(=[-+,\\w]*)?";

    /** The rest of a switch's name. */
    private static final String NAME = "[-+.\\w]*";

    /** The rest of a warning's name; its value is a number, or the name of a warning. */
    private static final String WARNING = WORD;

    /** An option of LLVM itself that is a switch or takes a number, and does not print or write what it found out. */
    private static final String OF_LLVM =
            "--?(?!time|stats|track|info|print|debug|view|dot|dump|write|rpass|pass-remarks)"
                    + "[-.\\w]+(=(\\d[.\\d]*|true|false)|(?<=x86-asm-syntax)=\\w+)?";

    private static final String WORD_BEHIND_EQUALS = "[-+,\\w]*";

    /** A value of {@code -Wp} that writes a dependency file and does nothing else, as those of Linux do. */
    private static final String WRITES_DEPENDENCIES = "-MM?D,[^,]*";

    private static final List<Option> BOTH_ROWS = List.of(
            // The command itself:
            option("-c", FLAG).ofThisCommand().with(COMPILE).refusedBehindXclang(),
            option("-o", JOINED_OR_SEPARATE).ofThisCommand().with(OUTPUT).refusedBehindXclang(),
            option("-x", JOINED_OR_SEPARATE).ofThisCommand().with(LANGUAGE).refusedBehindXclang(),
            option("-arch", SEPARATE).namesNoFile().with(ARCHITECTURE).without(FOR_SEARCH_PATH),
            option("--std", JOINED_BY_EQUALS).namesNoFile().with(STANDARD).refusedBehindXclang(),
            option("-std", JOINED_BY_EQUALS).namesNoFile().with(STANDARD).refusedBehindXclang(),
            option("--pedantic", FLAG).pedantic(),
            option("--pedantic-errors", FLAG).pedantic(),
            option("-Werror=pedantic", FLAG).pedantic(),
            option("-Wpedantic", FLAG).pedantic(),
            option("-pedantic", FLAG).pedantic(),
            option("-pedantic-errors", FLAG).pedantic(),
            option("-pipe", FLAG).neutral(),

            // The preprocessor:
            option("-D", JOINED_OR_SEPARATE).macro(),
            option("-U", JOINED_OR_SEPARATE).macro(),
            option("-F", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-I", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-Xpreprocessor", SEPARATE).preprocessorOnly().with(PASSES_ON, LOST_IN_REWRITTEN_INCLUDES),
            option("-fno-working-directory", FLAG).preprocessorOnly(),
            option("-fworking-directory", FLAG).preprocessorOnly(),
            option("-idirafter", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-iframework", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-imacros", JOINED_OR_SEPARATE)
                    .preprocessorOnly()
                    .includesFirst()
                    .with(LOST_IN_REWRITTEN_INCLUDES),
            option("-imultilib", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-include", JOINED_OR_SEPARATE).preprocessorOnly().includesFirst(),
            option("-iprefix", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-iquote", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-isysroot", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-isystem", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-iwithprefix", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-iwithprefixbefore", JOINED_OR_SEPARATE).preprocessorOnly(),
            option("-nostdinc", FLAG).preprocessorOnly(),
            option("-nostdinc++", FLAG).preprocessorOnly(),
            option("-remap", FLAG).preprocessorOnly().with(REMAPS_NAMES),
            option("-stdlib", JOINED_BY_EQUALS).preprocessorOnly().namesNoFile(),
            option("-trigraphs", FLAG).preprocessorOnly().with(LOST_IN_DIRECTIVES_ONLY, LOST_IN_REWRITTEN_INCLUDES),

            // Dependency files:
            option("-MD", FLAG).ofThisPlace().with(DEPENDENCIES_OF_ALL, ABOUT_DEPENDENCIES),
            option("-MMD", FLAG).ofThisPlace().with(DEPENDENCIES_OF_SOME, ABOUT_DEPENDENCIES),
            option("-MF", JOINED_OR_SEPARATE).ofThisPlace().with(DEPENDENCY_FILE, ABOUT_DEPENDENCIES),
            option("-MP", FLAG).ofThisPlace().with(ABOUT_DEPENDENCIES),
            option("-MQ", JOINED_OR_SEPARATE).ofThisPlace().with(DEPENDENCY_TARGET, ABOUT_DEPENDENCIES),
            option("-MT", JOINED_OR_SEPARATE).ofThisPlace().with(DEPENDENCY_TARGET, ABOUT_DEPENDENCIES),

            // What diagnostics look like on the caller's terminal:
            option("-fdiagnostics-color", JOINED_BY_EQUALS).ofThisPlace().with(COLORS_BY_VALUE),
            option("-fno-diagnostics-color", FLAG).ofThisPlace().with(COLORS_OFF),
            option("-fmessage-length", JOINED_BY_EQUALS)
                    .namesNoFileIf(WORD)
                    .with(WIDTH)
                    .unknownBehindXclang(),
            option("-fdiagnostics-urls", JOINED)
                    .namesNoFileIf(WORD)
                    .with(WITHOUT_LINKS)
                    .unknownBehindXclang(),

            // Files that are written besides the object:
            option("-ftest-coverage", FLAG).coverage(),
            option("--coverage", FLAG).coverage(),
            option("-coverage", FLAG).coverage(),
            // There is none of a source without functions:
            option("-fstack-usage", FLAG).writes(".su").takenBehindXclang(),
            // There is none without -g, and -g may come from anywhere:
            option("-gsplit-dwarf", JOINED_BY_EQUALS)
                    .writes(".dwo")
                    .distributable()
                    .debugs()
                    .embedsObjectName()
                    .refusedBehindXclang(),
            option("--serialize-diagnostics", SEPARATE).writesItsValue("dia"),

            // What is embedded in the object:
            option("-fprofile-arcs", FLAG).embedsObjectName().refusedBehindXclang(),
            option("-fprofile-generate", FLAG).embedsObjectName().refusedBehindXclang(),
            option("-fprofile-generate=", JOINED).embedsObjectName().unknownBehindXclang(),
            option("-fprofile-instr-generate", FLAG).embedsObjectName().refusedBehindXclang(),
            option("-fprofile-instr-generate=", JOINED).embedsObjectName().unknownBehindXclang(),
            option("-fcs-profile-generate", JOINED_BY_EQUALS).embedsObjectName().unknownBehindXclang(),
            option("-fcoverage-mapping", FLAG).embedsObjectName().unknownBehindXclang(),
            option("-frecord-command-line", FLAG).embedsArguments(),
            option("-frecord-gcc-switches", FLAG).embedsArguments(),
            option("-grecord-command-line", FLAG).embedsArguments().debugs(),
            option("--debug", JOINED_BY_EQUALS).debugs(),
            option("-gz", JOINED_BY_EQUALS).debugs().unknownBehindXclang(),
            option("-g0", FLAG).namesNoFile().with(WITHOUT_LINKS).unknownBehindXclang(),
            option("-fsanitize", JOINED_BY_EQUALS).embedsColumns(),

            // Code for this machine's processor:
            option("-march=native", FLAG).thisMachine(),
            option("-mcpu=native", FLAG).thisMachine(),
            option("-mtune=native", FLAG).thisMachine(),

            // What would be done twice, to the sources and to the preprocessed source:
            option("-finput-charset", JOINED_BY_EQUALS).staysHere().without(FOR_SEARCH_PATH),

            // The assembler, which can be told to print and to write files:
            option("-Wa", JOINED_BY_COMMA).assembler(),
            option("-Xassembler", SEPARATE).assembler(),

            // Warnings:
            option("-W", JOINED_BY_EQUALS).heedsComments(),
            option("-Wextra", JOINED_BY_EQUALS).heedsComments(),
            option("-Weverything", JOINED_BY_EQUALS).heedsComments().with(WARNS_OF_COMMENTS, HEEDS_INDENTATION),
            option("-Wimplicit-fallthrough", JOINED_BY_EQUALS).heedsComments(),
            option("-Wdocumentation", JOINED_BY_EQUALS).heedsComments().with(WARNS_OF_COMMENTS),
            option("-Wdocumentation-deprecated-sync", FLAG).heedsComments().with(WARNS_OF_COMMENTS),
            option("-Wdocumentation-html", FLAG).heedsComments().with(WARNS_OF_COMMENTS),
            option("-Wdocumentation-pedantic", FLAG).heedsComments().with(WARNS_OF_COMMENTS),
            option("-Wdocumentation-unknown-command", FLAG).heedsComments().with(WARNS_OF_COMMENTS),
            option("-Werror=documentation", FLAG).heedsComments().with(WARNS_OF_COMMENTS),
            option("-Werror=documentation-deprecated-sync", FLAG)
                    .heedsComments()
                    .with(WARNS_OF_COMMENTS),
            option("-Werror=documentation-html", FLAG).heedsComments().with(WARNS_OF_COMMENTS),
            option("-Werror=documentation-pedantic", FLAG).heedsComments().with(WARNS_OF_COMMENTS),
            option("-Werror=documentation-unknown-command", FLAG)
                    .heedsComments()
                    .with(WARNS_OF_COMMENTS),
            option("-Wall", FLAG).namesNoFile().with(HEEDS_INDENTATION).unknownBehindXclang(),
            option("-Wmisleading-indentation", FLAG)
                    .namesNoFile()
                    .with(HEEDS_INDENTATION)
                    .unknownBehindXclang(),
            option("-Werror=misleading-indentation", FLAG)
                    .namesNoFile()
                    .with(HEEDS_INDENTATION)
                    .unknownBehindXclang(),
            option("--extra-warnings", FLAG).with(HEEDS_COMMENTS),
            option("--all-warnings", FLAG).with(HEEDS_INDENTATION),
            option("--no-warnings", FLAG).with(SILENCES),
            option("-w", FLAG).namesNoFile().with(SILENCES).unknownBehindXclang(),
            // It is said to the linker:
            option("-Wl", JOINED_BY_COMMA).unknownBehindXclang(),

            // Options of the whole compile; listed for how they take a value, or as sccache knows them:
            option("--optimize", JOINED_BY_EQUALS),
            option("--param", SEPARATE).namesNoFile(),
            option("--param=", JOINED).namesNoFile(),
            option("--sysroot", SEPARATE).with(NAMES_PATH),
            option("--sysroot=", JOINED).with(NAMES_PATH),
            option("-A", JOINED_OR_SEPARATE),
            option("-G", JOINED_OR_SEPARATE),
            option("-L", JOINED_OR_SEPARATE),
            option("-V", SEPARATE),
            option("-Xlinker", SEPARATE),
            option("-b", SEPARATE),
            option("-install_name", SEPARATE),
            option("-l", JOINED).unknownBehindXclang(),
            option("-u", JOINED_OR_SEPARATE),
            option("-z", JOINED_OR_SEPARATE),

            // What prints more than diagnostics, or differently on another machine:
            option("-###", FLAG).untracked(),
            option("--verbose", FLAG).untracked(),
            option("-H", FLAG).untracked(),
            option("-Q", FLAG).untracked(),
            option("-fdiagnostics-format", JOINED_BY_EQUALS).untracked(),
            option("-fmem-report", JOINED).untracked(),
            option("-ftime-report", JOINED).untracked(),
            option("-print-", JOINED).untracked(),
            option("-v", FLAG).untracked(),

            // What writes other files than an object, under names of their own:
            option("-S", FLAG).untracked(),
            option("-aux-info", SEPARATE).untracked().refusedBehindXclang(),
            option("-d", JOINED).untracked(),
            option("-dumpbase", SEPARATE).untracked(),
            option("-dumpdir", SEPARATE).untracked(),
            option("-fcallgraph-info", JOINED).untracked(),
            option("-fdiagnostics-add-output", JOINED_BY_EQUALS).untracked(),
            option("-fdiagnostics-set-output", JOINED_BY_EQUALS).untracked(),
            option("-fdump-", JOINED).untracked(),
            option("-fopt-info", JOINED).untracked(),
            option("-fprofile-note", JOINED_BY_EQUALS).untracked(),
            option("-fsave-optimization-record", JOINED).untracked(),
            option("-ftime-trace", JOINED).untracked(),

            // What reads files or programs that only this machine has:
            option("--specs", JOINED_BY_EQUALS).untracked(),
            option("-B", JOINED_OR_SEPARATE).untracked().refusedBehindXclang(),
            option("-fauto-profile", JOINED).untracked(),
            option("-fbranch-probabilities", FLAG).untracked(),
            option("-fplugin-arg", JOINED_BY_HYPHEN).untracked(),
            option("-ivfsstatcache", JOINED_OR_SEPARATE).untracked().refusedBehindXclang(),
            option("-specs", JOINED_BY_EQUALS).untracked(),
            option("-wrapper", SEPARATE).untracked(),

            // What sccache gives up on:
            option("-", FLAG).refused(),
            option("--save-temps", FLAG).refused(),
            option("--save-temps=cwd", FLAG).refused(),
            option("--save-temps=obj", FLAG).refused(),
            option("-E", FLAG).refused(),
            option("-M", FLAG).refused(),
            option("-MM", FLAG).refused(),
            option("-P", FLAG).refused(),
            option("-fmodules", FLAG).refused(),
            option("-fmodules-ts", FLAG).refused(),
            option("-fno-profile-generate", FLAG).refused(),
            option("-fno-profile-use", FLAG).refused(),
            option("-fplugin=libcc1plugin", FLAG).refused(),
            option("-frepo", FLAG).refused(),
            option("-fsyntax-only", FLAG).refused(),
            option("-index-store-path", SEPARATE).refused(),
            option("-save-temps", FLAG).refused(),
            option("-save-temps=cwd", FLAG).refused(),
            option("-save-temps=obj", FLAG).refused(),
            option("@", JOINED).refused(),

            // All others, by how they begin. Of a family whose members are mostly switches, those are followed that
            // have no
            // value: a value may be the name of a file, whose content decides what is written, or which is written.
            // Long names
            // are other names of short options: of gcc's, --language=c++ is -x and --write-dependencies is -MD, so that
            // nobody
            // knows what they do to the steps:
            option("-M", JOINED).with(ABOUT_DEPENDENCIES).unknownOfFamily(NAME),
            option("-O", JOINED).unknownOfFamily(NAME),
            option("-W", JOINED).unknownOfFamily(WARNING),
            option("-f", JOINED).unknownOfFamily(NAME),
            option("-g", JOINED).debugs().unknownOfFamily(NAME),
            option("-m", JOINED).unknownOfFamily(NAME),
            option("-p", JOINED).unknownOfFamily(NAME),
            option("-", JOINED).untracked(),
            option("--", JOINED).untracked());

    /** Where gcc is alone, or differs from clang. */
    private static final List<Option> GCC_ROWS = List.of(
            option("-Wp", JOINED_BY_COMMA)
                    .preprocessorOnly()
                    .with(PASSES_ON)
                    .when(WRITES_DEPENDENCIES, DEPENDENCIES_BY_VALUE),
            option("-flto", JOINED).embedsDirectory().namesNoFileIf(WORD).with(WITHOUT_LINKS),
            // From gcc 16 on they write notes, as --coverage does; before, only the object has the name of the
            // counters' file:
            option("-fcondition-coverage", FLAG).writes(".gcno").embedsObjectName(),
            option("-fpath-coverage", FLAG).writes(".gcno").embedsObjectName(),

            // Contracts are quoted from the source:
            option("-fcontracts", FLAG).namesNoFile().with(EMBEDS_PLACES).unknownBehindXclang(),
            // It follows the links on the way to the directories of -ffile-prefix-map, whatever is compiled:
            option("-fcanon-prefix-map", FLAG).untracked(),
            option("-fcompare-debug", JOINED).untracked(),
            // It changes what the preprocessor prints, not what is compiled:
            option("-fdebug-cpp", FLAG).untracked(),
            option("-fmodule-file", JOINED_BY_EQUALS).untracked(),
            option("-fplugin", JOINED_BY_EQUALS).untracked(),
            option("-fpost-ipa-mem-report", FLAG).untracked(),
            option("-fpre-ipa-mem-report", FLAG).untracked(),
            // The source itself is looked for like a header:
            option("-fsearch-include-path", JOINED_BY_EQUALS).untracked(),
            option("-fstats", FLAG).untracked(),
            // They write vtv_*.log into the current directory, or into that of a variable:
            option("-fvtv-counts", FLAG).untracked(),
            option("-fvtv-debug", FLAG).untracked(),
            option("-fprofile-use", JOINED).refused());

    /** Where clang is alone, or differs from gcc. */
    private static final List<Option> CLANG_ROWS = List.of(
            option("--", FLAG)
                    .with(END_OF_OPTIONS)
                    .without(FOR_PREPROCESSED, FOR_SEARCH_PATH)
                    .unknownBehindXclang(),

            // The preprocessor, and its dependency files:
            option("--stdlib", JOINED_BY_EQUALS).preprocessorOnly(),
            // Debugging information for LLDB has its value:
            option("-isysroot", JOINED_OR_SEPARATE).preprocessorOnly().with(FOR_PREPROCESSED, KEYED),
            option("-Wp", JOINED_BY_COMMA)
                    .preprocessorOnly()
                    .with(PASSES_ON, LOST_IN_REWRITTEN_INCLUDES)
                    .when(WRITES_DEPENDENCIES, DEPENDENCIES_BY_VALUE)
                    .when("-MM?D(,|,[^,]*,.*)?", UNTRACKED),
            option("-ivfsoverlay", JOINED_OR_SEPARATE).preprocessorOnly().with(REMAPS_NAMES),
            option("-no-opaque-pointers", FLAG).preprocessorOnly(),
            option("-verify", FLAG).preprocessorOnly(),
            option("-MV", FLAG).ofThisPlace().with(ABOUT_DEPENDENCIES),
            option("-dependency-file", SEPARATE).ofThisPlace().with(DEPENDENCY_FILE),

            // What diagnostics look like on the caller's terminal:
            option("-fcolor-diagnostics", FLAG).ofThisPlace().with(COLORS_ON),
            option("-fno-color-diagnostics", FLAG).ofThisPlace().with(COLORS_OFF),
            option("-fdiagnostics-absolute-paths", FLAG).embedsDirectory().unknownBehindXclang(),

            // What is embedded in the object:
            option("-fcreate-profile", FLAG).embedsObjectName().unknownBehindXclang(),
            option("-fprofile-generate-cold-function-coverage", JOINED_BY_EQUALS)
                    .embedsObjectName()
                    .unknownBehindXclang(),
            option("-gcodeview", FLAG).debugs(),
            option("-gcodeview-command-line", FLAG).embedsArguments().debugs(),
            option("-gsimple-template-names", JOINED_BY_EQUALS).debugs().unknownBehindXclang(),
            option("-gsrc-hash", JOINED_BY_EQUALS).debugs().unknownBehindXclang(),
            option("-grecord-gcc-switches", FLAG).embedsArguments().debugs(),

            // Options of clang's inner program:
            option("-Xclang", SEPARATE)
                    .with(XCLANG, PASSES_ON)
                    .staysHere()
                    .when("-debug-info.*", EMBEDS_DIRECTORY)
                    .refusedBehindXclang(),
            option("-add-plugin", SEPARATE),
            option("-debug-info-kind", JOINED_BY_EQUALS),
            option("-mllvm", EQUALS_OR_SEPARATE).trackedIf(OF_LLVM),
            option("-plugin-arg", JOINED_BY_HYPHEN).namesNoFileIf(WORD).with(PLUGIN_ARGUMENT),

            // What reads files that decide what is written:
            option("-fembed-offload-object", JOINED_BY_EQUALS).readsFile(),
            option("-fexperimental-sanitize-metadata-ignorelist", JOINED_BY_EQUALS)
                    .readsFile(),
            option("-fmemory-profile-use", JOINED_BY_EQUALS).readsFile(),
            option("-fmodule-file", JOINED_BY_EQUALS).readsNamedFile().module(),
            option("-fpass-plugin", JOINED_BY_EQUALS).readsFile(),
            option("-fplugin", EQUALS_OR_SEPARATE).readsFile(),
            option("-fprofile-instr-use", JOINED_BY_EQUALS).readsProfile(),
            option("-fprofile-list", JOINED_BY_EQUALS).readsFile(),
            option("-fprofile-remapping-file", JOINED_BY_EQUALS).readsFile(),
            option("-fprofile-sample-use", JOINED_BY_EQUALS).readsFile(),
            option("-fprofile-use", JOINED_BY_EQUALS).readsProfile(),
            option("-fsanitize-blacklist", JOINED_BY_EQUALS).readsFile(),
            option("-fsanitize-coverage-allowlist", JOINED_BY_EQUALS).readsFile(),
            option("-fsanitize-coverage-blacklist", JOINED_BY_EQUALS).readsFile(),
            option("-fsanitize-coverage-ignorelist", JOINED_BY_EQUALS).readsFile(),
            option("-fsanitize-coverage-whitelist", JOINED_BY_EQUALS).readsFile(),
            option("-fsanitize-ignorelist", JOINED_BY_EQUALS).readsFile(),
            option("-fxray-always-instrument", JOINED_BY_EQUALS).readsFile(),
            option("-fxray-attr-list", JOINED_BY_EQUALS).readsFile(),
            option("-fxray-never-instrument", JOINED_BY_EQUALS).readsFile(),
            option("-load", SEPARATE).readsFile(),

            // Options of the whole compile; listed for how they take a value, or as sccache knows them:
            option("--dependent-lib", JOINED_BY_EQUALS),
            option("--end-no-unused-arguments", FLAG),
            option("--gcc-install-dir", JOINED_BY_EQUALS),
            option("--gcc-toolchain", JOINED_BY_EQUALS),
            option("--rtlib", JOINED_BY_EQUALS),
            option("--start-no-unused-arguments", FLAG),
            option("--target", SEPARATE).namesNoFile(),
            option("--target=", JOINED).namesNoFile(),
            option("--unwindlib", JOINED_BY_EQUALS),
            option("-fdebug-compilation-dir", SEPARATE),
            // Preprocessed source has neither macros nor what was in the sources:
            option("-fdebug-macro", FLAG).staysHere(),
            option("-gembed-source", FLAG).debugs().staysHere(),
            // LLVM's own code tells where assembler stands in a source:
            option("-flto", JOINED_BY_EQUALS).namesNoFile().with(EMBEDS_PLACES).unknownBehindXclang(),
            option("-fexperimental-assignment-tracking", JOINED_BY_EQUALS).namesNoFileIf(WORD_BEHIND_EQUALS),
            // It begins like an option that debugs, and is taken for one:
            option("-gcc-toolchain", SEPARATE).debugs(),
            option("-target", SEPARATE).namesNoFile(),

            // Harmless, and worth a line as sccache refuses what it does not know behind -Xclang:
            option("-Wno-unknown-cuda-version", FLAG).namesNoFile(),
            option("-Wno-unused-parameter", FLAG).namesNoFile(),
            option("-fcuda-allow-variadic-functions", FLAG).namesNoFile(),
            option("-fmodules-reduced-bmi", FLAG).namesNoFile(),
            option("-fno-pch-timestamp", FLAG).namesNoFile(),
            option("-fuse-ctor-homing", FLAG).namesNoFile(),
            option("-mconstructor-aliases", FLAG).namesNoFile(),
            option("-mrelax-all", FLAG).namesNoFile(),
            option("-parallel-jobs", JOINED_BY_EQUALS).neutral(),
            // It prints remarks on what was optimised:
            option("-R", JOINED).unknownBehindXclang(),

            // Who assembles, and so writes the object:
            option("-fintegrated-as", FLAG).namesNoFile().with(OWN_ASSEMBLER).unknownBehindXclang(),
            option("-fno-integrated-as", FLAG)
                    .namesNoFile()
                    .with(OTHER_ASSEMBLER)
                    .unknownBehindXclang(),
            option("-integrated-as", FLAG).namesNoFile().with(OWN_ASSEMBLER).unknownBehindXclang(),
            option("-no-integrated-as", FLAG)
                    .namesNoFile()
                    .with(OTHER_ASSEMBLER)
                    .unknownBehindXclang(),

            // What the preprocessed source would not be compiled to:
            option("-emit-llvm", FLAG).staysHere().without(FOR_SEARCH_PATH),

            // What prints, writes or reads what jdist does not follow:
            option("--analyze", FLAG).untracked(),
            option("--config", EQUALS_OR_SEPARATE).untracked(),
            option("--hip-device-lib-path", JOINED_BY_EQUALS).untracked().refusedBehindXclang(),
            option("--hip-path", JOINED_BY_EQUALS).untracked().refusedBehindXclang(),
            option("--rocm-path", JOINED_BY_EQUALS).untracked().refusedBehindXclang(),
            option("-MJ", JOINED).untracked(),
            option("-ObjC", FLAG).untracked(),
            option("-ObjC++", FLAG).untracked(),
            option("-ccc-", JOINED).untracked(),
            option("-emit-ast", FLAG).untracked(),
            option("-emit-pch", FLAG).untracked().refusedBehindXclang(),
            option("-fbasic-block-sections", JOINED_BY_EQUALS).untracked(),
            // Without a value, it reads default.cgdata:
            option("-fcodegen-data-use", JOINED_BY_EQUALS).untracked(),
            option("-fembed-bitcode", JOINED).untracked(),
            // They read the sources of a precompiled file, to compare them with it:
            option("-fforce-check-cxx20-modules-input-files", FLAG).untracked(),
            option("-fmodules-validate-input-files-content", FLAG).untracked(),
            option("-fvalidate-ast-input-files-content", FLAG).untracked(),
            option("-fimplicit-module-maps", FLAG).untracked(),
            // They change what the preprocessor prints, not what is compiled; the first one leaves headers out of it:
            option("-fkeep-system-includes", FLAG).untracked(),
            option("-fminimize-whitespace", FLAG).untracked(),
            option("-frewrite-imports", FLAG).untracked(),
            option("-frewrite-includes", FLAG).untracked(),
            option("-fuse-line-directives", FLAG).untracked(),
            option("-fmodule-maps", FLAG).untracked(),
            option("-fmodule-map-file", JOINED_BY_EQUALS).untracked(),
            option("-fmodules-driver", FLAG).untracked(),
            // The object is written in its place, through links:
            option("-fno-temp-file", FLAG).untracked(),
            // Libraries for another processor are compiled into the object, and no dependency file names them:
            option("-fopenmp-targets", JOINED_BY_EQUALS).untracked(),
            option("-fsycl", JOINED).untracked(),
            option("-foptimization-record-file", JOINED_BY_EQUALS).untracked(),
            option("-fproc-stat-report", JOINED).untracked(),
            option("-frandomize-layout-seed-file", JOINED_BY_EQUALS).untracked(),
            option("-fsanitize-system-ignorelist", JOINED_BY_EQUALS).untracked(),
            option("-fthinlto-index", JOINED_BY_EQUALS).untracked(),
            option("-gen-cdb-fragment-path", SEPARATE).untracked(),
            option("-gen-reproducer", JOINED_BY_EQUALS).untracked(),
            option("-include-pch", JOINED_OR_SEPARATE).untracked().refusedBehindXclang(),
            // They begin like -m:
            option("-module-dependency-dir", SEPARATE).untracked(),
            option("-module-file-info", FLAG).untracked(),
            // They begin like -o:
            option("-objcmt-", JOINED).untracked(),
            option("-object-file-name", JOINED_BY_EQUALS).untracked(),
            option("-resource-dir", JOINED_BY_EQUALS).untracked(),
            option("-save-stats", JOINED).untracked(),

            // What sccache gives up on:
            option("-fcxx-modules", FLAG).refused(),
            option("-fno-profile-instr-generate", FLAG).refused(),
            option("-fno-profile-instr-use", FLAG).refused(),
            option("-fprebuilt-implicit-modules", FLAG).refused(),
            option("-fprebuilt-module-path", JOINED_BY_EQUALS)
                    .module()
                    .with(MODULE_DIRECTORY)
                    .refusedBehindXclang(),

            // Compiled modules:
            option("--precompile", FLAG)
                    .ofThisCommand()
                    .with(COMPILE, PRECOMPILES)
                    .module()
                    .refusedBehindXclang(),
            option("-fmodule-output", FLAG).writes(".pcm").module().refusedBehindXclang(),
            option("-fmodule-output=", JOINED)
                    .writesItsValue("pcm")
                    .module()
                    .trackedIf(".+")
                    .refusedBehindXclang());

    private static final OptionTable GCC = new OptionTable(List.of(GCC_ROWS, BOTH_ROWS, PlainOptions.rows()));
    private static final OptionTable CLANG = new OptionTable(List.of(CLANG_ROWS, BOTH_ROWS, PlainOptions.rows()));

    /** By name. Rows of one name differ in how they take a value; the first one that matches counts. */
    private final Map<String, List<Option>> options = new TreeMap<>();

    private OptionTable(List<List<Option>> parts) {
        for (List<Option> rows : parts) {
            rows.forEach(row -> options.computeIfAbsent(row.name(), name -> new ArrayList<>())
                    .add(row));
        }
    }

    static OptionTable of(CompilerKind kind) {
        return kind == CompilerKind.CLANG ? CLANG : GCC;
    }

    /** All rows. */
    List<Option> rows() {
        return options.values().stream().flatMap(List::stream).toList();
    }

    /**
     * The option that {@code word} is, with or without a value; of several, the one with the longest name.
     *
     * @return nothing if it is an input
     */
    Optional<Option> find(String word) {
        for (int length = word.length(); length > 0; length--) {
            for (Option candidate : options.getOrDefault(word.substring(0, length), List.of())) {
                if (candidate.form().matches(candidate.name(), word)) {
                    return Optional.of(candidate);
                }
            }
        }
        return Optional.empty();
    }
}
