package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every declared key to the same rules, so that a new one is covered by being declared. */
class SettingDeclarationTest {
    static Stream<Arguments> everySetting() {
        return Stream.of(Role.values())
                .flatMap(role -> role.settings().settings().stream().map(setting -> arguments(role, setting)));
    }

    static Stream<Arguments> everyBoundedSetting() {
        return everySetting()
                .filter(arguments ->
                        ((Setting<?>) arguments.get()[1]).type().bounds().isPresent());
    }

    static Stream<Arguments> everySettingWithAFixedDefault() {
        return everySetting().filter(arguments -> {
            Setting<?> setting = (Setting<?>) arguments.get()[1];
            return !setting.isRequired()
                    && setting.defaultText().matches("`[^`~]+`")
                    && !setting.defaultText().equals("`public_addr`");
        });
    }

    @ParameterizedTest
    @MethodSource("everySetting")
    void declaration_always_saysInOneLineWhatTheKeyIsFor(Role role, Setting<?> setting) {
        assertTrue(setting.help().length() > 10, setting.help());
        assertFalse(setting.help().contains("\n") || setting.help().endsWith("."), setting.help());
        assertTrue(
                setting.isRequired()
                        || setting.isIgnored()
                        || !setting.defaultText().isEmpty(),
                "it does not say what holds without it");
    }

    @ParameterizedTest
    @EnumSource
    void declarations_ofAFile_nameEachKeyOnce(Role role) {
        List<String> names =
                role.settings().settings().stream().map(Setting::toString).toList();

        assertEquals(names.stream().distinct().toList(), names);
    }

    @ParameterizedTest
    @MethodSource("everySetting")
    void read_keyThatIsWritten_isInForceWithItsLine(Role role, Setting<?> setting) throws ConfigException {
        String literal = SampleFile.literal(setting);
        SampleFile file = SampleFile.with(role, setting, literal);
        SettingValues values = row(setting, file.read());

        int line = 1
                + (int) file.text()
                        .lines()
                        .takeWhile(text -> !text.equals(setting.key() + " = " + literal))
                        .count();
        assertEquals(new Origin.File("c", line), values.origin(setting), file.text());
        String shown = values.written(setting).get();
        assertTrue(
                setting.isSecret()
                        ? shown.equals("[secret]")
                        : shown.equals(literal) || setting.describeType().startsWith("size"),
                shown);
    }

    @ParameterizedTest
    @MethodSource("everySetting")
    void read_misspeltKey_namesTheRightOne(Role role, Setting<?> setting) {
        SampleFile file = SampleFile.with(role, setting, SampleFile.literal(setting));
        String misspelt = file.text()
                .replace("\n" + setting.key() + " = " + SampleFile.literal(setting), "\n" + setting.key() + "q = 1");

        ConfigException refusal = assertThrows(
                ConfigException.class,
                () -> role.settings().read(ConfigTable.parse("c", misspelt), SampleFile.MACHINE));

        assertTrue(refusal.getMessage().contains("unknown key"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("\"" + setting.key() + "\"?"), refusal.getMessage());
    }

    /** As in sccache, whose optional keys are serde's {@code Option}s. */
    @ParameterizedTest
    @MethodSource("everySetting")
    void read_nullInJson_isAsIfTheKeyWereMissing(Role role, Setting<?> setting) {
        String file = SampleFile.with(role, setting, "null").json();

        assertEquals(
                whatComesOf(role, without(file, "\"" + setting.key() + "\":null"), setting),
                whatComesOf(role, file, setting));
    }

    /** A table that is written as null is not there, which is not the same as an empty one. */
    @ParameterizedTest
    @MethodSource("everySetting")
    void read_nullForATable_isAsIfTheTableWereMissing(Role role, Setting<?> setting) {
        if (!setting.table().isTop()) {
            String name = "\"" + setting.table().name() + "\":";
            // The table has no other in it, and each of these files has one table of a name.
            String file = SampleFile.with(role, setting, SampleFile.literal(setting))
                    .json()
                    .replaceFirst(name + "(\\{[^{}]*}|\\[\\{[^{}]*}])", name + "null");

            assertEquals(whatComesOf(role, without(file, name + "null"), setting), whatComesOf(role, file, setting));
        }
    }

    private static String without(String json, String member) {
        assertTrue(json.contains(member), json);
        return json.replaceFirst("," + member + "|" + member + ",?", "");
    }

    private static String whatComesOf(Role role, String json, Setting<?> setting) {
        try {
            SettingValues values = role.settings().read(ConfigTable.parse("c.json", json), SampleFile.MACHINE);
            return values + " "
                    + values.tables().stream().map(SettingsTable::path).toList() + values.find(setting);
        } catch (ConfigException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("everySettingWithAFixedDefault")
    void defaultText_writtenIntoTheFile_meansTheDefault(Role role, Setting<?> setting) throws ConfigException {
        String literal = setting.defaultText().replace("`", "");

        SettingValues written = SampleFile.with(role, setting, literal).read();
        SettingValues absent = SampleFile.without(role, setting, literal).read();

        assertEquals(written.find(setting), absent.find(setting));
        assertEquals(new Origin.Default(), absent.origin(setting));
    }

    @ParameterizedTest
    @MethodSource("everyBoundedSetting")
    void read_valueAtOrBeyondItsBounds_isTakenOrRefused(Role role, Setting<?> setting) throws ConfigException {
        SettingType.Bounds bounds = setting.type().bounds().get();

        SampleFile.with(role, setting, Long.toString(bounds.least())).read();
        SampleFile.with(role, setting, Long.toString(bounds.most())).read();
        refuses(role, setting, bounds.least() - 1);
        if (bounds.most() < Long.MAX_VALUE) {
            refuses(role, setting, bounds.most() + 1);
        }
    }

    private static void refuses(Role role, Setting<?> setting, long value) {
        ConfigException refusal = assertThrows(
                ConfigException.class,
                () -> SampleFile.with(role, setting, Long.toString(value)).read());
        assertTrue(refusal.getMessage().contains(": " + setting + " "), refusal.getMessage());
    }

    @ParameterizedTest
    @MethodSource("everySetting")
    void toString_fileWithASecret_hidesIt(Role role, Setting<?> setting) throws ConfigException {
        String text = SampleFile.with(role, setting, SampleFile.literal(setting))
                .read()
                .toString();

        assertFalse(setting.isSecret() && text.contains("hush"), text);
    }

    /** Which values are secret is listed here once more, so that nobody makes one public by mistake. */
    @ParameterizedTest
    @EnumSource
    void secrets_always_areThese(Role role) {
        String secrets = role.settings().settings().stream()
                .filter(Setting::isSecret)
                .map(Setting::toString)
                .filter(name -> !name.startsWith("cache."))
                .collect(Collectors.joining(" "));

        assertEquals(
                switch (role) {
                    case CLIENT -> "dist.auth.token";
                    case SCHEDULER -> "client_auth.token server_auth.token server_auth.secret_key";
                    case BUILDER -> "scheduler_auth.token";
                },
                secrets);
    }

    /** The values, or those of the row in which a setting of a repeated table stands. */
    private static SettingValues row(Setting<?> setting, SettingValues values) {
        return Optional.of(setting.table())
                .filter(SettingsTable::isRepeated)
                .map(table -> values.rows(table).get(0))
                .orElse(values);
    }
}
