package dev.jdist.protocol.settings;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The smallest settings file in which one key may stand, made from the declarations. */
final class SampleFile {
    private static final Pattern FIRST_CHOICE = Pattern.compile("^`(\"[A-Za-z0-9_]+\")`.*");
    /** What no output may show. */
    static final String SECRET = "hush-abcdabcdabcdabcdabcdabcdabcdabcdabcdab";

    static final Machine MACHINE = new Machine(false, new Environment(Map.of("HOME", "/home/u")));

    private final Role role;
    private final Map<Setting<?>, String> written = new LinkedHashMap<>();

    private SampleFile(Role role) {
        this.role = role;
    }

    /** With {@code key = literal}, and what has to be there beside it. */
    static SampleFile with(Role role, Setting<?> setting, String literal) {
        SampleFile file = new SampleFile(role);
        file.write(setting, literal);
        file.complete();
        return file;
    }

    /** Without it, and otherwise the same. */
    static SampleFile without(Role role, Setting<?> setting, String literal) {
        SampleFile file = with(role, setting, literal);
        file.written.remove(setting);
        return file;
    }

    private void write(Setting<?> setting, String literal) {
        written.put(setting, literal);
        setting.decidedBy()
                .ifPresent(other -> write(other, setting.decidingValues().get(0)));
    }

    private void complete() {
        SettingValues nothing = new SettingValues();
        for (Setting<?> setting : role.settings().settings()) {
            boolean isTableThere = setting.table().isTop()
                    || setting.table().isRequired(nothing)
                    || written.keySet().stream().anyMatch(other -> other.table() == setting.table());
            boolean isItsTurn = setting.decidedBy()
                    .map(other -> setting.decidingValues().get(0).equals(written.get(other)))
                    .orElse(true);
            if (setting.isRequired() && isTableThere && isItsTurn) {
                written.putIfAbsent(setting, literal(setting));
            }
        }
    }

    String text() {
        Map<String, StringBuilder> tables = new LinkedHashMap<>();
        tables.put("", new StringBuilder());
        written.forEach((setting, literal) -> tables.computeIfAbsent(
                        setting.table().isTop() ? "" : setting.table().header(), header -> new StringBuilder(header))
                .append("\n" + setting.key() + " = " + literal));
        return String.join("\n", tables.values()) + "\n";
    }

    /** The same as JSON. */
    String json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        written.forEach(
                (setting, literal) -> open(root, setting.table()).putRawValue(setting.key(), new RawValue(literal)));
        return root.toString();
    }

    private static ObjectNode open(ObjectNode root, SettingsTable table) {
        if (table.isTop()) {
            return root;
        }
        ObjectNode parent = open(root, table.parent().get());
        if (!table.isRepeated()) {
            return parent.withObjectProperty(table.name());
        }
        ArrayNode rows = parent.withArrayProperty(table.name());
        return rows.isEmpty() ? rows.addObject() : (ObjectNode) rows.get(0);
    }

    SettingValues read() throws ConfigException {
        return role.settings().read(ConfigTable.parse("c", text()), MACHINE);
    }

    /** Some value that the setting may have, as it stands in a file. */
    static String literal(Setting<?> setting) {
        if (setting.type().bounds().isPresent()) {
            return Long.toString(setting.type().bounds().get().least());
        }
        Matcher choice = FIRST_CHOICE.matcher(setting.describeType());
        if (choice.matches()) {
            return choice.group(1);
        }
        return switch (setting.describeType()) {
            case "text" -> setting == ServerSettings.SANDBOX ? "\"directory\"" : "\"x\"";
            case "`true` or `false`" -> "true";
            case "path" -> "\"/x\"";
            case "`sha256:` and 64 digits" -> "\"sha256:" + "0".repeat(64) + "\"";
            case "URL" -> "\"http://h:1/\"";
            case "address" -> "\"10.0.0.9:10501\"";
            case "secret" ->
                setting == SchedulerSettings.SECRET_KEY ? "\"" + "hush".repeat(10) + "abc\"" : "\"" + SECRET + "\"";
            case "anything" -> "\"" + SECRET + "\"";
            case "number", "milliseconds", "size" -> "7";
            case "list of texts" -> "[\"x\"]";
            case "list of absolute paths" -> "[\"/x\"]";
            case "list of IP addresses" -> "[\"10.0.0.9\"]";
            case "list of at most 50 addresses" -> "[\"10.0.0.9:10501\"]";
            default -> throw new AssertionError("SampleFile has no value for a " + setting.describeType());
        };
    }
}
