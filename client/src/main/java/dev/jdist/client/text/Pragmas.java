package dev.jdist.client.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * Finds pragmas that gcc leaves out when it preprocesses with {@code -fdirectives-only}. These are all in whose arguments it expands
 * macros, and those that keep the value of a macro for later.
 */
public final class Pragmas {
    private static final byte[] PRAGMA = "pragma".getBytes(StandardCharsets.US_ASCII);
    private static final Set<String> LEFT_OUT =
            Set.of("omp", "acc", "message", "redefine_extname", "push_macro", "pop_macro");

    private Pragmas() {}

    /** Whether there may be such a pragma in a source as somebody wrote it. The operator {@code _Pragma} stays where it is. */
    public static boolean anyLeftOut(byte[] source) {
        byte[] text = CTokens.joinLines(source);
        for (int i = 0; i < text.length; i++) {
            if (text[i] == PRAGMA[0] && isPragma(text, i) && isLeftOut(text, i + PRAGMA.length)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPragma(byte[] text, int at) {
        int end = at + PRAGMA.length;
        return end < text.length
                && Arrays.equals(text, at, end, PRAGMA, 0, PRAGMA.length)
                && (at == 0 || !isLetter(text[at - 1]));
    }

    /** By the first word behind; a comment may hide it. */
    private static boolean isLeftOut(byte[] text, int from) {
        int start = from;
        while (start < text.length && (text[start] == ' ' || text[start] == '\t')) {
            start++;
        }
        if (start == text.length || text[start] == '/') {
            return true;
        }
        int end = start;
        while (end < text.length && isLetter(text[end])) {
            end++;
        }
        return LEFT_OUT.contains(new String(text, start, end - start, StandardCharsets.ISO_8859_1));
    }

    private static boolean isLetter(byte c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }
}
