package dev.jdist.protocol.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.config.Variable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All that is in force for one program, and where each value comes from, without the secrets: {@code jdist config show}. */
public final class SettingsListing {
    /** Longer values do not move the column that follows them. */
    private static final int WIDEST_VALUE = 44;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Role role;
    private final String file;
    private final List<Line> settings = new ArrayList<>();
    private final List<Line> variables = new ArrayList<>();

    /**
     * One setting or variable.
     *
     * @param value as it would stand in a TOML file, or redacted; nothing if it is not set
     * @param unset what holds where it is not set, in plain text
     * @param comment what is to be known of it beside the value, or empty
     */
    private record Line(
            String name,
            String key,
            Optional<String> value,
            boolean isSecret,
            String unset,
            Origin origin,
            String comment) {
        String shownValue() {
            return value.orElse("(" + (unset.isEmpty() ? "none" : unset) + ")");
        }

        String shownOrigin() {
            boolean isVariable = origin instanceof Origin.FromVariable from
                    && from.variable().name().equals(key);
            return (isVariable ? "environment" : origin) + (comment.isEmpty() ? "" : ", " + comment);
        }
    }

    private SettingsListing(Role role, String file) {
        this.role = role;
        this.file = file;
    }

    /**
     * @param file which need not be there for a client, as then its defaults hold
     * @throws ConfigException if the program could not be started with these settings
     */
    public static SettingsListing of(Role role, Path file, Machine machine) throws ConfigException {
        boolean isThere = role != Role.CLIENT || Files.exists(file);
        ConfigTable root = isThere ? ConfigTable.read(file) : ConfigTable.parse("(defaults)", "");
        SettingsListing listing = new SettingsListing(role, file + (isThere ? "" : ", which is not there"));
        listing.add(role.settings(), role.settings().read(root, machine));
        for (Variable variable : Variable.values()) {
            if (role.reads(variable.reader()) && !role.settings().isOverriddenBy(variable)) {
                listing.add(variable, machine.environment().get(variable));
            }
        }
        return listing;
    }

    private void add(SettingsFile file, SettingValues values) {
        Stream.concat(Stream.of(values), file.tables().stream().flatMap(table -> values.rows(table).stream()))
                .forEach(this::add);
    }

    private void add(SettingValues values) {
        for (Setting<?> setting : values.settings()) {
            Origin origin = values.origin(setting);
            if (!setting.isIgnored() || !(origin instanceof Origin.Default)) {
                settings.add(new Line(
                        setting.label(),
                        setting.toString(),
                        values.written(setting),
                        setting.isSecret(),
                        plain(setting.defaultText()),
                        origin,
                        setting.isIgnored() ? "without effect" : ""));
            }
        }
    }

    private void add(Variable variable, Optional<String> value) {
        variables.add(new Line(
                variable.name(),
                variable.name(),
                value.map(SettingType::quote),
                false,
                plain(variable.unset()),
                value.isPresent() ? new Origin.FromVariable(variable) : new Origin.Default(),
                ""));
    }

    /** For a person at a terminal. */
    public String toText() {
        StringBuilder text = new StringBuilder("Settings of a " + role + " (" + file + "):\n\n");
        table(text, "SETTING", settings);
        text.append('\n');
        table(text, "VARIABLE", variables);
        return text.toString();
    }

    private static void table(StringBuilder text, String title, List<Line> lines) {
        int name = lines.stream().mapToInt(line -> line.name.length()).max().orElse(0);
        int value = lines.stream()
                .mapToInt(line -> line.shownValue().length())
                .filter(length -> length <= WIDEST_VALUE)
                .max()
                .orElse(0);
        String format = "%-" + Math.max(name, title.length()) + "s  %-" + Math.max(value, "VALUE".length()) + "s  %s\n";
        text.append(String.format(format, title, "VALUE", "FROM"));
        for (Line line : lines) {
            text.append(String.format(format, line.name, line.shownValue(), line.shownOrigin()));
        }
    }

    /** For scripts. */
    public String toJson() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("role", role.toString()).put("config", file);
        var all = root.putArray("settings");
        settings.forEach(line -> fill(all.addObject(), line));
        var environment = root.putArray("variables");
        variables.forEach(line -> fill(environment.addObject(), line));
        return root.toPrettyString();
    }

    private static void fill(ObjectNode node, Line line) {
        node.put("name", line.key);
        node.set("value", line.value.map(value -> json(line, value)).orElse(JsonNodeFactory.instance.nullNode()));
        node.put("default", line.unset).put("secret", line.isSecret);
        if (line.origin instanceof Origin.File in) {
            node.put("from", "file").put("file", in.name()).put("line", in.line());
        } else if (line.origin instanceof Origin.FromVariable from) {
            node.put("from", "variable").put("variable", from.variable().name());
        } else {
            node.put("from", "default");
        }
        if (!line.comment.isEmpty()) {
            node.put("comment", line.comment);
        }
    }

    /** Numbers, texts, lists of texts, true and false are written alike in TOML and in JSON. */
    private static JsonNode json(Line line, String value) {
        try {
            return line.isSecret ? JSON.getNodeFactory().textNode(Secret.REDACTED) : JSON.readTree(value);
        } catch (JsonProcessingException e) {
            return JSON.getNodeFactory().textNode(value);
        }
    }

    /** Markdown without its marks. */
    public static String plain(String markdown) {
        return markdown.replaceAll("\\[([^]]+)]\\([^)]*\\)", "$1").replace("`", "");
    }
}
