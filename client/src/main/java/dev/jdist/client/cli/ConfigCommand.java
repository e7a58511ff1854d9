package dev.jdist.client.cli;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.daemon.ExitCode;
import dev.jdist.protocol.daemon.HelpOption;
import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.Role;
import dev.jdist.protocol.settings.SettingsListing;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jdist config show}: which settings are in force, and where each value comes from. */
@Command(
        name = "jdist config",
        description = "Shows the settings of a client, scheduler or builder",
        subcommands = ConfigCommand.Show.class)
final class ConfigCommand implements Callable<Integer> {
    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "say what to do: show");
    }

    /** As the command line names them. */
    private enum RoleName {
        client(Role.CLIENT),
        scheduler(Role.SCHEDULER),
        server(Role.BUILDER);

        private final Role role;

        RoleName(Role role) {
            this.role = role;
        }
    }

    @Command(
            name = "show",
            description =
                    "Prints every setting that is in force with where its value comes from: a line of the settings"
                            + " file, an environment variable, or the default. Secrets are not printed.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private HelpOption help;

        @Spec
        private CommandSpec spec;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "settings file; if none is named, the client's own, /etc/jdist/scheduler.conf or"
                        + " /etc/jdist/server.conf")
        private Path config;

        @Option(
                names = "--role",
                paramLabel = "ROLE",
                description = "client, scheduler or server; if it is not given, what the keys of the file tell")
        private RoleName role;

        @Option(names = "--json", description = "print them as JSON")
        private boolean json;

        @Override
        public Integer call() {
            Machine machine = Machine.ofThisProcess();
            try {
                Role whose = role();
                Path file = Optional.ofNullable(config).orElse(whose.usualFile(machine.environment()));
                SettingsListing listing = SettingsListing.of(whose, file, machine);
                spec.commandLine().getOut().print(json ? listing.toJson() + "\n" : listing.toText());
                spec.commandLine().getOut().flush();
                return ExitCode.OK;
            } catch (ConfigException e) {
                spec.commandLine().getErr().println("jdist config: error: " + e.getMessage());
                return ExitCode.CANNOT_START;
            }
        }

        private Role role() throws ConfigException {
            if (role != null) {
                return role.role;
            }
            return config == null ? Role.CLIENT : Role.of(config);
        }
    }
}
