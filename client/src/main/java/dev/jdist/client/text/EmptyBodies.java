package dev.jdist.client.text;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Finds what clang's {@code -Wempty-body} is about: an {@code if}, {@code else}, {@code switch} or loop whose body is a semicolon
 * on the line of its condition. clang compares a line of the file that somebody wrote with a line of the text that it reads, which
 * are never the same in preprocessed source, so that it is silent there.
 *
 * <p>This finds at least what clang warns of in text that is preprocessed. A macro that stood for nothing looks like an empty body,
 * too.
 */
public final class EmptyBodies {
    /** In columns as clang counts them a tab is one. */
    private static final int TAB_STOP = 1;

    private static final Open NOTHING = new Open(Guard.NONE, 0, false);

    private final CTokens walk;
    private final Deque<Open> opens = new ArrayDeque<>();
    private int indentation;
    private Guard keyword = Guard.NONE;
    private Open closed = NOTHING;
    private Open emptied = NOTHING;
    private boolean isAfterDo;
    private boolean isAfterDoBlock;

    /** What an empty body makes of a statement. */
    private enum Guard {
        NONE,
        /** A mistake, unless an {@code else} follows. */
        CHOICE,
        /** A mistake if what follows looks like the body. */
        LOOP,
        /** A mistake. */
        ELSE
    }

    /**
     * A bracket.
     *
     * @param guard whose condition is in it
     * @param indentation of the line of that
     * @param isDo whether it is the block of a {@code do}
     */
    private record Open(Guard guard, int indentation, boolean isDo) {}

    private EmptyBodies(byte[] text) {
        walk = new CTokens(text, true);
    }

    /** Whether clang may warn of this text, which is of C, C++ or Objective-C. */
    public static boolean maybeIn(byte[] preprocessed) {
        return new EmptyBodies(preprocessed).mayWarn();
    }

    private boolean mayWarn() {
        while (walk.next() != CTokens.Kind.END) {
            boolean startsLine = walk.startsLine();
            if (startsLine && walk.is('#')) {
                walk.skipLine();
                continue;
            }
            if (startsLine) {
                indentation = walk.column(TAB_STOP);
            }
            if (looksLikeMistake(startsLine)) {
                return true;
            }
            note(startsLine);
        }
        return false;
    }

    /** With the token that follows an empty body. */
    private boolean looksLikeMistake(boolean startsLine) {
        return switch (emptied.guard) {
            case NONE -> false;
            case ELSE -> true;
            case CHOICE -> !isWord("else");
            case LOOP -> !walk.is('}') && (walk.is('{') || !startsLine || walk.column(TAB_STOP) > emptied.indentation);
        };
    }

    private void note(boolean startsLine) {
        emptied = walk.is(';') && !startsLine ? closed : NOTHING;
        closed = NOTHING;
        boolean wasDo = isAfterDo;
        boolean wasDoBlock = isAfterDoBlock;
        isAfterDo = false;
        isAfterDoBlock = false;
        if (walk.kind() == CTokens.Kind.WORD) {
            noteWord(wasDoBlock);
            return;
        }
        if (walk.is('(')) {
            opens.push(new Open(keyword, indentation, false));
        } else if (walk.is('{')) {
            opens.push(new Open(Guard.NONE, 0, wasDo));
        } else if (walk.is(')') && !opens.isEmpty()) {
            closed = opens.pop();
        } else if (walk.is('}') && !opens.isEmpty()) {
            isAfterDoBlock = opens.pop().isDo;
        } else if (walk.is(':') && !opens.isEmpty() && opens.peek().guard == Guard.LOOP) {
            // A loop over a range needs its body.
            opens.push(new Open(Guard.CHOICE, opens.pop().indentation, false));
        }
        keyword = Guard.NONE;
    }

    /** A word behind a keyword, as in {@code if constexpr}, changes nothing. */
    private void noteWord(boolean isAfterDoBlock) {
        switch (walk.word()) {
            case "if", "switch" -> keyword = Guard.CHOICE;
            case "for" -> keyword = Guard.LOOP;
            case "while" -> keyword = isAfterDoBlock ? Guard.NONE : Guard.LOOP;
            case "else" -> closed = new Open(Guard.ELSE, indentation, false);
            case "do" -> isAfterDo = true;
            default -> {}
        }
    }

    private boolean isWord(String word) {
        return walk.kind() == CTokens.Kind.WORD && walk.word().equals(word);
    }
}
