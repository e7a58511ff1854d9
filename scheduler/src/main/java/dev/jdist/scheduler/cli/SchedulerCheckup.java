package dev.jdist.scheduler.cli;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.doctor.Checkup;
import dev.jdist.protocol.doctor.Findings;
import dev.jdist.protocol.doctor.MachineChecks;
import dev.jdist.protocol.doctor.SchedulerChecks;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.settings.Role;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.settings.SchedulerConfig.ClientAuth;
import dev.jdist.protocol.settings.SchedulerConfig.ServerAuth;
import dev.jdist.protocol.settings.SchedulerConfig.Tls;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.ClientAuthenticator;
import dev.jdist.scheduler.auth.NamedToken;
import dev.jdist.scheduler.auth.TokenFile;
import dev.jdist.scheduler.auth.WebServers;
import dev.jdist.scheduler.tls.SchedulerIdentity;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** {@code jdist doctor} on a scheduler: whether the others can reach it, and it the login server. */
public final class SchedulerCheckup implements Checkup {
    private static final Duration END_IS_NEAR = Duration.ofDays(14);
    private static final String TOKEN_REMEDY = "jdist auth generate-shared-token, into [%s] here and [%s] there";

    @Override
    public Role role() {
        return Role.SCHEDULER;
    }

    @Override
    public void examine(Path file, Environment environment, Findings findings) throws InterruptedException {
        SchedulerConfig config;
        try {
            config = SchedulerConfig.read(file);
        } catch (ConfigException e) {
            findings.fault("settings", e.getMessage(), "mend that line of the file; docs/settings.md lists all keys");
            return;
        }
        findings.ok("settings", "in order");
        address(config.publicAddr(), findings);
        tokens(config, findings);
        Optional<CertificatePin> pin = tls(config, findings);
        try (SchedulerChecks checks = new SchedulerChecks()) {
            port(config, pin, checks, findings);
            logins(config.clientAuth(), checks, findings);
        }
    }

    private static void address(ServerId address, Findings findings) {
        if (!MachineChecks.isLocal(address.ip())) {
            findings.fault(
                    "address",
                    "public_addr = " + address + " is no address of this machine",
                    "let it be one (ip -brief address), or 0.0.0.0:" + address.port() + " for all of them");
        } else if (address.ip().isLoopbackAddress()) {
            findings.ok("address", "public_addr = " + address + ": only this machine reaches it", "0.0.0.0 is for all");
        } else {
            findings.ok("address", "public_addr = " + address + " is this machine's");
        }
    }

    private static void tokens(SchedulerConfig config, Findings findings) {
        if (config.clientAuth() instanceof ClientAuth.Insecure) {
            findings.warning(
                    "tokens",
                    "DANGEROUSLY_INSECURE client_auth: who reaches this port can run commands on the farm",
                    TOKEN_REMEDY.formatted("client_auth", "dist.auth"));
        }
        if (config.serverAuth() instanceof ServerAuth.Insecure) {
            findings.warning(
                    "tokens",
                    "DANGEROUSLY_INSECURE server_auth: who reaches this port can join as a builder",
                    TOKEN_REMEDY.formatted("server_auth", "scheduler_auth"));
        }
        config.tokens().ifPresent(path -> namedTokens(config, new TokenFile(path), findings));
    }

    private static void namedTokens(SchedulerConfig config, TokenFile file, Findings findings) {
        List<NamedToken> tokens;
        try {
            tokens = file.read().tokens();
        } catch (ConfigException e) {
            findings.fault("tokens", e.getMessage(), "let the file belong to who runs the scheduler, and mend it");
            return;
        }
        findings.ok("tokens", tokens.size() + " named tokens in " + file.path());
        boolean wantsClient = config.clientAuth() instanceof ClientAuth.NamedTokens;
        boolean wantsBuilder = config.serverAuth() instanceof ServerAuth.NamedTokens;
        if (wantsClient && tokens.stream().noneMatch(token -> token.kind() == NamedToken.Kind.CLIENT)) {
            findings.warning(
                    "tokens", "there is none of a client, so nobody can compile", "jdist token new --client NAME");
        }
        if (wantsBuilder && tokens.stream().noneMatch(token -> token.kind() == NamedToken.Kind.BUILDER)) {
            findings.warning(
                    "tokens", "there is none of a builder, so none can join", "jdist token new --builder NAME");
        }
    }

    /** What others have to write to pin it; nothing if they cannot. */
    private static Optional<CertificatePin> tls(SchedulerConfig config, Findings findings) {
        if (config.tls() instanceof Tls.Off) {
            boolean isLocal = config.publicAddr().ip().isLoopbackAddress();
            findings.ok(
                    "tls",
                    "plain http" + (isLocal ? "" : ": who reads the network reads tokens"),
                    isLocal ? "" : "tls = \"self-signed\" in [jdist], unless a VPN or a web server encrypts");
            return Optional.empty();
        }
        Optional<SchedulerIdentity> identity;
        try {
            identity = SchedulerIdentity.existing(config, Clock.systemUTC());
        } catch (StartupException e) {
            findings.fault("tls", e.getMessage(), "");
            return Optional.empty();
        }
        if (identity.isEmpty()) {
            findings.ok("tls", "the scheduler makes its key when it starts", "ask again then for its pin");
            return Optional.empty();
        }
        CertificatePin pin = identity.get().pin();
        Instant end = identity.get().certificate().getNotAfter().toInstant();
        String what = "https, with the " + identity.get() + ", good until " + end + "; scheduler_pin = \"" + pin + "\"";
        if (config.tls() instanceof Tls.Files && end.isBefore(Instant.now().plus(END_IS_NEAR))) {
            findings.warning("tls", what, "renew the certificate, and restart the scheduler");
        } else {
            findings.ok("tls", what);
        }
        return Optional.of(pin);
    }

    private static void port(
            SchedulerConfig config, Optional<CertificatePin> pin, SchedulerChecks checks, Findings findings)
            throws InterruptedException {
        ServerId address = config.publicAddr();
        switch (MachineChecks.port(findings, "public_addr", address)) {
            case FREE -> findings.ok("port", address + " is free: no scheduler runs at the moment");
            case TAKEN -> {
                HttpTarget.Scheduler url =
                        new HttpTarget.Scheduler(HttpUrl.parse(scheme(config) + reachable(address)), pin);
                if (!checks.answers(url)) {
                    MachineChecks.takenByAnother(findings, "public_addr", address);
                } else {
                    Optional<SchedulerStatus> status = checks.reach(findings, url);
                    if (status.isPresent() && status.get().numServers() == 0) {
                        findings.warning(
                                "builders",
                                "none has registered",
                                "jdist doctor --config server.conf, on the machine of a builder");
                    }
                }
            }
            default -> {} // it is among the findings
        }
    }

    private static String scheme(SchedulerConfig config) {
        return config.tls() instanceof Tls.Off ? "http://" : "https://";
    }

    /** Who listens on all addresses listens on this one. */
    private static String reachable(ServerId address) {
        return address.ip().isAnyLocalAddress() ? "127.0.0.1:" + address.port() : address.toString();
    }

    private static void logins(ClientAuth auth, SchedulerChecks checks, Findings findings) throws InterruptedException {
        HttpUrl url;
        if (auth instanceof ClientAuth.JwtValidate jwt) {
            url = jwt.jwksUrl();
        } else if (auth instanceof ClientAuth.ProxyToken proxy) {
            url = proxy.url();
        } else {
            return;
        }
        WebServers web = WebServers.over(checks.http());
        try {
            web.get(url, Optional.empty()).toCompletableFuture().get();
            ClientAuthenticator.of(auth, web).prepare();
            findings.ok("login", "the login server answers at " + url);
        } catch (ExecutionException e) {
            findings.fault(
                    "login", "the login server cannot be reached at " + url + ": " + Reason.of(e), "curl -v " + url);
        } catch (StartupException e) {
            findings.fault("login", e.getMessage(), "mend [client_auth]");
        }
    }
}
