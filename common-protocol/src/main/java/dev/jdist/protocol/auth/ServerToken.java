package dev.jdist.protocol.auth;

import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.util.Map;
import java.util.Optional;

/** What a builder shows the scheduler: {@code ip:port TOKEN}, or a JWT that names it. Both say who it claims to be. */
public final class ServerToken {
    private ServerToken() {}

    public static Secret shared(ServerId server, Secret token) {
        return new Secret(server + " " + token.value());
    }

    /** Who shows {@code bearer}, if it ends in the right token. */
    public static Optional<ServerId> verifyShared(String bearer, Secret token) {
        return secretOfShared(bearer).filter(token::matches).flatMap(secret -> claimedByShared(bearer));
    }

    /** The part that only who belongs to the farm can know, if {@code bearer} has that form. */
    public static Optional<String> secretOfShared(String bearer) {
        int space = bearer.indexOf(' ');
        return space < 0 ? Optional.empty() : Optional.of(bearer.substring(space + 1));
    }

    /** Whom the other part names, true or not. */
    public static Optional<ServerId> claimedByShared(String bearer) {
        int space = bearer.indexOf(' ');
        return space < 0 ? Optional.empty() : parse(bearer.substring(0, space));
    }

    /** @throws IllegalArgumentException if the key is too short */
    public static Secret jwt(ServerId server, Bytes key) {
        return new Secret(Hs256.sign("{\"exp\":0,\"server_id\":\"" + server + "\"}", key));
    }

    /** Who shows {@code bearer}, if the signature is right. Tokens of builders do not expire. */
    public static Optional<ServerId> verifyJwt(String bearer, Bytes key) {
        return Hs256.verify(bearer, key).flatMap(ServerToken::serverId);
    }

    /** Whom a JWT names, true or not: for a builder that checks its own settings. */
    public static Optional<ServerId> claimedByJwt(Secret token) {
        return Hs256.unverified(token.value()).flatMap(ServerToken::serverId);
    }

    private static Optional<ServerId> serverId(Map<String, Object> claims) {
        return claims.get("server_id") instanceof String text && claims.get("exp") instanceof Number
                ? parse(text)
                : Optional.empty();
    }

    private static Optional<ServerId> parse(String text) {
        try {
            return Optional.of(ServerId.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
