package dev.jdist.client.compiler;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a source file is written in, as the {@code -x} option and file name suffixes tell: see "Overall Options" in the
 * GCC manual and {@code Types.def} of clang.
 */
public enum Language {
    ASSEMBLER_WITH_CPP("assembler-with-cpp", "assembler", "assemblerToPreprocess", "Assembler"),
    ASSEMBLER("assembler", null, "assembler", "Assembler"),
    C("c", "cpp-output", "c", "C/C++"),
    CXX("c++", "c++-cpp-output", "c++", "C/C++"),
    C_PREPROCESSED("cpp-output", null, "cPreprocessed", "C/C++"),
    CXX_PREPROCESSED("c++-cpp-output", null, "c++Preprocessed", "C/C++"),
    C_HEADER("c-header", null, "cHeader", "C/C++"),
    CXX_HEADER("c++-header", null, "c++Header", "C/C++"),
    /** {@code .h}: C or C++, as the compiler's name says. */
    GENERIC_HEADER(null, null, "c/c++", "C/C++"),
    CXX_MODULE("c++-module", null, "c++-module", "C/C++"),
    OBJECTIVE_C("objective-c", "objective-c-cpp-output", "objc", "C/C++"),
    OBJECTIVE_CXX("objective-c++", "objective-c++-cpp-output", "objc++", "C/C++"),
    OBJECTIVE_C_PREPROCESSED("objective-c-cpp-output", null, "objcPreprocessed", "C/C++"),
    OBJECTIVE_CXX_PREPROCESSED("objective-c++-cpp-output", null, "objc++Preprocessed", "C/C++"),
    OBJECTIVE_C_HEADER("objective-c-header", null, "objc", "C/C++"),
    OBJECTIVE_CXX_HEADER("objective-c++-header", null, "objc++", "C/C++"),
    CUDA("cuda", null, "cuda", "CUDA"),
    HIP("hip", null, "hip", "HIP");

    private final @Nullable String argument;
    private final @Nullable String preprocessedArgument;
    private final String statisticsName;
    private final String statisticsGroup;

    Language(
            @Nullable String argument,
            @Nullable String preprocessedArgument,
            String statisticsName,
            String statisticsGroup) {
        this.argument = argument;
        this.preprocessedArgument = preprocessedArgument;
        this.statisticsName = statisticsName;
        this.statisticsGroup = statisticsGroup;
    }

    /** By the suffix of a file's name. */
    public static Optional<Language> ofFile(String name) {
        int slash = name.lastIndexOf('/');
        int dot = name.lastIndexOf('.');
        if (dot <= slash + 1) {
            return Optional.empty();
        }
        return Optional.ofNullable(
                switch (name.substring(dot + 1)) {
                    case "s" -> ASSEMBLER;
                    case "S", "sx" -> ASSEMBLER_WITH_CPP;
                    case "c" -> C;
                    case "h" -> GENERIC_HEADER;
                    case "i" -> C_PREPROCESSED;
                    case "C", "cc", "cp", "cpp", "CPP", "cxx", "c++" -> CXX;
                    case "ii" -> CXX_PREPROCESSED;
                    case "H", "hh", "hp", "hpp", "HPP", "hxx", "h++", "tcc" -> CXX_HEADER;
                    case "cppm", "ccm", "cxxm", "c++m", "ixx" -> CXX_MODULE;
                    case "m" -> OBJECTIVE_C;
                    case "mi" -> OBJECTIVE_C_PREPROCESSED;
                    case "M", "mm" -> OBJECTIVE_CXX;
                    case "mii" -> OBJECTIVE_CXX_PREPROCESSED;
                    case "cu" -> CUDA;
                    case "hip" -> HIP;
                    default -> null;
                });
    }

    /** By the word after {@code -x}; only those that sccache takes. */
    public static Optional<Language> ofArgument(String word) {
        return Optional.ofNullable(
                switch (word) {
                    case "assembler" -> ASSEMBLER;
                    case "assembler-with-cpp" -> ASSEMBLER_WITH_CPP;
                    case "c" -> C;
                    case "c-header" -> C_HEADER;
                    case "c++" -> CXX;
                    case "c++-header" -> CXX_HEADER;
                    case "c++-module" -> CXX_MODULE;
                    case "objective-c" -> OBJECTIVE_C;
                    case "objective-c-header" -> OBJECTIVE_C_HEADER;
                    case "objective-c++" -> OBJECTIVE_CXX;
                    case "objective-c++-header" -> OBJECTIVE_CXX_HEADER;
                    case "cu", "cuda" -> CUDA;
                    case "hip" -> HIP;
                    default -> null;
                });
    }

    /** What {@code -x} calls this, or nothing where the compiler decides by the name. */
    public Optional<String> argument() {
        return Optional.ofNullable(argument);
    }

    /** What {@code -x} calls this language once it is preprocessed; nothing if it is not preprocessed apart. */
    public Optional<String> preprocessedArgument() {
        return Optional.ofNullable(preprocessedArgument);
    }

    /** The name in sccache's detailed statistics. */
    public String statisticsName() {
        return statisticsName;
    }

    /** The name in sccache's statistics. */
    public String statisticsGroup() {
        return statisticsGroup;
    }

    public boolean isAssembler() {
        return this == ASSEMBLER || this == ASSEMBLER_WITH_CPP;
    }

    public boolean isPreprocessedAlready() {
        return this == ASSEMBLER
                || this == C_PREPROCESSED
                || this == CXX_PREPROCESSED
                || this == OBJECTIVE_C_PREPROCESSED
                || this == OBJECTIVE_CXX_PREPROCESSED;
    }
}
