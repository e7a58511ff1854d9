package dev.jdist.client.text;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/** The names that directives of a source include, in quotes or brackets. Conditions are not evaluated, and macros not expanded. */
public final class IncludeNames {
    private static final Set<String> DIRECTIVES = Set.of("include", "include_next", "import", "embed");

    private IncludeNames() {}

    /** Of a source as somebody wrote it. */
    public static Set<String> in(byte[] source) {
        Set<String> names = new LinkedHashSet<>();
        CTokens tokens = new CTokens(source, true);
        tokens.next();
        while (tokens.kind() != CTokens.Kind.END) {
            boolean isDirective = tokens.startsLine() && tokens.is('#');
            tokens.next();
            if (isDirective && tokens.kind() == CTokens.Kind.WORD && DIRECTIVES.contains(tokens.word())) {
                String rest = tokens.restOfLine().strip();
                int end = rest.startsWith("<") ? rest.indexOf('>') : rest.startsWith("\"") ? rest.indexOf('"', 1) : -1;
                if (end > 1) {
                    names.add(new String(
                            rest.substring(1, end).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
                }
            }
        }
        return names;
    }
}
