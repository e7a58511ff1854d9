package dev.jdist.client.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Walks through C, without its comments and with its continued lines joined. Broken text is walked through to its end. */
final class CTokens {
    /** What a token is. */
    enum Kind {
        /** An identifier, a keyword or a number. */
        WORD,
        /** A string literal; an encoding prefix is a word of its own, but that of a raw string belongs to it. */
        STRING,
        /** One character, or a character constant. */
        OTHER,
        END
    }

    /** A longer one is no delimiter of a raw string. */
    private static final int MAX_DELIMITER = 16;

    private final byte[] text;
    private final boolean knowsRawStrings;
    private int at;

    private Kind kind = Kind.OTHER;
    private int start;
    private boolean startsLine = true;
    private boolean atLineStart = true;
    private boolean rawStrings;
    private String value = "";
    private boolean decoded = true;

    /** @param knowsRawStrings whether the language has them, which nobody can tell from the text */
    CTokens(byte[] text, boolean knowsRawStrings) {
        this.text = joinLines(text);
        this.knowsRawStrings = knowsRawStrings;
    }

    /** Takes out each backslash, or its trigraph, that ends a line, with that end. */
    static byte[] joinLines(byte[] text) {
        ByteArrayOutputStream joined = null;
        int copied = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] != '\\' && text[i] != '?') {
                continue;
            }
            boolean isTrigraph = text[i] == '?' && i + 2 < text.length && text[i + 1] == '?' && text[i + 2] == '/';
            if (text[i] == '?' && !isTrigraph) {
                continue;
            }
            int end = i + (isTrigraph ? 3 : 1);
            while (end < text.length && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r')) {
                end++;
            }
            if (end < text.length && text[end] == '\n') {
                if (joined == null) {
                    joined = new ByteArrayOutputStream(text.length);
                }
                joined.write(text, copied, i - copied);
                copied = end + 1;
                i = end;
            }
        }
        if (joined == null) {
            return text;
        }
        joined.write(text, copied, text.length - copied);
        return joined.toByteArray();
    }

    Kind kind() {
        return kind;
    }

    /** Whether the token is the first of its line. */
    boolean startsLine() {
        return startsLine;
    }

    boolean is(char c) {
        return kind == Kind.OTHER && at == start + 1 && text[start] == c;
    }

    /** The letters of a word. */
    String word() {
        return new String(text, start, at - start, StandardCharsets.ISO_8859_1);
    }

    int length() {
        return at - start;
    }

    byte first() {
        return text[start];
    }

    /** Where the token begins in its line, from 0, with tab stops that far apart. */
    int column(int tabStop) {
        int line = start;
        while (line > 0 && text[line - 1] != '\n') {
            line--;
        }
        int column = 0;
        for (int i = line; i < start; i++) {
            column = text[i] == '\t' ? column / tabStop * tabStop + tabStop : column + 1;
        }
        return column;
    }

    /** What a string literal stands for. */
    String value() {
        return value;
    }

    /** Whether that is known: there are escape sequences that are not looked up. */
    boolean isDecoded() {
        return decoded;
    }

    /** Whether there was a raw string so far, or what would be one if the language has them. */
    boolean hasRawStrings() {
        return rawStrings;
    }

    Kind next() {
        skipBlanks();
        startsLine = atLineStart;
        atLineStart = false;
        start = at;
        if (at >= text.length) {
            kind = Kind.END;
        } else if (isPartOfWord(text[at])) {
            while (at < text.length && isPartOfWord(text[at])) {
                at++;
            }
            kind = Kind.WORD;
            if (at < text.length && text[at] == '"' && isRawPrefix()) {
                rawStrings = true;
                if (knowsRawStrings && rawString()) {
                    kind = Kind.STRING;
                }
            }
        } else if (text[at] == '"') {
            string('"');
            kind = Kind.STRING;
        } else if (text[at] == '\'') {
            string('\'');
            kind = Kind.OTHER;
        } else {
            at++;
            kind = Kind.OTHER;
        }
        return kind;
    }

    /** What follows the token in its line. */
    String restOfLine() {
        int end = at;
        while (end < text.length && text[end] != '\n') {
            end++;
        }
        return new String(text, at, end - at, StandardCharsets.ISO_8859_1);
    }

    /** Leaves out the rest of the line. */
    void skipLine() {
        while (at < text.length && text[at] != '\n') {
            at++;
        }
    }

    private void skipBlanks() {
        while (at < text.length) {
            byte c = text[at];
            if (c == '\n') {
                atLineStart = true;
                at++;
            } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == 0x0b) {
                at++;
            } else if (c == '/' && at + 1 < text.length && text[at + 1] == '*') {
                at += 2;
                while (at < text.length && !(text[at] == '*' && at + 1 < text.length && text[at + 1] == '/')) {
                    at++;
                }
                at = Math.min(at + 2, text.length);
            } else if (c == '/' && at + 1 < text.length && text[at + 1] == '/') {
                skipLine();
            } else {
                return;
            }
        }
    }

    private static boolean isPartOfWord(byte c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c < 0;
    }

    private boolean isRawPrefix() {
        return text[at - 1] == 'R'
                && switch (word().toLowerCase(Locale.ROOT)) {
                    case "r", "lr", "ur", "u8r" -> true;
                    default -> false;
                };
    }

    /** Takes {@code "delimiter(text)delimiter"}; false if that is not what stands here. */
    private boolean rawString() {
        int open = at + 1;
        while (open < text.length && open - at - 1 <= MAX_DELIMITER && text[open] != '(') {
            if (" )\\\t\n\"".indexOf(text[open]) >= 0) {
                return false;
            }
            open++;
        }
        if (open >= text.length || text[open] != '(') {
            return false;
        }
        byte[] close = new byte[open - at + 1];
        close[0] = ')';
        System.arraycopy(text, at + 1, close, 1, open - at - 1);
        close[close.length - 1] = '"';
        for (int i = open + 1; i + close.length <= text.length; i++) {
            if (java.util.Arrays.equals(text, i, i + close.length, close, 0, close.length)) {
                value = new String(text, open + 1, i - open - 1, StandardCharsets.ISO_8859_1);
                decoded = true;
                at = i + close.length;
                return true;
            }
        }
        return false;
    }

    /** Takes a string, which ends with its line at the latest. */
    private void string(char quote) {
        StringBuilder characters = new StringBuilder();
        decoded = true;
        at++;
        while (at < text.length && text[at] != quote && text[at] != '\n') {
            if (text[at] == '\\' && at + 1 < text.length && text[at + 1] != '\n') {
                at++;
                escape(characters);
            } else {
                characters.append((char) (text[at++] & 0xff));
            }
        }
        if (at < text.length && text[at] == quote) {
            at++;
        }
        value = characters.toString();
    }

    /** Takes what follows a backslash. */
    private void escape(StringBuilder into) {
        char c = (char) (text[at++] & 0xff);
        switch (c) {
            case 'n' -> into.append('\n');
            case 't' -> into.append('\t');
            case 'r' -> into.append('\r');
            case 'f' -> into.append('\f');
            case 'v' -> into.append('\u000b');
            case 'a' -> into.append('\u0007');
            case 'b' -> into.append('\b');
            case 'e', 'E' -> into.append('\u001b');
            case 'x' -> number(16, Integer.MAX_VALUE, into);
            case 'u' -> number(16, 4, into);
            case 'U' -> number(16, 8, into);
            case 'N', 'o' -> decoded = false;
            default -> {
                if (c >= '0' && c <= '7') {
                    at--;
                    number(8, 3, into);
                } else {
                    into.append(c);
                }
            }
        }
    }

    private void number(int radix, int digits, StringBuilder into) {
        int number = 0;
        int count = 0;
        while (count < digits && at < text.length && Character.digit((char) text[at], radix) >= 0) {
            number = number * radix + Character.digit((char) text[at++], radix);
            count++;
        }
        // There are forms in braces.
        decoded &= count > 0;
        into.append((char) (number & 0xff));
    }
}
