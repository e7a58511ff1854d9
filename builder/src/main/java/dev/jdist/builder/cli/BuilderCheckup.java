package dev.jdist.builder.cli;

import dev.jdist.builder.farm.SchedulerLink;
import dev.jdist.builder.http.BuilderServer;
import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.doctor.Checkup;
import dev.jdist.protocol.doctor.Findings;
import dev.jdist.protocol.doctor.MachineChecks;
import dev.jdist.protocol.doctor.SchedulerChecks;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.Role;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.settings.ServerSettings;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.sandbox.bubblewrap.BubblewrapSandbox;
import dev.jdist.sandbox.bubblewrap.SandboxReport;
import dev.jdist.sandbox.bubblewrap.SandboxStrategy;
import dev.jdist.sandbox.docker.DockerEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** {@code jdist doctor} on a builder: whether the scheduler takes it, clients reach it, and jobs can run. */
public final class BuilderCheckup implements Checkup {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String ADDRESS_REMEDY =
            "let public_addr be this machine's own address (ip -brief address); behind NAT, set bind_address to that"
                    + " one";

    @Override
    public Role role() {
        return Role.BUILDER;
    }

    @Override
    public void examine(Path file, Environment environment, Findings findings) throws InterruptedException {
        ServerConfig config;
        try {
            config = ServerConfig.read(file, new Machine(Machine.ofThisProcess().isRoot(), environment));
        } catch (ConfigException e) {
            findings.fault("settings", e.getMessage(), "mend that line of the file; docs/settings.md lists all keys");
            return;
        }
        findings.ok("settings", "in order, for a builder that " + System.getProperty("user.name") + " runs");
        address(config, findings);
        try (SchedulerChecks scheduler = new SchedulerChecks()) {
            HttpTarget.Scheduler target = new HttpTarget.Scheduler(config.schedulerUrl(), config.schedulerPin());
            if (scheduler.reach(findings, target).isPresent()) {
                token(config, target, scheduler, findings);
            }
            port(config, scheduler.http(), findings);
        }
        MachineChecks.directory(findings, "cache_dir", config.cacheDir().toAbsolutePath());
        if (config.builder() instanceof ServerConfig.Overlay overlay) {
            MachineChecks.directory(findings, "build_dir", overlay.buildDir().toAbsolutePath());
            sandbox(overlay, findings);
        } else {
            docker((ServerConfig.Docker) config.builder(), config, findings);
        }
    }

    private static void address(ServerConfig config, Findings findings) {
        ServerId address = config.publicAddr();
        if (MachineChecks.isLocal(address.ip())) {
            findings.ok("address", "public_addr = " + address + " is this machine's");
        } else if (config.get(ServerSettings.BIND_ADDRESS).isPresent()) {
            findings.ok(
                    "address",
                    "public_addr = " + address + " is another machine's, which has to pass port " + address.port()
                            + " on to " + config.listenAddress());
        } else {
            findings.fault("address", "public_addr = " + address + " is no address of this machine", ADDRESS_REMEDY);
        }
    }

    private static void token(
            ServerConfig config, HttpTarget.Scheduler target, SchedulerChecks scheduler, Findings findings)
            throws InterruptedException {
        if (config.schedulerAuth() instanceof ServerConfig.SchedulerAuth.Insecure) {
            findings.warning(
                    "token",
                    "DANGEROUSLY_INSECURE: the scheduler takes anybody for a builder",
                    "jdist auth generate-shared-token, into [server_auth] there and [scheduler_auth] here");
        }
        try {
            scheduler.token(
                    findings,
                    target,
                    Endpoints.HEARTBEAT,
                    SchedulerLink.token(config),
                    "let [scheduler_auth] here match [server_auth] there, and public_addr be the address under which"
                            + " the scheduler sees this machine; the scheduler's log says which of the two it is");
        } catch (StartupException e) {
            findings.fault("token", e.getMessage(), "");
        }
    }

    private static void port(ServerConfig config, HttpClient http, Findings findings) throws InterruptedException {
        ServerId address = config.listenAddress();
        switch (MachineChecks.port(findings, "the builder's address", address)) {
            case FREE -> findings.ok("port", address + " is free: no builder runs at the moment");
            case TAKEN -> {
                if (isOurs(config, http)) {
                    findings.ok("port", "a builder with this cache_dir listens on " + address);
                } else {
                    MachineChecks.takenByAnother(findings, "the builder's address", address);
                }
            }
            default -> {} // it is among the findings
        }
    }

    /** Whether who listens has the certificate that lies in {@code cache_dir}. */
    private static boolean isOurs(ServerConfig config, HttpClient http) throws InterruptedException {
        ServerId listens = config.listenAddress();
        ServerId address = listens.ip().isAnyLocalAddress()
                ? new ServerId(InetAddress.getLoopbackAddress(), listens.port())
                : listens;
        try {
            Optional<ServerIdentity> identity =
                    ServerIdentity.load(config.cacheDir().resolve(BuilderServer.IDENTITY_FILE));
            if (identity.isEmpty()) {
                return false;
            }
            HttpTarget target = new HttpTarget.Builder(address, identity.get().toServerCertificate());
            return http.call(HttpCall.get(target, Endpoints.STATUS).within(TIMEOUT))
                    .fromJdist();
        } catch (IOException e) {
            return false;
        }
    }

    private static void sandbox(ServerConfig.Overlay overlay, Findings findings) throws InterruptedException {
        // Not that of a builder, which may be running.
        Path scratch = overlay.buildDir()
                .toAbsolutePath()
                .resolve("doctor-" + ProcessHandle.current().pid());
        try (BubblewrapSandbox sandbox = BubblewrapSandbox.open(
                ServerCommand.helper(),
                overlay.bwrapPath(),
                scratch,
                false,
                ServerCommand.wanted(overlay, 1, Optional.empty()))) {
            report(sandbox.report(), findings);
            if (sandbox.limitsMemoryAndProcesses()) {
                findings.ok("cgroups", "the kernel limits memory and processes of jobs");
            } else {
                findings.warning(
                        "cgroups",
                        "memory and processes of jobs are looked at ten times a second, and not limited by the kernel",
                        "give the builder a cgroup of its own: Delegate=yes in its systemd unit");
            }
        } catch (IOException | StartupException e) {
            findings.fault("sandbox", Reason.of(e), "");
        } finally {
            removeIfEmpty(scratch);
        }
    }

    private static void report(SandboxReport report, Findings findings) {
        findings.ok("sandbox", "jobs run in sandboxes of the kind " + report.chosen());
        boolean overlay = report.chosen() != SandboxStrategy.DIRECTORY;
        for (SandboxReport.Rejection rejection : report.rejected()) {
            String what = "not of the better kind " + rejection.strategy() + ": " + rejection.complaint();
            if (overlay) {
                findings.ok("sandbox", what, rejection.remedy());
            } else {
                findings.warning("sandbox", what, rejection.remedy());
            }
        }
        Optional<SandboxReport.Lack> unfiltered = report.unfiltered();
        if (unfiltered.isPresent()) {
            findings.warning(
                    "seccomp",
                    "system calls of jobs are not filtered: " + unfiltered.get().complaint(),
                    unfiltered.get().remedy());
        } else {
            findings.ok("seccomp", "system calls of jobs are filtered");
        }
        report.asBuilder()
                .ifPresent(why -> findings.warning(
                        "user", "jobs run as the builder's own user: " + why.complaint(), why.remedy()));
    }

    private static void removeIfEmpty(Path scratch) {
        try {
            Files.deleteIfExists(scratch);
        } catch (IOException e) {
            // The next one that finds it there can do no better.
        }
    }

    private static void docker(ServerConfig.Docker docker, ServerConfig config, Findings findings)
            throws InterruptedException {
        // Not the builder's own name: what bears it is removed.
        String owner =
                config.publicAddr() + "-doctor-" + ProcessHandle.current().pid();
        try (DockerEngine engine = DockerEngine.open(
                ServerCommand.helper(),
                owner,
                Optional.empty(),
                docker.arguments(),
                ServerCommand.rules(config).limits())) {
            findings.ok("docker", "the engine runs containers for jobs");
        } catch (IOException | StartupException e) {
            findings.fault("docker", Reason.of(e), "");
        }
    }
}
