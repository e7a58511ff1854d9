package dev.jdist.client.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
        COLON,
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
            case ':' -> Kind.COLON;
            default -> Kind.OTHER;
        };
    }

    private boolean mayMislead() {
        // How deep it is in brackets, in each block.
        Deque<Integer> depths = new ArrayDeque<>();
        int depth = 0;
        for (int guard = 0; guard < tokens.size(); guard++) {
            switch (kind(guard)) {
                case OPEN -> depth++;
                case CLOSE -> depth--;
                case OPEN_BRACE -> {
                    depths.push(depth);
                    depth = 0;
                }
                case CLOSE_BRACE -> depth = depths.isEmpty() ? 0 : depths.pop();
                default -> {
                    int body = depth > 0 ? 0 : bodyOf(guard);
                    if (body > 0 && misleads(guard, body)) {
                        return true;
                    }
                }
            }
        }
        return tooDeep;
    }

    /** Where the statement begins that a token guards; 0 if it guards none. */
    private int bodyOf(int guard) {
        return switch (kind(guard)) {
            case ELSE -> guard + 1;
            case IF, LOOP -> afterCondition(guard);
            case WORD ->
                kind(guard + 1) == Kind.OPEN && mayBeginStatement(guard) ? statementAt(afterBrackets(guard + 1)) : 0;
            default -> 0;
        };
    }

    private boolean mayBeginStatement(int word) {
        return word == 0
                || switch (kind(word - 1)) {
                    case SEMICOLON, OPEN_BRACE, CLOSE_BRACE, CLOSE, COLON, ELSE, DO -> true;
                    default -> false;
                };
    }

    /** The same place, if that is a statement: anything else goes on with an expression, or with a declaration. */
    private int statementAt(int begin) {
        return switch (kind(begin)) {
            case WORD, IF, LOOP, DO, SEMICOLON -> begin;
            default -> 0;
        };
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
        return switch (kind(begin)) {
            case OPEN_BRACE -> afterBrackets(begin);
            case IF -> {
                int end = endOf(afterCondition(begin), depth + 1);
                yield kind(end) == Kind.ELSE ? endOf(end + 1, depth + 1) : end;
            }
            case LOOP -> endOf(afterCondition(begin), depth + 1);
            case DO -> afterSemicolon(endOf(begin + 1, depth + 1));
            default -> afterSemicolon(begin);
        };
    }

    private int afterSemicolon(int begin) {
        int i = begin;
        while (kind(i) != Kind.SEMICOLON) {
            if (kind(i) == Kind.CLOSE_BRACE || kind(i) == Kind.END) {
                return Math.min(i, tokens.size() - 1);
            }
            boolean isBlock = kind(i) == Kind.OPEN_BRACE;
            i = isBlock || kind(i) == Kind.OPEN ? afterBrackets(i) : i + 1;
            // A macro that is a guard may have stood before it, or a label: the statement is over.
            if (isBlock && isOver(i)) {
                return i;
            }
        }
        return i + 1;
    }

    /** Whether no expression goes on here, after a closing brace. */
    private boolean isOver(int i) {
        return switch (kind(i)) {
            case WORD, IF, LOOP, DO, ELSE, CLOSE_BRACE, END -> true;
            default -> false;
        };
    }
}
