package dev.jdist.scheduler.auth;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.client.HttpAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys with which a login server signs tokens: its JWKS document.
 *
 * <p>Login servers change their keys, so a token with a key that is not known has the document fetched again; but not
 * more often than every {@link #PAUSE}, as anybody can send such a token. Now and then it is fetched anyhow, so that
 * keys which were withdrawn are forgotten; known keys serve meanwhile, and for as long as the server is down. There is
 * one fetch at a time, and whoever needs its outcome waits for it without holding a thread.
 */
public final class SigningKeys {
    static final Duration PAUSE = Duration.ofSeconds(10);
    static final Duration MAX_AGE = Duration.ofHours(1);

    private final HttpUrl url;
    private final WebServers web;
    private final LongSupplier nanoTime;
    private final Outage outage = new Outage();

    @GuardedBy("this")
    private @Nullable JWKSet known;

    @GuardedBy("this")
    private long knownSince;

    @GuardedBy("this")
    private @Nullable CompletableFuture<JWKSet> fetching;
    /** How the last fetch ended: nothing if it went well. */
    @GuardedBy("this")
    private Optional<IOException> failure = Optional.empty();

    private boolean tried;
    private long lastTry;

    SigningKeys(HttpUrl url, WebServers web, LongSupplier nanoTime) {
        this.url = url;
        this.web = web;
        this.nanoTime = nanoTime;
    }

    /** The document is not one: nobody but the operator can mend that. */
    private static final class MisconfiguredException extends IOException {
        private static final long serialVersionUID = 1;

        MisconfiguredException(String message) {
            super(message);
        }
    }

    /**
     * Fetches the keys for the first time. If the server cannot be reached, that is no reason not to start: after a power
     * cut it may be the later of the two to come up. If it answers something else than keys, the settings are wrong, and
     * the operator is there to see it.
     */
    void prepare() throws StartupException, InterruptedException {
        try {
            fetch().toCompletableFuture().get(2 * WebServers.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof MisconfiguredException wrong) {
                throw new StartupException("client_auth.jwks_url: " + wrong.getMessage(), wrong);
            }
        } catch (TimeoutException e) {
            // The call has a timeout of its own; whoever comes first may find out.
        }
    }

    /**
     * The keys, with the one named {@code kid} among them if there is such a key. Fails with an {@link IOException} if
     * it cannot be told whether there is.
     */
    CompletionStage<JWKSet> find(String kid) {
        JWKSet before;
        boolean has;
        synchronized (this) {
            before = known;
            has = before != null && before.getKeyByKeyId(kid) != null;
            boolean fresh = has && nanoTime.getAsLong() - knownSince < MAX_AGE.toNanos();
            boolean resting = fetching == null && tried && nanoTime.getAsLong() - lastTry < PAUSE.toNanos();
            if (!has && resting && failure.isPresent()) {
                return CompletableFuture.failedFuture(failure.get());
            } else if (fresh || resting) {
                return CompletableFuture.completedFuture(before);
            }
        }
        CompletionStage<JWKSet> fetched = fetch();
        return has ? CompletableFuture.completedFuture(before) : fetched;
    }

    /** Fetches the document, or joins the fetch that is under way. */
    private CompletionStage<JWKSet> fetch() {
        CompletableFuture<JWKSet> mine;
        synchronized (this) {
            if (fetching != null) {
                return fetching;
            }
            mine = new CompletableFuture<>();
            fetching = mine;
            tried = true;
            lastTry = nanoTime.getAsLong();
        }
        web.get(url, Optional.empty()).whenComplete((answer, error) -> {
            try {
                if (error != null) {
                    throw new IOException(url + ": " + error.getMessage(), error);
                }
                succeeded(mine, parse(answer));
            } catch (IOException e) {
                failed(mine, e);
            }
        });
        return mine;
    }

    private void succeeded(CompletableFuture<JWKSet> fetch, JWKSet keys) {
        synchronized (this) {
            known = keys;
            knownSince = nanoTime.getAsLong();
            failure = Optional.empty();
            fetching = null;
        }
        outage.ends("the keys of " + url + " are there");
        fetch.complete(keys);
    }

    private void failed(CompletableFuture<JWKSet> fetch, IOException reason) {
        boolean haveSome;
        synchronized (this) {
            haveSome = known != null;
            failure = Optional.of(reason);
            fetching = null;
        }
        outage.begins(
                "the keys that sign clients' tokens cannot be fetched: " + reason.getMessage(),
                haveSome ? "using the previous keys" : "no client is accepted until they can");
        fetch.completeExceptionally(reason);
    }

    private JWKSet parse(HttpAnswer answer) throws IOException {
        int status = answer.status();
        if (status >= 500 || status == 408 || status == 429) {
            throw new IOException(url + " answers " + status);
        } else if (status != 200) {
            throw new MisconfiguredException(url + " answers " + status + " instead of a JWKS document");
        }
        JWKSet keys;
        try {
            keys = JWKSet.parse(new String(answer.body(), StandardCharsets.UTF_8));
        } catch (ParseException e) {
            throw new MisconfiguredException(url + " is not a JWKS document: " + e.getMessage());
        }
        boolean usable = keys.getKeys().stream()
                .anyMatch(key -> key.getKeyID() != null && (key instanceof RSAKey || key instanceof ECKey));
        if (!usable) {
            throw new MisconfiguredException(url + " contains no RSA or EC key with a \"kid\"");
        }
        return keys.toPublicJWKSet();
    }
}
