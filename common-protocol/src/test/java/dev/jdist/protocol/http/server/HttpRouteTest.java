package dev.jdist.protocol.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRouteTest {
    private static final HttpRoute WHOLE = HttpRoute.get("/a/b", exchange -> HttpReply.empty(200));
    private static final HttpRoute PREFIX = HttpRoute.get("/c/", exchange -> HttpReply.empty(200));

    @ParameterizedTest
    @ValueSource(strings = {"/a/b", "/a/b?x=1", "/a/b?", "/a%2fb", "/%61/b"})
    void match_wholePath_hasNoParameter(String path) {
        assertEquals(Optional.of(""), WHOLE.match("GET", path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/a", "/a/b/", "/a/b/c", "/A/b", "a/b", "//a/b", "/a/b%", "/a/b%zz", "*"})
    void match_anotherPath_isNothing(String path) {
        assertEquals(Optional.empty(), WHOLE.match("GET", path));
    }

    @ParameterizedTest
    @CsvSource({
        "/c/7, 7",
        "/c/7?x=1, 7",
        "/c/[fd00::1]:5, [fd00::1]:5",
        "/c/%5Bfd00::1%5D%3A5, [fd00::1]:5",
        "/c/a+b, a+b",
        "/c/a/b, a/b",
    })
    void match_prefix_givesTheRest(String path, String parameter) {
        assertEquals(Optional.of(parameter), PREFIX.match("GET", path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/c", "/c/", "/c/?x", "/d/7", "/c/%"})
    void match_prefixWithoutRest_isNothing(String path) {
        assertEquals(Optional.empty(), PREFIX.match("GET", path));
    }

    @Test
    void match_root_isJustThat() {
        HttpRoute root = HttpRoute.get("/", exchange -> HttpReply.empty(200));

        assertEquals(Optional.of(""), root.match("GET", "/"));
        assertEquals(Optional.of(""), root.match("GET", "/?x=1"));
        assertEquals(Optional.empty(), root.match("GET", "/a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "HEAD", "get", ""})
    void match_anotherMethod_isNothing(String method) {
        assertEquals(Optional.empty(), WHOLE.match(method, "/a/b"));
    }
}
