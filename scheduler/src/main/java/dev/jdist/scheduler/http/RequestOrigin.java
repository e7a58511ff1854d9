package dev.jdist.scheduler.http;

import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.wire.IpAddress;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/** Finds out from which machine a request comes: behind a reverse proxy that is what the proxy says in X-Real-IP. */
public final class RequestOrigin {
    private static final String HEADER = "X-Real-IP";

    private final Optional<Set<InetAddress>> proxies;

    /** @param proxies whose word is taken; anybody's if empty, as in sccache-dist */
    RequestOrigin(Optional<Set<InetAddress>> proxies) {
        this.proxies = proxies;
    }

    /** @throws IllegalArgumentException if a proxy whose word is taken names no IP address */
    InetAddress of(HttpExchange exchange) {
        return of(exchange.remoteAddress(), exchange.header(HEADER));
    }

    /** The machine of which it is certain that the request comes from there, or from behind it. */
    InetAddress proven(HttpExchange exchange) {
        return proven(exchange.remoteAddress(), exchange.header(HEADER));
    }

    /** As {@link #of(InetAddress, Optional)}, of a peer that is not believed unless it is named. */
    InetAddress proven(InetAddress peer, Optional<String> told) {
        return proxies.isPresent() ? of(peer, told) : peer;
    }

    /**
     * @param peer the other end of the connection
     * @param told what it says of itself, or of whom it speaks for
     */
    InetAddress of(InetAddress peer, Optional<String> told) {
        boolean believed = proxies.isEmpty() || proxies.get().contains(peer);
        return believed ? told.map(IpAddress::parse).orElse(peer) : peer;
    }
}
