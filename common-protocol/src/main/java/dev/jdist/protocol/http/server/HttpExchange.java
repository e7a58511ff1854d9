package dev.jdist.protocol.http.server;

import dev.jdist.protocol.http.ContentTypes;
import dev.jdist.protocol.http.JdistHeader;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireMessage;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One request on a server, without its body. */
public final class HttpExchange {
    /** Answers of up to so many bytes are sent as one piece. */
    private static final int LARGEST_IN_MEMORY = 64 << 10;

    private final String uri;
    private final HttpHeaders headers;
    private final String parameter;
    private final InetSocketAddress remote;
    private final CompletableFuture<Void> disconnected = new CompletableFuture<>();
    private final CompletableFuture<Void> answered = new CompletableFuture<>();

    HttpExchange(String uri, HttpHeaders headers, String parameter, InetSocketAddress remote) {
        this.uri = uri;
        this.headers = headers;
        this.parameter = parameter;
        this.remote = remote;
    }

    /** What followed the route's path: a job id or an address, not yet checked. */
    public String parameter() {
        return parameter;
    }

    /** What follows the {@code ?} of the path, as it was sent; empty if there is none. */
    public String query() {
        int mark = uri.indexOf('?');
        return mark < 0 ? "" : uri.substring(mark + 1);
    }

    public InetAddress remoteAddress() {
        return remote.getAddress();
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Whether the other side is jdist and may be told more than stock understands. */
    public boolean isFromJdist() {
        return headers.contains(JdistHeader.NAME);
    }

    /** The token of an {@code Authorization: Bearer} header. */
    public Optional<String> bearerToken() {
        return header("Authorization")
                .filter(value -> value.startsWith("Bearer "))
                .map(value -> value.substring("Bearer ".length()));
    }

    /** Whether the body is declared to be bincode, which every request of the protocol is. */
    boolean hasBinaryBody() {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        return type != null && type.startsWith(ContentTypes.BINARY);
    }

    /** Completes when the other side goes away before it was answered. */
    public CompletableFuture<Void> disconnected() {
        return disconnected;
    }

    /** Completes when the answer is on its way, after which the server may be closed, or can no longer be given. */
    public CompletableFuture<Void> answered() {
        return answered;
    }

    /** 200 with {@code message} as bincode or JSON, whichever the request prefers. */
    public HttpReply reply(WireMessage message) {
        return switch (preferred()) {
            case BINCODE -> new HttpReply(200, ContentTypes.BINARY, Map.of(), message.toBincode());
            case JSON -> new HttpReply(200, ContentTypes.JSON, Map.of(), message.toJson());
        };
    }

    /**
     * As {@link #reply(WireMessage)}, for a message that may be larger than memory.
     *
     * @param origin of its bytes: closed when they were sent or cannot be, but not if this throws
     */
    public Answer reply(WireMessage message, Closeable origin) throws IOException {
        boolean isJson = preferred() == Accept.JSON;
        PrimitiveBytes encoded = isJson ? message.json() : message.bincode();
        long length = encoded.length();
        if (length <= LARGEST_IN_MEMORY) {
            HttpReply whole = reply(message);
            origin.close();
            return whole;
        }
        return new StreamedReply(isJson ? ContentTypes.JSON : ContentTypes.BINARY, length, encoded, origin);
    }

    private Accept preferred() {
        return Accept.prefer(headers.get(HttpHeaderNames.ACCEPT));
    }
}
