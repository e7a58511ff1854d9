package dev.jdist.client.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.Variable;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.settings.ClientConfig;
import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.Role;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.settings.Setting;
import dev.jdist.protocol.wire.WireMessage;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Holds docs/compatibility.md against what the code accepts, in both directions. */
class CompatibilityPageTest {
    private static final Path ROOT = Path.of("..");
    private static final Path VECTORS =
            ROOT.resolve("common-protocol/src/test/resources/dev/jdist/protocol/message/vectors");
    private static final Set<String> STATUSES = Set.of("same", "different", "not there");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern SETTING = Pattern.compile("(?:(\\[+[a-z0-9_.]+]+) )?([a-z_]+) = (.+)");
    private static final Pattern VARIABLE = Pattern.compile("SCCACHE_[A-Z0-9_]*[A-Z0-9]");

    /** One row: what it is about, and what jdist makes of it. */
    private record Row(String section, String what, String status, String note, String seenBy) {
        List<String> names() {
            return CODE.matcher(what).results().map(match -> match.group(1)).toList();
        }

        boolean isAccepted() {
            return !status.equals("not there");
        }
    }

    private static final List<Row> ROWS = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeAll
    static void readPage() throws IOException {
        ROWS.clear();
        String section = "";
        for (String line : Files.readAllLines(ROOT.resolve("docs/compatibility.md"))) {
            if (line.startsWith("## ")) {
                section = line.substring(3);
            } else if (line.startsWith("| ") && !line.contains("| jdist | how, why |")) {
                String[] cells = line.substring(1, line.length() - 1).split("\\|", -1);
                assertEquals(4, cells.length, "not four cells: " + line);
                ROWS.add(new Row(section, cells[0].strip(), cells[1].strip(), cells[2].strip(), cells[3].strip()));
            }
        }
    }

    private static List<Row> section(String name) {
        List<Row> rows = ROWS.stream().filter(row -> row.section.equals(name)).toList();
        assertFalse(rows.isEmpty(), "no section " + name);
        return rows;
    }

    @Test
    void everyRow_saysHowItStandsAndWhoHasSeenIt() throws IOException {
        String interop = Files.readString(ROOT.resolve("scripts/interop"));
        for (Row row : ROWS) {
            assertTrue(STATUSES.contains(row.status), row.toString());
            if (!row.status.equals("same")) {
                assertFalse(row.note.isEmpty(), "no explanation: " + row);
                continue;
            }
            String[] proof = row.seenBy.split(" ");
            switch (proof[0]) {
                case "interop" -> assertTrue(interop.contains("interop " + proof[1]), row.toString());
                case "vector" -> assertTrue(hasVector(proof[1]), row.toString());
                case "check" -> assertTrue(Files.exists(ROOT.resolve("scripts/checks/" + proof[1])), row.toString());
                default -> fail("nobody has seen it: " + row);
            }
        }
    }

    private static boolean hasVector(String name) throws IOException {
        try (Stream<Path> files = Files.list(VECTORS)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith(name + "."));
        }
    }

    @Test
    void clientOptions_areThoseOfTheCommandLine() {
        assertSameNames(
                section("Options of the client"), optionsOf(CommandSpec.forAnnotatedObject(clientOptions()), ""));
    }

    private static Object clientOptions() {
        return create("dev.jdist.client.daemon.ClientOptions");
    }

    private static Object create(String className) {
        try {
            Constructor<?> constructor = Class.forName(className).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> optionsOf(CommandSpec command, String prefix) {
        Set<String> names = new TreeSet<>();
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                Stream.of(option.names()).map(name -> prefix + name).forEach(names::add);
            }
        }
        return names;
    }

    @Test
    void farmOptions_areThoseOfTheCommandLine() {
        Set<String> options = new TreeSet<>();
        options.addAll(optionsOf(
                new CommandLine(create("dev.jdist.scheduler.cli.SchedulerCommand")).getCommandSpec(), "scheduler "));
        options.addAll(
                optionsOf(new CommandLine(create("dev.jdist.builder.cli.ServerCommand")).getCommandSpec(), "server "));
        new CommandLine(create("dev.jdist.scheduler.cli.AuthCommand"), new AnyFactory())
                .getSubcommands()
                .forEach((name, command) -> options.addAll(optionsOf(command.getCommandSpec(), "auth " + name + " ")));
        options.removeIf(name -> name.endsWith(" --help") || name.endsWith(" -h"));
        assertSameNames(section("Options of scheduler, server and auth"), options);
    }

    /** Makes subcommands of other packages. */
    private static final class AnyFactory implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            Constructor<K> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        }
    }

    /** What is accepted is on the page, and what the page says is accepted. */
    private static void assertSameNames(List<Row> rows, Set<String> inCode) {
        Set<String> accepted = rows.stream()
                .filter(Row::isAccepted)
                .flatMap(row -> row.names().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(inCode, accepted);
    }

    @Test
    void settings_areAcceptedOrRefusedAsThePageSays() throws IOException {
        Map<String, Map<String, String>> scheduler = new LinkedHashMap<>();
        scheduler.put("", Map.of("public_addr", "\"127.0.0.1:10600\""));
        scheduler.put("[client_auth]", Map.of("type", "\"token\"", "token", "\"x\""));
        scheduler.put("[server_auth]", Map.of("type", "\"token\"", "token", "\"x\""));
        check(section("The scheduler's file"), scheduler, SchedulerConfig::read);

        Map<String, Map<String, String>> builder = new LinkedHashMap<>();
        builder.put(
                "",
                Map.of(
                        "cache_dir",
                        "\"/c\"",
                        "public_addr",
                        "\"127.0.0.1:10501\"",
                        "scheduler_url",
                        "\"http://127.0.0.1:10600\""));
        builder.put(
                "[builder]", Map.of("type", "\"overlay\"", "build_dir", "\"/b\"", "bwrap_path", "\"/usr/bin/bwrap\""));
        builder.put("[scheduler_auth]", Map.of("type", "\"token\"", "token", "\"x\""));
        Environment environment = new Environment(Map.of("HOME", "/home/u"));
        Machine machine = new Machine(false, environment);
        check(section("A builder's file"), builder, file -> ServerConfig.read(file, machine));

        check(section("The client's file"), Map.of(), file -> ClientConfig.read(file, environment));
    }

    private interface Reader {
        Object read(Path file) throws ConfigException;
    }

    private void check(List<Row> rows, Map<String, Map<String, String>> base, Reader reader) throws IOException {
        for (Row row : rows) {
            boolean wanted = row.isAccepted() || row.note.contains("accepted") || row.note.startsWith("as azure");
            Path file = Files.writeString(directory.resolve("file.conf"), toml(row, base));
            try {
                reader.read(file);
                assertTrue(wanted, "accepted: " + row);
            } catch (ConfigException e) {
                assertFalse(wanted, row + ": " + e.getMessage());
            }
        }
    }

    /** The settings of a row among those that a file has to have. */
    private static String toml(Row row, Map<String, Map<String, String>> base) {
        Map<String, Map<String, String>> tables = new LinkedHashMap<>();
        base.forEach((header, keys) -> tables.put(header, new LinkedHashMap<>(keys)));
        String header = "";
        Map<String, String> settings = new LinkedHashMap<>();
        for (String part : row.names()) {
            Matcher setting = SETTING.matcher(part);
            assertTrue(setting.matches(), "not a setting: " + part);
            header = setting.group(1) == null ? header : setting.group(1);
            settings.put(setting.group(2), setting.group(3));
        }
        if (settings.containsKey("type")) {
            tables.put(header, settings);
        } else {
            tables.computeIfAbsent(header, key -> new LinkedHashMap<>()).putAll(settings);
        }
        StringBuilder text = new StringBuilder();
        if (tables.containsKey("")) {
            tables.remove("")
                    .forEach((key, value) ->
                            text.append(key).append(" = ").append(value).append('\n'));
        }
        tables.forEach((name, keys) -> {
            text.append(name).append('\n');
            keys.forEach(
                    (key, value) -> text.append(key).append(" = ").append(value).append('\n'));
        });
        return text.toString();
    }

    @Test
    void settings_areThoseThatAreDeclared() {
        assertSettings(section("The scheduler's file"), Role.SCHEDULER);
        assertSettings(section("A builder's file"), Role.BUILDER);
        assertSettings(section("The client's file"), Role.CLIENT);
    }

    /** Each declared key of sccache's is on the page, and the page has no other. */
    private static void assertSettings(List<Row> rows, Role role) {
        Set<String> onPage = new TreeSet<>();
        for (Row row : rows) {
            String header = "";
            for (String part : row.names()) {
                Matcher setting = SETTING.matcher(part);
                assertTrue(setting.matches(), "not a setting: " + part);
                header = setting.group(1) == null ? header : setting.group(1) + " ";
                onPage.add(header + setting.group(2));
            }
        }
        Set<String> declared = role.settings().settings().stream()
                .filter(setting -> !setting.isOwn())
                .map(Setting::label)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(declared, onPage);
    }

    @Test
    void settings_withoutEffect_areNotThereOnThePage() {
        for (Row row : section("The client's file")) {
            Matcher first = SETTING.matcher(row.names().get(0));
            assertTrue(first.matches(), row.toString());
            String label = (first.group(1) == null ? "" : first.group(1) + " ") + first.group(2);
            boolean isIgnored = Role.CLIENT.settings().settings().stream()
                    .anyMatch(setting -> setting.label().equals(label) && setting.isIgnored());
            assertTrue(!isIgnored || row.status.equals("not there"), row.toString());
        }
    }

    @Test
    void variables_areThoseThatAreDeclared() throws IOException {
        Set<String> declared = Stream.of(Variable.values())
                .map(Variable::name)
                .filter(name -> name.startsWith("SCCACHE_"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertSameNames(section("Variables"), declared);

        Set<String> inCode = new TreeSet<>();
        for (String module : List.of("common-protocol", "scheduler", "builder", "client", "sandbox")) {
            try (Stream<Path> sources = Files.walk(ROOT.resolve(module).resolve("src/main"))) {
                for (Path source : sources.filter(Files::isRegularFile).toList()) {
                    VARIABLE.matcher(Files.readString(source)).results().forEach(found -> inCode.add(found.group()));
                }
            }
        }
        assertEquals(declared, inCode);
    }

    @Test
    void endpoints_areThoseOfTheCode() throws ReflectiveOperationException {
        Set<String> inCode = new TreeSet<>();
        for (Field field : Endpoints.class.getFields()) {
            if (field.getType() == String.class) {
                inCode.add((String) field.get(null));
            }
        }
        assertSameNames(section("Endpoints"), inCode);
    }

    @Test
    void messages_areThoseOfTheCode() throws IOException {
        Set<String> inCode = new TreeSet<>();
        Pattern type = Pattern.compile(
                "public (?:record|enum|sealed interface|interface|final class) (\\w+)[^{]*(?:implements|extends) WireMessage");
        try (Stream<Path> sources =
                Files.list(ROOT.resolve("common-protocol/src/main/java/dev/jdist/protocol/message"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                type.matcher(Files.readString(source)).results().forEach(found -> inCode.add(found.group(1)));
            }
        }
        assertTrue(inCode.contains("Heartbeat"), WireMessage.class + " is found in the sources");
        assertSameNames(section("Messages"), inCode);
    }
}
