package dev.jdist.client.compiler;

import java.util.List;
import java.util.Optional;

/**
 * What the cache has to know of a unit's command line: which arguments decide what is written, which files it names, and how to
 * have the compiler tell what it reads.
 */
public interface CacheKeyOptions {
    /**
     * All arguments that decide what is made of the same files, response files expanded. The names of what is written are among
     * them only if they are part of it.
     *
     * @param anyTarget leave out what {@link #soleTarget} is, as another one can be put in its place
     */
    List<String> forRequest(boolean anyTarget);

    /** What the dependency file says depends on the files that are read; nothing if that is not known for sure, or several. */
    Optional<String> soleTarget();

    /** The arguments that decide what the compiler makes of the preprocessed source. */
    List<String> forText();

    /** Whether the directory of the compile is part of what is written: for debuggers, for coverage, for gcc's linker. */
    boolean namesDirectory();

    /**
     * Whether the same arguments in another directory may mean something else: because one of them names a file relative to it,
     * or because it is part of what is written. What is not known for sure may.
     */
    boolean dependOnDirectory();

    /** Whether there may be something to say about the sources that cannot be told from the preprocessed source. */
    boolean heedsComments();

    /** Whether what the command line says is written into the object: nothing may be added to it then. */
    boolean recordsArguments();

    /** Whether names of files mean what they say, and all that are included before the source are known. */
    boolean namesAreFiles();

    /** Profiles that decide what is written, or folders that hold a {@code default.profdata}; "" for the current one. */
    List<String> profiles();

    /** Whether a macro of the command line stands for the time of day. */
    boolean mentionsClock();

    /** Whether code for just this machine's processor is asked for. */
    boolean isForThisMachine();

    /** Files named by options whose content decides what is written. */
    List<String> inputFiles();

    /** Directories in which compiled modules are looked for. */
    List<String> moduleDirectories();

    /** What the preprocessor is told, among it the directories in which it looks for included files. */
    List<String> namesForPreprocessor();

    /** Names that the command line includes before the source. */
    List<String> forcedIncludes();

    /** The arguments with which the compiler prints where it looks for included files, given an empty source. */
    List<String> printSearchPath();

    /** How the unit writes a dependency file. */
    Dependencies dependencies();

    /** The dependency file, as the command line has it or as it follows from the object's name. */
    String dependencyFile();

    /** Ways to write a dependency file. */
    enum Dependencies {
        /** Not at all. */
        NONE,
        /** With all files. */
        ALL,
        /** Without those of the system. */
        SOME,
        /** In a way, or to a place, that is not understood. */
        UNKNOWN
    }
}
