package dev.jdist.client.inputs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Reads what {@code -MD} writes: one make rule whose prerequisites are the files that a compile read. */
public final class MakeRule {
    private MakeRule() {}

    /**
     * The prerequisites of the first rule, in order.
     *
     * @param cwd to which relative names refer
     * @return nothing if this is no such rule
     */
    public static Optional<Set<Path>> prerequisites(byte[] rule, Path cwd) {
        String text = new String(rule, StandardCharsets.UTF_8);
        int colon = endOfTargets(text);
        if (colon < 0) {
            return Optional.empty();
        }
        Set<Path> paths = new LinkedHashSet<>();
        StringBuilder name = new StringBuilder();
        for (int i = colon + 1; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            char next = i + 1 < text.length() ? text.charAt(i + 1) : '\n';
            if (c == '\\' && next == '\n') {
                i++;
                c = ' ';
            } else if (c == '\\' && (next == ' ' || next == '#' || next == '\\' && isBeforeBlank(text, i))
                    || c == '$' && next == '$') {
                name.append(next);
                i++;
                continue;
            }
            if (c != ' ' && c != '\n') {
                name.append(c);
                continue;
            }
            if (name.length() > 0) {
                paths.add(cwd.resolve(name.toString()));
                name.setLength(0);
            }
            if (c == '\n') {
                break;
            }
        }
        return paths.isEmpty() ? Optional.empty() : Optional.of(paths);
    }

    /** The colon that is followed by a blank or the end of the line: others belong to names. */
    private static int endOfTargets(String text) {
        for (int i = 0; i + 1 < text.length(); i++) {
            if (text.charAt(i) == ':'
                    && (text.charAt(i + 1) == ' ' || text.charAt(i + 1) == '\\' || text.charAt(i + 1) == '\n')) {
                return i;
            }
        }
        return -1;
    }

    /** Backslashes are doubled only where they stand before a blank that is escaped. */
    private static boolean isBeforeBlank(String text, int at) {
        int i = at;
        while (i < text.length() && text.charAt(i) == '\\') {
            i++;
        }
        return i < text.length() && text.charAt(i) == ' ';
    }
}
