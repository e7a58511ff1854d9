package dev.jdist.client.source;

import dev.jdist.client.text.CText;
import dev.jdist.client.text.ClockMacros;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What can be told from a source file without preprocessing it. Conditions are not evaluated and comments not recognised,
 * so that too much may be found. What macros put together is not found: that they may do so is.
 *
 * @param names that {@code #include}, {@code #embed}, {@code __has_include} and their like mention, in quotes or brackets
 * @param included those of them that a directive takes in, so that the compiler lists them where they are found
 * @param clock whether it mentions {@code __DATE__}, {@code __TIME__} or {@code __TIMESTAMP__}, or can put one of them together
 * @param clockPieces words of which one of these may be put together, with words of other files perhaps
 * @param computed whether it asks for the existence of a file whose name macros put together, or whether a file is empty
 * @param computedInclude whether it takes in a file whose name macros put together
 * @param climbs whether a macro of it may be a name with {@code ..} in it
 * @param embeds whether it may take in the bytes of a file: {@code #embed}. No line marker of preprocessed source names such a file
 * @param assemblerInput whether it has the assembler read another file
 * @param hiddenAssembler whether only preprocessed source can tell what it has the assembler do
 * @param once whether it wants to be read once: {@code #pragma once}, or {@code #import} in another file
 * @param binary whether it is no text, but a compiled module perhaps
 */
public record SourceScan(
        Set<String> names,
        Set<String> included,
        boolean clock,
        Set<String> clockPieces,
        boolean computed,
        boolean computedInclude,
        boolean climbs,
        boolean embeds,
        boolean assemblerInput,
        boolean hiddenAssembler,
        boolean once,
        boolean binary) {
    /** How clang's compiled modules and precompiled headers begin. Nothing in them is to be preprocessed. */
    private static final byte[] COMPILED = "CPCH".getBytes(StandardCharsets.US_ASCII);

    /** A text has no byte of zero, least of all at its beginning. */
    private static final int HEAD = 512;

    public SourceScan {
        names = Set.copyOf(names);
        included = Set.copyOf(included);
        clockPieces = Set.copyOf(clockPieces);
    }

    /** @param text of a source as somebody wrote it */
    public static SourceScan of(byte[] text) {
        boolean binary = isBinary(text);
        boolean compiled = binary && Arrays.mismatch(text, COMPILED) == COMPILED.length;
        return new Scanner(compiled ? new byte[0] : CText.joinLines(text)).scan(binary);
    }

    /** Whether the time of day is mentioned in one of several files, or put together by them. */
    public static boolean mentionClock(Collection<SourceScan> scans) {
        return scans.stream().anyMatch(SourceScan::clock)
                || ClockMacros.canBeMadeTogether(
                        scans.stream().map(SourceScan::clockPieces).toList());
    }

    private static boolean isBinary(byte[] text) {
        for (int i = 0; i < Math.min(text.length, HEAD); i++) {
            if (text[i] == 0) {
                return true;
            }
        }
        return false;
    }

    /** One walk through a file. */
    private static final class Scanner {
        private static final byte[] DATE = ascii("__DATE__");
        private static final byte[] TIME = ascii("__TIME__");
        private static final byte[] TIMESTAMP = ascii("__TIMESTAMP__");
        private static final byte[] HAS_INCLUDE = ascii("__has_include");
        private static final byte[] HAS_EMBED = ascii("__has_embed");
        private static final byte[] IMPORT = ascii("import");
        private static final byte[] EMBED = ascii("embed");
        private static final byte[][] DIRECTIVES = {ascii("include"), IMPORT, EMBED};
        private static final byte[] DEFINE = ascii("define");
        private static final byte[] PARENT = ascii("../");
        private static final byte[] PRAGMA = ascii("pragma");
        private static final byte[] ONCE = ascii("once");
        private static final byte[] INCBIN = ascii(".incbin");
        private static final byte[] ASSEMBLER_INCLUDE = ascii(".include");

        private final byte[] text;
        private final Set<String> names = new LinkedHashSet<>();
        private final Set<String> included = new LinkedHashSet<>();
        private boolean clock;
        private boolean computed;
        private boolean computedInclude;
        private boolean climbs;
        private boolean embeds;
        private boolean assemblerInput;
        private boolean once;

        Scanner(byte[] text) {
            this.text = text;
        }

        private static byte[] ascii(String word) {
            return word.getBytes(StandardCharsets.US_ASCII);
        }

        SourceScan scan(boolean binary) {
            for (int i = 0; i < text.length; i++) {
                switch (text[i]) {
                    case '#' -> directive(i + 1);
                    // The digraph and the trigraph of the number sign.
                    case ':' -> {
                        if (i > 0 && text[i - 1] == '%') {
                            directive(i + 1);
                        }
                    }
                    case '=' -> {
                        if (i > 1 && text[i - 1] == '?' && text[i - 2] == '?') {
                            directive(i + 1);
                        }
                    }
                    case '_' -> underscore(i);
                    case '.' -> dot(i);
                    default -> {}
                }
            }
            CText hidden = CText.ofSource(text);
            return new SourceScan(
                    names,
                    included,
                    clock || hidden.mayMentionClock(),
                    hidden.clockPieces(),
                    computed,
                    computedInclude,
                    climbs,
                    embeds,
                    assemblerInput || hidden.assemblerInput(),
                    hidden.hiddenAssembler(),
                    once,
                    binary);
        }

        private void directive(int from) {
            int word = skipBlanks(from);
            once |= startsWith(word, IMPORT)
                    || startsWith(word, PRAGMA) && startsWith(skipBlanks(word + PRAGMA.length), ONCE);
            climbs |= startsWith(word, DEFINE) && hasParent(word);
            for (byte[] directive : DIRECTIVES) {
                if (startsWith(word, directive)) {
                    int end = word + directive.length;
                    while (end < text.length && isPartOfName(text[end])) {
                        end++;
                    }
                    embeds |= directive == EMBED;
                    int name = skipBlanks(end);
                    computedInclude |=
                            !name(name, included) && name < text.length && isPartOfName(text[name]) && startsLine(from);
                    return;
                }
            }
        }

        /** Whether the rest of a line leads up. */
        private boolean hasParent(int from) {
            for (int i = from; i < text.length && text[i] != '\n'; i++) {
                if (startsWith(i, PARENT)) {
                    return true;
                }
            }
            return false;
        }

        /** Whether nothing but blanks, or a comment that ends there, is before a number sign in its line. */
        private boolean startsLine(int behind) {
            int i = behind - 1;
            while (i >= 0 && "#%:?=".indexOf(text[i]) >= 0) {
                i--;
            }
            while (i >= 0 && (text[i] == ' ' || text[i] == '\t')) {
                i--;
            }
            return i < 0 || text[i] == '\n' || text[i] == '/';
        }

        private void underscore(int at) {
            if (at > 0 && isPartOfName(text[at - 1]) && text[at - 1] != '_') {
                return;
            }
            if (startsWith(at, DATE) || startsWith(at, TIME) || startsWith(at, TIMESTAMP)) {
                clock = true;
            } else if (startsWith(at, HAS_INCLUDE) || startsWith(at, HAS_EMBED)) {
                int next = at + HAS_EMBED.length;
                while (next < text.length && isPartOfName(text[next])) {
                    next++;
                }
                next = skipBlanks(next);
                if (next < text.length && text[next] == '(') {
                    // __has_embed also tells whether the file is empty.
                    computed |= startsWith(at, HAS_EMBED);
                    computed |= !name(skipBlanks(next + 1), names);
                }
            }
        }

        private void dot(int at) {
            int end = at + INCBIN.length;
            assemblerInput |= startsWith(at, INCBIN) && !(end < text.length && isPartOfName(text[end]))
                    || startsWith(at, ASSEMBLER_INCLUDE) && isFollowedByString(at);
        }

        /** {@code .include} is also the end of many a sentence; the assembler's stands before a quotation mark. */
        private boolean isFollowedByString(int at) {
            int next = skipBlanks(at + ASSEMBLER_INCLUDE.length);
            return next < text.length && (text[next] == '"' || text[next] == '\\');
        }

        /** Takes the name in quotes or brackets that begins here, also into a set of its kind; tells whether one does. */
        private boolean name(int start, Set<String> into) {
            if (start >= text.length || text[start] != '"' && text[start] != '<') {
                return false;
            }
            byte close = (byte) (text[start] == '"' ? '"' : '>');
            int end = start + 1;
            while (end < text.length && text[end] != close && text[end] != '\n') {
                end++;
            }
            if (end < text.length && text[end] == close && end > start + 1) {
                String name = new String(text, start + 1, end - start - 1, StandardCharsets.UTF_8);
                names.add(name);
                into.add(name);
            }
            return true;
        }

        /** Blanks, comments and lines that go on. */
        private int skipBlanks(int from) {
            int i = from;
            while (i < text.length) {
                if (text[i] == ' ' || text[i] == '\t') {
                    i++;
                } else if (text[i] == '\\' && i + 1 < text.length && text[i + 1] == '\n') {
                    i += 2;
                } else if (text[i] == '\\' && i + 2 < text.length && text[i + 1] == '\r' && text[i + 2] == '\n') {
                    i += 3;
                } else if (text[i] == '/' && i + 1 < text.length && text[i + 1] == '*') {
                    i = endOfComment(i + 2);
                } else {
                    return i;
                }
            }
            return i;
        }

        private int endOfComment(int from) {
            for (int i = from; i + 1 < text.length; i++) {
                if (text[i] == '*' && text[i + 1] == '/') {
                    return i + 2;
                }
            }
            return text.length;
        }

        private static boolean isPartOfName(byte c) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
        }

        private boolean startsWith(int at, byte[] word) {
            if (at + word.length > text.length) {
                return false;
            }
            for (int i = 0; i < word.length; i++) {
                if (text[at + i] != word[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
