package dev.jdist.protocol.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpReplyTest {
    @Test
    void error_withCauses_nestsThemAsStockDoes() {
        HttpReply reply = HttpReply.error(500, "run build failed", "outer", "root");

        assertEquals(500, reply.status());
        assertEquals("application/json; charset=utf-8", reply.contentType());
        assertEquals(
                "{\"description\":\"run build failed\",\"cause\":{\"description\":\"outer\",\"cause\":"
                        + "{\"description\":\"root\",\"cause\":null}}}",
                text(reply));
    }

    @Test
    void error_withoutCauses_hasNullForThem() {
        assertEquals("{\"description\":\"a \\\"b\\\"\",\"cause\":null}", text(HttpReply.error(400, "a \"b\"")));
    }

    @Test
    void unauthorized_always_namesTheErrorInTheHeader() {
        HttpReply reply = HttpReply.unauthorized("invalid_bearer_token", "why");

        assertEquals(401, reply.status());
        assertEquals(Map.of("WWW-Authenticate", "Bearer error=\"invalid_bearer_token\""), reply.headers());
        assertEquals("why", text(reply));
    }

    @Test
    void toString_always_isShort() {
        assertEquals("404 with 0 bytes", HttpReply.empty(404).toString());
    }

    private static String text(HttpReply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }
}
