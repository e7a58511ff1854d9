package dev.jdist.scheduler.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.NamedToken.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
    private static final String DIGEST = "ab".repeat(32);
    private static final String GOOD =
            "name = \"a\"\nkind = \"client\"\nmade = \"2026-01-31T18:00:00Z\"\nsha256 = \"" + DIGEST + "\"";

    @TempDir
    private Path directory;

    private Path settings;
    private TokenFile file;

    @BeforeEach
    void prepare() throws IOException {
        settings = Files.writeString(directory.resolve("scheduler.conf"), "");
        file = new TokenFile(directory.resolve("tokens"));
    }

    static NamedToken client(String name) {
        return new NamedToken(
                name,
                Kind.CLIENT,
                Optional.empty(),
                Instant.ofEpochSecond(0),
                Optional.empty(),
                NamedToken.digestOf("secret of " + name));
    }

    static NamedToken expiring(String name, Kind kind, Instant end) {
        return new NamedToken(
                name,
                kind,
                Optional.empty(),
                Instant.ofEpochSecond(0),
                Optional.of(end),
                NamedToken.digestOf("secret of " + name));
    }

    static NamedToken builder(String name, String address) {
        return new NamedToken(
                name,
                Kind.BUILDER,
                Optional.ofNullable(address).map(ServerId::parse),
                Instant.ofEpochSecond(1_700_000_000),
                Optional.empty(),
                NamedToken.digestOf("secret of " + name));
    }

    private void add(NamedToken token) throws ConfigException, StartupException, IOException {
        file.change(settings, before -> before.with(token));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void read_missingFile_hasNoTokens() throws ConfigException {
        assertEquals(TokenList.EMPTY, file.read());
    }

    @Test
    void change_anyTokens_areReadAsTheyWere() throws Exception {
        List<NamedToken> tokens = List.of(
                client("laptop"),
                expiring("guest", Kind.CLIENT, Instant.parse("2027-01-31T18:00:00Z")),
                builder("dell", "192.168.1.211:10501"),
                builder("old.pc_2", "[fd00::5]:1"),
                builder("x", null));
        for (NamedToken token : tokens) {
            add(token);
        }

        assertEquals(tokens, file.read().tokens());
        assertFalse(Files.readString(file.path()).contains("secret of"));
    }

    @Test
    void change_newFile_isItsOwnersAlone() throws Exception {
        add(client("a"));

        assertEquals("rw-------", permissions(file.path()));
        assertEquals(List.of(".tokens.lock", "scheduler.conf", "tokens"), names());
        assertEquals("rw-------", permissions(directory.resolve(".tokens.lock")));
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** The settings of a scheduler with a user of its own: root's, and its group may read them. */
    @Test
    void change_newFileBesideSettingsOfAGroup_canBeReadByThatGroup() throws Exception {
        Files.setPosixFilePermissions(settings, PosixFilePermissions.fromString("rw-r-----"));

        add(client("a"));

        assertEquals("rw-r-----", permissions(file.path()));
    }

    @Test
    void change_fileThatIsThere_keepsWhoMayReadItButNotMore() throws Exception {
        add(client("a"));
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-r-----"));
        add(client("b"));
        assertEquals("rw-r-----", permissions(file.path()));

        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-r--r--"));
        add(client("c"));
        assertEquals("rw-------", permissions(file.path()));
    }

    @Test
    void change_byALink_replacesWhatItLeadsTo() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere")).resolve("real");
        new TokenFile(elsewhere).change(settings, before -> before.with(client("a")));
        Files.createSymbolicLink(file.path(), elsewhere);

        add(client("b"));

        assertTrue(Files.isSymbolicLink(file.path()));
        assertEquals(2, new TokenFile(elsewhere).read().tokens().size());
    }

    @Test
    void change_refused_leavesTheFileAsItWas() throws Exception {
        add(client("a"));
        String before = Files.readString(file.path());

        assertThrows(
                StartupException.class,
                () -> file.change(settings, list -> {
                    throw new StartupException("no");
                }));
        assertEquals(before, Files.readString(file.path()));
    }

    @Test
    void change_damagedFile_isRefusedAndLeftAsItWas() throws Exception {
        Files.writeString(file.path(), "version = 1\n[[tokens]]\nname = \"a\"\n");

        ConfigException e = assertThrows(ConfigException.class, () -> add(client("b")));

        assertTrue(e.getMessage().contains(file.path() + ":"), e.getMessage());
        assertEquals("version = 1\n[[tokens]]\nname = \"a\"\n", Files.readString(file.path()));
    }

    @Test
    void change_directoryThatIsNotThere_saysHowToMakeIt() {
        TokenFile lost = new TokenFile(directory.resolve("not/there"));

        StartupException e =
                assertThrows(StartupException.class, () -> lost.change(settings, before -> before.with(client("a"))));

        assertTrue(e.getMessage().contains("mkdir " + directory.resolve("not")), e.getMessage());
    }

    @Test
    void read_fileThatAnybodyMayWrite_isRefused() throws Exception {
        add(client("a"));
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-rw-rw-"));

        ConfigException e = assertThrows(ConfigException.class, file::read);

        assertTrue(e.getMessage().contains("chmod 600 " + file.path()), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "kind = \"client\" | kind = \"clint\" | did you mean \"client\"? | tokens[0].kind",
                "2026-01-31T18:00:00Z | yesterday | must be a time | tokens[0].made",
                "sha256 = \"ab | sha256 = \"xy | 64 hexadecimal digits | tokens[0].sha256",
                "sha256 = \"ab | sha256 = \" | 64 hexadecimal digits | tokens[0].sha256",
                "name = \"a\" | name = \"a b\" | is not a valid name of a token | tokens[0].name",
                "name = \"a\" | nam = \"a\" | did you mean \"name\"? | nam",
                "name = \"a\" | name = \"a\"\\naddress = \"10.0.0.1:1\" | only the token of a builder | tokens[0].name",
                "name = \"a\" | name = \"a\"\\naddress = \"10.0.0.1\" | IP:PORT | tokens[0].address",
                "name = \"a\" | name = \"a\"\\nexpires = \"never\" | must be a time | tokens[0].expires",
                "name = \"a\" | name = \"a\"\\nuses = 3 | unknown key | uses",
            })
    void parse_damagedTable_saysWhereAndWhat(String good, String bad, String complaint, String key)
            throws ConfigException {
        String text = "version = 1\n[[tokens]]\n" + GOOD;
        String damaged = text.replace(good, bad.replace("\\n", "\n"));
        assertEquals(1, TokenFile.parse(ConfigTable.parse("t", text)).tokens().size());

        ConfigException e = assertThrows(ConfigException.class, () -> TokenFile.parse(ConfigTable.parse("t", damaged)));

        assertTrue(e.getMessage().startsWith("t:"), e.getMessage());
        assertTrue(e.getMessage().contains(complaint), e.getMessage());
        assertTrue(e.getMessage().contains(key), e.getMessage());
    }

    /** What is left of a file that an editor has begun to write must not pass for one without tokens. */
    @ParameterizedTest
    @ValueSource(strings = {"", "# The tokens", "version = 2\n"})
    void parse_cutOffOrOfAnotherVersion_isNoFileOfTokens(String text) {
        ConfigException e = assertThrows(ConfigException.class, () -> TokenFile.parse(ConfigTable.parse("t", text)));

        assertTrue(e.getMessage().contains("version must be 1"), e.getMessage());
    }

    @Test
    void parse_twoOfOneName_isRefused() {
        String table = "[[tokens]]\n" + GOOD + "\n";

        ConfigException e = assertThrows(
                ConfigException.class, () -> TokenFile.parse(ConfigTable.parse("t", "version = 1\n" + table + table)));

        assertTrue(e.getMessage().contains("two tokens \"a\""), e.getMessage());
    }

    @Test
    void match_tokenOfTheList_isFoundAndNoOther() {
        TokenList list = new TokenList(List.of(client("a"), builder("b", null)));

        assertEquals(Optional.of(client("a")), list.match("secret of a"));
        assertEquals(Optional.of(builder("b", null)), list.match("secret of b"));
        assertEquals(Optional.empty(), list.match("secret of c"));
        assertEquals(Optional.empty(), list.match(""));
        assertEquals(Optional.empty(), list.match(client("a").digest().toHex()));
        assertEquals(Optional.empty(), list.without(Set.of("a")).match("secret of a"));
    }

    @Test
    void with_nameThatIsThere_takesItsPlace() {
        TokenList list = new TokenList(List.of(client("a"), client("b"), client("c")));

        TokenList after = list.with(builder("b", null));

        assertEquals(List.of(client("a"), builder("b", null), client("c")), after.tokens());
    }
}
