package dev.jdist.client.login;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Where a code becomes a token. */
public final class TokenEndpoint {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_TEXT = 300;

    private final HttpClient http;
    private final HttpUrl url;

    TokenEndpoint(HttpClient http, HttpUrl url) {
        this.http = http;
        this.url = url;
    }

    /**
     * Asks for a token as RFC 6749 has it, with a form; and, if the server does not understand that, with JSON, which is
     * all that sccache ever sends: servers that were set up for it may know nothing else. Fails with a {@link
     * LoginException}.
     */
    CompletionStage<AccessToken> redeem(Map<String, String> request) {
        return send("application/x-www-form-urlencoded", Parameters.format(request))
                .thenCompose(answer -> answer.status() == 400 || answer.status() == 415
                        ? send("application/json", json(request))
                                .thenApply(second -> isSuccess(second) ? second : answer)
                        : CompletableFuture.completedFuture(answer))
                .thenApply(this::token);
    }

    private CompletionStage<HttpAnswer> send(String type, String body) {
        return http.send(HttpCall.postText(new HttpTarget.Web(url), url.path(), type, body)
                        .within(TIMEOUT))
                .exceptionally(error -> {
                    throw new CompletionException(new LoginException(url + ": " + error.getMessage(), error));
                });
    }

    private AccessToken token(HttpAnswer answer) {
        try {
            if (!isSuccess(answer)) {
                throw new LoginException("the server answers " + answer.status() + explanation(answer));
            }
            return AccessToken.parse(answer.body());
        } catch (LoginException e) {
            throw new CompletionException(new LoginException(url + " gave no token: " + e.getMessage(), e));
        }
    }

    private static boolean isSuccess(HttpAnswer answer) {
        return answer.status() >= 200 && answer.status() < 300;
    }

    private static String json(Map<String, String> request) {
        try {
            return JSON.writeValueAsString(request);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings make JSON", e);
        }
    }

    /** RFC 6749, section 5.2. */
    private static String explanation(HttpAnswer answer) {
        try {
            JsonNode json = JSON.readTree(new String(answer.body(), StandardCharsets.UTF_8));
            String error = json.path("error").asText();
            String description = json.path("error_description").asText();
            return error.isEmpty() ? "" : ": " + plain(description.isEmpty() ? error : error + ", " + description);
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    /** A stranger's words, fit for a terminal. */
    static String plain(String text) {
        String harmless = text.replaceAll("\\p{Cntrl}", "?");
        return harmless.length() <= MAX_TEXT ? harmless : harmless.substring(0, MAX_TEXT) + "…";
    }
}
