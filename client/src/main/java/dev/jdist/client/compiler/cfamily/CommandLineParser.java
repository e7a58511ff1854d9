package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.client.compiler.Language;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.ParsedCommand.CannotCache;
import dev.jdist.client.compiler.ParsedCommand.Compile;
import dev.jdist.client.compiler.ParsedCommand.NotCompilation;
import dev.jdist.client.compiler.ProcessFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Understands the command lines of gcc and clang: which do compile a single translation unit, and how. Says of the others
 * what sccache 0.17 says of them, so that its statistics keep their words.
 */
final class CommandLineParser {
    private static final List<CompilerVariable> UNTRACKED = CompilerVariable.with(CompilerVariable.Trait.UNTRACKED);

    private static final List<CompilerVariable> PRELOADING = CompilerVariable.with(CompilerVariable.Trait.PRELOADS);

    private static final List<CompilerVariable> NAMING_FILES = Stream.of(
                    CompilerVariable.Trait.NAMES_FILES, CompilerVariable.Trait.LIBRARIES)
            .flatMap(trait -> CompilerVariable.with(trait).stream())
            .toList();

    /** What may stand between names in one value. */
    private static final Pattern SEPARATORS = Pattern.compile("[=,:;]");

    private static final String FILE_OF_PROCESS = "file of a process";

    private static final String UNKNOWN_BEHIND_XCLANG = "Can't handle UnknownFlag arguments with -Xclang";

    private final Compiler compiler;
    private final CompilerKind kind;
    private final Path cwd;
    private final Map<String, String> environment;
    private final ProcessFiles processFiles = new ProcessFiles();

    private CommandLineParser(Compiler compiler, Path cwd, Map<String, String> environment) {
        this.compiler = compiler;
        this.kind = compiler.kind();
        this.cwd = cwd;
        this.environment = environment;
    }

    /**
     * Understands one command line.
     *
     * @param arguments without the compiler itself
     */
    static ParsedCommand parse(Compiler compiler, List<String> arguments, Path cwd, Map<String, String> environment) {
        return new CommandLineParser(compiler, cwd, environment).parse(arguments);
    }

    private ParsedCommand parse(List<String> words) {
        List<Argument> arguments = new ArrayList<>();
        Optional<String> broken = split(ResponseFiles.expand(words, cwd, kind), arguments);
        Optional<String> tooHard =
                arguments.stream().map(this::tooHard).flatMap(Optional::stream).findFirst();
        if (tooHard.or(() -> broken).isPresent()) {
            return new CannotCache(tooHard.or(() -> broken).get());
        }
        List<Argument> behindXclang = PassedArguments.behindXclang(arguments);
        Optional<String> xclang = xclangProblem(behindXclang);
        if (xclang.isPresent()) {
            return new CannotCache(xclang.get());
        }
        if (arguments.stream().noneMatch(argument -> argument.has(Trait.COMPILE))) {
            return new NotCompilation();
        }
        List<Argument> inputs = arguments.stream().filter(Argument::isInput).toList();
        if (inputs.size() != 1) {
            return new CannotCache(inputs.isEmpty() ? "no input file" : "multiple input files");
        }
        if (namesFileOfProcess(arguments) || namesFileOfProcess(behindXclang) || namesFileOfProcess(environment)) {
            return new CannotCache(FILE_OF_PROCESS);
        }
        return compile(arguments, behindXclang, inputs.get(0));
    }

    /** Whether a file is named that is another one for the daemon than for the compiler, wherever in a value that is. */
    private boolean namesFileOfProcess(List<Argument> arguments) {
        return arguments.stream()
                .filter(CommandLineParser::namesFile)
                .flatMap(argument ->
                        Stream.concat(Stream.of(argument.value()), Stream.of(SEPARATORS.split(argument.value()))))
                .anyMatch(name -> processFiles.contain(cwd, name));
    }

    private static boolean namesFile(Argument argument) {
        return !argument.has(Trait.NAMES_NO_FILE) || argument.has(Trait.OUTPUT) || argument.has(Trait.DEPENDENCY_FILE);
    }

    private boolean namesFileOfProcess(Map<String, String> variables) {
        return NAMING_FILES.stream()
                .flatMap(variable -> variable.of(variables).stream())
                .flatMap(value -> Stream.of(value.split(":")))
                .anyMatch(name -> processFiles.contain(cwd, name));
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
            Optional<Option> found = table.find(word);
            if (found.isEmpty()) {
                arguments.add(Argument.input(word));
                continue;
            }
            Option option = found.get();
            onlyInputs = option.traits().contains(Trait.END_OF_OPTIONS);
            boolean alone = word.equals(option.name());
            if (!alone || !option.form().mayBeSeparate()) {
                String value = option.form().joinedValue(option.name(), word);
                arguments.add(new Argument(found, value, List.of(word)));
            } else if (i + 1 < words.size()) {
                String value = words.get(++i);
                if (value.startsWith("@")) {
                    return Optional.of("@");
                }
                arguments.add(new Argument(found, value, List.of(word, value)));
            } else {
                return Optional.of("argument parse");
            }
        }
        return Optional.empty();
    }

    private Optional<String> tooHard(Argument argument) {
        if (argument.has(Trait.REFUSED)) {
            return Optional.of(argument.name());
        }
        if (argument.has(Trait.LANGUAGE)
                && Language.ofArgument(argument.value()).isEmpty()) {
            return Optional.of("-x");
        }
        return Optional.empty();
    }

    /** Options behind -Xclang are those of another program; only a few are known to be harmless. */
    private static Optional<String> xclangProblem(List<Argument> passed) {
        for (Argument argument : passed) {
            if (argument.isInput()) {
                return Optional.of("Can't handle Raw arguments with -Xclang");
            }
            Option option = argument.option().orElseThrow();
            if (option.traits().contains(Trait.UNKNOWN_BEHIND_XCLANG)) {
                return Optional.of(UNKNOWN_BEHIND_XCLANG);
            } else if (option.traits().contains(Trait.REFUSED_BEHIND_XCLANG)) {
                return Optional.of(option.name());
            }
            boolean isSeparate = argument.tokens().get(0).equals(option.name())
                    && option.form().mayBeSeparate();
            if (isSeparate && argument.tokens().size() == 1) {
                return Optional.of("argument parse");
            }
        }
        return Optional.empty();
    }

    private ParsedCommand compile(List<Argument> arguments, List<Argument> behindXclang, Argument input) {
        Optional<Language> language = language(arguments, input);
        if (language.isEmpty()) {
            return new CannotCache("unknown source language");
        }
        Set<String> architectures = new HashSet<>();
        arguments.stream()
                .filter(argument -> argument.has(Trait.ARCHITECTURE))
                .forEach(argument -> architectures.add(argument.value()));
        if (architectures.size() > 1 && !CompilerVariable.SCCACHE_CACHE_MULTIARCH.isIn(environment)) {
            return new CannotCache("multiple different -arch, and SCCACHE_CACHE_MULTIARCH not set");
        }
        CUnit unit = new CUnit(
                compiler,
                arguments,
                input.value(),
                language.get(),
                outputs(arguments, input, language.get()),
                color(arguments));
        Optional<String> untracked = untracked(arguments, language.get())
                .or(() -> problemOfModules(unit, arguments))
                .or(() -> untracked(behindXclang, language.get()))
                .or(() -> PassedArguments.problemOfPreprocessor(arguments, kind));
        Optional<String> module = unit.usesModules() ? Optional.of("a module") : Optional.empty();
        return new Compile(
                unit, untracked.or(() -> localOnly(arguments, architectures)).or(() -> module), untracked);
    }

    /** The last -x before the input decides, then the input's name. */
    private Optional<Language> language(List<Argument> arguments, Argument input) {
        Optional<Language> explicit = arguments.subList(0, arguments.indexOf(input)).stream()
                .filter(argument -> argument.has(Trait.LANGUAGE))
                .reduce((first, last) -> last)
                .flatMap(argument -> Language.ofArgument(argument.value()));
        return explicit.or(() -> Language.ofFile(input.value())
                .map(language -> language == Language.C && compiler.plusplus() ? Language.CXX : language));
    }

    private List<CompileOutput> outputs(List<Argument> arguments, Argument input, Language language) {
        boolean precompiles = arguments.stream().anyMatch(argument -> argument.has(Trait.PRECOMPILES));
        String object = arguments.stream()
                .filter(argument -> argument.has(Trait.OUTPUT))
                .reduce((first, last) -> last)
                .map(Argument::value)
                .orElseGet(() -> CUnit.withSuffix(baseName(input.value()), precompiles ? ".pcm" : ".o"));
        List<CompileOutput> outputs = new ArrayList<>();
        OutputManners manners = OutputManners.of(compiler, language, arguments);
        outputs.add(new CompileOutput("obj", object, false, manners.of(precompiles ? "pcm" : "obj")));
        // By their suffixes, each once; then those that options name.
        Map<String, CompileOutput> bySuffix = new TreeMap<>();
        List<CompileOutput> named = new ArrayList<>();
        for (Argument argument : arguments) {
            argument.option().flatMap(Option::output).ifPresent(extra -> {
                CompileOutput output = extra.of(object, argument.value(), manners);
                extra.suffix().ifPresentOrElse(suffix -> bySuffix.put(suffix, output), () -> named.add(output));
            });
        }
        outputs.addAll(bySuffix.values());
        outputs.addAll(named);
        return outputs;
    }

    private static ColorMode color(List<Argument> arguments) {
        ColorMode mode = ColorMode.UNSAID;
        for (Argument argument : arguments) {
            if (argument.has(Trait.COLORS_ON)) {
                mode = ColorMode.ON;
            } else if (argument.has(Trait.COLORS_OFF)) {
                mode = ColorMode.OFF;
            } else if (argument.has(Trait.COLORS_BY_VALUE)) {
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
    private Optional<String> localOnly(List<Argument> arguments, Set<String> architectures) {
        for (CompilerVariable variable : PRELOADING) {
            if (!variable.of(environment).orElse("").isBlank()) {
                return Optional.of(variable.name());
            }
        }
        for (Argument argument : arguments) {
            if (argument.has(Trait.STAYS_HERE)) {
                return Optional.of(argument.tokens().get(0));
            }
        }
        return architectures.size() > 1 ? Optional.of("-arch") : Optional.empty();
    }

    /** What keeps a unit from farm and cache: it prints, writes or reads more than we know of. */
    private Optional<String> untracked(List<Argument> arguments, Language language) {
        for (Argument argument : arguments) {
            if (argument.has(Trait.UNTRACKED)) {
                return Optional.of(argument.tokens().get(0));
            }
        }
        for (CompilerVariable variable : UNTRACKED) {
            if (variable.isIn(environment)) {
                return Optional.of(variable.name());
            }
        }
        // Only the loader knows what it puts in the place of $LIB and the like.
        if (CompilerVariable.LD_LIBRARY_PATH.of(environment).orElse("").contains("$")) {
            return Optional.of(CompilerVariable.LD_LIBRARY_PATH.name());
        }
        if (hasSpecsOfDirectory()) {
            return Optional.of(CompilerVariable.LIBRARY_PATH.name());
        }
        boolean splits = language.preprocessedArgument().isPresent()
                || language.isPreprocessedAlready()
                || language == Language.CXX_MODULE;
        return splits ? Optional.empty() : Optional.of("language " + language.statisticsName());
    }

    /** Only clang, of a version that is known, tells which compiled modules it reads. */
    private static Optional<String> problemOfModules(CUnit unit, List<Argument> arguments) {
        if (!unit.usesModules()) {
            return Optional.empty();
        } else if (ClangModules.version(unit.compiler()).isEmpty()) {
            return Optional.of("modules of an unknown compiler");
        }
        boolean precompiles = arguments.stream().anyMatch(argument -> argument.has(Trait.PRECOMPILES));
        boolean alsoCompiles = arguments.stream()
                        .filter(argument -> argument.has(Trait.COMPILE))
                        .count()
                > 1;
        boolean writesDependencies = unit.caching().dependencies() != Dependencies.NONE;
        if (precompiles && (alsoCompiles || writesDependencies || unit.language() != Language.CXX_MODULE)) {
            return Optional.of("--precompile");
        }
        // The compiler is asked in a second run which modules it reads, and would write these files again.
        if (writesDependencies
                && unit.outputs().stream().anyMatch(output -> output.kind().equals("dia"))) {
            return Optional.of("--serialize-diagnostics");
        }
        return arguments.stream()
                .filter(argument -> argument.has(Trait.DEPENDENCIES_BY_VALUE))
                .findFirst()
                .map(argument -> argument.tokens().get(0));
    }

    /** Whether gcc takes specs from a directory that is relative to the current one: the others are a part of what it is. */
    private boolean hasSpecsOfDirectory() {
        return kind == CompilerKind.GCC
                && CompilerVariable.LIBRARY_PATH
                        .of(environment)
                        .map(value -> Stream.of(value.split(":", -1)))
                        .orElse(Stream.empty())
                        .filter(name -> !name.startsWith("/"))
                        .anyMatch(name ->
                                cwd.resolve(name).resolve("specs").toFile().exists());
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
