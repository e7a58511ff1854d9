package dev.jdist.scheduler.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.Reason;
import java.text.ParseException;
import java.time.Clock;
import java.util.Date;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** {@code jwt_validate}: believes what a login server has signed. */
public final class JwtAuthenticator implements ClientAuthenticator {
    /** Only such as need the login server's private key: whoever knows the public one must not be able to sign. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    /** How far clocks may be apart; stock allows as much. */
    private static final int LEEWAY_SECONDS = 60;

    /** Three runs of base64url. The parser would skip whatever else stands in them. */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){2}");

    private final SigningKeys keys;
    private final String wanted;
    private final DefaultJWTProcessor<Keys> processor = new DefaultJWTProcessor<>();

    /** Those with which one token is checked. */
    private record Keys(JWKSet set) implements SecurityContext {}

    JwtAuthenticator(String audience, String issuer, SigningKeys keys, Clock clock) {
        this.keys = keys;
        this.wanted = "of issuer \"" + issuer + "\" for audience \"" + audience + "\"";
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(
                null, JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt")));
        processor.setJWSKeySelector(
                new JWSVerificationKeySelector<>(ALGORITHMS, (selector, known) -> selector.select(known.set())));
        var claims =
                new DefaultJWTClaimsVerifier<Keys>(
                        audience, new JWTClaimsSet.Builder().issuer(issuer).build(), Set.of("exp")) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(clock.instant());
                    }
                };
        claims.setMaxClockSkew(LEEWAY_SECONDS);
        processor.setJWTClaimsSetVerifier(claims);
    }

    @Override
    public void prepare() throws StartupException, InterruptedException {
        keys.prepare();
    }

    @Override
    public CompletionStage<ClientVerdict> check(String bearerToken) {
        SignedJWT token;
        try {
            if (!FORM.matcher(bearerToken).matches()) {
                return refused("", "its token is not a signed JWT");
            }
            token = SignedJWT.parse(bearerToken);
        } catch (ParseException e) {
            return refused("", "its token is not a signed JWT");
        }
        String kid = token.getHeader().getKeyID();
        if (kid == null) {
            return refused("", "its token does not name the key that signed it");
        }
        return keys.find(kid).handle((set, error) -> {
            if (error != null) {
                return new ClientVerdict.Undecided(Reason.of(error));
            }
            return set.getKeyByKeyId(kid) == null
                    ? refusal("", "the login server has no key with the name in its token")
                    : verify(token, set);
        });
    }

    private ClientVerdict verify(SignedJWT token, JWKSet set) {
        try {
            processor.process(token, new Keys(set));
            return new ClientVerdict.Accepted();
        } catch (ExpiredJWTException e) {
            return refusal(": it has expired", "its token has expired");
        } catch (BadJWTException e) {
            return refusal("", e.getMessage() + "; it has to be " + wanted);
        } catch (BadJOSEException | JOSEException e) {
            return refusal("", Reason.of(e));
        }
    }

    private static CompletionStage<ClientVerdict> refused(String detail, String reason) {
        return CompletableFuture.completedFuture(refusal(detail, reason));
    }

    private static ClientVerdict refusal(String detail, String reason) {
        // The reason may repeat what stands in the token, and the log has one line for it.
        return new ClientVerdict.Refused("JWT could not be validated" + detail, reason.replaceAll("\\p{Cntrl}", "?"));
    }
}
