package dev.jdist.client.login;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** How the browser brings home a token. */
public sealed interface Grant {
    /** What the login server is asked for, beyond what every login says. */
    Map<String, String> request();

    /** The token, from what the browser brought; fails with a {@link LoginException}. */
    CompletionStage<AccessToken> token(Parameters brought, String redirectUri);

    /**
     * It brings a code, which is worth a token to nobody but us: RFC 6749, section 4.1, with RFC 7636. The code is in the
     * query of the redirect.
     */
    record Code(String clientId, Pkce pkce, TokenEndpoint endpoint) implements Grant {
        @Override
        public Map<String, String> request() {
            return Map.of("response_type", "code", "code_challenge", pkce.challenge(), "code_challenge_method", "S256");
        }

        @Override
        public CompletionStage<AccessToken> token(Parameters brought, String redirectUri) {
            if (brought.get("code").isEmpty()) {
                return CompletableFuture.failedFuture(new LoginException("the login server sent no code"));
            }
            Map<String, String> request = new LinkedHashMap<>();
            request.put("grant_type", "authorization_code");
            request.put("client_id", clientId);
            request.put("code", brought.get("code").get());
            request.put("code_verifier", pkce.verifier());
            request.put("redirect_uri", redirectUri);
            return endpoint.redeem(request);
        }
    }

    /**
     * It brings the token itself: RFC 6749, section 4.2. The token is in the fragment of the redirect, which a browser
     * keeps to itself, so a script on our page has to hand it over.
     */
    record Implicit() implements Grant {
        @Override
        public Map<String, String> request() {
            return Map.of("response_type", "token");
        }

        @Override
        public CompletionStage<AccessToken> token(Parameters brought, String redirectUri) {
            try {
                return CompletableFuture.completedFuture(AccessToken.of(brought::get));
            } catch (LoginException e) {
                return CompletableFuture.failedFuture(
                        new LoginException("the login server gave no token: " + e.getMessage(), e));
            }
        }
    }
}
