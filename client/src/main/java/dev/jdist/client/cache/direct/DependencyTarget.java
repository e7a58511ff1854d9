package dev.jdist.client.cache.direct;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a dependency file says depends on the files that were read, usually the object. It may be another one for the same
 * compile: the rule is written anew then, broken into lines as the compiler breaks them.
 *
 * @param name as it stands in the rule
 */
public record DependencyTarget(String name, Layout layout) {
    /** Names that stand in a rule as they are. From others, gcc takes a dot and a slash, and both compilers escape something. */
    private static final Pattern PLAIN = Pattern.compile("(?!\\./)[-+.,/@=~\\w]+");

    /** Where a line ends with a backslash, whatever the next one begins with. */
    private static final Pattern GAP = Pattern.compile(" (\\\\\n *)?");

    private static final String COLON = ": ";

    private static final int COLUMNS = 72;

    /** How a compiler breaks lines: see {@code make_write_name} in gcc's {@code mkdeps.cc}, {@code DependencyFile.cpp} of clang. */
    public enum Layout {
        GCC(""),
        CLANG(" ");

        /** Of all lines but the first, beside the blank before each name. */
        private final String indent;

        Layout(String indent) {
            this.indent = indent;
        }
    }

    /** Whether names like this one can be told and replaced. */
    public static boolean isPlain(String name) {
        return PLAIN.matcher(name).matches();
    }

    /** All targets of a rule, as they stand in it; empty for what is none. */
    static String of(byte[] rule) {
        String text = characters(rule);
        return text.substring(0, Math.max(0, text.indexOf(COLON)));
    }

    /** Whether a rule has this target, and no other. */
    boolean isOf(byte[] rule) {
        return of(rule).equals(name);
    }

    /** One for each byte, which is what compilers count. */
    private static String characters(byte[] rule) {
        return new String(rule, StandardCharsets.ISO_8859_1);
    }

    /**
     * A rule with this target in the place of its own.
     *
     * @return nothing if that rule is not understood to the byte
     */
    Optional<byte[]> in(byte[] rule) {
        if (isOf(rule)) {
            return Optional.of(rule);
        }
        String text = characters(rule);
        String old = of(rule);
        int end = endOfRule(text);
        int colon = old.length();
        if (!isPlain(old) || end < colon) {
            return Optional.empty();
        }
        List<String> names = GAP.splitAsStream(text.substring(colon + 1, end))
                .skip(1) // what is before the first gap
                .toList();
        boolean isUnderstood = !names.isEmpty()
                && names.stream().allMatch(DependencyTarget::isUnescaped)
                && new DependencyTarget(old, layout).rule(names).equals(text.substring(0, end));
        return isUnderstood
                ? Optional.of((rule(names) + text.substring(end)).getBytes(StandardCharsets.ISO_8859_1))
                : Optional.empty();
    }

    /** The first line feed that has no backslash before it. */
    private static int endOfRule(String text) {
        int end = text.indexOf('\n');
        while (end > 0 && text.charAt(end - 1) == '\\') {
            end = text.indexOf('\n', end + 1);
        }
        return end;
    }

    /** Others compilers count in their own ways. */
    private static boolean isUnescaped(String name) {
        return !name.isEmpty() && name.indexOf('\\') < 0 && name.indexOf('$') < 0;
    }

    private String rule(List<String> names) {
        StringBuilder rule = new StringBuilder(name).append(':');
        int column = rule.length();
        for (String prerequisite : names) {
            if (column + prerequisite.length() > COLUMNS) {
                rule.append(" \\\n").append(layout.indent);
                column = 2 * layout.indent.length();
            }
            rule.append(' ').append(prerequisite);
            column += 1 + prerequisite.length();
        }
        return rule.toString();
    }
}
