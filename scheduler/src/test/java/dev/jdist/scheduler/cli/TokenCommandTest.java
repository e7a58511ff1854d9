package dev.jdist.scheduler.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.scheduler.auth.NamedToken;
import dev.jdist.scheduler.auth.TokenFile;
import dev.jdist.scheduler.auth.TokenList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code jdist token}, as a person or a script calls it. */
class TokenCommandTest {
    private final PrintStream standardOutput = System.out;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private Path config;
    private Path tokens;

    @BeforeEach
    void prepare() throws IOException {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        tokens = directory.resolve("tokens");
        config = Files.writeString(
                directory.resolve("scheduler.conf"),
                "public_addr = \"192.168.1.210:10600\"\n[jdist]\ntokens = \"" + tokens + "\"\n");
    }

    @AfterEach
    void restore() {
        System.setOut(standardOutput);
    }

    private int run(String... words) {
        out.reset();
        err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("token"));
        all.addAll(List.of(words));
        all.addAll(List.of("--config", config.toString()));
        return SchedulerMain.commandLine().setErr(new PrintWriter(err, true)).execute(all.toArray(String[]::new));
    }

    private String succeed(String... words) {
        assertEquals(0, run(words), err.toString());
        assertEquals("", err.toString());
        return out.toString(StandardCharsets.UTF_8);
    }

    private void fail(int code, String complaint, String... words) throws IOException {
        String before = Files.exists(tokens) ? Files.readString(tokens) : "";
        assertEquals(code, run(words), out.toString(StandardCharsets.UTF_8));
        assertEquals("", out.toString(StandardCharsets.UTF_8));
        assertTrue(err.toString().contains(complaint), err.toString());
        assertEquals(before, Files.exists(tokens) ? Files.readString(tokens) : "");
    }

    @Test
    void new_anyToken_isPrintedAloneAndKeptAsDigest() throws Exception {
        String token = succeed("new", "--client", "laptop");

        assertTrue(token.matches("[A-Za-z0-9_][A-Za-z0-9_-]{42}\n"), token);
        assertFalse(Files.readString(tokens).contains(token.strip()));
        TokenList list = new TokenFile(tokens).read();
        assertEquals("laptop", list.match(token.strip()).orElseThrow().name());
        assertNotEquals(token, succeed("new", "--client", "laptop-2"));
    }

    @Test
    void list_tokens_showsNameKindAddressAndWhen() {
        assertEquals("There are no tokens in " + tokens + "; jdist token new makes one.\n", succeed("list"));
        String client = succeed("new", "--client", "laptop").strip();
        succeed("new", "--builder", "--address", "192.168.1.211:10501", "--expires", "90d", "old-dell");

        String[] lines = succeed("list").split("\n");

        assertEquals(3, lines.length);
        assertEquals("NAME      KIND     ADDRESS                MADE              EXPIRES", lines[0]);
        assertTrue(lines[1].matches("laptop    client   -                      20..-..-.. ..:..  -"), lines[1]);
        assertTrue(
                lines[2].matches("old-dell  builder  192.168.1.211:10501    20..-..-.. ..:..  20..-..-.. ..:.."),
                lines[2]);
        assertFalse(String.join("", lines).contains(client));
    }

    @Test
    void list_json_isForScripts() throws Exception {
        assertEquals(0, new ObjectMapper().readTree(succeed("list", "--json")).size());
        succeed("new", "--client", "laptop");
        succeed("new", "--builder", "--address", "[fd00::5]:10501", "dell");

        JsonNode list = new ObjectMapper().readTree(succeed("list", "--json"));

        assertEquals(2, list.size());
        assertEquals("laptop", list.get(0).get("name").asText());
        assertEquals("client", list.get(0).get("kind").asText());
        assertTrue(list.get(0).get("address").isNull());
        assertEquals("[fd00::5]:10501", list.get(1).get("address").asText());
        assertTrue(list.get(1).get("made").asText().endsWith("Z"));
        assertTrue(list.get(1).get("expires").isNull());
        assertEquals(5, list.get(1).size());
    }

    @ParameterizedTest
    @CsvSource({"1h, 3600", "90d, 7776000"})
    void new_forSomeTime_isKeptWithItsEnd(String span, long seconds) throws Exception {
        succeed("new", "--client", "--expires", span, "guest");

        NamedToken token = new TokenFile(tokens).read().tokens().get(0);
        assertEquals(token.made().plusSeconds(seconds), token.expires().orElseThrow());
    }

    @Test
    void new_untilADay_isGoodToItsEnd() throws Exception {
        LocalDate day = LocalDate.now(ZoneId.systemDefault()).plusDays(3);
        succeed("new", "--client", "--expires", day.toString(), "guest");

        assertEquals(
                day.plusDays(1).atStartOfDay(ZoneId.systemDefault()).toInstant(),
                new TokenFile(tokens).read().tokens().get(0).expires().orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0d", "-1d", "90", "soon", "2020-01-31", "2027-02-30", "1w", "9999999d"})
    void new_endThatIsNone_isAUsageError(String end) throws Exception {
        fail(2, "is no time to come", "new", "--client", "--expires", end, "guest");
    }

    @Test
    void new_nameThatIsTaken_wantsReplace() throws Exception {
        String first = succeed("new", "--builder", "dell").strip();
        fail(1, "there is a token \"dell\" already", "new", "--builder", "dell");

        String second = succeed("new", "--builder", "--replace", "dell").strip();

        TokenList list = new TokenFile(tokens).read();
        assertTrue(list.match(first).isEmpty());
        assertTrue(list.match(second).isPresent());
    }

    @Test
    void revoke_tokens_takesThemAllOrNone() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            succeed("new", "--client", name);
        }
        fail(1, "there is no token \"d\"; jdist token list shows which there are", "revoke", "a", "d");

        assertEquals("revoked a\nrevoked c\n", succeed("revoke", "a", "c", "a"));
        assertEquals(1, new TokenFile(tokens).read().tokens().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "-a", ".a", "a\"b", "a\nb", "ä", "a/b"})
    void new_badName_isAUsageError(String name) throws Exception {
        fail(2, "", "new", "--client", "--", name);
    }

    @Test
    void new_wrongly_isAUsageError() throws Exception {
        fail(2, "is not a valid name of a token", "new", "--client", "a".repeat(65));
        fail(2, "only the token of a builder", "new", "--client", "--address", "10.0.0.1:1", "a");
        fail(2, "is not an IP address", "new", "--builder", "--address", "dell:10501", "a");
        fail(2, "--client", "new", "a");
        fail(2, "mutually exclusive", "new", "--client", "--builder", "a");
        fail(2, "NAME", "new", "--client");
        fail(2, "NAME", "revoke");
    }

    @Test
    void token_alone_asksWhatToDo() {
        assertEquals(
                2,
                SchedulerMain.commandLine().setErr(new PrintWriter(err, true)).execute("token"));
        assertTrue(err.toString().contains("say what to do: new, list or revoke"), err.toString());
    }

    @Test
    void anyCommand_settingsWithoutAFileOfTokens_saysWhatToWrite() throws IOException {
        Files.writeString(config, """
                public_addr = "192.168.1.210:10600"
                [client_auth]
                type = "token"
                token = "t"
                [server_auth]
                type = "token"
                token = "t"
                """);

        for (List<String> words : List.of(List.of("list"), List.of("new", "--client", "a"), List.of("revoke", "a"))) {
            fail(2, config + ": names no file of tokens; write [jdist]", words.toArray(String[]::new));
        }
    }

    @Test
    void anyCommand_noSettings_saysSo() throws IOException {
        config = directory.resolve("missing.conf");

        fail(2, config + ": there is no such file", "list");
    }

    @Test
    void anyCommand_damagedFile_namesLineAndKey() throws IOException {
        Files.writeString(tokens, "version = 1\n[[tokens]]\nname = 5\n");

        fail(2, tokens + ":3: tokens[0].name must be a string", "list");
        fail(2, tokens + ":3: tokens[0].name must be a string", "new", "--client", "a");
        fail(2, tokens + ":3: tokens[0].name must be a string", "revoke", "a");
    }
}
