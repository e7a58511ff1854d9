package dev.jdist.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.wire.ServerId;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuilderChoiceTest {
    private static final ServerId FOUR = ServerId.parse("10.0.0.1:10501");
    private static final ServerId SIX = ServerId.parse("[fd00::1]:10501");

    private static BuilderChoice throughAPath(BuilderChoice choice) {
        String path = choice.appendTo("/path");
        return BuilderChoice.ofQuery(path.contains("?") ? path.substring(path.indexOf('?') + 1) : "");
    }

    @Test
    void any_isNoQueryAndAllowsAll() {
        assertEquals("/path", BuilderChoice.ANY.appendTo("/path"));
        assertEquals(BuilderChoice.ANY, throughAPath(BuilderChoice.ANY));
        assertTrue(BuilderChoice.ANY.allows(FOUR));
    }

    @Test
    void some_areReadAsTheyWereWritten() {
        BuilderChoice choice = new BuilderChoice(Set.of(FOUR, SIX));
        assertEquals(choice, throughAPath(choice));
        assertEquals("/path?builder=10.0.0.1%3A10501", new BuilderChoice(Set.of(FOUR)).appendTo("/path"));
        assertEquals("10.0.0.1:10501, [fd00::1]:10501", choice.toString());
        assertTrue(choice.allows(SIX));
        assertFalse(choice.allows(ServerId.parse("10.0.0.1:10502")));
    }

    @Test
    void failed_areReadAsTheyWereWrittenAndNotAllowed() {
        BuilderChoice choice = BuilderChoice.ANY.without(Set.of(FOUR)).orElseThrow();
        assertEquals(choice, throughAPath(choice));
        assertEquals("/path?failed=10.0.0.1%3A10501", choice.appendTo("/path"));
        assertEquals("other than 10.0.0.1:10501", choice.toString());
        assertTrue(choice.allows(SIX));
        assertFalse(choice.allows(FOUR));
        assertFalse(choice.isAny());
    }

    @Test
    void failed_ofAChoice_areTakenOutOfIt() {
        BuilderChoice choice = new BuilderChoice(Set.of(FOUR, SIX));
        ServerId other = ServerId.parse("10.0.0.2:10501");

        assertEquals(Optional.of(choice), choice.without(Set.of(other)));
        BuilderChoice less = choice.without(Set.of(FOUR, other)).orElseThrow();
        assertEquals(new BuilderChoice(Set.of(SIX), Set.of(FOUR)), less);
        assertEquals(less, throughAPath(less));
        assertEquals(Optional.empty(), choice.without(Set.of(FOUR, SIX)), "nothing left is not any");
        assertEquals(Optional.empty(), less.without(Set.of(SIX)));
    }

    @Test
    void failed_moreThanFit_areTheFirst() {
        Set<ServerId> many = longAddresses(2 * BuilderChoice.MOST);
        BuilderChoice choice = BuilderChoice.ANY.without(many).orElseThrow();
        assertEquals(many.stream().limit(BuilderChoice.MOST).collect(Collectors.toSet()), choice.failed());
        assertFits(choice);
        Set<ServerId> half = longAddresses(BuilderChoice.MOST / 2);
        assertFits(new BuilderChoice(longAddresses(BuilderChoice.MOST))
                .without(half)
                .orElseThrow());
    }

    @Test
    void ofQuery_otherParameters_areNotLookedAt() {
        assertEquals(BuilderChoice.ANY, BuilderChoice.ofQuery("pretty=1&builders=x&"));
        assertEquals(
                new BuilderChoice(Set.of(FOUR, SIX)),
                BuilderChoice.ofQuery("a=b&builder=10.0.0.1:10501&builder=[fd00::1]:10501"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "builder=",
                "builder=here",
                "builder=10.0.0.1:99999",
                "builder=%",
                "builder=%zz",
                "failed=",
                "failed=here"
            })
    void ofQuery_whatIsNoAddress_isRefused(String query) {
        assertThrows(IllegalArgumentException.class, () -> BuilderChoice.ofQuery(query));
    }

    private static Set<ServerId> longAddresses(int count) {
        Set<ServerId> many = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            many.add(ServerId.parse(
                    "[1111:2222:3333:4444:5555:6666:7777:" + Integer.toHexString(0x8000 + i) + "]:65535"));
        }
        return many;
    }

    /** A scheduler, jdist's or stock, reads request lines of 4096 bytes at least. */
    @Test
    void most_fitIntoARequestLine() {
        assertFits(new BuilderChoice(longAddresses(BuilderChoice.MOST)));
    }

    private static void assertFits(BuilderChoice most) {
        assertTrue(most.appendTo("POST " + Endpoints.ALLOC_JOB + " HTTP/1.1").length() <= 4096);
        assertEquals(most, throughAPath(most));
    }

    @Test
    void moreThanMost_areRefused() {
        Set<ServerId> more = longAddresses(BuilderChoice.MOST + 1);
        assertThrows(IllegalArgumentException.class, () -> new BuilderChoice(more));
        assertThrows(IllegalArgumentException.class, () -> new BuilderChoice(Set.of(), more));
    }
}
