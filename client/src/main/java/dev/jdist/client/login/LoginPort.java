package dev.jdist.client.login;

import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port on which a login's pages are. It is taken on both loopback addresses: a browser may turn {@code localhost} into
 * either, and must not meet somebody else there.
 */
public final class LoginPort implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LoginPort.class);

    private final int number;
    private final Login login;
    private final List<HttpServer> servers;

    private LoginPort(int number, Login login, List<HttpServer> servers) {
        this.number = number;
        this.login = login;
        this.servers = servers;
    }

    /**
     * Takes the first of these ports that is free, and serves there what {@code login} makes of its number.
     *
     * @throws IOException if none is free
     */
    static LoginPort open(EventLoops loops, List<Integer> ports, IntFunction<Login> login) throws IOException {
        for (int port : ports) {
            Login candidate = login.apply(port);
            Optional<HttpServer> first = listen(loops, "127.0.0.1", port, candidate);
            if (first.isEmpty()) {
                continue;
            }
            try {
                Optional<HttpServer> second = listen(loops, "::1", port, candidate);
                if (second.isPresent()) {
                    return new LoginPort(port, candidate, List.of(first.get(), second.get()));
                }
                first.get().close();
            } catch (IOException e) {
                log.debug("this machine speaks no IPv6: {}", e.getMessage());
                return new LoginPort(port, candidate, List.of(first.get()));
            }
        }
        String names = ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
        throw new IOException("other programs use all ports that a login can return to: " + names
                + "; stop one of them (`ss -ltnp` shows them; it may be another --dist-auth)");
    }

    /** Nothing if another program has the port. */
    private static Optional<HttpServer> listen(EventLoops loops, String address, int port, Login login)
            throws IOException {
        try {
            return Optional.of(HttpServer.start(
                    loops,
                    new InetSocketAddress(InetAddress.getByName(address), port),
                    Optional.empty(),
                    login.routes()));
        } catch (IOException e) {
            if (e.getCause() != null && Reason.of(e.getCause()).contains("in use")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    int number() {
        return number;
    }

    Login login() {
        return login;
    }

    @Override
    public void close() {
        servers.forEach(HttpServer::close);
    }
}
