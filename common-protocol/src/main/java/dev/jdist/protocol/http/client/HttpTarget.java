package dev.jdist.protocol.http.client;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.wire.ServerId;
import java.util.Optional;

/** Where a call goes and whom to believe there. */
public sealed interface HttpTarget {
    String host();

    int port();

    /** What to put into the Host header. */
    String authority();

    /** Whether to speak TLS. */
    boolean secure();

    /** Whether jdist may be at the other end: others are not told of it. */
    default boolean mayBeJdist() {
        return true;
    }

    /** What is reached by its URL alone. */
    sealed interface ByUrl extends HttpTarget {
        HttpUrl url();

        @Override
        default String host() {
            return url().bareHost();
        }

        @Override
        default int port() {
            return url().port();
        }

        @Override
        default String authority() {
            return url().authority();
        }

        @Override
        default boolean secure() {
            return url().secure();
        }
    }

    /**
     * A scheduler, by its URL.
     *
     * @param pin the key that it must have; without one it is believed if this machine believes it
     */
    record Scheduler(HttpUrl url, Optional<CertificatePin> pin) implements ByUrl {
        public Scheduler(HttpUrl url) {
            this(url, Optional.empty());
        }

        @Override
        public String toString() {
            return "scheduler " + url;
        }
    }

    /** Somebody else's server, such as one where people log in. Believed if this machine believes it. */
    record Web(HttpUrl url) implements ByUrl {
        @Override
        public boolean mayBeJdist() {
            return false;
        }

        @Override
        public String toString() {
            return url.toString();
        }
    }

    /** A builder, always https, by the certificate that the scheduler has of it. */
    record Builder(ServerId server, ServerCertificate certificate) implements HttpTarget {
        @Override
        public String host() {
            return server.ip().getHostAddress();
        }

        @Override
        public int port() {
            return server.port();
        }

        @Override
        public String authority() {
            return server.toString();
        }

        @Override
        public boolean secure() {
            return true;
        }

        @Override
        public String toString() {
            return "builder " + server;
        }
    }
}
