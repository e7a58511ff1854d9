package dev.jdist.scheduler.auth;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The login servers out there, as far as a scheduler asks them. */
@FunctionalInterface
public interface WebServers {
    /** Less than a gate may take. */
    Duration TIMEOUT = Duration.ofSeconds(10);

    /** GET; fails with an {@link java.io.IOException} if no answer comes in time. A redirect is not followed. */
    CompletionStage<HttpAnswer> get(HttpUrl url, Optional<Secret> bearerToken);

    static WebServers over(HttpClient http) {
        return (url, token) -> {
            HttpCall call = HttpCall.get(new HttpTarget.Web(url), url.path()).within(TIMEOUT);
            return http.send(token.map(call::withToken).orElse(call));
        };
    }
}
