package dev.jdist.client.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds what {@code -Wmisleading-indentation} is about: a statement that looks as if the {@code if} before it guarded it. Compilers
 * look at columns of the file that somebody wrote, tabs included, which preprocessed source does not have; gcc does not look at
 * all once there are line markers.
 *
 * <p>This finds at least what gcc and clang warn of. Macros are not expanded, so anything that looks like a call in front of a
 * statement may be a guard.
 */
public final class Indentation {
    /** As far apart as tab stops are by default. */
    private static final int TAB_STOP = 8;

    /** Deeper nesting is not followed, and may mislead. */
    private static final int MAX_DEPTH = 500;

    private final List<Token> tokens = new ArrayList<>();
    private boolean tooDeep;

    private enum Kind {
        IF,
        ELSE,
        LOOP,
        DO,
        WORD,
        SEMICOLON,
        OPEN,
        CLOSE,
        OPEN_BRACE,
        CLOSE_BRACE,
        OTHER,
        END
    }

    /** @param indentation of its line */
    private record Token(Kind kind, int line, int column, int indentation) {}

    private Indentation(byte[] source) {
        CTokens walk = new CTokens(source, true);
        int line = 0;
        int indentation = 0;
        while (walk.next() != CTokens.Kind.END) {
            if (walk.startsLine()) {
                if (walk.is('#')) {
                    walk.skipLine();
                    continue;
                }
                line++;
                indentation = walk.column(TAB_STOP);
            }
            tokens.add(new Token(kindOf(walk), line, walk.column(TAB_STOP), indentation));
        }
        tokens.add(new Token(Kind.END, line + 1, 0, 0));
    }

    /** Whether a compiler may warn of this source, which is of C, C++ or Objective-C. */
    public static boolean mayMislead(byte[] source) {
        return new Indentation(source).mayMislead();
    }

    private static Kind kindOf(CTokens walk) {
        if (walk.kind() == CTokens.Kind.WORD) {
            return switch (walk.word()) {
                case "if" -> Kind.IF;
                case "else" -> Kind.ELSE;
                case "for", "while", "switch" -> Kind.LOOP;
                case "do" -> Kind.DO;
                default -> Kind.WORD;
            };
        }
        if (walk.kind() == CTokens.Kind.STRING || walk.length() != 1) {
            return Kind.OTHER;
        }
        return switch (walk.first()) {
            case ';' -> Kind.SEMICOLON;
            case '(', '[' -> Kind.OPEN;
            case ')', ']' -> Kind.CLOSE;
            case '{' -> Kind.OPEN_BRACE;
            case '}' -> Kind.CLOSE_BRACE;
            default -> Kind.OTHER;
        };
    }

    private boolean mayMislead() {
        for (int guard = 0; guard < tokens.size(); guard++) {
            int body = bodyOf(guard);
            if (body > 0 && misleads(guard, body)) {
                return true;
            }
        }
        return tooDeep;
    }

    /** Where the statement begins that a token guards; 0 if it guards none. */
    private int bodyOf(int guard) {
        switch (kind(guard)) {
            case ELSE:
                return guard + 1;
            case IF, LOOP:
                return afterCondition(guard);
            case WORD:
                if (kind(guard + 1) != Kind.OPEN) {
                    return 0;
                }
                int next = afterBrackets(guard + 1);
                // Anything else goes on with an expression, or with a declaration.
                boolean statement = switch (kind(next)) {
                    case WORD, IF, LOOP, DO -> true;
                    default -> false;
                };
                return statement ? next : 0;
            default:
                return 0;
        }
    }

    private boolean misleads(int keyword, int body) {
        Token guard = tokens.get(keyword);
        // To clang, an if behind an else begins with that.
        Token outer = keyword > 0 && kind(keyword - 1) == Kind.ELSE ? tokens.get(keyword - 1) : guard;
        Token first = tokens.get(body);
        Token next = tokens.get(endOf(body, 0));
        boolean isOver = next.kind == Kind.END || next.kind == Kind.CLOSE_BRACE;
        boolean hasElse = guard.kind == Kind.IF && next.kind == Kind.ELSE;
        if (first.kind == Kind.OPEN_BRACE || isOver || hasElse) {
            return false;
        }
        boolean nextStartsLine = next.column == next.indentation;
        boolean guardStartsLine = guard.column == guard.indentation;
        if (!nextStartsLine && (next.line != outer.line || first.line == guard.line && guardStartsLine)) {
            return true;
        }
        int guardColumn = guard.kind == Kind.ELSE ? guard.indentation : guard.column;
        boolean isIndented = first.column != guardColumn || first.column > outer.column;
        return next.line != first.line && next.column == first.column && isIndented
                || first.kind == Kind.SEMICOLON && next.column > guard.indentation;
    }

    private Kind kind(int index) {
        return tokens.get(Math.min(index, tokens.size() - 1)).kind;
    }

    /** Behind a keyword and what is in its brackets; {@code if constexpr} has a word between. */
    private int afterCondition(int keyword) {
        int open = keyword + 1;
        while (kind(open) == Kind.WORD || kind(open) == Kind.OTHER) {
            open++;
        }
        return kind(open) == Kind.OPEN ? afterBrackets(open) : open;
    }

    /** Behind a bracket of any kind and all that it holds. */
    private int afterBrackets(int open) {
        int depth = 0;
        for (int i = open; i < tokens.size() - 1; i++) {
            switch (kind(i)) {
                case OPEN, OPEN_BRACE -> depth++;
                case CLOSE, CLOSE_BRACE -> {
                    if (--depth == 0) {
                        return i + 1;
                    }
                }
                default -> {}
            }
        }
        return tokens.size() - 1;
    }

    /** Behind the statement that begins here. */
    private int endOf(int begin, int depth) {
        if (depth > MAX_DEPTH) {
            tooDeep = true;
            return tokens.size() - 1;
        }
        switch (kind(begin)) {
            case OPEN_BRACE:
                return afterBrackets(begin);
            case IF, LOOP:
                int end = endOf(afterCondition(begin), depth + 1);
                return kind(begin) == Kind.IF && kind(end) == Kind.ELSE ? endOf(end + 1, depth + 1) : end;
            case DO:
                return afterSemicolon(endOf(begin + 1, depth + 1));
            default:
                return afterSemicolon(begin);
        }
    }

    private int afterSemicolon(int begin) {
        int i = begin;
        while (true) {
            switch (kind(i)) {
                case SEMICOLON:
                    return i + 1;
                case CLOSE_BRACE, END:
                    return Math.min(i, tokens.size() - 1);
                case OPEN_BRACE:
                    i = afterBrackets(i);
                    // A macro that is a guard may have stood before it, or a label: the statement is over.
                    if (isOver(i)) {
                        return i;
                    }
                    break;
                case OPEN:
                    i = afterBrackets(i);
                    break;
                default:
                    i++;
            }
        }
    }

    /** Whether no expression goes on here, after a closing brace. */
    private boolean isOver(int i) {
        return switch (kind(i)) {
            case WORD, IF, LOOP, DO, ELSE, CLOSE_BRACE, END -> true;
            default -> false;
        };
    }
}
