package dev.jdist.scheduler.cli;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.daemon.DaemonCommand;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.settings.ExposedSecrets;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.scheduler.http.SchedulerServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** {@code jdist scheduler --config PATH}. */
@Command(
        name = "scheduler",
        description = "Launch as a scheduler, to dispatch distributed builds across multiple servers")
public final class SchedulerCommand extends DaemonCommand<SchedulerConfig> {
    private static final Logger log = LoggerFactory.getLogger(SchedulerCommand.class);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    SchedulerCommand() {
        super("scheduler", STOP_TIMEOUT);
    }

    @Override
    protected SchedulerConfig read(Path file) throws ConfigException {
        return SchedulerConfig.read(file);
    }

    @Override
    protected void warnOfInsecurity(SchedulerConfig settings) {
        ExposedSecrets.warning(settings.values()).ifPresent(log::warn);
        if (settings.serverAuth() instanceof SchedulerConfig.ServerAuth.Insecure) {
            log.warn("DANGEROUSLY_INSECURE server_auth: anybody who reaches this port can join as a builder");
        }
        if (settings.clientAuth() instanceof SchedulerConfig.ClientAuth.Insecure) {
            log.warn("DANGEROUSLY_INSECURE client_auth: anybody who reaches this port can run commands on the farm");
        }
    }

    @Override
    protected void serve(SchedulerConfig settings, Listening listening)
            throws IOException, StartupException, InterruptedException {
        try (SchedulerServer server = SchedulerServer.start(settings)) {
            listening.at(settings.publicAddr());
        }
    }
}
