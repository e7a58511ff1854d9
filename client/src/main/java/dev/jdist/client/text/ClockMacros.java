package dev.jdist.client.text;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The macros that stand for the time of day. A macro can put their names together of pieces ({@code __TI ## ME__}), which may
 * come from several files.
 */
public final class ClockMacros {
    private static final List<String> NAMES = List.of("__DATE__", "__TIME__", "__TIMESTAMP__");

    private static final int LONGEST = "__TIMESTAMP__".length();

    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_$]+");

    private ClockMacros() {}

    /** Whether a word is one of them, or a piece of one. */
    static boolean isPiece(String word) {
        return word.length() <= LONGEST && NAMES.stream().anyMatch(name -> name.contains(word));
    }

    /** Whether a word begins one of them, and hardly anything else. */
    private static boolean isTelling(String word) {
        return word.length() > 3 && NAMES.stream().anyMatch(name -> name.startsWith(word));
    }

    /**
     * Whether these pieces, which stand in one file, make one of the names.
     *
     * @param pieces that {@link #isPiece}
     */
    static boolean canBeMadeOf(Set<String> pieces) {
        return NAMES.stream().anyMatch(name -> canBeMade(name, pieces));
    }

    /**
     * Whether pieces of several files make one of the names. Single letters are in nearly every file, and not taken for pieces
     * of a name whose other pieces are elsewhere.
     */
    public static boolean canBeMadeTogether(Collection<Set<String>> files) {
        Set<String> all = new HashSet<>();
        files.forEach(all::addAll);
        all.removeIf(piece -> piece.length() == 1 && !piece.equals("_"));
        return all.stream().anyMatch(ClockMacros::isTelling) || canBeMadeOf(all);
    }

    private static boolean canBeMade(String rest, Set<String> pieces) {
        if (rest.isEmpty()) {
            return true;
        }
        return pieces.stream()
                .anyMatch(piece -> rest.startsWith(piece) && canBeMade(rest.substring(piece.length()), pieces));
    }

    /** Whether text of a command line has one of the names in it, or a piece that hardly anything else has. */
    public static boolean mayBeIn(String text) {
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            boolean isLong = word.group().replace("_", "").length() > 1;
            if (isLong && isPiece(word.group())) {
                return true;
            }
        }
        return false;
    }
}
