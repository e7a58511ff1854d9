package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What versions of clang differ in where C++20 modules are concerned. */
final class ClangModules {
    /** As in {@code Debian Clang 19.1.7}. Apple counts otherwise, and says LLVM. */
    private static final Pattern VERSION = Pattern.compile("(?:.* )?Clang (\\d+)\\..*");

    private ClangModules() {}

    /** The first number of a clang's version; nothing for other compilers, and for those that count otherwise. */
    static OptionalInt version(Compiler compiler) {
        Matcher matcher = VERSION.matcher(compiler.version());
        return compiler.kind() == CompilerKind.CLANG && matcher.matches()
                ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
                : OptionalInt.empty();
    }

    /** Has a dependency file name all compiled modules that were read, also those of which only another module told. */
    static List<String> listOptions(Compiler compiler) {
        boolean byValue = version(compiler).orElseThrow() >= 23;
        return List.of("-Xclang", byValue ? "-module-file-deps=all" : "-module-file-deps");
    }

    /** Whether a compiled module is written into a file that is in its place; before clang 19, it is renamed there. */
    static boolean areWrittenOver(Compiler compiler) {
        return version(compiler).orElse(0) >= 19;
    }
}
