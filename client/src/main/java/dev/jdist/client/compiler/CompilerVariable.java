package dev.jdist.client.compiler;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All that jdist knows of the environment variables that matter to a compile: one constant for each, under the variable's
 * own name. Those without a trait say something to jdist alone, or matter together with others.
 */
public enum CompilerVariable {
    // What compilers heed when they print and write.
    GCC_COLORS(Trait.KEYED, Trait.FOR_BUILDERS),
    GCC_EXTRA_DIAGNOSTIC_OUTPUT(Trait.KEYED),
    GCC_URLS(Trait.KEYED),
    NO_COLOR(Trait.KEYED),
    LLVM_OVERRIDE_PRODUCER(Trait.KEYED, Trait.FOR_BUILDERS),
    TERM_URLS(Trait.KEYED),
    SOURCE_DATE_EPOCH(Trait.KEYED, Trait.FOR_BUILDERS),
    DRIVERKIT_DEPLOYMENT_TARGET(Trait.KEYED),
    IPHONEOS_DEPLOYMENT_TARGET(Trait.KEYED),
    MACOSX_DEPLOYMENT_TARGET(Trait.KEYED),
    TVOS_DEPLOYMENT_TARGET(Trait.KEYED),
    WATCHOS_DEPLOYMENT_TARGET(Trait.KEYED),
    XROS_DEPLOYMENT_TARGET(Trait.KEYED),
    // With clang's targets of Apple, and for gcc's objcopy, which splits off debugging information.
    RC_DEBUG_OPTIONS(Trait.KEYED),
    RC_DEBUG_PREFIX_MAP(Trait.KEYED),
    GNUTARGET(Trait.KEYED),

    // The language and the characters of diagnostics; a builder gets an LC_ALL of its own.
    LANG(Trait.KEYED),
    LANGUAGE(Trait.KEYED),
    LC_ALL(Trait.KEYED),
    LC_CTYPE(Trait.KEYED),
    LC_MESSAGES(Trait.KEYED),

    // What the compiler itself is made of.
    LD_AUDIT(Trait.KEYED, Trait.LIBRARIES, Trait.PRELOADS),
    LD_LIBRARY_PATH(Trait.KEYED, Trait.LIBRARIES),
    LD_PRELOAD(Trait.KEYED, Trait.LIBRARIES, Trait.PRELOADS),

    // Where included files are looked for: see "Environment Variables Affecting GCC" in its manual.
    CPATH(Trait.SEARCHED, Trait.NAMES_FILES, Trait.FOR_BUILDERS),
    C_INCLUDE_PATH(Trait.SEARCHED, Trait.NAMES_FILES, Trait.FOR_BUILDERS),
    CPLUS_INCLUDE_PATH(Trait.SEARCHED, Trait.NAMES_FILES, Trait.FOR_BUILDERS),
    OBJC_INCLUDE_PATH(Trait.SEARCHED, Trait.NAMES_FILES, Trait.FOR_BUILDERS),
    OBJCPLUS_INCLUDE_PATH(Trait.SEARCHED, Trait.NAMES_FILES),
    SDKROOT(Trait.KEYED, Trait.SEARCHED, Trait.NAMES_FILES),

    // Where gcc looks for libraries, and for its specs.
    LIBRARY_PATH,

    // What makes gcc find or write what jdist does not know of.
    COMPILER_PATH(Trait.UNTRACKED),
    DEPENDENCIES_OUTPUT(Trait.UNTRACKED),
    GCC_COMPARE_DEBUG(Trait.UNTRACKED),
    EXPERIMENTAL_SARIF_SOCKET(Trait.UNTRACKED),
    GCC_DIAGNOSTICS_LOG(Trait.UNTRACKED),
    GCC_EXEC_PREFIX(Trait.UNTRACKED),
    SUNPRO_DEPENDENCIES(Trait.UNTRACKED),

    // What makes clang do so.
    CCC_OVERRIDE_OPTIONS(Trait.UNTRACKED),
    CC_LOG_DIAGNOSTICS(Trait.UNTRACKED),
    CC_PRINT_HEADERS(Trait.UNTRACKED),
    CC_PRINT_INTERNAL_STAT(Trait.UNTRACKED),
    CC_PRINT_OPTIONS(Trait.UNTRACKED),
    CC_PRINT_PROC_STAT(Trait.UNTRACKED),
    CLANG_CONFIG_PATH(Trait.UNTRACKED),
    CLANG_NO_DEFAULT_CONFIG(Trait.UNTRACKED),
    LIBCLANG_DISABLE_PCH_VALIDATION(Trait.UNTRACKED),
    NCC_CPLUS_INCLUDE_PATH(Trait.UNTRACKED),
    NCC_C_INCLUDE_PATH(Trait.UNTRACKED),
    SCE_ORBIS_SDK_DIR(Trait.UNTRACKED),
    SCE_PROSPERO_SDK_DIR(Trait.UNTRACKED),
    FORCE_CLANG_DIAGNOSTICS_CRASH(Trait.UNTRACKED),

    // What compilers call the directory, if it is one of its names.
    PWD,

    // How late it is, where sources ask for that or for the time of a file.
    TZ,

    // The terminal.
    COLORTERM,
    COLUMNS,
    TERM,

    // What the caller says to jdist, as to sccache.
    SCCACHE_CACHE_MULTIARCH,
    SCCACHE_C_CUSTOM_CACHE_BUSTER(Trait.KEYED),
    SCCACHE_DIRECT,
    SCCACHE_EXTRAFILES(Trait.NAMES_FILES),
    SCCACHE_RECACHE;

    /** One fact about a variable. */
    public enum Trait {
        /** It decides what is printed or written: part of each key. */
        KEYED,
        /** Where it is set, a unit is neither cached nor distributed. Questions of our own to compilers are put without it. */
        UNTRACKED,
        /** It names the directories in which the compiler's own libraries are found, or these libraries. */
        LIBRARIES,
        /** It has every program load libraries that are no part of it: where it is set, a unit is not distributed. */
        PRELOADS,
        /** It names directories in which included files are looked for. */
        SEARCHED,
        /** It names files, or directories, whose content matters: part of the key of a request, as relative names may be in it. */
        NAMES_FILES,
        /** The compiler on a builder has it, too. */
        FOR_BUILDERS
    }

    private final Set<Trait> traits;

    CompilerVariable(Trait... traits) {
        this.traits = traits.length == 0 ? Set.of() : EnumSet.copyOf(List.of(traits));
    }

    /** All with a trait, in the order of the table. */
    public static List<CompilerVariable> with(Trait trait) {
        return Stream.of(values())
                .filter(variable -> variable.traits.contains(trait))
                .toList();
    }

    /** The names of all with a trait. */
    public static Set<String> names(Trait trait) {
        return Set.copyOf(with(trait).stream().map(CompilerVariable::name).toList());
    }

    /** Whether a compiler that is asked for its parts may answer otherwise if it is set. */
    public boolean decidesAboutParts() {
        return this == LIBRARY_PATH || traits.contains(Trait.UNTRACKED) || traits.contains(Trait.LIBRARIES);
    }

    public boolean isIn(Map<String, String> environment) {
        return environment.containsKey(name());
    }

    /** Its value, if it is set. */
    public Optional<String> of(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(name()));
    }
}
