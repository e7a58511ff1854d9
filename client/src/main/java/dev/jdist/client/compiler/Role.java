package dev.jdist.client.compiler;

/** What an option means for the way a compile is split up. */
public enum Role {
    /** For every step; the default for options that are not in a table. */
    COMMON,
    /** For the preprocessor only. */
    PREPROCESSOR,
    /** {@code -D} and {@code -U}: for the preprocessor only, but part of what sccache calls common. */
    MACRO,
    /** For every step, with no influence on what comes out. */
    NEUTRAL,
    /** {@code -c} */
    COMPILE,
    /** {@code -o} */
    OUTPUT,
    /** {@code -x} */
    LANGUAGE,
    /** {@code -std}; tells whether GNU extensions are on. */
    STANDARD,
    /** {@code -pedantic} and its kin: at odds with {@code -fdirectives-only}. */
    PEDANTIC,
    /** {@code -MD} and {@code -MMD}: write a dependency file on the side. {@code -MP} too, as sccache has it. */
    DEPENDENCIES,
    /** {@code -MF} */
    DEPENDENCY_FILE,
    /** {@code -MT} and {@code -MQ} */
    DEPENDENCY_TARGET,
    /** Colours on, off, or by {@code =WHEN}. */
    COLOR,
    COLOR_ON,
    COLOR_OFF,
    /** {@code -gsplit-dwarf}: a {@code .dwo} comes out as well. */
    SPLIT_DWARF,
    /** {@code -ftest-coverage}: a {@code .gcno} comes out as well. */
    TEST_COVERAGE,
    /** {@code --coverage}: that, and profiling. */
    COVERAGE,
    /** Profiling: line numbers matter. */
    PROFILE,
    /** {@code -Wa} and {@code -Xassembler}: for the assembler, which can be told to print and to write files. */
    ASSEMBLER,
    /** {@code -arch}, more than one of which sccache does not cache. */
    ARCHITECTURE,
    /** {@code -Xclang}: its value is an option of its own. */
    XCLANG,
    /** {@code --serialize-diagnostics}: another file comes out. */
    DIAGNOSTICS_FILE,
    /** Names a file whose content is part of the compile. */
    INPUT_FILE,
    /** {@code -fstack-usage}: a {@code .su} comes out as well. */
    STACK_USAGE,
    /** Changes what comes out in a way that only the compile of the sources as a whole follows: not to be distributed. */
    WHOLE_ONLY,
    /** The same, for what puts the words of the command line into the object. */
    RECORDS_WORDS,
    /** {@code -fprofile-use} and its like of clang: reads a profile, a default one if it has no value. */
    PROFILE_FILE,
    /** Asks for code for this machine's processor: not to be distributed. */
    THIS_MACHINE,
    /** Understood, and neither to be distributed nor cached: it prints, writes or reads what nobody else follows. */
    LOCAL_ONLY,
    /** sccache gives up: compile as if it were not there. */
    TOO_HARD
}
