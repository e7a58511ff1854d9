package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.compiler.CompileUnit;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.Language;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** A translation unit of gcc or clang. */
final class CUnit implements CompileUnit {
    /** What a compiler expands to a place in the source: of a macro's arguments, preprocessed source has other lines, too. */
    private static final Set<String> PLACE_WORDS =
            Set.of("__builtin_source_location", "__builtin_COLUMN", "__builtin_LINE");

    /** What clang expands to the names of types, among them those that have none of their own: {@code (lambda at a.cpp:3:14)}. */
    private static final Set<String> TYPE_WORDS = Set.of("__PRETTY_FUNCTION__", "__FUNCSIG__", "__builtin_FUNCSIG");

    private final Compiler compiler;
    private final CompilerKind kind;
    private final List<Argument> arguments;
    private final String input;
    private final Language language;
    private final List<CompileOutput> outputs;
    private final ColorMode color;

    CUnit(
            Compiler compiler,
            List<Argument> arguments,
            String input,
            Language language,
            List<CompileOutput> outputs,
            ColorMode color) {
        this.compiler = compiler;
        this.kind = compiler.kind();
        this.arguments = List.copyOf(arguments);
        this.input = input;
        this.language = language;
        this.outputs = List.copyOf(outputs);
        this.color = color;
    }

    CompilerKind kind() {
        return kind;
    }

    Compiler compiler() {
        return compiler;
    }

    @Override
    public boolean usesModules() {
        return language == Language.CXX_MODULE
                || has(Trait.MODULES)
                || PassedArguments.behindXclang(arguments).stream().anyMatch(argument -> argument.has(Trait.MODULES));
    }

    @Override
    public String input() {
        return input;
    }

    @Override
    public Language language() {
        return language;
    }

    @Override
    public List<String> macros() {
        return arguments.stream()
                .filter(argument -> argument.has(Trait.MACRO) || argument.has(Trait.PASSES_ON))
                .map(Argument::value)
                .toList();
    }

    @Override
    public List<CompileOutput> outputs() {
        return outputs;
    }

    ColorMode color() {
        return color;
    }

    @Override
    public CKeyOptions caching() {
        return new CKeyOptions(this, arguments);
    }

    @Override
    public boolean colors(boolean stderrIsTerminal, Map<String, String> environment) {
        return new Terminal(stderrIsTerminal, environment).shows(color, compiler);
    }

    @Override
    public List<String> terminalOptions(boolean stderrIsTerminal, Map<String, String> environment) {
        Terminal terminal = new Terminal(stderrIsTerminal, environment);
        List<String> options = new ArrayList<>();
        if (color != ColorMode.ON && terminal.shows(color, compiler)) {
            options.add(colorArgument(true));
        }
        if (terminal.showsLinksOf(compiler) && !caching().rulesOutLinks()) {
            options.add("-fdiagnostics-urls=always");
        }
        boolean hasWidth = arguments.stream().anyMatch(argument -> argument.has(Trait.WIDTH));
        if (kind == CompilerKind.CLANG && !hasWidth) {
            terminal.wantedColumns().ifPresent(columns -> options.add("-fmessage-length=" + columns));
        }
        return options;
    }

    @Override
    public boolean trims(boolean stderrIsTerminal, int columns, Map<String, String> environment, byte[] printed) {
        return kind == CompilerKind.GCC && new Terminal(stderrIsTerminal, environment).trims(columns, printed);
    }

    @Override
    public List<String> listInputsOptions(Path file) {
        List<String> options = new ArrayList<>(List.of("-MD", "-MF", file.toString(), "-MT", "unit"));
        if (usesModules()) {
            options.addAll(ClangModules.listOptions(compiler));
        }
        return options;
    }

    @Override
    public List<String> listModulesOptions(Path file) {
        List<String> options = new ArrayList<>(listInputsOptions(file));
        options.add("-fsyntax-only");
        return options;
    }

    @Override
    public List<String> withOptions(List<String> arguments, List<String> options) {
        int end = arguments.indexOf("--");
        List<String> all = new ArrayList<>(arguments);
        all.addAll(end < 0 ? arguments.size() : end, options);
        return all;
    }

    @Override
    public boolean needsPreprocessing() {
        return !language.isPreprocessedAlready();
    }

    @Override
    public List<String> preprocessArguments(boolean keepDirectives) {
        List<String> words = new ArrayList<>();
        for (Argument argument : arguments) {
            if (argument.has(Trait.COMPILE)) {
                words.add("-E");
            } else if (!argument.has(Trait.OUTPUT)) {
                words.addAll(argument.tokens());
            }
        }
        // Options go before the input, which may be followed by nothing but inputs after a "--".
        List<String> options = new ArrayList<>();
        if (keepsDirectives(keepDirectives)) {
            options.add(kind == CompilerKind.CLANG ? "-frewrite-includes" : "-fdirectives-only");
        }
        options.addAll(dependencyDefaults());
        words.addAll(0, options);
        return words;
    }

    /** What -MD takes from -o, which the preprocessing step does not have. */
    private List<String> dependencyDefaults() {
        boolean named = arguments.stream().anyMatch(argument -> argument.has(Trait.OUTPUT));
        boolean writes = arguments.stream().anyMatch(CUnit::writesDependencies);
        // clang's driver takes -Wp,-MD,file for -MD -MF file; gcc's passes it on and has no part in it.
        boolean byWp = kind == CompilerKind.CLANG
                && arguments.stream().anyMatch(argument -> argument.has(Trait.DEPENDENCIES_BY_VALUE));
        if (!named || !writes && !byWp) {
            return List.of();
        }
        List<String> words = new ArrayList<>();
        if (writes && arguments.stream().noneMatch(argument -> argument.has(Trait.DEPENDENCY_FILE))) {
            words.addAll(List.of("-MF", withSuffix(object().path(), ".d")));
        }
        if (arguments.stream().noneMatch(argument -> argument.has(Trait.DEPENDENCY_TARGET))) {
            words.addAll(List.of("-MQ", object().path()));
        }
        return words;
    }

    private static boolean writesDependencies(Argument argument) {
        return argument.has(Trait.DEPENDENCIES_OF_ALL) || argument.has(Trait.DEPENDENCIES_OF_SOME);
    }

    @Override
    public List<String> compilePreprocessedArguments(boolean keptDirectives, boolean colors) {
        List<String> words = new ArrayList<>();
        boolean directives = keepsDirectives(keptDirectives);
        Optional<String> preprocessed = language.preprocessedArgument();
        // clang knows no other sign of rewritten includes than the lines themselves: the language stays.
        Optional<String> as =
                directives && kind == CompilerKind.CLANG || preprocessed.isEmpty() ? language.argument() : preprocessed;
        as.ifPresent(name -> words.addAll(List.of("-x", name)));
        words.addAll(List.of("-c", input, "-o", object().path()));
        if (kind == CompilerKind.GCC && needsPreprocessing()) {
            if (directives) {
                words.add("-fdirectives-only");
            }
            words.add("-fpreprocessed");
        }
        for (Argument argument : arguments) {
            // clang leaves no trace in the text of macros that the command line defines.
            boolean macro = directives && kind == CompilerKind.CLANG && argument.has(Trait.MACRO);
            if (macro || argument.has(Trait.FOR_PREPROCESSED)) {
                words.addAll(argument.tokens());
            }
        }
        // clang warns that its own assembler has no use for it.
        if (kind == CompilerKind.GCC || !language.isAssembler()) {
            words.add(colorArgument(colors));
        }
        return words;
    }

    @Override
    public List<String> compileArguments(boolean colors) {
        List<String> words = new ArrayList<>();
        words.add(colorArgument(colors));
        for (Argument argument : arguments) {
            if (argument.isInput() || argument.has(Trait.FOR_SOURCES) && !argument.has(Trait.DEPENDENCIES_BY_VALUE)) {
                words.addAll(argument.tokens());
            }
        }
        return words;
    }

    private static String colorArgument(boolean colors) {
        return colors ? "-fdiagnostics-color=always" : "-fdiagnostics-color=never";
    }

    /** clang takes each macro of preprocessed source for what stands there, and rather warns of more than of less. */
    @Override
    public boolean warnsOfMacros() {
        boolean may = kind == CompilerKind.GCC || has(Trait.WARNS_OF_COMMENTS);
        return may && needsPreprocessing() && !language.isAssembler() && !has(Trait.SILENCES);
    }

    @Override
    public boolean tellsOfSources() {
        boolean tells = caching().namesDirectory() || has(Trait.EMBEDS_PLACES);
        return tells && needsPreprocessing() && !language.isAssembler();
    }

    @Override
    public boolean tellsOfColumns(Predicate<Set<String>> mentions) {
        return needsPreprocessing()
                && !language.isAssembler()
                && (has(Trait.EMBEDS_COLUMNS)
                        || mentions.test(PLACE_WORDS)
                        || kind == CompilerKind.CLANG && mentions.test(TYPE_WORDS));
    }

    @Override
    public boolean warnsOfIndentation() {
        return has(Trait.HEEDS_INDENTATION) && needsPreprocessing() && !language.isAssembler() && !has(Trait.SILENCES);
    }

    @Override
    public boolean leavesEmbeds() {
        return kind == CompilerKind.CLANG;
    }

    @Override
    public boolean losesPragmas() {
        return kind == CompilerKind.GCC;
    }

    @Override
    public boolean losesEmptyBodies() {
        return kind == CompilerKind.CLANG && needsPreprocessing() && !language.isAssembler() && !has(Trait.SILENCES);
    }

    private boolean has(Trait trait) {
        return arguments.stream().anyMatch(argument -> argument.has(trait));
    }

    /**
     * Whether macros are left to the compiler. With gcc, -pedantic objects to the directives of system headers as soon as
     * extensions are on. An assembler knows nothing of macros.
     */
    @Override
    public boolean keepsDirectives(boolean wanted) {
        boolean pedantic = arguments.stream().anyMatch(argument -> argument.has(Trait.PEDANTIC));
        boolean strict = arguments.stream()
                .filter(argument -> argument.has(Trait.STANDARD))
                .reduce((first, last) -> last)
                .map(standard -> !standard.value().startsWith("gnu"))
                .orElse(false);
        Trait lost = kind == CompilerKind.CLANG ? Trait.LOST_IN_REWRITTEN_INCLUDES : Trait.LOST_IN_DIRECTIVES_ONLY;
        return wanted
                && language.preprocessedArgument().isPresent()
                && !language.isAssembler()
                && arguments.stream().noneMatch(argument -> argument.has(lost))
                && (kind == CompilerKind.CLANG || !pedantic || strict);
    }

    static String withSuffix(String path, String suffix) {
        int slash = path.lastIndexOf('/');
        int dot = path.lastIndexOf('.');
        return (dot > slash + 1 ? path.substring(0, dot) : path) + suffix;
    }
}
