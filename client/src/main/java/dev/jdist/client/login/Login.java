package dev.jdist.client.login;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.jdist.protocol.auth.RandomKey;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.wire.Reason;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One login, as the pages on loopback see it. The paths are sccache's: {@code /} sends the browser away, {@code
 * /auth_detail.json} says where to, {@code /redirect} is where it comes back to, {@code /save_auth} takes what came back
 * in a fragment.
 *
 * <p>Only who shows the {@code state} that the login began with can end it, and only once: any other page in the same
 * browser may send requests here, too. The outcome is there when the browser has been told of it.
 */
public final class Login {
    private static final int STATE_BYTES = 32;
    /** A name that leads here from elsewhere is a trick to read these pages from another site. */
    private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private static final Page DONE =
            Page.saying(200, "You are logged in", "You can close this page; jdist goes on in the terminal.");

    private final Grant grant;
    private final HttpUrl authUrl;
    private final String loginUrl;
    private final String redirectUri;
    private final Secret state = RandomKey.base64Url(STATE_BYTES);
    private final AtomicBoolean over = new AtomicBoolean();
    private final CompletableFuture<AccessToken> outcome = new CompletableFuture<>();

    Login(HttpUrl authUrl, String clientId, Grant grant, int port) {
        this.grant = grant;
        this.authUrl = authUrl;
        // In just these words, as they are registered with the login server.
        this.redirectUri = "http://localhost:" + port + "/redirect";
        Map<String, String> request = new LinkedHashMap<>();
        request.put("client_id", clientId);
        request.put("redirect_uri", redirectUri);
        request.put("state", state.value());
        request.putAll(grant.request());
        String url = authUrl.toString();
        this.loginUrl = url + (url.contains("?") ? "&" : "?") + Parameters.format(request);
    }

    /** Completes with a token or a {@link LoginException}. */
    CompletableFuture<AccessToken> outcome() {
        return outcome;
    }

    List<HttpRoute> routes() {
        HttpRoute start =
                get("/", exchange -> Page.start(loginUrl, authUrl.host()).reply());
        HttpRoute detail = get(
                "/auth_detail.json",
                exchange -> json(200, TextNode.valueOf(loginUrl).toString()));
        if (grant instanceof Grant.Implicit) {
            return List.of(
                    start,
                    detail,
                    get("/redirect", exchange -> Page.handOver().reply()),
                    route("POST", "/save_auth", (exchange, body) -> {
                        String form = new String(body, StandardCharsets.UTF_8);
                        return finish(exchange, form.isEmpty() ? exchange.query() : form)
                                .thenApply(Login::inWords);
                    }));
        }
        return List.of(
                start,
                detail,
                route(
                        "GET",
                        "/redirect",
                        (exchange, body) -> finish(exchange, exchange.query()).thenApply(Page::reply)));
    }

    /** Ends the login with what the browser brought, if it is this login's. */
    private CompletionStage<Page> finish(HttpExchange exchange, String text) {
        Optional<Parameters> brought = parse(text).filter(this::isOurs);
        if (brought.isEmpty()) {
            return CompletableFuture.completedFuture(Page.saying(
                    400,
                    "This is not the answer that jdist waits for",
                    "It belongs to another login, or to none. Please open the address in the terminal again."));
        }
        if (over.getAndSet(true)) {
            return CompletableFuture.completedFuture(Page.saying(
                    400,
                    "This login is over",
                    "Please look at the terminal, and run jdist --dist-auth again if necessary."));
        }
        return token(brought.get()).handle((token, error) -> {
            exchange.answered().thenRun(() -> {
                if (error == null) {
                    outcome.complete(token);
                } else {
                    outcome.completeExceptionally(error);
                }
            });
            return error == null ? DONE : Page.saying(400, "The login failed", Reason.of(error) + ".");
        });
    }

    private static Optional<Parameters> parse(String text) {
        try {
            return Optional.of(Parameters.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private boolean isOurs(Parameters brought) {
        return brought.get("state").filter(state::matches).isPresent();
    }

    private CompletionStage<AccessToken> token(Parameters brought) {
        Optional<String> error = brought.get("error");
        if (error.isPresent()) {
            String text = error.get()
                    + brought.get("error_description").map(more -> ", " + more).orElse("");
            return CompletableFuture.failedFuture(
                    new LoginException("the login server says: " + TokenEndpoint.plain(text)));
        }
        return grant.token(brought, redirectUri);
    }

    private interface Answer {
        HttpReply to(HttpExchange exchange);
    }

    private static HttpRoute get(String path, Answer answer) {
        return route("GET", path, (exchange, body) -> CompletableFuture.completedFuture(answer.to(exchange)));
    }

    private static HttpRoute route(String method, String path, HttpRoute.SmallHandler handler) {
        return HttpRoute.small(method, path, HttpRoute.Gate.atOnce(Login::refuseOtherNames), handler);
    }

    private static Optional<HttpReply> refuseOtherNames(HttpExchange exchange) {
        String name = exchange.header("Host").orElse("").replaceFirst(":[0-9]+$", "");
        return OWN_NAMES.contains(name) ? Optional.empty() : Optional.of(HttpReply.empty(403));
    }

    /** For the script, which puts it into its page. */
    private static HttpReply inWords(Page page) {
        ObjectNode words = JsonNodeFactory.instance.objectNode();
        words.put("title", page.title()).put("text", page.text());
        return json(page.status(), words.toString());
    }

    private static HttpReply json(int status, String text) {
        return new HttpReply(
                status,
                "application/json; charset=utf-8",
                Map.of("Cache-Control", "no-store"),
                text.getBytes(StandardCharsets.UTF_8));
    }
}
