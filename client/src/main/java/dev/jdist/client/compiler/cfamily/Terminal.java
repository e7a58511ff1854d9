package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.CompilerVariable;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What compilers make of the caller's terminal.
 *
 * @param isThere whether standard error is one
 */
record Terminal(boolean isThere, Map<String, String> environment) {
    private static final int FIRST_GCC_WITH_LINKS = 10;
    private static final int FIRST_CLANG_WITHOUT_COLORS = 17;

    /** How near to the edge gcc may begin to trim: {@code CARET_LINE_MARGIN} of its {@code diagnostic-show-locus.cc}, and more. */
    private static final int MARGIN = 12;

    /** As {@code atoi} reads it. */
    private static final Pattern NUMBER = Pattern.compile("\\s*\\+?0*([1-9][0-9]{0,8})(\\D.*)?", Pattern.DOTALL);

    /** Of gcc {@code 12.2.0}, of clang {@code Clang 17.0.6} with more before and behind it: the first number. */
    private static final Pattern VERSION = Pattern.compile("^(?:.*\\b[Cc]lang )?([0-9]{1,4})\\b");

    /** What is of no width: colours, and where links lead. */
    private static final Pattern ESCAPES =
            Pattern.compile("\\x1b(\\[[0-9;]*[mK]|\\]8;[^\\x07\\x1b]*(\\x07|\\x1b\\\\))");

    /** A line of an include chain, which gcc does not trim. All others that begin like that are quoted or below a quoted one. */
    private static final String INCLUDED = " ".repeat(17) + "from ";

    /** Whether a compiler prints colours here, which was told that of them. */
    boolean shows(ColorMode mode, Compiler compiler) {
        return switch (mode) {
            case ON -> true;
            case OFF -> false;
            case AUTO -> isCapable();
            case UNSAID -> isCapable() && !isToldNotTo(compiler);
        };
    }

    /** Whether a compiler heeds {@code NO_COLOR}, and is told by it: gcc does not. */
    private boolean isToldNotTo(Compiler compiler) {
        return compiler.kind() == CompilerKind.CLANG
                && majorVersion(compiler) >= FIRST_CLANG_WITHOUT_COLORS
                && !CompilerVariable.NO_COLOR.of(environment).orElse("").isEmpty();
    }

    /**
     * Whether a compiler makes links of the names of warnings there. Since version 10, gcc does if it believes that the
     * terminal understands them: see {@code auto_enable_urls} in its {@code diagnostic-color.cc}.
     */
    boolean showsLinksOf(Compiler compiler) {
        return compiler.kind() == CompilerKind.GCC
                && majorVersion(compiler) >= FIRST_GCC_WITH_LINKS
                && isCapable()
                && understandsLinks();
    }

    /** The width that {@code COLUMNS} says, to which compilers listen if they print on a terminal. */
    Optional<Integer> wantedColumns() {
        if (!isThere) {
            return Optional.empty();
        }
        Matcher number = NUMBER.matcher(CompilerVariable.COLUMNS.of(environment).orElse(""));
        return number.matches() ? Optional.of(Integer.parseInt(number.group(1))) : Optional.empty();
    }

    /** Whether gcc would trim quoted lines here which it printed in full into a file. @param columns 0 if it is not known */
    boolean trims(int columns, byte[] printed) {
        int width = wantedColumns().orElse(columns);
        if (!isThere || width <= 0) {
            return false;
        }
        // Bytes are at least as many as columns.
        return ESCAPES.matcher(new String(printed, StandardCharsets.ISO_8859_1))
                .replaceAll("")
                .lines()
                .anyMatch(line -> line.startsWith(" ") && !line.startsWith(INCLUDED) && line.length() > width - MARGIN);
    }

    private boolean isCapable() {
        return isThere && !CompilerVariable.TERM.of(environment).orElse("dumb").equals("dumb");
    }

    private boolean understandsLinks() {
        Optional<String> colors = CompilerVariable.COLORTERM.of(environment);
        if (colors.equals(Optional.of("xfce4-terminal")) || colors.equals(Optional.of("gnome-terminal"))) {
            return false;
        }
        boolean asked = CompilerVariable.GCC_URLS.isIn(environment) || CompilerVariable.TERM_URLS.isIn(environment);
        String terminal = CompilerVariable.TERM.of(environment).orElse("");
        boolean plain = colors.isEmpty() && terminal.equals("xterm");
        boolean console = terminal.startsWith("linux") || terminal.startsWith("vt100");
        return asked || !plain && !console;
    }

    private static int majorVersion(Compiler compiler) {
        Matcher version = VERSION.matcher(compiler.version());
        return version.find() ? Integer.parseInt(version.group(1)) : 0;
    }
}
