package dev.jdist.scheduler.cli;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.daemon.ExitCode;
import dev.jdist.protocol.daemon.HelpOption;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.scheduler.auth.NamedToken;
import dev.jdist.scheduler.provision.BuilderRequest;
import dev.jdist.scheduler.provision.BuilderSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jdist builder …}: makes another machine a builder of the farm, over ssh, or takes that back. */
@Command(
        name = "builder",
        description = "Make another machine a builder of the farm, over ssh; to be called on the scheduler's machine",
        subcommands = {BuilderCommand.Add.class, BuilderCommand.Remove.class})
public final class BuilderCommand implements Callable<Integer> {
    @Mixin
    private HelpOption help;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "say what to do: add or remove");
    }

    /** What the two have in common: the scheduler, the machine, and how they end. */
    private abstract static class OnAMachine implements Callable<Integer> {
        @Mixin
        private HelpOption help;

        @Spec
        private CommandSpec spec;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                defaultValue = "/etc/jdist/scheduler.conf",
                description =
                        "the scheduler's settings; ${DEFAULT-VALUE} if not given. They have to name a file of tokens")
        private Path config;

        @Option(
                names = "--port",
                paramLabel = "PORT",
                defaultValue = "" + BuilderRequest.DEFAULT_PORT,
                description = "of the builder; ${DEFAULT-VALUE} if not given")
        int port;

        @Option(names = "--name", paramLabel = "NAME", description = "of the builder's token; HOST if not given")
        private String name;

        @Option(
                names = "--ssh",
                paramLabel = "COMMAND",
                defaultValue = "ssh",
                description = "such as 'ssh -p 2222 -i KEY'; ${DEFAULT-VALUE} if not given")
        private String ssh;

        @Option(names = "--dry-run", description = "look, show what would be done, and leave it at that")
        boolean dryRun;

        @Parameters(paramLabel = "[USER@]HOST", arity = "1", description = "the machine, as ssh takes it")
        String destination;

        /** @throws IllegalArgumentException if the options contradict each other */
        void check() {
            BuilderRequest.checkDestination(destination);
            BuilderRequest.checkPort(port);
            NamedToken.checkName(tokenName());
            if (ssh.isBlank()) {
                throw new IllegalArgumentException("--ssh names no command");
            }
        }

        abstract void run(BuilderSession session)
                throws ConfigException, StartupException, IOException, InterruptedException;

        final String tokenName() {
            return name == null ? BuilderRequest.tokenNameOf(destination, port) : name;
        }

        @Override
        public final Integer call() throws InterruptedException {
            try {
                check();
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage(), e);
            }
            try (BuilderSession session =
                    BuilderSession.open(config, destination, List.of(ssh.strip().split("\\s+")), this::say)) {
                // Interrupted, it leaves no token without a builder, no connection and no files.
                Runtime.getRuntime().addShutdownHook(new Thread(session::close, "close"));
                run(session);
                return ExitCode.OK;
            } catch (ConfigException e) {
                complain(e.getMessage());
                return ExitCode.CANNOT_START;
            } catch (StartupException e) {
                complain(e.getMessage());
                return ExitCode.FAILURE;
            } catch (IOException e) {
                // Its message alone may be no more than the name of a file.
                complain("a file of this machine cannot be read or written: " + e);
                return ExitCode.FAILURE;
            }
        }

        private void say(String text) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("jdist builder: " + text);
            out.flush();
        }

        /** Lines that begin with a space are what another program printed. */
        private void complain(String message) {
            PrintWriter err = spec.commandLine().getErr();
            message.lines().forEach(line -> err.println(line.startsWith(" ") ? line : "jdist builder: error: " + line));
            err.flush();
        }
    }

    @Command(
            name = "add",
            description = {
                "Make a machine a builder: install jdist there, write its settings with a token of its own, start the"
                        + " service, and wait until the scheduler counts it.",
                "The same call once more changes nothing, or mends what is not as it should be."
            })
    static final class Add extends OnAMachine {
        @Option(
                names = "--archive",
                paramLabel = "FILE",
                description =
                        "the jdist-VERSION-linux-ARCH.tar.gz to unpack there; the one beside this jdist if not given")
        private Path archive;

        @Option(
                names = "--package",
                paramLabel = "FILE",
                description = "instead of it, a Debian package to install there; once for each")
        private List<Path> packages = new ArrayList<>();

        @Option(
                names = "--address",
                paramLabel = "IP",
                description = "of the builder, for clients and the scheduler; the one by which it reaches the scheduler"
                        + " if not given")
        private String address;

        @Option(
                names = "--scheduler-url",
                paramLabel = "URL",
                description = "of the scheduler, as the builder reaches it; by public_addr if not given")
        private String schedulerUrl;

        @Option(
                names = "--prefix",
                paramLabel = "DIRECTORY",
                description =
                        "where to unpack there; /opt/jdist for root, ~/.local/share/jdist for others, if not given")
        private String prefix;

        @Option(names = "--user", description = "without root there, even where sudo would work")
        private boolean withoutRoot;

        @Option(
                names = "--wait",
                paramLabel = "SECONDS",
                defaultValue = "60",
                description = "for the scheduler to count it; ${DEFAULT-VALUE} if not given")
        private int wait;

        private static final int MOST_SECONDS = 86_400;

        @Override
        void check() {
            super.check();
            request();
            if (wait < 1 || wait > MOST_SECONDS) {
                throw new IllegalArgumentException("--wait " + wait + " is not between 1 and " + MOST_SECONDS);
            }
        }

        private BuilderRequest request() {
            return new BuilderRequest(
                    destination,
                    Optional.ofNullable(archive),
                    packages,
                    Optional.ofNullable(address),
                    port,
                    Optional.ofNullable(schedulerUrl),
                    tokenName(),
                    Optional.ofNullable(prefix),
                    withoutRoot);
        }

        @Override
        void run(BuilderSession session) throws ConfigException, StartupException, IOException, InterruptedException {
            Optional<Path> home =
                    Optional.ofNullable(System.getProperty("jdist.home")).map(Path::of);
            session.add(request(), home, dryRun, Duration.ofSeconds(wait));
        }
    }

    @Command(
            name = "remove",
            description = "Take back what add did: stop the builder, remove what was written, and revoke its token")
    static final class Remove extends OnAMachine {
        @Override
        void run(BuilderSession session) throws ConfigException, StartupException, IOException, InterruptedException {
            session.remove(tokenName(), dryRun);
        }
    }
}
