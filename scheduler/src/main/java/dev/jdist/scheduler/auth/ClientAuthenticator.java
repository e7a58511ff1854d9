package dev.jdist.scheduler.auth;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.settings.SchedulerConfig.ClientAuth;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Decides whether a client may use the farm. */
@FunctionalInterface
public interface ClientAuthenticator {
    /** Never blocks and never fails: where nobody can tell, the verdict says so. */
    CompletionStage<ClientVerdict> check(String bearerToken);

    /**
     * Fetches what {@link #check} needs; called once, and may block.
     *
     * @throws StartupException if the settings must be wrong
     */
    default void prepare() throws StartupException, InterruptedException {}

    static ClientAuthenticator of(ClientAuth auth, WebServers web) {
        if (auth instanceof ClientAuth.Token token) {
            return shared(token.token());
        } else if (auth instanceof ClientAuth.JwtValidate jwt) {
            return new JwtAuthenticator(
                    jwt.audience(),
                    jwt.issuer(),
                    new SigningKeys(jwt.jwksUrl(), web, System::nanoTime),
                    Clock.systemUTC());
        } else if (auth instanceof ClientAuth.ProxyToken proxy) {
            return new ProxyAuthenticator(proxy.url(), proxy.cacheSeconds(), web, Ticker.systemTicker());
        } else if (auth instanceof ClientAuth.NamedTokens) {
            return bearer -> CompletableFuture.completedFuture(
                    new ClientVerdict.Refused("Unknown token", "its token is unknown, or was revoked"));
        }
        return shared(SchedulerConfig.INSECURE_CLIENT_TOKEN);
    }

    /** Lets in who shows a named token, and else whom {@code others} lets in. Nobody else hears of a named token. */
    static ClientAuthenticator named(LiveTokens tokens, ClientAuthenticator others) {
        return new ClientAuthenticator() {
            @Override
            public void prepare() throws StartupException, InterruptedException {
                others.prepare();
            }

            @Override
            public CompletionStage<ClientVerdict> check(String bearerToken) {
                Optional<NamedToken> token = tokens.list().match(bearerToken);
                if (token.isEmpty()) {
                    return tokens.expired(bearerToken)
                            .<CompletionStage<ClientVerdict>>map(
                                    expired -> CompletableFuture.completedFuture(new ClientVerdict.Refused(
                                            "The token has expired", NamedBuilders.hasExpired(expired))))
                            .orElseGet(() -> others.check(bearerToken));
                }
                return CompletableFuture.completedFuture(
                        token.get().kind() == NamedToken.Kind.CLIENT
                                ? new ClientVerdict.Accepted()
                                : new ClientVerdict.Refused(
                                        "Not the token of a client",
                                        "its token \"" + token.get().name() + "\" is one of a builder"));
            }
        };
    }

    private static ClientAuthenticator shared(Secret token) {
        return bearer -> CompletableFuture.completedFuture(
                token.matches(bearer)
                        ? new ClientVerdict.Accepted()
                        : new ClientVerdict.Refused("Fixed token mismatch", "Fixed token mismatch"));
    }
}
