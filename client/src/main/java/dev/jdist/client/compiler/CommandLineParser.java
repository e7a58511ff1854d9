package dev.jdist.client.compiler;

import dev.jdist.client.compiler.OptionTable.Option;
import dev.jdist.client.compiler.ParsedCommand.CannotCache;
import dev.jdist.client.compiler.ParsedCommand.Compile;
import dev.jdist.client.compiler.ParsedCommand.NotCompilation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Understands the command lines of gcc and clang: which do compile a single translation unit, and how. Says of the others
 * what sccache 0.17 says of them, so that its statistics keep their words.
 */
public final class CommandLineParser {
    /** Variables that make a compiler find or write what a builder does not know of. */
    private static final Set<String> LOCAL_VARIABLES = Set.of(
            "COMPILER_PATH",
            "GCC_EXEC_PREFIX",
            "CCC_OVERRIDE_OPTIONS",
            "DEPENDENCIES_OUTPUT",
            "SUNPRO_DEPENDENCIES",
            "GCC_COMPARE_DEBUG",
            "CC_LOG_DIAGNOSTICS",
            "CC_PRINT_HEADERS",
            "CC_PRINT_INTERNAL_STAT",
            "CC_PRINT_OPTIONS",
            "CC_PRINT_PROC_STAT");

    /** What sccache gives up on when it stands behind -Xclang. */
    private static final Set<Role> NOT_BEHIND_XCLANG = Set.of(
            Role.SPLIT_DWARF,
            Role.PEDANTIC,
            Role.STANDARD,
            Role.PROFILE,
            Role.TEST_COVERAGE,
            Role.COVERAGE,
            Role.COMPILE,
            Role.LANGUAGE,
            Role.OUTPUT,
            Role.XCLANG,
            Role.TOO_HARD);

    private static final String UNKNOWN_BEHIND_XCLANG = "Can't handle UnknownFlag arguments with -Xclang";

    /** Of what jdist keeps from farm and cache, what sccache would take behind -Xclang. */
    private static final Set<String> KNOWN_TO_SCCACHE = Set.of(
            "--hip-device-lib-path",
            "--hip-path",
            "--precompile",
            "--rocm-path",
            "-B",
            "-aux-info",
            "-emit-pch",
            "-fmodule-output",
            "-include-pch",
            "-ivfsstatcache");

    /** Beginnings of what makes the assembler print or write something else than the object, or read it from elsewhere. */
    private static final List<String> ASSEMBLER_FILES =
            List.of("-a", "-MD", "--MD", "-o", "@", "--listing", "--statistics", "-v", "--version", "--help");

    private final CompilerKind kind;
    private final boolean plusplus;
    private final Path cwd;
    private final Map<String, String> environment;

    private CommandLineParser(CompilerKind kind, boolean plusplus, Path cwd, Map<String, String> environment) {
        this.kind = kind;
        this.plusplus = plusplus;
        this.cwd = cwd;
        this.environment = environment;
    }

    /**
     * Understands one command line.
     *
     * @param arguments without the compiler itself
     */
    public static ParsedCommand parse(
            Compiler compiler, List<String> arguments, Path cwd, Map<String, String> environment) {
        return new CommandLineParser(compiler.kind(), compiler.plusplus(), cwd, environment).parse(arguments);
    }

    private ParsedCommand parse(List<String> words) {
        List<Argument> arguments = new ArrayList<>();
        Optional<String> broken = split(ResponseFiles.expand(words, cwd, kind), arguments);
        Optional<String> tooHard =
                arguments.stream().map(this::tooHard).flatMap(Optional::stream).findFirst();
        if (tooHard.or(() -> broken).isPresent()) {
            return new CannotCache(tooHard.or(() -> broken).get());
        }
        Optional<String> xclang = xclangProblem(arguments);
        if (xclang.isPresent()) {
            return new CannotCache(xclang.get());
        }
        if (arguments.stream().noneMatch(argument -> argument.is(Role.COMPILE))) {
            return new NotCompilation();
        }
        List<Argument> inputs = arguments.stream().filter(Argument::isInput).toList();
        if (inputs.size() != 1) {
            return new CannotCache(inputs.isEmpty() ? "no input file" : "multiple input files");
        }
        return compile(arguments, inputs.get(0));
    }

    /** Cuts the words into arguments; returns why that fails, if it does. */
    private Optional<String> split(List<String> words, List<Argument> arguments) {
        OptionTable table = OptionTable.of(kind);
        boolean onlyInputs = false;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (onlyInputs) {
                arguments.add(Argument.input(word));
                continue;
            }
            if (kind == CompilerKind.CLANG && word.equals("--")) {
                onlyInputs = true;
                arguments.add(Argument.endOfOptions(word));
                continue;
            }
            Optional<Option> found = table.find(word);
            if (found.isEmpty()) {
                arguments.add(word.startsWith("-") ? Argument.unknownOption(word) : Argument.input(word));
                continue;
            }
            Option option = found.get();
            boolean alone = word.equals(option.name());
            if (!alone || !option.form().mayBeSeparate()) {
                String value = option.form().joinedValue(option.name(), word);
                arguments.add(new Argument(Optional.of(option.role()), option.name(), value, List.of(word)));
            } else if (i + 1 < words.size()) {
                String value = words.get(++i);
                if (value.startsWith("@")) {
                    return Optional.of("@");
                }
                arguments.add(new Argument(Optional.of(option.role()), option.name(), value, List.of(word, value)));
            } else {
                return Optional.of("argument parse");
            }
        }
        return Optional.empty();
    }

    private Optional<String> tooHard(Argument argument) {
        if (argument.is(Role.TOO_HARD)) {
            return Optional.of(argument.name());
        }
        if (argument.is(Role.LANGUAGE) && Language.ofArgument(argument.value()).isEmpty()) {
            return Optional.of("-x");
        }
        return Optional.empty();
    }

    /** Options behind -Xclang are those of another program; only a few are known to be harmless. */
    private static Optional<String> xclangProblem(List<Argument> arguments) {
        Iterator<String> words = arguments.stream()
                .filter(argument -> argument.is(Role.XCLANG))
                .map(Argument::value)
                .iterator();
        boolean ofPlugin = false;
        while (words.hasNext()) {
            String word = words.next();
            Optional<Option> found = OptionTable.CLANG.find(word);
            if (found.isEmpty() && word.startsWith("-")) {
                return Optional.of(UNKNOWN_BEHIND_XCLANG);
            } else if (found.isEmpty() && !ofPlugin) {
                return Optional.of("Can't handle Raw arguments with -Xclang");
            }
            ofPlugin = false;
            if (found.isPresent()) {
                Option option = found.get();
                if (option.role() == Role.LOCAL_ONLY) {
                    return Optional.of(
                            KNOWN_TO_SCCACHE.contains(option.name()) ? option.name() : UNKNOWN_BEHIND_XCLANG);
                }
                if (NOT_BEHIND_XCLANG.contains(option.role())) {
                    return Optional.of(option.name());
                }
                ofPlugin = option.name().equals("-plugin-arg");
                if (word.equals(option.name()) && option.form().mayBeSeparate()) {
                    if (!words.hasNext()) {
                        return Optional.of("argument parse");
                    }
                    words.next();
                }
            }
        }
        return Optional.empty();
    }

    private ParsedCommand compile(List<Argument> arguments, Argument input) {
        Optional<Language> language = language(arguments, input);
        if (language.isEmpty()) {
            return new CannotCache("unknown source language");
        }
        Set<String> architectures = new HashSet<>();
        arguments.stream()
                .filter(argument -> argument.is(Role.ARCHITECTURE))
                .forEach(argument -> architectures.add(argument.value()));
        if (architectures.size() > 1 && !environment.containsKey("SCCACHE_CACHE_MULTIARCH")) {
            return new CannotCache("multiple different -arch, and SCCACHE_CACHE_MULTIARCH not set");
        }
        CompileUnit unit = new CompileUnit(
                kind, arguments, input.value(), language.get(), outputs(arguments, input), color(arguments));
        Optional<String> untracked = untracked(arguments, language.get());
        return new Compile(unit, untracked.or(() -> localOnly(arguments, architectures)), untracked);
    }

    /** The last -x before the input decides, then the input's name. */
    private Optional<Language> language(List<Argument> arguments, Argument input) {
        Optional<Language> explicit = arguments.subList(0, arguments.indexOf(input)).stream()
                .filter(argument -> argument.is(Role.LANGUAGE))
                .reduce((first, last) -> last)
                .flatMap(argument -> Language.ofArgument(argument.value()));
        return explicit.or(() -> Language.ofFile(input.value())
                .map(language -> language == Language.C && plusplus ? Language.CXX : language));
    }

    private List<CompileOutput> outputs(List<Argument> arguments, Argument input) {
        String object = arguments.stream()
                .filter(argument -> argument.is(Role.OUTPUT))
                .reduce((first, last) -> last)
                .map(Argument::value)
                .orElseGet(() -> CompileUnit.withSuffix(baseName(input.value()), ".o"));
        List<CompileOutput> outputs = new ArrayList<>();
        outputs.add(new CompileOutput("obj", object, false));
        if (arguments.stream().anyMatch(argument -> argument.is(Role.SPLIT_DWARF))) {
            // There is none without -g, whoever set it.
            outputs.add(new CompileOutput("dwo", CompileUnit.withSuffix(object, ".dwo"), true));
        }
        if (arguments.stream().anyMatch(argument -> argument.is(Role.TEST_COVERAGE) || argument.is(Role.COVERAGE))) {
            outputs.add(new CompileOutput("gcno", CompileUnit.withSuffix(object, ".gcno"), false));
        }
        if (arguments.stream().anyMatch(argument -> argument.is(Role.STACK_USAGE))) {
            // There is none of a source without functions.
            outputs.add(new CompileOutput("su", CompileUnit.withSuffix(object, ".su"), true));
        }
        arguments.stream()
                .filter(argument -> argument.is(Role.DIAGNOSTICS_FILE))
                .forEach(argument -> outputs.add(new CompileOutput("dia", argument.value(), true)));
        return outputs;
    }

    private static ColorMode color(List<Argument> arguments) {
        ColorMode mode = ColorMode.AUTO;
        for (Argument argument : arguments) {
            if (argument.is(Role.COLOR_ON)) {
                mode = ColorMode.ON;
            } else if (argument.is(Role.COLOR_OFF)) {
                mode = ColorMode.OFF;
            } else if (argument.is(Role.COLOR)) {
                mode = switch (argument.value()) {
                    case "", "always" -> ColorMode.ON;
                    case "never" -> ColorMode.OFF;
                    default -> ColorMode.AUTO;
                };
            }
        }
        return mode;
    }

    /** What keeps a unit from the farm although it can be cached. */
    private static Optional<String> localOnly(List<Argument> arguments, Set<String> architectures) {
        for (Argument argument : arguments) {
            boolean local = argument.is(Role.THIS_MACHINE)
                    || argument.is(Role.INPUT_FILE)
                    || argument.is(Role.PROFILE_FILE)
                    || argument.is(Role.STACK_USAGE)
                    || argument.is(Role.WHOLE_ONLY)
                    || argument.is(Role.RECORDS_WORDS)
                    || argument.is(Role.DIAGNOSTICS_FILE)
                    || argument.is(Role.XCLANG);
            if (local) {
                return Optional.of(argument.words().get(0));
            }
        }
        return architectures.size() > 1 ? Optional.of("-arch") : Optional.empty();
    }

    /** What keeps a unit from farm and cache: it prints, writes or reads more than we know of. */
    private Optional<String> untracked(List<Argument> arguments, Language language) {
        for (Argument argument : arguments) {
            if (argument.is(Role.LOCAL_ONLY)
                    || argument.is(Role.ASSEMBLER) && asksForFiles(argument.value())
                    || kind == CompilerKind.CLANG && hidesDependencies(argument)) {
                return Optional.of(argument.words().get(0));
            }
        }
        for (String variable : LOCAL_VARIABLES) {
            if (environment.containsKey(variable)) {
                return Optional.of(variable);
            }
        }
        boolean splits = language.preprocessedArgument().isPresent() || language.isPreprocessedAlready();
        return splits ? Optional.empty() : Optional.of("language " + language.statisticsName());
    }

    /** With anything but a file behind it, clang's driver takes -Wp,-MD for -MD and ignores the rest. */
    private static boolean hidesDependencies(Argument argument) {
        return argument.name().equals("-Wp")
                && (argument.value() + ",").matches("-MM?D,.*")
                && !argument.value().matches("-MM?D,[^,]+");
    }

    private static boolean asksForFiles(String assemblerOptions) {
        return Stream.of(assemblerOptions.split(","))
                .anyMatch(option -> ASSEMBLER_FILES.stream().anyMatch(option::startsWith));
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
