package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.CacheKeyOptions;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.text.ClockMacros;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the rows of {@link OptionTable} come to for the cache. */
final class CKeyOptions implements CacheKeyOptions {
    /** What is not looked for behind an option that only passes it on. */
    private static final List<String> HIDDEN = Stream.of(CompilerKind.values())
            .flatMap(kind -> OptionTable.of(kind).rows().stream())
            .filter(row ->
                    row.traits().contains(Trait.REMAPS_NAMES) || row.traits().contains(Trait.FORCED_INCLUDE))
            .map(Option::name)
            .distinct()
            .toList();

    private static final Pattern CLOCK = Pattern.compile("__(DATE|TIME|TIMESTAMP)__");

    private final CUnit unit;
    private final List<Argument> arguments;

    CKeyOptions(CUnit unit, List<Argument> arguments) {
        this.unit = unit;
        this.arguments = arguments;
    }

    /** All words, response files expanded. */
    List<String> all() {
        return arguments.stream()
                .flatMap(argument -> argument.tokens().stream())
                .toList();
    }

    @Override
    public List<String> forRequest(boolean anyTarget) {
        boolean namesMatter = recordsArguments() || any(Trait.EMBEDS_OBJECT_NAME) || unit.usesModules();
        boolean objectIsTarget =
                !anyTarget && dependencies() != Dependencies.NONE && targets().isEmpty();
        List<String> words = new ArrayList<>();
        for (Argument argument : arguments) {
            boolean isPlace = argument.has(Trait.DEPENDENCY_FILE)
                    || argument.has(Trait.DEPENDENCY_TARGET) && anyTarget
                    || argument.has(Trait.OUTPUT) && !objectIsTarget;
            words.addAll(isPlace && !namesMatter ? List.of(argument.name()) : argument.tokens());
        }
        return words;
    }

    @Override
    public Optional<String> soleTarget() {
        // Behind -Wp,-MD, gcc names the object after the source, whatever -o says.
        boolean byDriver = any(Trait.DEPENDENCIES_OF_ALL) || any(Trait.DEPENDENCIES_OF_SOME);
        if (!byDriver || dependencies() == Dependencies.UNKNOWN) {
            return Optional.empty();
        }
        List<String> named = targets();
        if (named.isEmpty()) {
            named = values(Trait.OUTPUT);
        }
        return named.size() == 1 ? Optional.of(named.get(0)) : Optional.empty();
    }

    private List<String> targets() {
        return values(Trait.DEPENDENCY_TARGET);
    }

    private boolean any(Trait trait) {
        return arguments.stream().anyMatch(argument -> argument.has(trait));
    }

    private List<String> values(Trait trait) {
        return arguments.stream()
                .filter(argument -> argument.has(trait))
                .map(Argument::value)
                .toList();
    }

    @Override
    public List<String> forText() {
        List<String> words = new ArrayList<>();
        words.add(unit.language().statisticsName());
        boolean recordsArguments = recordsArguments();
        for (Argument argument : arguments) {
            if (argument.has(Trait.KEYED) || recordsArguments) {
                words.addAll(argument.tokens());
            } else if (argument.has(Trait.KEYED_BY_NAME)) {
                words.add(argument.name());
            }
            if (argument.has(Trait.EMBEDS_OBJECT_NAME)) {
                words.add(unit.object().path());
            }
        }
        return words;
    }

    @Override
    public boolean namesDirectory() {
        return any(Trait.EMBEDS_DIRECTORY) || unit.usesModules();
    }

    @Override
    public boolean dependOnDirectory() {
        return namesDirectory() || recordsArguments() || arguments.stream().anyMatch(CKeyOptions::mayBeRelative);
    }

    private static boolean mayBeRelative(Argument argument) {
        boolean mayBePath = argument.isInput() || argument.has(Trait.NAMES_PATH);
        boolean absolute = mayBePath && argument.value().startsWith("/");
        return !absolute && !argument.has(Trait.NAMES_NO_FILE);
    }

    @Override
    public boolean heedsComments() {
        return any(Trait.HEEDS_COMMENTS);
    }

    @Override
    public boolean recordsArguments() {
        return any(Trait.EMBEDS_ARGUMENTS);
    }

    @Override
    public boolean namesAreFiles() {
        return arguments.stream().filter(argument -> !argument.isInput()).noneMatch(argument -> {
            boolean passedOn = argument.has(Trait.PASSES_ON)
                    && HIDDEN.stream().anyMatch(hidden -> argument.value().contains(hidden));
            return passedOn || argument.has(Trait.REMAPS_NAMES);
        });
    }

    @Override
    public List<String> profiles() {
        return withPassed()
                .filter(argument -> argument.has(Trait.READS_PROFILE))
                .map(Argument::value)
                .toList();
    }

    private Stream<Argument> withPassed() {
        return Stream.concat(arguments.stream(), PassedArguments.behindXclang(arguments).stream());
    }

    /**
     * Whether gcc, were it to make links in diagnostics, would leave a trace of that in the object, or is told itself. Each
     * argument is looked at, as some are handed on to other programs.
     */
    boolean rulesOutLinks() {
        OptionTable table = OptionTable.of(unit.kind());
        return all().stream()
                .anyMatch(word -> table.find(word)
                        .filter(option -> option.traits().contains(Trait.WITHOUT_LINKS))
                        .isPresent());
    }

    @Override
    public boolean mentionsClock() {
        return all().stream().anyMatch(word -> CLOCK.matcher(word).find())
                || arguments.stream()
                        .filter(argument -> argument.has(Trait.MACRO) || argument.has(Trait.PASSES_ON))
                        .map(argument ->
                                argument.value().substring(argument.value().indexOf('=') + 1))
                        .anyMatch(ClockMacros::mayBeIn);
    }

    @Override
    public boolean isForThisMachine() {
        return any(Trait.THIS_MACHINE);
    }

    @Override
    public List<String> inputFiles() {
        return withPassed()
                .filter(argument -> argument.has(Trait.READS_FILE))
                .map(CKeyOptions::inputFile)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static String inputFile(Argument argument) {
        // Without an equals sign, that is all of it.
        return argument.has(Trait.NAMED_FILE)
                ? argument.value().substring(argument.value().indexOf('=') + 1)
                : argument.value();
    }

    @Override
    public List<String> moduleDirectories() {
        return values(Trait.MODULE_DIRECTORY);
    }

    @Override
    public List<String> namesForPreprocessor() {
        return values(Trait.PREPROCESSOR);
    }

    @Override
    public List<String> forcedIncludes() {
        return values(Trait.FORCED_INCLUDE);
    }

    @Override
    public List<String> printSearchPath() {
        List<String> words = new ArrayList<>(List.of("-E", "-v"));
        for (Argument argument : arguments) {
            if (argument.has(Trait.FOR_SEARCH_PATH) && !namesDependencies(argument)) {
                words.addAll(argument.tokens());
            }
        }
        unit.language().argument().ifPresent(language -> words.addAll(List.of("-x", language)));
        words.add("/dev/null");
        return words;
    }

    @Override
    public Dependencies dependencies() {
        boolean all = false;
        boolean some = false;
        for (Argument argument : arguments) {
            if (argument.has(Trait.DEPENDENCIES_OF_ALL) || argument.has(Trait.DEPENDENCIES_BY_VALUE)) {
                all = true;
                some |= argument.value().startsWith("-MMD");
            } else if (argument.has(Trait.DEPENDENCIES_OF_SOME)) {
                some = true;
            } else if (namesDependencies(argument)) {
                return Dependencies.UNKNOWN;
            }
        }
        if (!all && !some) {
            // Without the option that asks for a file, what says more about it may be an error.
            boolean more = any(Trait.ABOUT_DEPENDENCIES);
            // gcc takes the names of all objects but the last for those of sources if it is to write a file.
            long objects = arguments.stream()
                    .filter(argument -> argument.has(Trait.OUTPUT))
                    .count();
            return more || objects > 1 ? Dependencies.UNKNOWN : Dependencies.NONE;
        }
        if (dependencyFile().startsWith("/dev/") || dependencyFile().equals("-")) {
            return Dependencies.UNKNOWN;
        }
        return some ? Dependencies.SOME : Dependencies.ALL;
    }

    /** A dependency option behind one that only passes it on. */
    private static boolean namesDependencies(Argument argument) {
        return argument.has(Trait.PASSES_ON)
                && (argument.value().contains("-M") || argument.value().contains("-dependency"));
    }

    @Override
    public String dependencyFile() {
        String file = CUnit.withSuffix(unit.object().path(), ".d");
        for (Argument argument : arguments) {
            if (argument.has(Trait.DEPENDENCY_FILE)) {
                file = argument.value();
            } else if (argument.has(Trait.DEPENDENCIES_BY_VALUE)) {
                file = argument.value().substring(argument.value().indexOf(',') + 1);
            }
        }
        return file;
    }
}
