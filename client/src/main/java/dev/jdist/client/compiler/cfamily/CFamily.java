package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerDialogue;
import dev.jdist.client.compiler.CompilerFamily;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.ToolchainParts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** gcc and clang, and compilers that say they are one of them. */
public final class CFamily implements CompilerFamily {
    public static final CFamily INSTANCE = new CFamily();

    private static final Pattern NAME = Pattern.compile("(?i).*(cc|c\\+\\+|g\\+\\+|clang).*");

    /** The parts of gcc that compile or assemble. A compiler has those of its languages only. */
    private static final List<String> GCC_PROGRAMS = List.of("cc1", "cc1plus", "cc1obj", "cc1objplus", "as", "objcopy");

    /** What a name of a compiler is made of, as in {@code x86_64-linux-gnu-g++-12}. */
    private static final Pattern PARTS_OF_NAME =
            Pattern.compile("(.*-)?(cc|c\\+\\+|gcc|g\\+\\+|clang|clang\\+\\+)(-[0-9.]+)?");

    private static final List<String> BASE_NAMES = List.of("cc", "c++", "gcc", "g++", "clang", "clang++");
    private static final List<String> IDENTITY = List.of("-dumpmachine", "-dumpversion", "-print-search-dirs");

    private static final List<String> CLANG_PROGRAMS = List.of("as", "objcopy");

    private CFamily() {}

    @Override
    public boolean claims(String program) {
        return NAME.matcher(program).matches();
    }

    @Override
    public <E extends Exception> Identification identify(Path program, CompilerDialogue<E> dialogue)
            throws E, IOException, InterruptedException {
        return new CIdentification<>(program, dialogue).identify();
    }

    @Override
    public ParsedCommand parse(Compiler compiler, List<String> arguments, Path cwd, Map<String, String> environment) {
        return CommandLineParser.parse(compiler, arguments, cwd, environment);
    }

    @Override
    public List<String> namesBeside(String program) {
        Matcher parts = PARTS_OF_NAME.matcher(program);
        if (!parts.matches()) {
            return List.of(program);
        }
        String prefix = Objects.requireNonNullElse(parts.group(1), "");
        String suffix = Objects.requireNonNullElse(parts.group(3), "");
        return BASE_NAMES.stream().map(name -> prefix + name + suffix).toList();
    }

    @Override
    public ToolchainParts toolchain(Compiler compiler) {
        return compiler.kind() == CompilerKind.GCC
                ? new ToolchainParts(
                        ask("-print-prog-name=", GCC_PROGRAMS),
                        // It says how gcc calls its parts, where somebody has changed that.
                        ask("-print-file-name=", List.of("specs")),
                        ask("-print-file-name=", List.of("liblto_plugin.so")),
                        IDENTITY,
                        Optional.empty(),
                        List.of())
                : new ToolchainParts(
                        ask("-print-prog-name=", CLANG_PROGRAMS),
                        List.of(),
                        // By it, clang knows where gcc is, and with that where the headers of its C++ library are.
                        ask("-print-file-name=", List.of("crtbegin.o")),
                        IDENTITY,
                        // Its own headers, and the lists that sanitizers read.
                        Optional.of("-print-resource-dir"),
                        List.of("include", "share"));
    }

    private static List<String> ask(String question, List<String> names) {
        return names.stream().map(name -> question + name).toList();
    }
}
