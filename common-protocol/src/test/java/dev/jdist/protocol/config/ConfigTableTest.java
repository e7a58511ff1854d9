package dev.jdist.protocol.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a settings file is read and what is said about its mistakes: always the file, and the line and key if any. */
class ConfigTableTest {
    private static final String TOML = """
            name = "a"
            size = "10K"
            count = 7
            on = true
            address = "10.0.0.1:5"
            url = "http://h"
            dir = "/d"
            words = ["x", "y"]
            [inner]
            key = 1
            [[rows]]
            n = 1
            [[rows]]
            n = 2
            """;
    private static final String JSON = """
            {"name": "a", "size": "10K", "count": 7, "on": true, "address": "10.0.0.1:5", "url": "http://h",
             "dir": "/d", "words": ["x", "y"], "inner": {"key": 1}, "rows": [{"n": 1}, {"n": 2}]}
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"c.toml", "c.json", "c"})
    void parse_everyKindOfValue_isRead(String file) throws ConfigException {
        ConfigTable table = ConfigTable.parse(file, file.endsWith(".json") ? JSON : TOML);

        assertEquals(Optional.of("a"), table.text("name"));
        assertEquals("a", table.requiredText("name"));
        assertEquals("a", table.secret("name").orElseThrow().value());
        assertEquals(Optional.of(10_240L), table.byteSize("size"));
        assertEquals(Optional.of(7L), table.byteSize("count"));
        assertEquals(Optional.of(7L), table.number("count"));
        assertEquals(Optional.of(true), table.flag("on"));
        assertEquals(ServerId.parse("10.0.0.1:5"), table.address("address").orElseThrow());
        assertEquals(HttpUrl.parse("http://h"), table.url("url").orElseThrow());
        assertEquals(Path.of("/d"), table.path("dir").orElseThrow());
        assertEquals(Optional.of(List.of("x", "y")), table.texts("words"));
        assertEquals(Optional.of(1L), table.requiredTable("inner").number("key"));
        List<ConfigTable> rows = table.tables("rows");
        assertEquals(Optional.of(2L), rows.get(1).number("n"));
        assertEquals(2, rows.size());
        table.rejectUnknownKeys();
    }

    @Test
    void parse_nothing_givesFallbacks() throws ConfigException {
        ConfigTable table = ConfigTable.parse("c.toml", "");

        assertTrue(table.isEmpty());
        assertFalse(table.has("x"));
        assertEquals(Optional.empty(), table.text("x"));
        assertEquals(Optional.empty(), table.path("x"));
        assertEquals(Optional.empty(), table.address("x"));
        assertEquals(Optional.empty(), table.url("x"));
        assertEquals(Optional.empty(), table.number("x"));
        assertEquals(Optional.empty(), table.byteSize("x"));
        assertEquals(Optional.empty(), table.flag("x"));
        assertEquals(Optional.empty(), table.texts("x"));
        assertEquals(List.of(), table.tables("x"));
        assertTrue(table.table("x").isEmpty());
        table.rejectUnknownKeys();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x = 1 | c:2: t.x must be a string, not a number",
                "x = 1.5 | c:2: t.x must be a string, not a fraction",
                "x = true | c:2: t.x must be a string, not true",
                "x = [] | c:2: t.x must be a string, not a list",
                "x = {} | c:2: t.x must be a string, not a table",
                "x = 1979-05-27 | c:2: t.x must be a string, not a date or time",
            })
    void text_ofAnotherKind_isRefusedWithLineAndKey(String line, String message) {
        complains(message, () -> inner("c", "[t]\n" + line).text("x"));
    }

    @Test
    void json_ofAnotherKind_isRefusedWithLineAndKey() {
        String file = "{\"t\":\n {\"a\": 7,\n\"b\": 1e2,\n\n\"c\": 18446744073709551616}}";

        complains(
                "c.json:2: t.a must be a string, not a number",
                () -> inner("c.json", file).text("a"));
        complains(
                "c.json:3: t.b must be a number, not a fraction",
                () -> inner("c.json", file).number("b"));
        complains(
                "c.json:5: t.c must be a number, not a number over 2^64",
                () -> inner("c.json", file).number("c"));
    }

    /** As sccache's numbers, whose serializer writes them so in TOML as well, though TOML does not demand to read them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            c      | x = 9223372036854775807                          | 9223372036854775807
            c      | x = 9223372036854775808                          | 9223372036854775807
            c      | y = "é"\\nx = 18446744073709551615  # no limit     | 9223372036854775807
            c      | x = +18_446_744_073_709_551_615                  | 9223372036854775807
            c      | t = {y = 18446744073709551615, z = 1}\\r\\nx = 3    | 3
            c.json | {"x": 9223372036854775808}                       | 9223372036854775807
            c.json | {"x": 18446744073709551615}                      | 9223372036854775807
            """)
    void number_thatNoLongHolds_isTheLargest(String file, String text, long number) throws ConfigException {
        ConfigTable table = ConfigTable.parse(file, text.replace("\\n", "\n").replace("\\r", "\r"));

        assertEquals(Optional.of(number), table.number("x"));
        assertEquals(Optional.of(number), table.byteSize("x"));
    }

    @Test
    void toml_severalLargeNumbers_areAllRead() throws ConfigException {
        ConfigTable inner =
                inner("c", "[t]\na = [18446744073709551615, 18446744073709551614]\nb = 18446744073709551615");

        assertEquals(Optional.of(Long.MAX_VALUE), inner.number("b"));
        assertEquals(
                Optional.of(new ConfigValue.Listing(
                        List.of(new ConfigValue.Whole(Long.MAX_VALUE, 2), new ConfigValue.Whole(Long.MAX_VALUE, 2)),
                        2)),
                inner.any("a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x = 18446744073709551616",
                "x = -9223372036854775809",
                "x = 0xffffffffffffffff",
                "x = 1\ny = 18446744073709551616",
                // More in one statement than are looked for.
                "x = [18446744073709551615, 18446744073709551615, 18446744073709551615, 18446744073709551615,"
                        + " 18446744073709551615, 18446744073709551615, 18446744073709551615, 18446744073709551615,"
                        + " 18446744073709551615]"
            })
    void toml_numberThatIsNotLookedFor_isNotValid(String text) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> parse(text));

        assertTrue(refusal.getMessage().contains("Integer is too large"), refusal.getMessage());
    }

    @Test
    void json_null_isNothing() throws ConfigException {
        ConfigTable table = ConfigTable.parse("c.json", "{\"x\": null}");

        assertFalse(table.has("x"));
        assertEquals(Optional.empty(), table.any("x"));
        assertEquals(Optional.empty(), table.text("x"));
        assertEquals(Optional.empty(), table.number("x"));
        assertEquals(Optional.empty(), table.byteSize("x"));
        assertEquals(Optional.empty(), table.texts("x"));
        assertEquals(List.of(), table.tables("x"));
        assertTrue(table.table("x").isEmpty());
        table.rejectUnknownKeys();
        complains("c.json:1: the key \"x\" is missing", () -> table.requiredText("x"));
        complains("c.json:1: the key \"x\" is missing", () -> table.requiredTable("x"));
        complains(
                "c.json:1: unknown key \"x\"; known here: ",
                () -> ConfigTable.parse("c.json", "{\"x\": null}").rejectUnknownKeys());
    }

    @Test
    void wrongKind_forEachQuestion_saysWhatItMustBe() {
        String line = "x = \"text\"";

        complains("c:1: x must be a number, not a string", () -> parse(line).number("x"));
        complains(
                "c:1: x must be true or false, not a string", () -> parse(line).flag("x"));
        complains("c:1: x must be a list, not a string", () -> parse(line).texts("x"));
        complains("c:1: x must be a list, not a string", () -> parse(line).tables("x"));
        complains("c:1: x must be a table, not a string", () -> parse(line).table("x"));
        complains("c:1: x must be a table, not a string", () -> parse(line).requiredTable("x"));
        complains("c:1: x must be a number, not true", () -> parse("x = true").byteSize("x"));
        complains("c:1: x must be a string, not a table", () -> parse("[x]").address("x"));
    }

    @Test
    void listElement_ofAnotherKind_isRefusedWithItsLine() {
        complains(
                "c:3: x must be a list of strings, not of a number",
                () -> parse("x = [\n\"a\",\n1]").texts("x"));
        complains(
                "c:2: x must be a list of tables, not of a string",
                () -> parse("x = [\n\"a\"]").tables("x"));
        complains(
                "c.json:2: x must be a list of strings, not of null",
                () -> ConfigTable.parse("c.json", "{\"x\": [\nnull]}").texts("x"));
    }

    @Test
    void tableInAList_problem_namesItsPlace() {
        complains(
                "c:4: rows[1].n must be a number, not a string",
                () -> parse("[[rows]]\nn = 1\n[[rows]]\nn = \"x\"")
                        .tables("rows")
                        .get(1)
                        .number("n"));
    }

    @Test
    void rejectUnknownKeys_misspelt_suggestsTheRightOne() {
        complains("c:2: unknown key \"public_adr\"; did you mean \"public_addr\"?", () -> {
            ConfigTable table = parse("\npublic_adr = 1");
            table.text("public_addr");
            table.text("cache_dir");
            table.rejectUnknownKeys();
        });
    }

    @Test
    void rejectUnknownKeys_likeNothing_listsWhatIsKnown() {
        complains("c:1: unknown key \"colour\"; known here: cache_dir, public_addr", () -> {
            ConfigTable table = parse("colour = 1");
            table.text("public_addr");
            table.text("cache_dir");
            table.rejectUnknownKeys();
        });
    }

    @Test
    void rejectUnknownKeys_inATable_namesTheTable() {
        complains("c.json:2: unknown key \"t.x\"; known here: y", () -> {
            ConfigTable table = inner("c.json", "{\"t\":\n{\"x\": 1}}");
            table.has("y");
            table.rejectUnknownKeys();
        });
    }

    @Test
    void required_missing_namesTheKeyAndItsTable() {
        complains("c:1: the key \"x\" is missing", () -> parse("").requiredText("x"));
        complains(
                "c:2: the key \"t.x\" is missing",
                () -> inner("c", "\n[t]\ny = 1").requiredText("x"));
        complains("c:1: the key \"x\" is missing", () -> parse("").requiredTable("x"));
        complains(
                "c.json:2: the key \"t.x\" is missing",
                () -> inner("c.json", "{\"t\":\n{}}").requiredText("x"));
    }

    @Test
    void required_misspelt_namesTheMisspeltOne() {
        complains(
                "c:2: unknown key \"cache_dri\"; did you mean \"cache_dir\"?",
                () -> parse("a = 1\ncache_dri = \"x\"").requiredText("cache_dir"));
    }

    @Test
    void number_negative_isRefused() {
        complains("c:1: x must not be negative", () -> parse("x = -1").number("x"));
        complains("c:1: x must not be negative", () -> parse("x = -1").byteSize("x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10X", "", "K", "1.5G", "-1", "10 G", "10GB", "9999999999T"})
    void byteSize_notASize_isRefusedWithTheFormsThereAre(String size) {
        complains(
                "c:1: x \"" + size + "\" is not a size; write bytes, or a number with K, M, G or T",
                () -> parse("x = \"" + size + "\"").byteSize("x"));
    }

    @Test
    void address_wrong_saysWhatWouldBeRight() {
        complains(
                "c:1: x is wrong: \"localhost\" is not an IP address (host names do not work here; write 192.168.1.5 or"
                        + " [fd00::5])",
                () -> parse("x = \"localhost:10600\"").address("x"));
        complains(
                "c:1: x is wrong: \"10.0.0.1\" is not an address of the form IP:PORT",
                () -> parse("x = \"10.0.0.1\"").address("x"));
    }

    @Test
    void url_wrong_saysWhatWouldBeRight() {
        complains(
                "c:1: x is wrong: \"10.0.0.1:10600\" is not a URL such as http://192.168.1.5:10600",
                () -> parse("x = \"10.0.0.1:10600\"").url("x"));
        complains(
                "c:1: x is wrong: \"ftp://h\" must start with http:// or https://",
                () -> parse("x = \"ftp://h\"").url("x"));
    }

    @Test
    void path_thatNoFileCanHave_isRefused() {
        complains("c:1: x is empty; it must be a path", () -> parse("x = \"\"").path("x"));
        complains(
                "c:1: x is not a path: Nul character not allowed",
                () -> parse("x = \"a\\u0000b\"").path("x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\\nb", "é", "a\\u0000", "\\u007f", "\\t"})
    void secret_notFitForAHeader_isRefusedWithoutRepeatingIt(String secret) {
        complains(
                "c:1: x must be printable ASCII and not empty, as it travels in an HTTP header",
                () -> parse("x = \"" + secret + "\"").secret("x"));
    }

    @Test
    void choice_unknown_suggestsOrLists() {
        complains(
                "c:1: x = \"tokn\" is not known; did you mean \"token\"?",
                () -> parse("x = \"tokn\"").choice("x", "token", "none"));
        complains(
                "c:1: x = \"something\" is not known; known: token, none",
                () -> parse("x = \"something\"").choice("x", "token", "none"));
        complains("c:1: the key \"x\" is missing", () -> parse("").choice("x", "token"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'x = '| 1",
                "'\nx = \"a' | 2",
                "'\n\n[t' | 3",
                "'x = 1\nx = 2' | 2",
                "'[t]\n[t]' | 2",
                "'x = 1\n[x]' | 2",
                "'x = 99999999999999999999' | 1",
                "'x = \"\\q\"' | 1",
                "'x = 2020-13-45' | 1",
                "'a.b = 1\na = 2' | 2",
            })
    void toml_broken_isRefusedWithItsLine(String text, int line) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> parse(text));

        assertTrue(refusal.getMessage().startsWith("c:" + line + ": not valid TOML: "), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 1",
                "'[]' | 1",
                "'{\n\"x\": ' | 2",
                "'{\n\n\"x\": 1,}' | 3",
                "'{\"x\": 1}\n{}' | 2",
                "'{\"x\": 1,\n\"x\": 2}' | 2",
                "'{\"x\":\nnul}' | 2",
                "'{x: 1}' | 1",
                "'{\"x\": 1} // note' | 1",
                "'{\"x\": NaN}' | 1",
            })
    void json_broken_isRefusedWithItsLine(String text, int line) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> ConfigTable.parse("c.json", text));

        assertTrue(refusal.getMessage().startsWith("c.json:" + line + ": not valid JSON: "), refusal.getMessage());
    }

    @Test
    void nesting_absurdlyDeep_isRefused() {
        for (String open : List.of("[", "{a=", "[{a=")) {
            assertThrows(ConfigException.class, () -> parse("x = " + open.repeat(50_000)));
        }
        assertThrows(ConfigException.class, () -> ConfigTable.parse("c.json", "{\"a\":".repeat(50_000)));
        assertThrows(ConfigException.class, () -> ConfigTable.parse("c.json", "{\"a\":" + "[".repeat(50_000)));
    }

    @Test
    void read_missingFile_namesIt() {
        Path file = directory.resolve("none.conf");

        complains(file + ": there is no such file", () -> ConfigTable.read(file));
    }

    @Test
    void read_directory_namesIt() {
        complains(directory + ": is a directory, not a settings file", () -> ConfigTable.read(directory));
    }

    @Test
    void read_notUtf8_namesTheFileAndTheLine() throws IOException {
        Path file = directory.resolve("c.conf");
        Files.write(file, "a = 1\n# caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

        complains(file + ":2: not valid UTF-8", () -> ConfigTable.read(file));
    }

    @Test
    void read_hugeFile_isRefused() throws IOException {
        Path file = Files.write(
                directory.resolve("c.conf"), " ".repeat((1 << 20) + 1).getBytes(StandardCharsets.US_ASCII));

        complains(file + ": larger than 1 MiB, so not a settings file", () -> ConfigTable.read(file));
    }

    /** A device has no size to look at beforehand, and need not end. */
    @Test
    void read_endlessFile_isRefused() {
        Path zeros = Path.of("/dev/zero");
        assumeTrue(Files.exists(zeros));

        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> complains(zeros + ": larger than 1 MiB, so not a settings file", () -> ConfigTable.read(zeros)));
    }

    @Test
    void read_unreadableFile_saysSo() throws IOException {
        Path file = Files.createFile(
                directory.resolve("c.conf"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
        assumeFalse(Files.isReadable(file), "root reads everything");

        complains(file + ": cannot be read: permission denied", () -> ConfigTable.read(file));
    }

    @Test
    void read_nameEndingInJson_isJson() throws ConfigException, IOException {
        Path file = Files.writeString(directory.resolve("c.json"), "{\"x\": 1}");

        assertEquals(Optional.of(1L), ConfigTable.read(file).number("x"));
    }

    @Test
    @SuppressWarnings("ObjectToString") // This is about what it prints, should it print more some day.
    void toString_withSecrets_doesNotShowThem() {
        assertFalse(inTest(() -> parse("token = \"hush\"")).toString().contains("hush"));
    }

    private static ConfigTable parse(String text) throws ConfigException {
        return ConfigTable.parse("c", text);
    }

    private static ConfigTable inner(String file, String text) throws ConfigException {
        return ConfigTable.parse(file, text).requiredTable("t");
    }

    private interface Parse {
        ConfigTable run() throws ConfigException;
    }

    private static ConfigTable inTest(Parse parse) {
        try {
            return parse.run();
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    private static void complains(String message, Executable code) {
        assertEquals(message, assertThrows(ConfigException.class, code).getMessage());
    }
}
