package dev.jdist.scheduler.auth;

import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.wire.ServerId;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows builders by named tokens, and else by what the settings say; remembers who is in the farm by which, so that it can
 * tell who has to leave when some are revoked. Any thread may call it.
 */
public final class NamedBuilders implements ServerAuthenticator {
    private final LiveTokens tokens;
    private final ServerAuthenticator others;
    private final Map<ServerId, NamedToken> members = new ConcurrentHashMap<>();

    public NamedBuilders(LiveTokens tokens, ServerAuthenticator others) {
        this.tokens = tokens;
        this.others = others;
    }

    @Override
    public Optional<ServerId> identify(String bearerToken) {
        Optional<NamedToken> token = match(bearerToken);
        if (token.isEmpty()) {
            return others.identify(bearerToken);
        }
        Optional<ServerId> claimed = ServerToken.claimedByShared(bearerToken);
        return claimed.filter(server -> isFor(token.get(), server));
    }

    @Override
    public String complaint(String bearerToken) {
        Optional<NamedToken> token = match(bearerToken);
        if (token.isEmpty()) {
            return ServerToken.secretOfShared(bearerToken)
                    .flatMap(tokens::expired)
                    .map(NamedBuilders::hasExpired)
                    .orElseGet(() -> others.complaint(bearerToken));
        }
        String name = "its token \"" + token.get().name() + "\"";
        if (token.get().kind() == NamedToken.Kind.CLIENT) {
            return name + " is one of a client; jdist token new --builder makes one of a builder";
        }
        Optional<ServerId> claimed = ServerToken.claimedByShared(bearerToken);
        return claimed.map(server -> name + " is for " + token.get().address().orElseThrow()
                        + " alone, and public_addr there is " + server)
                .orElse(name + " is sent with an invalid address");
    }

    static String hasExpired(NamedToken token) {
        return "its token \"" + token.name() + "\" has expired, at "
                + token.expires().orElseThrow() + "; jdist token new --replace makes another";
    }

    /** A builder has joined, or shown that it lives. */
    public void joined(ServerId server, String bearerToken) {
        match(bearerToken).ifPresentOrElse(token -> members.put(server, token), () -> members.remove(server));
    }

    /** Those in the farm whose tokens are no longer good, each of them once. */
    public Set<ServerId> leaving() {
        TokenList now = tokens.list();
        Set<ServerId> leaving = new HashSet<>();
        members.forEach((server, token) -> {
            boolean good =
                    now.tokens().stream().anyMatch(each -> each.digest().equals(token.digest()) && isFor(each, server));
            if (!good && members.remove(server, token)) {
                leaving.add(server);
            }
        });
        return leaving;
    }

    private static boolean isFor(NamedToken token, ServerId server) {
        return token.kind() == NamedToken.Kind.BUILDER
                && token.address().map(server::equals).orElse(true);
    }

    private Optional<NamedToken> match(String bearerToken) {
        return ServerToken.secretOfShared(bearerToken)
                .flatMap(secret -> tokens.list().match(secret));
    }
}
