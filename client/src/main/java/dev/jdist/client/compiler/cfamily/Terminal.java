package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.CompilerVariable;
import java.util.Map;
import java.util.Optional;

/**
 * What compilers make of the caller's terminal.
 *
 * @param isThere whether standard error is one
 */
record Terminal(boolean isThere, Map<String, String> environment) {
    private static final int FIRST_GCC_WITH_LINKS = 10;

    boolean shows(ColorMode mode) {
        return mode == ColorMode.ON || mode == ColorMode.AUTO && isCapable();
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
        String major = compiler.version().split("\\.")[0];
        return major.matches("[0-9]{1,4}") ? Integer.parseInt(major) : 0;
    }
}
