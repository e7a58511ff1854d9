package dev.jdist.client.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the cache has to know of a unit's command line: which words decide what comes out, which files it names, and how to
 * have the compiler tell what it reads.
 */
public final class CacheKeyOptions {
    /** What has done its work, or has no influence, once the preprocessed text is there. */
    private static final Set<Role> NOT_FOR_TEXT = Set.of(
            Role.PREPROCESSOR,
            Role.DEPENDENCIES,
            Role.DEPENDENCY_FILE,
            Role.DEPENDENCY_TARGET,
            Role.COLOR,
            Role.COLOR_ON,
            Role.COLOR_OFF,
            Role.COMPILE,
            Role.OUTPUT,
            Role.LANGUAGE,
            Role.NEUTRAL);

    /** Of those, what the compiler may have something to say about: that it is of no use, for example. */
    private static final Set<Role> REMARKABLE = Set.of(
            Role.DEPENDENCIES,
            Role.DEPENDENCY_FILE,
            Role.DEPENDENCY_TARGET,
            Role.COLOR,
            Role.COLOR_ON,
            Role.COLOR_OFF,
            Role.COMPILE,
            Role.OUTPUT,
            Role.LANGUAGE,
            Role.NEUTRAL);

    /** What makes the name of the object part of what is written. */
    private static final Set<Role> NAMES_THE_OBJECT =
            Set.of(Role.SPLIT_DWARF, Role.TEST_COVERAGE, Role.COVERAGE, Role.PROFILE, Role.RECORDS_WORDS);

    /** The same, for options that sccache knows without a value only. */
    private static final Pattern INSTRUMENTS =
            Pattern.compile("-f(cs-)?profile-(instr-)?generate(=.*)?|-fcoverage-mapping");

    /** Has the assembler write debugging information. */
    private static final Pattern ASSEMBLER_DEBUGS = Pattern.compile("(.*,)?--?g.*");

    /** What names no file that is read, or none whose name matters to what comes out. */
    private static final Set<Role> NAMES_NOTHING = Set.of(
            Role.ARCHITECTURE,
            Role.COLOR,
            Role.COLOR_OFF,
            Role.COLOR_ON,
            Role.COMPILE,
            Role.DEPENDENCIES,
            Role.DEPENDENCY_FILE,
            Role.DEPENDENCY_TARGET,
            Role.LANGUAGE,
            Role.MACRO,
            Role.NEUTRAL,
            Role.OUTPUT,
            Role.PEDANTIC,
            Role.STANDARD,
            Role.THIS_MACHINE);

    /** Words that name no file. */
    private static final Pattern PLAIN = Pattern.compile(
            "-[OWfp][-+.\\w]*(=[-+,\\w]*)?|-m[-+.\\w]*(=[-+.,\\w]*)?|-g0|-w|--(param|target)=.*|-std(lib)?=.*");

    /** Options whose values, in the next word, name no file. */
    private static final Set<String> PLAIN_WITH_VALUE = Set.of("--param", "--target", "-target");

    /** What may say where included files are looked for. */
    private static final Set<Role> SEARCH = Set.of(
            Role.PREPROCESSOR,
            Role.COMMON,
            Role.STANDARD,
            Role.XCLANG,
            Role.PROFILE,
            Role.COVERAGE,
            Role.TEST_COVERAGE);

    /** Warnings that depend on comments, of which a preprocessed text knows nothing; each may have a value behind it. */
    private static final List<String> HEED_COMMENTS =
            List.of("-W", "-Wextra", "--extra-warnings", "-Weverything", "-Wimplicit-fallthrough", "-Wdocumentation");

    /** What has names mean other files than those of that name. */
    private static final Set<String> REMAPPING = Set.of("-ivfsoverlay", "-remap");

    /** What is not looked for behind an option that only passes it on. */
    private static final Set<String> HIDDEN = Set.of("-ivfsoverlay", "-remap", "-include", "-imacros");

    private static final Set<String> FORCED_INCLUDES = Set.of("-include", "-imacros");

    private static final Pattern CLOCK = Pattern.compile("__(DATE|TIME|TIMESTAMP)__");

    private static final Pattern DEPENDENCIES_BY_WP = Pattern.compile("-MM?D,([^,]*)");

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
        boolean namesMatter = recordsWords() || arguments.stream().anyMatch(CacheKeyOptions::namesObject);
        boolean objectIsTarget =
                !anyTarget && dependencies() != Dependencies.NONE && targets().isEmpty();
        List<String> words = new ArrayList<>();
        for (Argument argument : arguments) {
            boolean isPlace = argument.is(Role.DEPENDENCY_FILE)
                    || argument.is(Role.DEPENDENCY_TARGET) && anyTarget
                    || argument.is(Role.OUTPUT) && !objectIsTarget;
            words.addAll(isPlace && !namesMatter ? List.of(argument.name()) : argument.words());
        }
        return words;
    }

    /** What the dependency file says depends on the files that are read; nothing if that is not known for sure, or several. */
    public Optional<String> soleTarget() {
        // Behind -Wp,-MD, gcc names the object after the source, whatever -o says.
        boolean byDriver = arguments.stream()
                .anyMatch(argument ->
                        argument.name().equals("-MD") || argument.name().equals("-MMD"));
        if (!byDriver || dependencies() == Dependencies.UNKNOWN) {
            return Optional.empty();
        }
        List<String> named = targets();
        if (named.isEmpty()) {
            named = values(Role.OUTPUT);
        }
        return named.size() == 1 ? Optional.of(named.get(0)) : Optional.empty();
    }

    private List<String> targets() {
        return values(Role.DEPENDENCY_TARGET);
    }

    private List<String> values(Role role) {
        return arguments.stream()
                .filter(argument -> argument.is(role))
                .map(Argument::value)
                .toList();
    }

    /** The words that decide what the compiler makes of the preprocessed text. */
    public List<String> forText() {
        List<String> words = new ArrayList<>();
        words.add(unit.language().statisticsName());
        boolean recordsWords = recordsWords();
        for (Argument argument : arguments) {
            boolean matters = !argument.isInput() && argument.role().stream().noneMatch(NOT_FOR_TEXT::contains);
            if (matters || recordsWords) {
                words.addAll(argument.words());
            } else if (argument.role().stream().anyMatch(REMARKABLE::contains)
                    || argument.is(Role.PREPROCESSOR) && argument.value().isEmpty()) {
                words.add(argument.name());
            }
            if (namesObject(argument)) {
                words.add(unit.object().path());
            }
        }
        return words;
    }

    /** Whether the directory of the compile is part of what is written: for debuggers, for coverage, for gcc's linker. */
    public boolean namesDirectory() {
        return arguments.stream()
                .anyMatch(argument -> namesObject(argument)
                        || debugs(argument)
                        || unit.kind() == CompilerKind.GCC && argument.name().startsWith("-flto"));
    }

    private static boolean namesObject(Argument argument) {
        return argument.role().stream().anyMatch(NAMES_THE_OBJECT::contains)
                || INSTRUMENTS.matcher(argument.name()).matches();
    }

    private static boolean debugs(Argument argument) {
        return argument.name().startsWith("-g") && !argument.name().equals("-g0")
                || argument.name().startsWith("--debug")
                || argument.is(Role.ASSEMBLER)
                        && ASSEMBLER_DEBUGS.matcher(argument.value()).matches()
                || argument.is(Role.XCLANG) && argument.value().startsWith("-debug-info");
    }

    /**
     * Whether the same words in another directory may mean something else: because one of them names a file relative to it, or
     * because it is part of what is written. What is not known for sure may.
     */
    public boolean dependOnDirectory() {
        return namesDirectory() || recordsWords() || arguments.stream().anyMatch(CacheKeyOptions::mayBeRelative);
    }

    private static boolean mayBeRelative(Argument argument) {
        boolean absolute = argument.value().startsWith("/");
        boolean takesName = argument.isInput()
                || argument.is(Role.PREPROCESSOR)
                || argument.name().startsWith("--sysroot");
        boolean plain = argument.role().stream().anyMatch(NAMES_NOTHING::contains)
                || argument.is(Role.PREPROCESSOR) && argument.value().isEmpty()
                || PLAIN_WITH_VALUE.contains(argument.name())
                || (argument.is(Role.COMMON) || argument.is(Role.PREPROCESSOR))
                        && argument.words().size() == 1
                        && PLAIN.matcher(argument.words().get(0)).matches();
        return !(takesName && absolute) && !plain;
    }

    /** Whether there may be something to say about the sources that cannot be told from the preprocessed text. */
    public boolean heedsComments() {
        return arguments.stream()
                .anyMatch(argument -> HEED_COMMENTS.contains(argument.name().replaceFirst("=.*", "")));
    }

    /** Whether what the command line says is written into the object: nothing may be added to it then. */
    public boolean recordsWords() {
        return arguments.stream().anyMatch(argument -> argument.is(Role.RECORDS_WORDS));
    }

    /** Whether names of files mean what they say, and all that are included before the source are known. */
    public boolean namesAreFiles() {
        return arguments.stream().filter(argument -> !argument.isInput()).noneMatch(argument -> {
            boolean passedOn = passesOn(argument)
                    && HIDDEN.stream().anyMatch(hidden -> argument.value().contains(hidden));
            return passedOn || REMAPPING.contains(argument.name());
        });
    }

    /** Profiles that decide what comes out, or folders that hold a {@code default.profdata}; "" for the current one. */
    public List<String> profiles() {
        return values(Role.PROFILE_FILE);
    }

    /** Whether a macro of the command line stands for the time of day. */
    public boolean mentionsClock() {
        return all().stream().anyMatch(word -> CLOCK.matcher(word).find());
    }

    /** Whether code for just this machine's processor is asked for. */
    public boolean isForThisMachine() {
        return arguments.stream().anyMatch(argument -> argument.is(Role.THIS_MACHINE));
    }

    /** Files named by options whose content decides what comes out. */
    public List<String> inputFiles() {
        return values(Role.INPUT_FILE).stream()
                .filter(value -> !value.isEmpty())
                .toList();
    }

    /** What the preprocessor is told, among it the directories of {@code -I} and its kin. */
    public List<String> namesForPreprocessor() {
        return values(Role.PREPROCESSOR);
    }

    /** Names that the command line includes before the source. */
    public List<String> forcedIncludes() {
        return arguments.stream()
                .filter(argument -> FORCED_INCLUDES.contains(argument.name()))
                .map(Argument::value)
                .toList();
    }

    /** The arguments with which the compiler prints where it looks for included files, given an empty source. */
    public List<String> printSearchPath() {
        List<String> words = new ArrayList<>(List.of("-E", "-v"));
        for (Argument argument : arguments) {
            boolean harmless = !FORCED_INCLUDES.contains(argument.name())
                    && !argument.name().equals("--")
                    && !namesDependencies(argument);
            if (harmless && argument.role().stream().anyMatch(SEARCH::contains)) {
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
            Matcher byWp = DEPENDENCIES_BY_WP.matcher(argument.value());
            if (argument.name().equals("-MD") || argument.name().equals("-Wp") && byWp.matches()) {
                all = true;
                some |= argument.value().startsWith("-MMD");
            } else if (argument.name().equals("-MMD")) {
                some = true;
            } else if (namesDependencies(argument)) {
                return Dependencies.UNKNOWN;
            }
        }
        if (!all && !some) {
            // Without the option that asks for a file, what says more about it may be an error.
            boolean more =
                    arguments.stream().anyMatch(argument -> argument.name().startsWith("-M"));
            // gcc takes the names of all objects but the last for those of sources if it is to write a file.
            long objects = arguments.stream()
                    .filter(argument -> argument.is(Role.OUTPUT))
                    .count();
            return more || objects > 1 ? Dependencies.UNKNOWN : Dependencies.NONE;
        }
        if (dependencyFile().startsWith("/dev/") || dependencyFile().equals("-")) {
            return Dependencies.UNKNOWN;
        }
        return some ? Dependencies.SOME : Dependencies.ALL;
    }

    private static boolean passesOn(Argument argument) {
        return argument.name().equals("-Wp") || argument.name().equals("-Xpreprocessor") || argument.is(Role.XCLANG);
    }

    /** A dependency option behind one that only passes it on. */
    private static boolean namesDependencies(Argument argument) {
        return passesOn(argument)
                && (argument.value().contains("-M") || argument.value().contains("-dependency"));
    }

    /** The dependency file, as the command line has it or as it follows from the object's name. */
    public String dependencyFile() {
        String file = CompileUnit.withSuffix(unit.object().path(), ".d");
        for (Argument argument : arguments) {
            Matcher byWp = DEPENDENCIES_BY_WP.matcher(argument.value());
            if (argument.is(Role.DEPENDENCY_FILE)) {
                file = argument.value();
            } else if (argument.name().equals("-Wp") && byWp.matches()) {
                file = byWp.group(1);
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
