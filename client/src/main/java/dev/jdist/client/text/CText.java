package dev.jdist.client.text;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * What the text of a source in C, C++ or Objective-C hides from a search for words. Macros are not expanded and conditions not
 * evaluated.
 *
 * @param assemblerInput whether the assembler reads another file, as far as string literals tell
 * @param hiddenAssembler whether there is an {@code asm} whose text macros put together, so that only preprocessed source can tell
 * @param clockPieces words of which the names of the time of day may be put together
 */
public record CText(boolean assemblerInput, boolean hiddenAssembler, Set<String> clockPieces) {
    public CText {
        clockPieces = Set.copyOf(clockPieces);
    }

    /** Of a source as somebody wrote it. */
    public static CText ofSource(byte[] text) {
        Walk walk = new Walk(false);
        walk.walk(text);
        return new CText(
                walk.assemblerInput || AssemblerText.mayReadFile(walk.assembler.toString()),
                walk.hidden || walk.assembler.indexOf("\\") >= 0,
                walk.pieces);
    }

    /** Takes out each backslash that ends a line, with that end, as preprocessors do. */
    public static byte[] joinLines(byte[] text) {
        return CTokens.joinLines(text);
    }

    /** Whether the assembler may read another file for the sake of this text, which was preprocessed. */
    public static boolean mayReadFile(byte[] preprocessed) {
        Walk walk = new Walk(true);
        walk.walk(preprocessed);
        return walk.assemblerInput || walk.hidden || AssemblerText.mayReadFile(walk.assembler.toString());
    }

    /** The same of a text in assembler. */
    public static boolean mayAssemblerReadFile(byte[] text) {
        return AssemblerText.mayReadFile(new String(CTokens.joinLines(text), StandardCharsets.ISO_8859_1));
    }

    /** Whether the time of day may be in this file alone. */
    public boolean mayMentionClock() {
        return ClockMacros.canBeMadeTogether(Set.of(clockPieces)) || ClockMacros.canBeMadeOf(clockPieces);
    }

    private static final class Walk {
        private static final Set<String> KEYWORDS = Set.of("asm", "__asm", "__asm__", "_asm");
        private static final Set<String> QUALIFIERS = Set.of(
                "volatile",
                "__volatile",
                "__volatile__",
                "inline",
                "__inline",
                "__inline__",
                "goto",
                "const",
                "__const__");

        /** The C library's macro for another name of a function. */
        private static final String NAME_MACRO = "__ASMNAME";

        private final boolean preprocessed;
        private final Set<String> pieces = new HashSet<>();
        private final StringBuilder assembler = new StringBuilder();
        private boolean assemblerInput;
        private boolean hidden;

        private Walk(boolean preprocessed) {
            this.preprocessed = preprocessed;
        }

        void walk(byte[] text) {
            CTokens tokens = new CTokens(text, true);
            walk(tokens);
            if (tokens.hasRawStrings()) {
                walk(new CTokens(text, false));
            }
        }

        private void walk(CTokens tokens) {
            boolean inInclude = false;
            boolean isOpened = false;
            tokens.next();
            while (tokens.kind() != CTokens.Kind.END) {
                if (tokens.kind() == CTokens.Kind.STRING) {
                    strings(tokens, isOpened);
                    isOpened = false;
                    continue;
                }
                isOpened = tokens.is('(');
                inInclude &= !tokens.startsLine();
                boolean isDirective = tokens.startsLine() && tokens.is('#');
                if (isDirective && preprocessed) {
                    tokens.skipLine();
                } else if (isDirective) {
                    tokens.next();
                    inInclude =
                            tokens.kind() == CTokens.Kind.WORD && tokens.word().startsWith("include");
                    continue;
                } else if (tokens.kind() == CTokens.Kind.WORD) {
                    byte first = tokens.first();
                    if (first == '_' || first == 'a') {
                        if (!inInclude && tokens.length() <= 7 && KEYWORDS.contains(tokens.word())) {
                            tokens.next();
                            assembler(tokens);
                            continue;
                        }
                    }
                    if (!preprocessed && tokens.length() <= 13 && first >= 'A' && first <= '_') {
                        String word = tokens.word();
                        if (ClockMacros.isPiece(word)) {
                            pieces.add(word);
                        }
                    }
                }
                tokens.next();
            }
        }

        /** Takes string literals in a row, of which one string is made. */
        private void strings(CTokens tokens, boolean isOpened) {
            // Perhaps a table of many megabytes, of which there is to be one copy only.
            StringBuilder lower = new StringBuilder();
            while (tokens.kind() == CTokens.Kind.STRING) {
                lower.append(tokens.value().toLowerCase(Locale.ROOT));
                tokens.next();
            }
            // Attributes, too, have the compiler write a string into what is assembled.
            assemblerInput |= lower.indexOf(".inc") >= 0 && AssemblerText.readsFile(lower);
            // Even the keyword may be put together. A dot between macros is that of a version.
            hidden |= !preprocessed
                    && tokens.kind() == CTokens.Kind.WORD
                    && (isOpened || !".".contentEquals(lower))
                    && AssemblerText.endsInBeginning(lower);
        }

        /** Takes what follows the keyword, as far as the text for the assembler goes. */
        private void assembler(CTokens tokens) {
            while (tokens.kind() == CTokens.Kind.WORD && QUALIFIERS.contains(tokens.word())) {
                tokens.next();
            }
            if (!tokens.is('(')) {
                hidden = true;
                return;
            }
            tokens.next();
            boolean inName = false;
            while (true) {
                if (tokens.kind() == CTokens.Kind.STRING) {
                    hidden |= !tokens.isDecoded();
                    assembler.append(tokens.value());
                } else if (preprocessed && tokens.startsLine() && tokens.is('#')) {
                    tokens.skipLine();
                } else if (!preprocessed
                        && !inName
                        && tokens.kind() == CTokens.Kind.WORD
                        && tokens.word().equals(NAME_MACRO)) {
                    tokens.next();
                    inName = tokens.is('(');
                    if (!inName) {
                        hidden = true;
                        break;
                    }
                } else if (inName && tokens.is('#') && !tokens.startsLine()) {
                    tokens.next();
                    if (tokens.kind() != CTokens.Kind.WORD) {
                        hidden = true;
                        break;
                    }
                } else if (inName && tokens.is(')')) {
                    inName = false;
                } else {
                    hidden |= !tokens.is(':') && !tokens.is(')');
                    break;
                }
                tokens.next();
            }
            assembler.append('\n');
        }
    }
}
