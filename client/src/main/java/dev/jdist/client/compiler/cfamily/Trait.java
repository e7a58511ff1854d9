package dev.jdist.client.compiler.cfamily;

/**
 * One fact about a compiler option, on which some part of jdist depends. An option starts with the traits of
 * {@link Option#option}, which are the cautious ones: it goes to each step, is part of each key and may name a file.
 */
enum Trait {
    // --- What becomes of a command line that has it

    /** jdist gives up, as sccache does: the launcher becomes the compiler. The option's name is the reason that is counted. */
    REFUSED,
    /** It prints, writes or reads something that jdist does not follow: the unit is neither cached nor distributed. */
    UNTRACKED,
    /** The unit may be cached, but is not distributed. */
    STAYS_HERE,
    /** The same for the reason that it asks for code for this machine's processor, which is part of the key then. */
    THIS_MACHINE,
    /** Behind {@code -Xclang} it is a reason to give up, and its name is the reason that is counted. */
    REFUSED_BEHIND_XCLANG,
    /** Behind {@code -Xclang} it is a reason to give up, as sccache does not know it. */
    UNKNOWN_BEHIND_XCLANG,

    // --- What it says

    /** {@code -c} */
    COMPILE,
    /** {@code --precompile}: that, into a compiled module. */
    PRECOMPILES,
    /** {@code -o} */
    OUTPUT,
    /** {@code -x} */
    LANGUAGE,
    /** {@code -std}; tells whether GNU extensions are on. */
    STANDARD,
    /** {@code -pedantic} and its kin: with GNU extensions, gcc objects to directives that are kept. */
    PEDANTIC,
    /** {@code -arch}, more than one of which sccache does not cache. */
    ARCHITECTURE,
    /** clang assembles, as it does unless it is told otherwise. */
    OWN_ASSEMBLER,
    /** clang has another program assemble. */
    OTHER_ASSEMBLER,
    /** {@code -D} and {@code -U}. */
    MACRO,
    /** Diagnostics are in colour. */
    COLORS_ON,
    /** Diagnostics are not in colour. */
    COLORS_OFF,
    /** Its value says whether diagnostics are in colour. */
    COLORS_BY_VALUE,
    /** Says how wide diagnostics are. */
    WIDTH,
    /** Writes a dependency file that names all files. */
    DEPENDENCIES_OF_ALL,
    /** Writes a dependency file that does not name the files of the system. */
    DEPENDENCIES_OF_SOME,
    /** Its value, {@code -MD,FILE} or {@code -MMD,FILE}, is an option that writes a dependency file. */
    DEPENDENCIES_BY_VALUE,
    /** Says something about a dependency file. Where none is written, that may be an error. */
    ABOUT_DEPENDENCIES,
    /** Names the dependency file. */
    DEPENDENCY_FILE,
    /** Names what the dependency file says depends on the files. */
    DEPENDENCY_TARGET,
    /** Its value is an option of the preprocessor, or of clang's inner program. */
    PASSES_ON,
    /** {@code -Xclang}: that, and sccache takes only the options that it knows. */
    XCLANG,
    /** Behind {@code -Xclang}, what follows is an argument of a plugin. */
    PLUGIN_ARGUMENT,
    /** {@code --} of clang: what follows is an input, whatever it looks like. */
    END_OF_OPTIONS,

    // --- Which commands have it

    /** The command that compiles the preprocessed source. */
    FOR_PREPROCESSED,
    /** The command that compiles the sources on a builder. */
    FOR_SOURCES,
    /** The command that asks where included files are looked for. */
    FOR_SEARCH_PATH,
    /** gcc's {@code -fdirectives-only} loses what it does. */
    LOST_IN_DIRECTIVES_ONLY,
    /** clang's {@code -frewrite-includes} loses what it does. */
    LOST_IN_REWRITTEN_INCLUDES,
    /** gcc makes no links in diagnostics by itself, or they would leave a trace in the object. */
    WITHOUT_LINKS,

    // --- What is part of the key of preprocessed source

    /** All its arguments. */
    KEYED,
    /** Its name: it does nothing to the object, but the compiler may remark that it is of no use. */
    KEYED_BY_NAME,
    /** The content of all sources: a warning depends on comments, of which preprocessed source knows nothing. */
    HEEDS_COMMENTS,
    /** It may have the compiler warn of comments that are not in preprocessed source: of what is documented. */
    WARNS_OF_COMMENTS,
    /** It has the compiler look at how the source is indented. */
    HEEDS_INDENTATION,
    /** It has the compiler warn of nothing. */
    SILENCES,

    // --- What it reads

    /** For the preprocessor only. Its value may be the name of a directory or of a file. */
    PREPROCESSOR,
    /** Includes its value before the source. */
    FORCED_INCLUDE,
    /** Has names mean other files than those of that name. */
    REMAPS_NAMES,
    /** Its value is a file that decides what is written. */
    READS_FILE,
    /** The file has a name of its own before it in the value, {@code NAME=FILE}, or none. */
    NAMED_FILE,
    /** Its value is a profile, or a directory that holds one, that decides what is written. Without a value, a default one. */
    READS_PROFILE,
    /** It reads or writes compiled modules. Only the compiler tells which others these were made with, and reads those, too. */
    MODULES,
    /** Its value is a directory in which compiled modules are looked for. */
    MODULE_DIRECTORY,
    /** Its value is a path, which means the same in each directory if it is absolute. */
    NAMES_PATH,
    /** It names no file, or none whose name, and place, decides what is written. */
    NAMES_NO_FILE,

    // --- What it embeds

    /** The directory of the compile is part of what is written. */
    EMBEDS_DIRECTORY,
    /** The name of the object is part of what is written. */
    EMBEDS_OBJECT_NAME,
    /** The arguments of the command line are part of the object: nothing may be added to them. */
    EMBEDS_ARGUMENTS,
    /** Lines and columns of the sources are part of the object. */
    EMBEDS_COLUMNS,
    /** Places in the very files that are compiled, or their text, are part of the object. */
    EMBEDS_PLACES
}
