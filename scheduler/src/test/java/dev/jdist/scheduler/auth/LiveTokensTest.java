package dev.jdist.scheduler.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.SchedulerConfig.ClientAuth;
import dev.jdist.protocol.settings.SchedulerConfig.ServerAuth;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the farm's doors when the file of tokens changes, looked at without its thread. */
class LiveTokensTest {
    private static final ServerId DELL = ServerId.parse("192.168.1.211:10501");
    private static final ServerId OTHER = ServerId.parse("192.168.1.212:10501");
    private static final Secret SHARED = new Secret("shared");

    @TempDir
    private Path directory;

    private final List<TokenList> heard = new ArrayList<>();
    private Path settings;
    private TokenFile file;

    @BeforeEach
    void prepare() throws IOException {
        settings = Files.writeString(directory.resolve("scheduler.conf"), "");
        file = new TokenFile(directory.resolve("tokens"));
    }

    private void add(NamedToken token) throws Exception {
        file.change(settings, before -> before.with(token));
    }

    private void revoke(String name) throws Exception {
        file.change(settings, before -> before.without(Set.of(name)));
    }

    private LiveTokens live() throws ConfigException {
        return new LiveTokens(file, heard::add);
    }

    private static ClientVerdict verdict(ClientAuthenticator door, String token) {
        return door.check(token).toCompletableFuture().join();
    }

    private static String bearer(ServerId server, String name) {
        return ServerToken.shared(server, new Secret("secret of " + name)).value();
    }

    @Test
    void look_changedFile_isTheListFromNowOn() throws Exception {
        LiveTokens live = live();
        assertEquals(TokenList.EMPTY, live.list());

        add(TokenFileTest.client("a"));
        live.look();
        live.look();

        assertEquals(List.of(TokenFileTest.client("a")), live.list().tokens());
        assertEquals(List.of(live.list()), heard);
    }

    @Test
    void look_damagedOrMissingFile_keepsTheListUntilItIsMended() throws Exception {
        add(TokenFileTest.client("a"));
        LiveTokens live = live();

        for (String damage : List.of("", "version = 1\n[[tokens]]", "\0", "version = 1\nname = 1")) {
            Files.writeString(file.path(), damage);
            live.look();
            assertEquals(1, live.list().tokens().size(), damage);
        }
        Files.delete(file.path());
        live.look();
        assertEquals(1, live.list().tokens().size());
        assertEquals(List.of(), heard);

        add(TokenFileTest.client("b"));
        live.look();
        assertEquals(List.of(TokenFileTest.client("b")), live.list().tokens());
    }

    @Test
    void look_fileThatAnybodyMayWrite_isNotBelievedUntilThatIsMended() throws Exception {
        add(TokenFileTest.client("a"));
        LiveTokens live = live();
        add(TokenFileTest.client("b"));
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-rw-rw-"));
        live.look();
        assertEquals(1, live.list().tokens().size());

        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-------"));
        live.look();
        assertEquals(2, live.list().tokens().size());
    }

    @Test
    void open_damagedFile_isRefused() throws IOException {
        Files.writeString(file.path(), "what is this");

        assertThrows(ConfigException.class, this::live);
    }

    @Test
    void client_withANamedToken_isLetInUntilItIsRevoked() throws Exception {
        add(TokenFileTest.client("laptop"));
        add(TokenFileTest.builder("dell", null));
        LiveTokens live = live();
        ClientAuthenticator door =
                ClientAuthenticator.named(live, ClientAuthenticator.of(new ClientAuth.Token(SHARED), null));

        assertEquals(new ClientVerdict.Accepted(), verdict(door, "secret of laptop"));
        assertEquals(new ClientVerdict.Accepted(), verdict(door, "shared"));
        assertInstanceOf(ClientVerdict.Refused.class, verdict(door, "other"));
        ClientVerdict.Refused refused = assertInstanceOf(ClientVerdict.Refused.class, verdict(door, "secret of dell"));
        assertEquals("its token \"dell\" is one of a builder", refused.reason());

        revoke("laptop");
        live.look();
        assertInstanceOf(ClientVerdict.Refused.class, verdict(door, "secret of laptop"));
        assertEquals(new ClientVerdict.Accepted(), verdict(door, "shared"));
    }

    @Test
    void client_ofAFarmWithNamedTokensAlone_needsOne() throws Exception {
        add(TokenFileTest.client("laptop"));
        ClientAuthenticator door =
                ClientAuthenticator.named(live(), ClientAuthenticator.of(new ClientAuth.NamedTokens(), null));

        assertEquals(new ClientVerdict.Accepted(), verdict(door, "secret of laptop"));
        for (String token : List.of("", "other", "dangerously_insecure_client")) {
            assertInstanceOf(ClientVerdict.Refused.class, verdict(door, token), token);
        }
    }

    @Test
    void builder_withANamedToken_isWhomItSays() throws Exception {
        add(TokenFileTest.builder("any", null));
        add(TokenFileTest.builder("dell", DELL.toString()));
        NamedBuilders door = new NamedBuilders(live(), ServerAuthenticator.of(new ServerAuth.Token(SHARED)));

        assertEquals(Optional.of(DELL), door.identify(bearer(DELL, "any")));
        assertEquals(Optional.of(OTHER), door.identify(bearer(OTHER, "any")));
        assertEquals(Optional.of(DELL), door.identify(bearer(DELL, "dell")));
        assertEquals(Optional.of(DELL), door.identify(DELL + " shared"));
    }

    @Test
    void builder_withTheTokenOfAnother_isNobodyAndToldApart() throws Exception {
        add(TokenFileTest.client("laptop"));
        add(TokenFileTest.builder("dell", DELL.toString()));
        NamedBuilders door = new NamedBuilders(live(), ServerAuthenticator.of(new ServerAuth.Token(SHARED)));

        assertEquals(Optional.empty(), door.identify(bearer(OTHER, "dell")));
        assertEquals(
                "its token \"dell\" is for " + DELL + " alone, and public_addr there is " + OTHER,
                door.complaint(bearer(OTHER, "dell")));
        assertEquals(Optional.empty(), door.identify(bearer(DELL, "laptop")));
        assertTrue(door.complaint(bearer(DELL, "laptop")).contains("one of a client"));
        assertEquals(Optional.empty(), door.identify("nowhere secret of dell"));
        assertTrue(door.complaint("nowhere secret of dell").contains("an invalid address"));
        assertEquals(Optional.empty(), door.identify(bearer(DELL, "nobody")));
        assertTrue(door.complaint(bearer(DELL, "nobody")).contains("compare [scheduler_auth]"));
        assertEquals(Optional.empty(), door.identify("secret of dell"));
        assertEquals(Optional.empty(), door.identify(""));
    }

    @Test
    void leaving_builderWhoseTokenIsRevoked_isToldOnce() throws Exception {
        add(TokenFileTest.builder("dell", DELL.toString()));
        LiveTokens live = live();
        NamedBuilders door = new NamedBuilders(live, ServerAuthenticator.of(new ServerAuth.Token(SHARED)));
        door.joined(DELL, bearer(DELL, "dell"));
        door.joined(OTHER, OTHER + " shared");
        assertEquals(Set.of(), door.leaving());

        revoke("dell");
        live.look();

        assertEquals(Set.of(DELL), door.leaving());
        assertEquals(Set.of(), door.leaving());
    }

    @Test
    void leaving_tokenThatWasReplacedOrBoundElsewhere_isNoLongerGood() throws Exception {
        add(TokenFileTest.builder("dell", null));
        LiveTokens live = live();
        NamedBuilders door = new NamedBuilders(live, ServerAuthenticator.of(new ServerAuth.Token(SHARED)));
        door.joined(DELL, bearer(DELL, "dell"));

        add(TokenFileTest.builder("dell", OTHER.toString()));
        live.look();

        assertEquals(Set.of(DELL), door.leaving());
    }

    /** A builder that came back with another token is not sent away for its old one. */
    @Test
    void leaving_builderThatHasAnotherTokenNow_stays() throws Exception {
        add(TokenFileTest.builder("dell", null));
        LiveTokens live = live();
        NamedBuilders door = new NamedBuilders(live, ServerAuthenticator.of(new ServerAuth.Token(SHARED)));
        door.joined(DELL, bearer(DELL, "dell"));
        door.joined(DELL, DELL + " shared");
        revoke("dell");
        live.look();

        assertEquals(Set.of(), door.leaving());
    }

    @Test
    void tokens_thatExpire_areGoodUntilThenAndToldApartAfterwards() throws Exception {
        Instant end = Instant.parse("2027-01-31T18:00:00Z");
        add(TokenFileTest.expiring("guest", NamedToken.Kind.CLIENT, end));
        add(TokenFileTest.expiring("dell", NamedToken.Kind.BUILDER, end));
        Instant[] now = {end.minusSeconds(1)};
        LiveTokens live = new LiveTokens(file, heard::add, () -> now[0]);
        ClientAuthenticator clients =
                ClientAuthenticator.named(live, ClientAuthenticator.of(new ClientAuth.Token(SHARED), null));
        NamedBuilders builders = new NamedBuilders(live, ServerAuthenticator.of(new ServerAuth.Token(SHARED)));
        builders.joined(DELL, bearer(DELL, "dell"));
        live.look();
        assertEquals(new ClientVerdict.Accepted(), verdict(clients, "secret of guest"));
        assertEquals(Optional.of(DELL), builders.identify(bearer(DELL, "dell")));
        assertEquals(List.of(), heard);

        now[0] = end;
        ClientVerdict.Refused refused =
                assertInstanceOf(ClientVerdict.Refused.class, verdict(clients, "secret of guest"));
        assertTrue(refused.reason().contains("\"guest\" has expired, at 2027-01-31T18:00:00Z"), refused.reason());
        assertEquals(Optional.empty(), builders.identify(bearer(DELL, "dell")));
        assertTrue(builders.complaint(bearer(DELL, "dell")).contains("\"dell\" has expired"));
        live.look();
        live.look();

        assertEquals(List.of(TokenList.EMPTY), heard, "told once");
        assertEquals(Set.of(DELL), builders.leaving());
    }
}
