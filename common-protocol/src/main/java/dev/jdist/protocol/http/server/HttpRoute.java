package dev.jdist.protocol.http.server;

import dev.jdist.protocol.http.Pace;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireFormatException;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * What a server does for one method and path. The gate sees the headers alone and may refuse before any of the body is
 * read; one of the two handlers then makes the answer.
 *
 * @param path if it ends in {@code /}, what follows it is the exchange's parameter; otherwise, and if it is just {@code
 *     /}, it must match whole
 */
public record HttpRoute(String method, String path, Gate gate, Handler handler) {
    /**
     * Answers a request by its headers alone, mostly to refuse it, or lets it in by answering nothing. Runs on an event
     * loop and must not block; while it makes up its mind, nothing of the body is read. Who takes longer than {@link
     * #timeout()} is answered for.
     */
    @FunctionalInterface
    public interface Gate {
        /** A gate that asks others has to give them up earlier than this. */
        Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

        Gate OPEN = atOnce(exchange -> Optional.empty());

        CompletionStage<Optional<HttpReply>> refusal(HttpExchange exchange);

        /** How long the decision may take. */
        default Duration timeout() {
            return DEFAULT_TIMEOUT;
        }

        /** One that may take so long. */
        static Gate within(Duration timeout, Function<HttpExchange, CompletionStage<Optional<HttpReply>>> refusal) {
            return new Gate() {
                @Override
                public CompletionStage<Optional<HttpReply>> refusal(HttpExchange exchange) {
                    return refusal.apply(exchange);
                }

                @Override
                public Duration timeout() {
                    return timeout;
                }
            };
        }

        /** One that need not ask anybody. */
        static Gate atOnce(Function<HttpExchange, Optional<HttpReply>> refusal) {
            return exchange -> CompletableFuture.completedFuture(refusal.apply(exchange));
        }
    }

    /** How the body is taken. */
    public sealed interface Handler {}

    /** Gets the whole body, which is small. Runs on an event loop and must not block; the answer may come later. */
    public record Small(SmallHandler handler) implements Handler {}

    /** Gets the body as it arrives. Runs on {@code executor} and may block. */
    record Streaming(StreamingHandler handler, Executor executor, Pace pace) implements Handler {}

    /** Gets the body once all of it is there, in a spool. Runs on {@code executor}, may block, and waits for no client. */
    record Spooled(SpooledHandler handler, Executor executor, Intake intake) implements Handler {}

    /**
     * How bodies are spooled. A client whose bodies take more than its share of the room is refused.
     *
     * @param most bytes of a body
     * @param pace at which it has to come
     */
    public record Intake(Spools spools, long most, Pace pace) {}

    /** See {@link Small}. */
    @FunctionalInterface
    public interface SmallHandler {
        CompletionStage<HttpReply> handle(HttpExchange exchange, byte[] body);
    }

    /** See {@link Streaming}. */
    @FunctionalInterface
    public interface StreamingHandler {
        Answer handle(HttpExchange exchange, InputStream body) throws Exception;
    }

    /** See {@link Spooled}. The body is closed by whoever calls this. */
    @FunctionalInterface
    public interface SpooledHandler {
        Answer handle(HttpExchange exchange, PrimitiveBytes body) throws Exception;
    }

    /** Answers one decoded message, later perhaps. */
    @FunctionalInterface
    public interface MessageHandler<T> {
        CompletionStage<HttpReply> handle(HttpExchange exchange, T message);
    }

    /** Answers at once and without a body. */
    @FunctionalInterface
    public interface QuestionHandler {
        HttpReply handle(HttpExchange exchange);
    }

    public static HttpRoute get(String path, QuestionHandler handler) {
        return new HttpRoute(
                "GET",
                path,
                Gate.OPEN,
                new Small((exchange, body) -> CompletableFuture.completedFuture(handler.handle(exchange))));
    }

    /** POST of one bincode message; anything else is answered with 400. */
    public static <T> HttpRoute post(String path, Gate gate, WireDecoder<T> decoder, MessageHandler<T> handler) {
        return new HttpRoute("POST", path, gate, new Small((exchange, body) -> {
            if (!exchange.hasBinaryBody()) {
                return CompletableFuture.completedFuture(
                        HttpReply.error(400, "the request didn't have a binary content type"));
            }
            T message;
            try {
                message = decoder.fromBincode(body);
            } catch (WireFormatException e) {
                return CompletableFuture.completedFuture(
                        HttpReply.error(400, "error while parsing the bincode body", e.getMessage()));
            }
            return handler.handle(exchange, message);
        }));
    }

    /** Any method, with a body of whatever type or none. */
    public static HttpRoute small(String method, String path, Gate gate, SmallHandler handler) {
        return new HttpRoute(method, path, gate, new Small(handler));
    }

    /** @param pace at which bodies have to come */
    public static HttpRoute postStream(String path, Gate gate, Executor executor, Pace pace, StreamingHandler handler) {
        return new HttpRoute("POST", path, gate, new Streaming(handler, executor, pace));
    }

    public static HttpRoute postSpooled(
            String path, Gate gate, Executor executor, Intake intake, SpooledHandler handler) {
        return new HttpRoute("POST", path, gate, new Spooled(handler, executor, intake));
    }

    /**
     * The parameter, if this route is for {@code uri}. As in sccache-dist, a query is ignored and escapes are read: a
     * proxy or another HTTP library may write the brackets of an IPv6 address as {@code %5B}.
     */
    public Optional<String> match(String requestMethod, String uri) {
        if (!method.equals(requestMethod)) {
            return Optional.empty();
        }
        String requestPath;
        try {
            requestPath = new QueryStringDecoder(uri).path();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (path.endsWith("/") && path.length() > 1) {
            return requestPath.startsWith(path) && requestPath.length() > path.length()
                    ? Optional.of(requestPath.substring(path.length()))
                    : Optional.empty();
        }
        return requestPath.equals(path) ? Optional.of("") : Optional.empty();
    }
}
