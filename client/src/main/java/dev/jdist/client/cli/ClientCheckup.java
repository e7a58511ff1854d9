package dev.jdist.client.cli;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.daemon.ClientDaemon;
import dev.jdist.client.execution.sccache.FarmToken;
import dev.jdist.client.login.CachedConfig;
import dev.jdist.client.toolchain.PackingProgress;
import dev.jdist.client.toolchain.ToolchainPackager;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.doctor.Checkup;
import dev.jdist.protocol.doctor.Findings;
import dev.jdist.protocol.doctor.MachineChecks;
import dev.jdist.protocol.doctor.SchedulerChecks;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.settings.ClientConfig;
import dev.jdist.protocol.settings.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code jdist doctor} on a client: whether there is a farm to use, and a compiler to send there. */
public final class ClientCheckup implements Checkup {
    private static final List<String> COMPILERS = List.of("gcc", "clang");

    @Override
    public Role role() {
        return Role.CLIENT;
    }

    @Override
    public void examine(Path file, Environment environment, Findings findings) throws InterruptedException {
        ClientConfig config;
        try {
            config = Files.exists(file) ? ClientConfig.read(file, environment) : ClientConfig.defaults(environment);
        } catch (ConfigException e) {
            findings.fault("settings", e.getMessage(), "mend that; docs/settings.md lists all keys and variables");
            return;
        }
        findings.ok("settings", Files.exists(file) ? "in order" : "there is no file " + file + ": defaults hold");
        Optional<HttpUrl> scheduler = config.dist().schedulerUrl();
        if (scheduler.isPresent()) {
            farm(
                    new HttpTarget.Scheduler(scheduler.get(), config.dist().schedulerPin()),
                    config.dist(),
                    environment,
                    findings);
            MachineChecks.directory(
                    findings, "dist.cache_dir", config.dist().cacheDir().toAbsolutePath());
        } else {
            findings.warning(
                    "scheduler",
                    "none is set: nothing is distributed",
                    "write scheduler_url = \"http://ADDRESS:10600\" into [dist] of " + file
                            + ", then jdist --stop-server");
        }
        MachineChecks.directory(
                findings, "cache.disk.dir", config.cache().directory().toAbsolutePath());
        compilers(environment, findings);
    }

    private static void farm(
            HttpTarget.Scheduler target, ClientConfig.Dist dist, Environment environment, Findings findings)
            throws InterruptedException {
        try (SchedulerChecks scheduler = new SchedulerChecks()) {
            Optional<SchedulerStatus> status = scheduler.reach(findings, target, dist.builders());
            if (status.isEmpty()) {
                return;
            }
            if (status.get().numServers() == 0) {
                findings.fault(
                        "builders",
                        dist.builders().isAny()
                                ? "the scheduler knows none: everything is compiled here"
                                : "the scheduler knows none of those in [jdist] builders: everything is compiled here",
                        "jdist doctor --config server.conf, on the machine of a builder");
            }
            FarmToken token = ClientDaemon.token(dist, new CachedConfig(environment.cachedConfigFile()));
            Optional<Secret> shown = token.current();
            if (shown.isPresent()) {
                scheduler.token(
                        findings,
                        target,
                        Endpoints.ALLOC_JOB,
                        shown.get(),
                        "the scheduler refuses " + token.whenRefused());
            } else {
                findings.fault("token", "nobody has logged in", "jdist --dist-auth");
            }
        }
    }

    private static void compilers(Environment environment, Findings findings) throws InterruptedException {
        List<String> there = COMPILERS.stream()
                .filter(name -> environment.onPath(name).isPresent())
                .toList();
        if (there.isEmpty()) {
            findings.fault("compiler", "there is neither gcc nor clang in PATH", "apt install g++");
        }
        for (String name : there) {
            try {
                Compiler compiler = NamedCompiler.identify(name);
                ToolchainPackager.write(compiler, OutputStream.nullOutputStream(), PackingProgress.UNSEEN);
                findings.ok("compiler", compiler.path() + " can be packed for builders");
            } catch (IOException | StartupException e) {
                findings.fault(
                        "compiler",
                        name + " cannot be packed for builders: " + e.getMessage(),
                        "jdist --package-toolchain " + name + " /tmp/" + name
                                + ".tar.gz tells more; reinstall it, or put" + " another one before it in PATH");
            }
        }
    }
}
