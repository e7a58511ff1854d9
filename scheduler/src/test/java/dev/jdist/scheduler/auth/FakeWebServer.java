package dev.jdist.scheduler.auth;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.client.HttpAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps every question until the test answers it. */
public final class FakeWebServer implements WebServers {
    static final HttpUrl URL = HttpUrl.parse("https://login.example.com/it");

    private final List<CompletableFuture<HttpAnswer>> open = new ArrayList<>();
    private final List<Optional<Secret>> tokens = new ArrayList<>();

    @Override
    public CompletionStage<HttpAnswer> get(HttpUrl url, Optional<Secret> bearerToken) {
        if (!url.equals(URL)) {
            throw new AssertionError(url + " is not what the settings say");
        }
        CompletableFuture<HttpAnswer> question = new CompletableFuture<>();
        open.add(question);
        tokens.add(bearerToken);
        return question;
    }

    int questions() {
        return open.size();
    }

    Optional<Secret> lastToken() {
        return tokens.get(tokens.size() - 1);
    }

    void answer(int question, int status, String body) {
        open.get(question).complete(new HttpAnswer(status, false, body.getBytes(StandardCharsets.UTF_8)));
    }

    /** Answers the latest question. */
    void answer(int status, String body) {
        answer(open.size() - 1, status, body);
    }

    void isDown() {
        open.get(open.size() - 1).completeExceptionally(new IOException("Connection refused"));
    }
}
