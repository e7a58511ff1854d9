package dev.jdist.client.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the cache has to know of a unit's command line: which words decide what comes out, which files it names, and how to
 * have the compiler tell what it reads.
 */
public final class CacheKeyOptions {
    /** What is not looked for behind an option that only passes it on. */
    private static final List<String> HIDDEN = Stream.of(CompilerKind.values())
            .flatMap(kind -> OptionTable.of(kind).rows().stream())
            .filter(row ->
                    row.traits().contains(Trait.REMAPS_NAMES) || row.traits().contains(Trait.FORCED_INCLUDE))
            .map(Option::name)
            .distinct()
            .toList();

    private static final Pattern CLOCK = Pattern.compile("__(DATE|TIME|TIMESTAMP)__");

    private final CompileUnit unit;
    private final List<Argument> arguments;

    CacheKeyOptions(CompileUnit unit, List<Argument> arguments) {
        this.unit = unit;
        this.arguments = arguments;
    }

    /** All words, response files expanded. */
    public List<String> all() {
        return arguments.stream().flatMap(argument -> argument.words().stream()).toList();
    }

    /**
     * All words that decide what comes out of the same files, response files expanded. The names of what comes out are among
     * them only if they are part of it.
     *
     * @param anyTarget leave out what {@link #soleTarget} is, as another one can be put in its place
     */
    public List<String> forRequest(boolean anyTarget) {
        boolean namesMatter = recordsWords() || any(Trait.EMBEDS_OBJECT_NAME);
        boolean objectIsTarget =
                !anyTarget && dependencies() != Dependencies.NONE && targets().isEmpty();
        List<String> words = new ArrayList<>();
        for (Argument argument : arguments) {
            boolean isPlace = argument.has(Trait.DEPENDENCY_FILE)
                    || argument.has(Trait.DEPENDENCY_TARGET) && anyTarget
                    || argument.has(Trait.OUTPUT) && !objectIsTarget;
            words.addAll(isPlace && !namesMatter ? List.of(argument.name()) : argument.words());
        }
        return words;
    }

    /** What the dependency file says depends on the files that are read; nothing if that is not known for sure, or several. */
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

    /** The words that decide what the compiler makes of the preprocessed text. */
    public List<String> forText() {
        List<String> words = new ArrayList<>();
        words.add(unit.language().statisticsName());
        boolean recordsWords = recordsWords();
        for (Argument argument : arguments) {
            if (argument.has(Trait.KEYED) || recordsWords) {
                words.addAll(argument.words());
            } else if (argument.has(Trait.KEYED_BY_NAME)) {
                words.add(argument.name());
            }
            if (argument.has(Trait.EMBEDS_OBJECT_NAME)) {
                words.add(unit.object().path());
            }
        }
        return words;
    }

    /** Whether the directory of the compile is part of what is written: for debuggers, for coverage, for gcc's linker. */
    public boolean namesDirectory() {
        return any(Trait.EMBEDS_DIRECTORY);
    }

    /**
     * Whether the same words in another directory may mean something else: because one of them names a file relative to it, or
     * because it is part of what is written. What is not known for sure may.
     */
    public boolean dependOnDirectory() {
        return namesDirectory() || recordsWords() || arguments.stream().anyMatch(CacheKeyOptions::mayBeRelative);
    }

    private static boolean mayBeRelative(Argument argument) {
        boolean mayBePath = argument.isInput() || argument.has(Trait.NAMES_PATH);
        boolean absolute = mayBePath && argument.value().startsWith("/");
        return !absolute && !argument.has(Trait.NAMES_NO_FILE);
    }

    /** Whether there may be something to say about the sources that cannot be told from the preprocessed text. */
    public boolean heedsComments() {
        return any(Trait.HEEDS_COMMENTS);
    }

    /** Whether what the command line says is written into the object: nothing may be added to it then. */
    public boolean recordsWords() {
        return any(Trait.EMBEDS_ARGUMENTS);
    }

    /** Whether names of files mean what they say, and all that are included before the source are known. */
    public boolean namesAreFiles() {
        return arguments.stream().filter(argument -> !argument.isInput()).noneMatch(argument -> {
            boolean passedOn = argument.has(Trait.PASSES_ON)
                    && HIDDEN.stream().anyMatch(hidden -> argument.value().contains(hidden));
            return passedOn || argument.has(Trait.REMAPS_NAMES);
        });
    }

    /** Profiles that decide what comes out, or folders that hold a {@code default.profdata}; "" for the current one. */
    public List<String> profiles() {
        return values(Trait.READS_PROFILE);
    }

    /**
     * Whether gcc, were it to make links in diagnostics, would leave a trace of that in the object, or is told itself. Each
     * argument is looked at, as some are handed on to other programs.
     */
    public boolean rulesOutLinks() {
        OptionTable table = OptionTable.of(unit.kind());
        return all().stream()
                .anyMatch(word -> table.find(word)
                        .filter(option -> option.traits().contains(Trait.WITHOUT_LINKS))
                        .isPresent());
    }

    /** Whether a macro of the command line stands for the time of day. */
    public boolean mentionsClock() {
        return all().stream().anyMatch(word -> CLOCK.matcher(word).find());
    }

    /** Whether code for just this machine's processor is asked for. */
    public boolean isForThisMachine() {
        return any(Trait.THIS_MACHINE);
    }

    /** Files named by options whose content decides what comes out. */
    public List<String> inputFiles() {
        return values(Trait.READS_FILE).stream()
                .filter(value -> !value.isEmpty())
                .toList();
    }

    /** What the preprocessor is told, among it the directories of {@code -I} and its kin. */
    public List<String> namesForPreprocessor() {
        return values(Trait.PREPROCESSOR);
    }

    /** Names that the command line includes before the source. */
    public List<String> forcedIncludes() {
        return values(Trait.FORCED_INCLUDE);
    }

    /** The arguments with which the compiler prints where it looks for included files, given an empty source. */
    public List<String> printSearchPath() {
        List<String> words = new ArrayList<>(List.of("-E", "-v"));
        for (Argument argument : arguments) {
            if (argument.has(Trait.FOR_SEARCH_PATH) && !namesDependencies(argument)) {
                words.addAll(argument.words());
            }
        }
        unit.language().argument().ifPresent(language -> words.addAll(List.of("-x", language)));
        words.add("/dev/null");
        return words;
    }

    /** How the unit writes a dependency file. */
    public enum Dependencies {
        /** Not at all. */
        NONE,
        /** With all files. */
        ALL,
        /** Without those of the system. */
        SOME,
        /** In a way, or to a place, that is not understood. */
        UNKNOWN
    }

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

    /** The dependency file, as the command line has it or as it follows from the object's name. */
    public String dependencyFile() {
        String file = CompileUnit.withSuffix(unit.object().path(), ".d");
        for (Argument argument : arguments) {
            if (argument.has(Trait.DEPENDENCY_FILE)) {
                file = argument.value();
            } else if (argument.has(Trait.DEPENDENCIES_BY_VALUE)) {
                file = argument.value().substring(argument.value().indexOf(',') + 1);
            }
        }
        return file;
    }

    /**
     * The words of the compile with some more options, which hold against all others.
     *
     * @param words as the caller gave them, without the compiler
     */
    public static List<String> withOptions(List<String> words, List<String> options) {
        int end = words.indexOf("--");
        List<String> all = new ArrayList<>(words);
        all.addAll(end < 0 ? words.size() : end, options);
        return all;
    }
}
