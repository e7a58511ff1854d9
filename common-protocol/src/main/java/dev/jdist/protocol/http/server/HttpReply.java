package dev.jdist.protocol.http.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jdist.protocol.http.ContentTypes;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer, whole.
 *
 * @param contentType null for none
 * @param headers beyond those that every answer has
 * @param body handed over: not to be changed afterwards
 */
public record HttpReply(int status, @Nullable String contentType, Map<String, String> headers, byte[] body)
        implements Answer {
    private static final byte[] EMPTY = {};

    public static HttpReply empty(int status) {
        return new HttpReply(status, null, Map.of(), EMPTY);
    }

    /**
     * 401 as sccache-dist says it.
     *
     * @param error one of its short names, such as {@code invalid_bearer_token}
     * @param body text for the client's log
     */
    public static HttpReply unauthorized(String error, String body) {
        return new HttpReply(
                401,
                null,
                Map.of("WWW-Authenticate", "Bearer error=\"" + error + "\""),
                body.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * An error as sccache-dist says it: {@code {"description":…,"cause":…}}.
     *
     * @param causes from the outermost to the root
     */
    public static HttpReply error(int status, String description, String... causes) {
        return new HttpReply(status, ContentTypes.JSON, Map.of(), errorJson(description, causes));
    }

    /** The ContentTypes.JSON body of {@link #error}. */
    public static byte[] errorJson(String description, String... causes) {
        JsonNode node = JsonNodeFactory.instance.nullNode();
        for (int i = causes.length - 1; i >= -1; i--) {
            ObjectNode outer = JsonNodeFactory.instance.objectNode();
            outer.put("description", i < 0 ? description : causes[i]);
            outer.set("cause", node);
            node = outer;
        }
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return status + " with " + body.length + " bytes";
    }
}
