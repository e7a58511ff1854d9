package dev.jdist.scheduler;

import dev.jdist.protocol.Bytes;
import dev.jdist.protocol.ServerId;
import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.config.SchedulerConfig;
import dev.jdist.protocol.config.SchedulerConfig.ServerAuth;
import java.util.Base64;
import java.util.Optional;

/** Finds out which builder speaks. */
@FunctionalInterface
interface ServerAuthenticator {
    /** Who shows this token, or nothing if nobody should. */
    Optional<ServerId> identify(String bearerToken);

    static ServerAuthenticator of(ServerAuth auth) {
        if (auth instanceof ServerAuth.Token token) {
            return bearer -> ServerToken.verifyShared(bearer, token.token());
        } else if (auth instanceof ServerAuth.JwtHs256 jwt) {
            Bytes key = Bytes.wrap(Base64.getUrlDecoder().decode(jwt.secretKey().value()));
            return bearer -> ServerToken.verifyJwt(bearer, key);
        }
        return bearer -> ServerToken.verifyShared(bearer, SchedulerConfig.INSECURE_SERVER_TOKEN);
    }
}
