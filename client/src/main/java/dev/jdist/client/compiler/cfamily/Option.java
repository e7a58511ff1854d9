package dev.jdist.client.compiler.cfamily;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One row of {@link OptionTable}: all that jdist knows of an option. Each method returns the row with a fact more.
 *
 * @param traits that it has always
 * @param conditions traits that it has if its value matches
 * @param output the file that it has the compiler write, besides the object
 */
record Option(
        String name, OptionForm form, Set<Trait> traits, Map<Trait, Pattern> conditions, Optional<ExtraOutput> output) {
    /**
     * An option of the assembler that has it neither print, nor write another file than the object, nor read another one than
     * its input, nor expand macros in another way. What is no option is one more input.
     */
    private static final String ASSEMBLER_OPTION =
            "(?:(?!-a|-o|-t|-v|-M|--MD|--mri|--alternate|--itbl|--listing|--statistics|--version|--help)"
                    + "-[-+.\\w]*(?:=[-+.\\w]*)?"
                    + "|--defsym,[.$\\w]+=[-+\\w]+|-I,?[^,@]+|--debug-prefix-map[=,][^,@]*)";

    /** Values that have the assembler write debugging information. */
    private static final String ASSEMBLER_DEBUGS = "(.*,)?--?g.*";

    /** An option of which nothing is known but how it takes its value. */
    static Option option(String name, OptionForm form) {
        return new Option(
                name,
                form,
                EnumSet.of(Trait.FOR_PREPROCESSED, Trait.FOR_SOURCES, Trait.FOR_SEARCH_PATH, Trait.KEYED),
                Map.of(),
                Optional.empty());
    }

    boolean has(Trait trait, String value) {
        Pattern condition = conditions.get(trait);
        return traits.contains(trait)
                || condition != null && condition.matcher(value).matches();
    }

    Option with(Trait... more) {
        Set<Trait> all = EnumSet.copyOf(traits);
        all.addAll(Set.of(more));
        return new Option(name, form, all, conditions, output);
    }

    Option without(Trait... fewer) {
        Set<Trait> rest = EnumSet.copyOf(traits);
        rest.removeAll(Set.of(fewer));
        return new Option(name, form, rest, conditions, output);
    }

    /** A trait that it has if its value matches. */
    Option when(String value, Trait trait) {
        Map<Trait, Pattern> all = new EnumMap<>(Trait.class);
        all.putAll(conditions);
        all.put(trait, Pattern.compile(value));
        return new Option(name, form, traits, all, output);
    }

    Option refused() {
        return with(Trait.REFUSED, Trait.REFUSED_BEHIND_XCLANG);
    }

    Option untracked() {
        return with(Trait.UNTRACKED, Trait.UNKNOWN_BEHIND_XCLANG);
    }

    /** It is not followed if its value is another one: nobody knows what it does then. */
    Option trackedIf(String value) {
        return when("(?s)(?!(?:" + value + ")$).*", Trait.UNTRACKED);
    }

    /** A member of a family of options of which the table has no row. @param switches what follows the family's name in those without a value */
    Option unknownOfFamily(String switches) {
        return trackedIf(switches).namesNoFileIf(switches).unknownBehindXclang();
    }

    Option staysHere() {
        return with(Trait.STAYS_HERE);
    }

    /** Undoes what {@link #writes} adds: a builder writes the file as it would be written here. */
    Option distributable() {
        return without(Trait.STAYS_HERE);
    }

    Option refusedBehindXclang() {
        return takenBehindXclang().with(Trait.REFUSED_BEHIND_XCLANG);
    }

    Option takenBehindXclang() {
        return without(Trait.UNKNOWN_BEHIND_XCLANG);
    }

    Option unknownBehindXclang() {
        return with(Trait.UNKNOWN_BEHIND_XCLANG);
    }

    /**
     * The compiler may write a file whose name is the object's with this suffix instead of its own. The file is cached like the
     * object. Whether a builder writes the same is to be found out: until then the unit stays here.
     */
    Option writes(String suffix) {
        return writes(suffix, true);
    }

    /** The same for a file that the compiler writes each time. */
    Option alwaysWrites(String suffix) {
        return writes(suffix, false);
    }

    private Option writes(String suffix, boolean optional) {
        return writes(new ExtraOutput(suffix.substring(1), Optional.of(suffix), optional))
                .unknownBehindXclang();
    }

    /** The compiler may write the file that is the option's value. */
    Option writesItsValue(String kind) {
        return writes(new ExtraOutput(kind, Optional.empty(), true));
    }

    private Option writes(ExtraOutput extra) {
        return new Option(name, form, traits, conditions, Optional.of(extra))
                .staysHere()
                .without(Trait.FOR_SEARCH_PATH);
    }

    Option readsFile() {
        return staysHere().with(Trait.READS_FILE).without(Trait.FOR_SEARCH_PATH);
    }

    Option readsNamedFile() {
        return readsFile().with(Trait.NAMED_FILE);
    }

    /** A compiled module, read or written. What is made with it has its name, and often the directory. */
    Option module() {
        return staysHere().embedsObjectName().with(Trait.MODULES).without(Trait.FOR_SEARCH_PATH);
    }

    Option readsProfile() {
        return staysHere().with(Trait.READS_PROFILE).without(Trait.FOR_SEARCH_PATH);
    }

    Option thisMachine() {
        return staysHere().namesNoFile().with(Trait.THIS_MACHINE).without(Trait.FOR_SEARCH_PATH);
    }

    Option namesNoFile() {
        return with(Trait.NAMES_NO_FILE);
    }

    Option namesNoFileIf(String value) {
        return when(value, Trait.NAMES_NO_FILE);
    }

    Option embedsDirectory() {
        return with(Trait.EMBEDS_DIRECTORY);
    }

    /** A file that is named after the object is in the directory, too. */
    Option embedsObjectName() {
        return embedsDirectory().with(Trait.EMBEDS_OBJECT_NAME);
    }

    /** What a program prints at run time tells where in the sources something went wrong. */
    Option embedsColumns() {
        return with(Trait.EMBEDS_COLUMNS).namesNoFile().unknownBehindXclang();
    }

    /** The object's name is one of the arguments. */
    Option embedsArguments() {
        return embedsObjectName().staysHere().with(Trait.EMBEDS_ARGUMENTS).without(Trait.FOR_SEARCH_PATH);
    }

    /** Debugging information names the directory, and gcc's also says with which options the object was made. */
    Option debugs() {
        return embedsDirectory().with(Trait.WITHOUT_LINKS);
    }

    Option coverage() {
        return alwaysWrites(".gcno")
                .distributable()
                .embedsObjectName()
                .with(Trait.FOR_SEARCH_PATH)
                .refusedBehindXclang();
    }

    /** Its value is for the assembler. */
    Option assembler() {
        return without(Trait.FOR_SEARCH_PATH)
                .trackedIf(ASSEMBLER_OPTION + "(?:," + ASSEMBLER_OPTION + ")*")
                .when(ASSEMBLER_DEBUGS, Trait.EMBEDS_DIRECTORY);
    }

    /** A warning. */
    Option heedsComments() {
        return with(Trait.HEEDS_COMMENTS).namesNoFileIf("[-+,\\w]*").unknownBehindXclang();
    }

    Option pedantic() {
        return namesNoFile().with(Trait.PEDANTIC).without(Trait.FOR_SEARCH_PATH).refusedBehindXclang();
    }

    /** Once the preprocessed source is there, it has done its work; without a value, the compiler may remark on it. */
    Option preprocessorOnly() {
        return without(Trait.FOR_PREPROCESSED, Trait.KEYED)
                .with(Trait.PREPROCESSOR, Trait.NAMES_PATH)
                .when("", Trait.KEYED_BY_NAME)
                .namesNoFileIf("");
    }

    /** Its value is included before the source, and so before the empty one of the question for the search path. */
    Option includesFirst() {
        return with(Trait.FORCED_INCLUDE).without(Trait.FOR_SEARCH_PATH);
    }

    Option macro() {
        return namesNoFile().with(Trait.MACRO).without(Trait.FOR_PREPROCESSED, Trait.FOR_SEARCH_PATH);
    }

    /** It has no influence on what is written. */
    Option neutral() {
        return namesNoFile().with(Trait.KEYED_BY_NAME).without(Trait.KEYED, Trait.FOR_SEARCH_PATH);
    }

    /** It says what one command is to do: each other command has its own. */
    Option ofThisCommand() {
        return neutral().without(Trait.FOR_PREPROCESSED);
    }

    /** It matters where the caller is only: a builder prints, and writes, nothing of the kind. */
    Option ofThisPlace() {
        return ofThisCommand().without(Trait.FOR_SOURCES);
    }
}
