package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compiler.ColorMode;
import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.compiler.CompileUnit;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.launcher.Launcher;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A translation unit, and who wants it compiled.
 *
 * @param compilerStamps of the files that say which compiler it is, from before that was known
 */
public record CompileTask(
        Launcher launcher,
        CallerRequest request,
        Compiler compiler,
        CompileUnit unit,
        Map<Path, Optional<FileStat>> compilerStamps) {
    private static final int FIRST_GCC_WITH_LINKS = 10;

    /** The same for another launcher. */
    public CompileTask with(Launcher other) {
        return new CompileTask(other, request, compiler, unit, compilerStamps);
    }

    public Path source() {
        return request.cwd().resolve(unit.input());
    }

    public Path placeOf(CompileOutput output) {
        return request.cwd().resolve(output.path());
    }

    /** What builders call an output. They have no links, but here {@code link/../a.o} need not be {@code a.o}. */
    public String nameOf(CompileOutput output) {
        return placeOf(output).normalize().toString();
    }

    /** Whether the caller's terminal is to show diagnostics in colour. */
    public boolean colors() {
        return unit.color() == ColorMode.ON
                || unit.color() == ColorMode.AUTO
                        && request.stderrIsTerminal()
                        && !variable("TERM", "dumb").equals("dumb");
    }

    /**
     * Options that have the compiler print into a file what it would print on the caller's terminal. Since version 10, gcc
     * makes links of the names of warnings there, if it believes that the terminal understands them: see
     * {@code auto_enable_urls} in its {@code diagnostic-color.cc}. That is left out where it would leave a trace in the object:
     * with debug information, and for the linker.
     */
    public List<String> terminalOptions() {
        List<String> options = new ArrayList<>();
        if (unit.color() == ColorMode.AUTO && colors()) {
            options.add("-fdiagnostics-color=always");
        }
        boolean links = compiler.kind() == CompilerKind.GCC
                && majorVersion() >= FIRST_GCC_WITH_LINKS
                && request.stderrIsTerminal()
                && !variable("TERM", "dumb").equals("dumb")
                && isLinkingTerminal();
        boolean traceless = unit.caching().all().stream()
                .noneMatch(word -> word.startsWith("-fdiagnostics-urls")
                        || word.startsWith("-flto")
                        || word.startsWith("-g")
                        || word.startsWith("--debug"));
        if (links && traceless) {
            options.add("-fdiagnostics-urls=always");
        }
        return options;
    }

    private boolean isLinkingTerminal() {
        String colors = variable("COLORTERM", "");
        if (colors.equals("xfce4-terminal") || colors.equals("gnome-terminal")) {
            return false;
        }
        boolean asked = request.environment().containsKey("GCC_URLS")
                || request.environment().containsKey("TERM_URLS");
        boolean plain = !request.environment().containsKey("COLORTERM")
                && variable("TERM", "").equals("xterm");
        boolean console =
                variable("TERM", "").startsWith("linux") || variable("TERM", "").startsWith("vt100");
        return asked || !plain && !console;
    }

    private int majorVersion() {
        String major = compiler.version().split("\\.")[0];
        return major.matches("[0-9]{1,4}") ? Integer.parseInt(major) : 0;
    }

    private String variable(String name, String otherwise) {
        return request.environment().getOrDefault(name, otherwise);
    }
}
