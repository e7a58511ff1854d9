package dev.jdist.protocol.http.client;

import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.ContentTypes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * One request.
 *
 * @param token the bearer token, if the path wants one
 * @param timeout from the start of the call to the last byte of its answer; for a file, whose length and whose way nobody knows,
 *     from the last part of it that went out
 * @param maxAnswer bytes: a longer answer is an error
 * @param probe a path that the peer always answers at once: asked now and then while this call is waited for, so that a peer
 *     that is stuck is noticed
 */
public record HttpCall(
        String method,
        HttpTarget target,
        String path,
        Optional<Secret> token,
        Body body,
        Duration timeout,
        long maxAnswer,
        Optional<String> probe) {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    /** What is sent along. */
    public sealed interface Body {}

    record NoBody() implements Body {}

    /** Bytes in memory, handed over. */
    record Bytes(byte[] bytes, String contentType) implements Body {}

    /** A file, read as it is sent. */
    record Content(Path file) implements Body {}

    /** Bytes that may be many, read as they are sent. They must be there until the call has ended. */
    record Stored(PrimitiveBytes bytes) implements Body {}

    public static HttpCall get(HttpTarget target, String path) {
        return of("GET", target, path, Optional.empty(), new NoBody());
    }

    public static HttpCall post(HttpTarget target, String path, Secret token, WireMessage message) {
        return postBytes(target, path, token, message.toBincode());
    }

    public static HttpCall postBytes(HttpTarget target, String path, Secret token, byte[] bytes) {
        return of("POST", target, path, Optional.of(token), new Bytes(bytes, ContentTypes.BINARY));
    }

    /** POST without a token, to somebody who speaks another protocol. */
    public static HttpCall postText(HttpTarget target, String path, String contentType, String text) {
        return of(
                "POST", target, path, Optional.empty(), new Bytes(text.getBytes(StandardCharsets.UTF_8), contentType));
    }

    public static HttpCall postFile(HttpTarget target, String path, Secret token, Path file) {
        return of("POST", target, path, Optional.of(token), new Content(file));
    }

    /** POST of bytes that may be more than memory should hold, and that can be read again. */
    public static HttpCall postStored(HttpTarget target, String path, Secret token, PrimitiveBytes bytes) {
        return of("POST", target, path, Optional.of(token), new Stored(bytes));
    }

    private static HttpCall of(String method, HttpTarget target, String path, Optional<Secret> token, Body body) {
        return new HttpCall(
                method, target, path, token, body, DEFAULT_TIMEOUT, WireLimits.SMALL_BODY, Optional.empty());
    }

    public HttpCall withToken(Secret bearer) {
        return new HttpCall(method, target, path, Optional.of(bearer), body, timeout, maxAnswer, probe);
    }

    public HttpCall within(Duration limit) {
        return new HttpCall(method, target, path, token, body, limit, maxAnswer, probe);
    }

    public HttpCall withMaxAnswer(long bytes) {
        return new HttpCall(method, target, path, token, body, timeout, bytes, probe);
    }

    public HttpCall probing(String answeredAtOnce) {
        return new HttpCall(method, target, path, token, body, timeout, maxAnswer, Optional.of(answeredAtOnce));
    }

    @Override
    public String toString() {
        return method + " " + path + " to " + target;
    }
}
