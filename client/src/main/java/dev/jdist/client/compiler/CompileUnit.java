package dev.jdist.client.compiler;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** One translation unit to be compiled: the command line, understood by the family. Gives the commands of its steps. */
public interface CompileUnit {
    /** The source file, as the command line has it. */
    String input();

    Language language();

    /** What the command line says of macros: {@code NAME=VALUE}. */
    List<String> macros();

    /** Files to expect, the object first. */
    List<CompileOutput> outputs();

    default CompileOutput object() {
        return outputs().get(0);
    }

    /** What the cache has to know of the unit. */
    CacheKeyOptions caching();

    /** Whether diagnostics are to be in colour. */
    boolean colors(boolean stderrIsTerminal, Map<String, String> environment);

    /** Options that have the compiler print into a file what it would print on the caller's terminal. */
    List<String> terminalOptions(boolean stderrIsTerminal, Map<String, String> environment);

    /**
     * Whether the compiler would trim, on the caller's terminal, lines of what it printed into a file.
     *
     * @param columns of the terminal, or 0 if its width is not known
     */
    boolean trims(boolean stderrIsTerminal, int columns, Map<String, String> environment, byte[] printed);

    /** Whether it may read or write compiled modules. It is known by its files only then: preprocessed source has nothing of them. */
    boolean usesModules();

    /** Options that have a compile that writes no dependency file write one that names all that it reads. */
    List<String> listInputsOptions(Path file);

    /** Options that have the command of a unit that uses modules do nothing but write a dependency file that names all that it reads. */
    List<String> listModulesOptions(Path file);

    /**
     * The compile as the caller asked for it, with some more options, which hold against all others.
     *
     * @param arguments as the caller gave them, without the compiler
     */
    List<String> withOptions(List<String> arguments, List<String> options);

    /** Whether there is a preprocessing step at all. */
    boolean needsPreprocessing();

    /** Whether macros are left to the compiler where that is wanted: not each unit allows it. */
    boolean keepsDirectives(boolean wanted);

    /** Whether its compiler leaves it to the compile to take in the bytes of files, when it keeps directives. */
    boolean leavesEmbeds();

    /** Whether its compiler leaves out pragmas in whose arguments macros are expanded, when it keeps directives. */
    boolean losesPragmas();

    /**
     * Whether a compile of preprocessed source may be silent where one of the sources is not: the compiler has to know which macros
     * there were.
     */
    boolean warnsOfMacros();

    /** Whether it may warn of the layout of sources, which preprocessed source does not have. */
    boolean warnsOfIndentation();

    /** Whether it is silent in preprocessed source about statements with an empty body, of which it warns otherwise. */
    boolean losesEmptyBodies();

    /**
     * Whether the object tells of the sources what preprocessed source does not have, such as columns and digests: one that was made
     * of the sources themselves differs.
     */
    boolean tellsOfSources();

    /**
     * Whether the object may tell in which columns of the sources something is, which preprocessed source does not: there, macros
     * are expanded, and blanks are fewer.
     *
     * @param mentions whether the preprocessed source has one of these words in it
     */
    boolean tellsOfColumns(Predicate<Set<String>> mentions);

    /**
     * The arguments with which the compiler prints the preprocessed unit on standard output, and writes the dependency
     * file just as the compile would.
     *
     * @param keepDirectives resolve includes only, and leave macros to the compiler, as far as this unit allows it
     */
    List<String> preprocessArguments(boolean keepDirectives);

    /**
     * The arguments with which the compiler compiles the preprocessed source, standing in the place of the input.
     *
     * @param keptDirectives as {@link #preprocessArguments} was told
     * @param colors whether diagnostics are to be coloured
     */
    List<String> compilePreprocessedArguments(boolean keptDirectives, boolean colors);

    /**
     * The arguments of the whole compile, dependency file aside, for a machine that has the sources under the same
     * names.
     */
    List<String> compileArguments(boolean colors);
}
