package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.Variable;
import dev.jdist.protocol.config.Variable.Reader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;

/**
 * Holds the tables of docs/settings.md against the declarations. {@code mvn -pl common-protocol test
 * -Dtest=SettingsPageTest -Dsettings.page=write} writes them anew.
 */
class SettingsPageTest {
    private static final Path PAGE = Path.of("../docs/settings.md");

    private static Map<String, String> tables() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("scheduler.conf", keys(Role.SCHEDULER, setting -> true));
        tables.put("server.conf", keys(Role.BUILDER, setting -> true));
        tables.put("client", keys(Role.CLIENT, setting -> !isOfTheCache(setting)));
        tables.put("client's cache", keys(Role.CLIENT, SettingsPageTest::isOfTheCache));
        tables.put("variables", variables(EnumSet.of(Reader.EVERY_ROLE, Reader.BACKGROUND_ROLE, Reader.CLIENT)));
        tables.put("variables of a compile", variables(EnumSet.of(Reader.COMPILE)));
        tables.put("variables of the system", variables(EnumSet.of(Reader.SYSTEM)));
        return tables;
    }

    private static boolean isOfTheCache(Setting<?> setting) {
        return setting == ClientSettings.BASEDIRS || setting.table().path().startsWith("cache");
    }

    private static String keys(Role role, Predicate<Setting<?>> which) {
        StringBuilder table = new StringBuilder("| key | value | default | meaning |\n|---|---|---|---|\n");
        for (Setting<?> setting : role.settings().settings()) {
            if (which.test(setting) && !setting.isIgnored()) {
                String condition = setting.decidedBy()
                        .map(other -> "with `" + (other.table() == setting.table() ? other.key() : other.label())
                                + " = " + String.join("` or `", setting.decidingValues()) + "`: ")
                        .orElse("");
                String variable = setting.variable()
                        .map(before -> "; `" + before + "` goes before it")
                        .orElse("");
                table.append("| `" + setting.label() + "` | " + setting.describeType() + " | "
                        + (setting.isRequired() && setting.defaultText().isEmpty() ? "required" : setting.defaultText())
                        + " | " + condition + setting.help() + variable + " |\n");
            }
        }
        return table.toString();
    }

    private static String variables(Set<Reader> readers) {
        StringBuilder table = new StringBuilder("| variable | if it is not set | meaning |\n|---|---|---|\n");
        for (Variable variable : Variable.values()) {
            if (readers.contains(variable.reader())) {
                table.append("| `" + variable + "` | " + variable.unset() + " | " + variable.help() + " |\n");
            }
        }
        return table.toString();
    }

    @Test
    void page_always_hasTheTablesOfTheDeclarations() throws IOException {
        String page = Files.readString(PAGE);
        String expected = page;
        for (var table : tables().entrySet()) {
            String begin = "<!-- " + table.getKey() + ": made from the declarations by SettingsPageTest -->\n\n";
            String pattern = "(?s)(" + begin + ").*?(\n<!-- end -->)";
            assertTrue(expected.contains(begin), "no place for the table of " + table.getKey());
            expected = expected.replaceFirst(pattern, "$1" + Matcher.quoteReplacement(table.getValue()) + "$2");
        }
        if ("write".equals(System.getProperty("settings.page"))) {
            Files.writeString(PAGE, expected);
        } else {
            assertEquals(expected, page, "write the page anew with -Dsettings.page=write");
        }
    }

    @Test
    void plain_markdown_losesItsMarks() {
        assertEquals("see below, or true", SettingsListing.plain("[see below](#x), or `true`"));
    }
}
