package dev.jdist.scheduler.auth;

import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.settings.SchedulerConfig.ServerAuth;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.util.Base64;
import java.util.Optional;

/** Finds out which builder speaks. */
@FunctionalInterface
public interface ServerAuthenticator {
    /** Who shows this token, or nothing if nobody should. */
    Optional<ServerId> identify(String bearerToken);

    /** What is wrong with a token that tells of nobody, for the log. */
    default String complaint(String bearerToken) {
        return "its token is wrong; compare [scheduler_auth] there with [server_auth] here";
    }

    static ServerAuthenticator of(ServerAuth auth) {
        if (auth instanceof ServerAuth.Token token) {
            return bearer -> ServerToken.verifyShared(bearer, token.token());
        } else if (auth instanceof ServerAuth.JwtHs256 jwt) {
            Bytes key = Bytes.wrap(Base64.getUrlDecoder().decode(jwt.secretKey().value()));
            return bearer -> ServerToken.verifyJwt(bearer, key);
        } else if (auth instanceof ServerAuth.NamedTokens) {
            return new ServerAuthenticator() {
                @Override
                public Optional<ServerId> identify(String bearerToken) {
                    return Optional.empty();
                }

                @Override
                public String complaint(String bearerToken) {
                    return "its token is unknown, or was revoked; jdist token new --builder makes one for"
                            + " [scheduler_auth] there";
                }
            };
        }
        return bearer -> ServerToken.verifyShared(bearer, SchedulerConfig.INSECURE_SERVER_TOKEN);
    }
}
