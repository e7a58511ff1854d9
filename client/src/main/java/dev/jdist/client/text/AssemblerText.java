package dev.jdist.client.text;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells whether an assembler may read a file besides its input. What it reads by is one of two directives. Macros of the assembler,
 * and operands and alternatives in the {@code asm} of C, can put their names together; where nothing that stands there can
 * come to one of them, nothing is read.
 */
final class AssemblerText {
    private static final List<String> DIRECTIVES = List.of("incbin", "include");

    /** The beginning of the name of a directive, perhaps all of it. */
    private static final String BEGINNING = "i(?:n(?:c(?:b(?:in?)?|l(?:u(?:de?)?)?)?)?)?";

    private static final Pattern WHOLE =
            Pattern.compile("(?<![\\w$.-])\\.(?:incbin(?![\\w$.-])|include[ \\t]*(?:[\"\\\\]|$))", Pattern.MULTILINE);

    /** Parameters are substituted in other places than behind a backslash, or others directives are there. */
    private static final Pattern OTHER_SYNTAX = Pattern.compile("\\.(?:altmacro|mri)\\b");

    /** A dot and the beginning of a name before a parameter, at the beginning of a word or behind another parameter. */
    private static final Pattern BEFORE_PARAMETER =
            Pattern.compile("(?:(?<![\\w$.])|\\\\\\w{1,64}|\\(\\))\\.(" + BEGINNING + ")?\\\\");

    /** The same before an operand or an alternative of C. */
    private static final Pattern BEFORE_OPERAND =
            Pattern.compile("(?<![\\w$.%])\\.(?:" + BEGINNING + ")?(?:%(?!%)|[{|}])");

    private static final Pattern AT_END = Pattern.compile("(?<![\\w$.%])\\.(?:" + BEGINNING + ")?$");

    /** One parameter or operand directly behind another, or before more of a word. */
    private static final Pattern JOINED =
            Pattern.compile("\\\\\\w+(?:\\\\|&)|\\\\\\(\\)\\w|%[a-z]?(?:\\d|\\[\\w+\\])(?:%(?!%)|\\w)");

    /** A word that is the beginning of a directive. */
    private static final Pattern LONELY_BEGINNING =
            Pattern.compile("(?<![\\w$.\\\\])\\." + BEGINNING + "(?![\\w$.\\\\])");

    /** A dot that is all of an argument, and not the place in an expression. */
    private static final Pattern LONELY_DOT =
            Pattern.compile("(?:^|(?<![-+*/(])[ \\t]|[,=\"])\\.(?=[ \\t]*(?:[,\"]|$))", Pattern.MULTILINE);

    private static final Pattern WORD = Pattern.compile("[\\w$]+");

    private AssemblerText() {}

    /** @param text of the assembler, or what C hands on to it, escape sequences replaced */
    static boolean mayReadFile(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (WHOLE.matcher(lower).find() || OTHER_SYNTAX.matcher(lower).find()) {
            return true;
        } else if (BEFORE_OPERAND.matcher(lower).find()) {
            return true;
        } else if (lower.indexOf('\\') < 0 && lower.indexOf('%') < 0) {
            return false;
        }
        Set<String> words = new HashSet<>();
        Matcher word = WORD.matcher(lower);
        while (word.find()) {
            words.add(word.group());
        }
        boolean anyLetter = words.contains("irpc");
        Matcher parameter = BEFORE_PARAMETER.matcher(lower);
        for (int from = 0; parameter.find(from); from = parameter.end() - 1) {
            String beginning = parameter.group(1) == null ? "" : parameter.group(1);
            if (anyLetter || canBeContinued(beginning, words)) {
                return true;
            }
        }
        return JOINED.matcher(lower).find()
                && (LONELY_BEGINNING.matcher(lower).find()
                        || LONELY_DOT.matcher(lower).find() && (anyLetter || canBeContinued("", words)));
    }

    /** Whether a directive may begin at the end of a text and go on in another. @param lower a text in lower case */
    static boolean endsInBeginning(CharSequence lower) {
        return AT_END.matcher(lower).find();
    }

    /** Whether one of the directives stands there as it is. @param lower a text in lower case */
    static boolean readsFile(CharSequence lower) {
        return WHOLE.matcher(lower).find();
    }

    private static boolean canBeContinued(String beginning, Set<String> words) {
        return DIRECTIVES.stream().filter(name -> name.startsWith(beginning)).anyMatch(name -> {
            String rest = name.substring(beginning.length());
            return rest.isEmpty() || words.stream().anyMatch(rest::startsWith);
        });
    }
}
