package dev.jdist.scheduler.provision;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.NamedToken;
import dev.jdist.scheduler.auth.TokenFile;
import dev.jdist.scheduler.tls.SchedulerIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;

/** The scheduler of this machine: its settings, its file of tokens, and what it answers. */
final class LocalScheduler implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int OK = 200;

    private final Path settings;
    private final ServerId publicAddress;
    private final TokenFile tokens;
    private final SchedulerConfig.Tls tls;
    /** The pin of a scheduler that speaks TLS; nothing if it has no key yet. */
    private final Optional<CertificatePin> pin;

    private final EventLoops loops = EventLoops.start(1);
    private final HttpClient http = new HttpClient(loops);

    private LocalScheduler(
            Path settings,
            ServerId publicAddress,
            TokenFile tokens,
            SchedulerConfig.Tls tls,
            Optional<CertificatePin> pin) {
        this.settings = settings;
        this.publicAddress = publicAddress;
        this.tokens = tokens;
        this.tls = tls;
        this.pin = pin;
    }

    /** @throws ConfigException if the settings or the tokens cannot be read, or no file of tokens is named */
    static LocalScheduler of(Path settings) throws ConfigException {
        if (Files.exists(settings) && !Files.isReadable(settings)) {
            throw new ConfigException(settings
                    + ": cannot be read: permission denied; do this as root (sudo), or as the owner of the file");
        }
        SchedulerConfig config = SchedulerConfig.read(settings);
        if (config.tokens().isEmpty()) {
            throw new ConfigException(settings + ": names no file of tokens; write [jdist] and below it"
                    + " tokens = \"/etc/jdist/tokens\", and restart the scheduler");
        }
        TokenFile tokens = new TokenFile(config.tokens().get());
        tokens.read();
        try {
            return new LocalScheduler(
                    settings,
                    config.publicAddr(),
                    tokens,
                    config.tls(),
                    SchedulerIdentity.existing(config, Clock.systemUTC()).map(SchedulerIdentity::pin));
        } catch (StartupException e) {
            throw new ConfigException(settings + ": " + e.getMessage(), e);
        }
    }

    /** @param byName whether builders get a URL that a person wrote, so that a certificate of others has its name */
    SchedulerPort port(boolean byName) {
        boolean isPinned = tls instanceof SchedulerConfig.Tls.SelfSigned || !byName;
        return new SchedulerPort(port(), !(tls instanceof SchedulerConfig.Tls.Off), isPinned ? pin : Optional.empty());
    }

    int port() {
        return publicAddress.port();
    }

    /** Its address for others; a dash if it is not to be read from the settings. */
    String ip() {
        InetAddress ip = publicAddress.ip();
        return ip.isAnyLocalAddress() || ip.isLoopbackAddress() ? "-" : ip.getHostAddress();
    }

    /** @throws StartupException if no other machine can reach it by its public_addr */
    void mustBeReachable() throws StartupException {
        if (publicAddress.ip().isLoopbackAddress()) {
            throw new StartupException(settings + ": public_addr = \"" + publicAddress
                    + "\" can be reached by this machine alone; write its own address there (ip -brief address), or"
                    + " 0.0.0.0:" + port() + ", and restart the scheduler");
        }
    }

    /** @throws StartupException if it does not run */
    void mustRun() throws StartupException, InterruptedException {
        try {
            status();
        } catch (IOException e) {
            throw new StartupException(
                    "no scheduler answers at " + localAddress() + "; start it first, with " + settings + " ("
                            + e.getMessage() + ")",
                    e);
        }
    }

    /** Whether it has heard of a builder lately. */
    boolean counts(ServerId builder) throws InterruptedException {
        try {
            // On this question it forgets builders of which it has not heard for long.
            status();
            return http.call(HttpCall.get(target(), Endpoints.SERVER_CERTIFICATE + builder)
                                    .within(TIMEOUT))
                            .status()
                    == OK;
        } catch (IOException e) {
            return false;
        }
    }

    /** For the person. */
    String farmSize() throws InterruptedException {
        try {
            SchedulerStatus status = status();
            return status.numServers() + " builders, " + status.numCpus() + " CPUs";
        } catch (IOException e) {
            return "it does not answer at the moment";
        }
    }

    private SchedulerStatus status() throws IOException, InterruptedException {
        return http.call(HttpCall.get(target(), Endpoints.STATUS).within(TIMEOUT))
                .decode(SchedulerStatus::decode);
    }

    private HttpTarget target() {
        return new HttpTarget.Scheduler(HttpUrl.parse(port(false).scheme() + localAddress()), pin);
    }

    private String localAddress() {
        return publicAddress.ip().isAnyLocalAddress() ? "127.0.0.1:" + port() : publicAddress.toString();
    }

    Optional<NamedToken> token(String name) throws ConfigException {
        return tokens.read().named(name);
    }

    /** A new token that only this builder can use, in the place of the one with that name. */
    Secret makeToken(String name, ServerId builder) throws ConfigException, StartupException, IOException {
        Secret secret = NamedToken.draw();
        NamedToken token = new NamedToken(
                name,
                NamedToken.Kind.BUILDER,
                Optional.of(builder),
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                Optional.empty(),
                NamedToken.digestOf(secret.value()));
        tokens.change(settings, before -> before.with(token));
        return secret;
    }

    /** Nothing happens if no builder has a token of that name. */
    void revoke(String name) throws ConfigException, StartupException, IOException {
        if (token(name).filter(token -> token.kind() == NamedToken.Kind.BUILDER).isPresent()) {
            tokens.change(settings, before -> before.without(Set.of(name)));
        }
    }

    @Override
    public void close() {
        http.close();
        loops.close();
    }
}
