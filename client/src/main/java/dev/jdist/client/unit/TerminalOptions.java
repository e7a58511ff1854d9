package dev.jdist.client.unit;

import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compiler.ColorMode;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Options that have a compiler print into a file what it would print on the caller's terminal.
 *
 * <p>Since version 10, gcc makes links of the names of warnings there, if it believes that the terminal understands them: see
 * {@code auto_enable_urls} in its {@code diagnostic-color.cc}. That is left out where it would leave a trace in the object:
 * with debug information, and for the linker.
 */
final class TerminalOptions {
    private static final int FIRST_GCC_WITH_LINKS = 10;

    private TerminalOptions() {}

    static boolean colors(CompileTask task) {
        return task.unit().color() == ColorMode.ON
                || task.unit().color() == ColorMode.AUTO
                        && task.request().stderrIsTerminal()
                        && !variable(task.request(), "TERM", "dumb").equals("dumb");
    }

    static List<String> of(CompileTask task) {
        CallerRequest request = task.request();
        List<String> options = new ArrayList<>();
        if (task.unit().color() == ColorMode.AUTO && colors(task)) {
            options.add("-fdiagnostics-color=always");
        }
        boolean links = task.compiler().kind() == CompilerKind.GCC
                && majorVersion(task.compiler()) >= FIRST_GCC_WITH_LINKS
                && request.stderrIsTerminal()
                && !variable(request, "TERM", "dumb").equals("dumb")
                && isLinkingTerminal(request);
        if (links && !task.unit().caching().rulesOutLinks()) {
            options.add("-fdiagnostics-urls=always");
        }
        return options;
    }

    private static boolean isLinkingTerminal(CallerRequest request) {
        String colors = variable(request, "COLORTERM", "");
        if (colors.equals("xfce4-terminal") || colors.equals("gnome-terminal")) {
            return false;
        }
        boolean asked = request.environment().containsKey("GCC_URLS")
                || request.environment().containsKey("TERM_URLS");
        boolean plain = !request.environment().containsKey("COLORTERM")
                && variable(request, "TERM", "").equals("xterm");
        boolean console = variable(request, "TERM", "").startsWith("linux")
                || variable(request, "TERM", "").startsWith("vt100");
        return asked || !plain && !console;
    }

    private static int majorVersion(Compiler compiler) {
        String major = compiler.version().split("\\.")[0];
        return major.matches("[0-9]{1,4}") ? Integer.parseInt(major) : 0;
    }

    private static String variable(CallerRequest request, String name, String otherwise) {
        return request.environment().getOrDefault(name, otherwise);
    }
}
