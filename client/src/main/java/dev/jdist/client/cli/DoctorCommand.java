package dev.jdist.client.cli;

import ch.qos.logback.classic.Level;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.daemon.ExitCode;
import dev.jdist.protocol.daemon.HelpOption;
import dev.jdist.protocol.daemon.Logging;
import dev.jdist.protocol.daemon.Starter;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.doctor.Checkup;
import dev.jdist.protocol.doctor.Findings;
import dev.jdist.protocol.settings.Role;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jdist doctor}: looks for what is wrong with this machine, as what it is in the farm. */
@Command(
        name = "jdist doctor",
        description = "Checks this machine as a client, scheduler or builder, by the settings file that is named,"
                + " and says how to mend what is wrong. Ends with 1 if something is.")
public final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private HelpOption help;

    @Option(
            names = "--config",
            paramLabel = "PATH",
            description = "settings of a scheduler, a builder or a client; the client's own if none are named")
    private Path config;

    @Option(names = "--json", description = "print what was found as JSON")
    private boolean json;

    @Override
    public Integer call() throws StartupException, InterruptedException {
        Environment environment = Environment.ofProcess();
        // What a daemon logs of its start is what is found out here, in other words.
        Logging.start(environment, "client", Starter.TERMINAL, Level.ERROR, Optional.empty());
        Path file = Optional.ofNullable(config).orElseGet(environment::clientConfigFile);
        Findings findings = new Findings();
        Role role = Role.CLIENT;
        try {
            role = config == null ? Role.CLIENT : Role.of(config);
            checkup(role).examine(file, environment, findings);
        } catch (ConfigException e) {
            findings.fault("settings", e.getMessage(), "name a settings file after --config");
        }
        String title = "This machine as a " + role + " (" + file + "):";
        System.out.print(json ? findings.toJson(role, file.toString()) + "\n" : findings.toText(title));
        return findings.hasFault() ? ExitCode.FAILURE : ExitCode.OK;
    }

    /** The modules of scheduler and builder are unknown here, but lie beside this one. */
    private static Checkup checkup(Role role) throws StartupException {
        return ServiceLoader.load(Checkup.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(checkup -> checkup.role() == role)
                .findFirst()
                .orElseThrow(() -> new StartupException("the " + role + "'s part of jdist is not installed in lib"));
    }
}
