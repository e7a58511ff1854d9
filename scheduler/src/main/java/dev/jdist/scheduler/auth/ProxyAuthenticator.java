package dev.jdist.scheduler.auth;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.client.HttpAnswer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code proxy_token}: shows the client's token to a web server, which takes it or not.
 *
 * <p>Good news is remembered for a while, bad news is not. A token that is being asked about is not asked about a second
 * time meanwhile. Tokens are remembered by their digests, so that a dump of this process holds none that are not in use.
 */
public final class ProxyAuthenticator implements ClientAuthenticator {
    private static final int MAX_REMEMBERED = 10_000;
    /** Questions at once: enough for every client of a large farm to begin its build in the same moment. */
    static final int MAX_QUESTIONS = 256;

    private final HttpUrl url;
    private final WebServers web;
    private final AsyncCache<String, ClientVerdict> verdicts;
    private final AtomicInteger questions = new AtomicInteger();
    private final Outage outage = new Outage();

    /** @param cacheSeconds none: ask for every job, as stock does */
    ProxyAuthenticator(HttpUrl url, Optional<Long> cacheSeconds, WebServers web, Ticker ticker) {
        this.url = url;
        this.web = web;
        this.verdicts = Caffeine.newBuilder()
                .expireAfterWrite(Duration.ofSeconds(cacheSeconds.orElse(0L)))
                .maximumSize(MAX_REMEMBERED)
                .ticker(ticker)
                .executor(Runnable::run)
                .buildAsync();
    }

    @Override
    public CompletionStage<ClientVerdict> check(String bearerToken) {
        String key = digest(bearerToken);
        CompletableFuture<ClientVerdict> verdict = verdicts.get(
                key, (digest, executor) -> ask(new Secret(bearerToken)).toCompletableFuture());
        verdict.thenAccept(made -> {
            if (!(made instanceof ClientVerdict.Accepted)) {
                verdicts.asMap().remove(key, verdict);
            }
        });
        return verdict;
    }

    private CompletionStage<ClientVerdict> ask(Secret token) {
        if (questions.incrementAndGet() > MAX_QUESTIONS) {
            questions.decrementAndGet();
            return CompletableFuture.completedFuture(
                    new ClientVerdict.Undecided(MAX_QUESTIONS + " tokens are being checked already"));
        }
        return web.get(url, Optional.of(token)).handle((answer, error) -> {
            questions.decrementAndGet();
            ClientVerdict verdict =
                    error == null ? judge(answer) : new ClientVerdict.Undecided(url + ": " + error.getMessage());
            if (verdict instanceof ClientVerdict.Undecided undecided) {
                outage.begins(
                        undecided.reason(),
                        "until it answers, only clients whose tokens it has confirmed are accepted");
            } else {
                outage.ends(url + " answers");
            }
            return verdict;
        });
    }

    private ClientVerdict judge(HttpAnswer answer) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return new ClientVerdict.Accepted();
        } else if (status >= 500 || status == 408 || status == 429) {
            return new ClientVerdict.Undecided(url + " answers " + status);
        }
        return new ClientVerdict.Refused("Validation with token forwarding failed", url + " answers " + status);
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
