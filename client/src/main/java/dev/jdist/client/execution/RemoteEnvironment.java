package dev.jdist.client.execution;

import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.protocol.message.EnvironmentVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The environment of a compile on a builder: what the compiler heeds, and nothing else of the caller's.
 *
 * @param hasOurMessages whether the compiler words its diagnostics there as it would here: a builder has no translations
 */
public record RemoteEnvironment(List<EnvironmentVariable> variables, boolean hasOurMessages) {
    private static final String PATH = "/usr/local/bin:/usr/bin:/bin";

    private static final List<CompilerVariable> HEEDED = CompilerVariable.with(CompilerVariable.Trait.FOR_BUILDERS);

    /** @param libraryPath by which the compiler finds its libraries there: the caller's may name others, which are here only */
    static RemoteEnvironment of(Map<String, String> local, Optional<String> libraryPath) {
        List<EnvironmentVariable> variables = new ArrayList<>();
        variables.add(new EnvironmentVariable("PATH", PATH));
        String messages = effective(local, CompilerVariable.LC_MESSAGES).toLowerCase(Locale.ROOT);
        String characters = effective(local, CompilerVariable.LC_CTYPE).toLowerCase(Locale.ROOT);
        boolean utf8 = characters.contains("utf-8") || characters.contains("utf8");
        variables.add(new EnvironmentVariable(CompilerVariable.LC_ALL.name(), utf8 ? "C.UTF-8" : "C"));
        for (CompilerVariable heeded : HEEDED) {
            heeded.of(local).ifPresent(value -> variables.add(new EnvironmentVariable(heeded.name(), value)));
        }
        libraryPath.ifPresent(
                value -> variables.add(new EnvironmentVariable(CompilerVariable.LD_LIBRARY_PATH.name(), value)));
        boolean posix =
                messages.isEmpty() || messages.equals("c") || messages.startsWith("c.") || messages.equals("posix");
        // LANGUAGE goes before the locale, unless that is the C locale: see "Specifying a Priority List of Languages"
        // in the manual of gettext.
        String languages = CompilerVariable.LANGUAGE.of(local).orElse("");
        boolean english = languages.isEmpty() ? messages.startsWith("en") : languages.startsWith("en");
        boolean untranslated = posix || english;
        return new RemoteEnvironment(List.copyOf(variables), untranslated);
    }

    /** The locale of a category, see locale(7). */
    private static String effective(Map<String, String> local, CompilerVariable category) {
        for (CompilerVariable variable : List.of(CompilerVariable.LC_ALL, category, CompilerVariable.LANG)) {
            String value = variable.of(local).orElse("");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }
}
