package dev.jdist.client.cli;

import ch.qos.logback.classic.Level;
import dev.jdist.client.cache.ManifestListing;
import dev.jdist.client.daemon.ClientDaemon;
import dev.jdist.client.daemon.ClientOptions;
import dev.jdist.client.daemon.ControlService;
import dev.jdist.client.daemon.StartupResult;
import dev.jdist.client.login.CachedConfig;
import dev.jdist.client.login.DistAuth;
import dev.jdist.client.login.LoginException;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.daemon.ExitCode;
import dev.jdist.protocol.daemon.Logging;
import dev.jdist.protocol.daemon.Shutdown;
import dev.jdist.protocol.daemon.Starter;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.settings.ClientConfig;
import dev.jdist.protocol.settings.ExposedSecrets;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** What {@code jdist} does apart from compiling, where the launcher does not do it itself. */
public final class ClientMain {
    private static final Logger log = LoggerFactory.getLogger(ClientMain.class);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

    private ClientMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        List<String> words = List.of(arguments);
        System.exit(
                switch (words.isEmpty() ? "" : words.get(0)) {
                    case "doctor" -> execute(new DoctorCommand(), words);
                    case "config" -> execute(new ConfigCommand(), words);
                    default -> run(words);
                });
    }

    /** @param words the name of the command, and its options */
    private static int execute(Object command, List<String> words) {
        return new CommandLine(command).execute(words.stream().skip(1).toArray(String[]::new));
    }

    private static int run(List<String> arguments) throws InterruptedException {
        ClientOptions options = ClientOptions.parse(arguments);
        if (options.problem().isPresent()) {
            System.err.print(options.problem().get());
            return ExitCode.CANNOT_START;
        }
        Environment environment = Environment.ofProcess();
        Starter starter = Starter.ofThisProcess();
        try {
            return switch (options.action()) {
                case HELP -> {
                    System.out.print(ClientOptions.help());
                    yield ExitCode.OK;
                }
                case DAEMON -> daemon(options, environment, starter);
                case PACKAGE_TOOLCHAIN -> packageToolchain(options.packageToolchain(), environment);
                case DEBUG_PREPROCESSOR_CACHE -> {
                    ManifestListing.print(
                            ClientConfig.inForce(environment).cache().directory(), System.out);
                    yield ExitCode.OK;
                }
                case DIST_AUTH -> distAuth(environment);
                case SHOW_STATS, SHOW_ADV_STATS -> {
                    System.out.print(ControlService.withoutDaemon(arguments));
                    yield ExitCode.OK;
                }
                case STOP_SERVER -> {
                    System.out.println("Stopping jdist server...");
                    throw new StartupException("couldn't connect to server: no client daemon runs");
                }
                case DIST_STATUS, ZERO_STATS, START_SERVER ->
                    throw new StartupException("no client daemon runs, and none could be started");
            };
        } catch (ConfigException | StartupException | IOException e) {
            starter.failed("jdist", Reason.of(e));
            return ExitCode.CANNOT_START;
        }
    }

    private static int daemon(ClientOptions options, Environment environment, Starter starter)
            throws ConfigException, StartupException, IOException, InterruptedException {
        try (Shutdown shutdown = Shutdown.onSignal(STOP_TIMEOUT);
                ClientDaemon daemon = startDaemon(options, environment, starter, shutdown)) {
            starter.ready(options.daemonSocket());
            shutdown.await();
            log.info("stopping");
        }
        return ExitCode.OK;
    }

    private static ClientDaemon startDaemon(
            ClientOptions options, Environment environment, Starter starter, Shutdown shutdown)
            throws ConfigException, StartupException, IOException {
        Optional<Path> observer = options.startupNotify();
        ClientDaemon daemon;
        try {
            daemon = startDaemon(options.daemonSocket(), options.view(), environment, starter, shutdown);
        } catch (ConfigException | StartupException | IOException e) {
            observer.ifPresent(path -> tellFailure(e, path));
            throw e;
        }
        try {
            if (observer.isPresent()) {
                new StartupResult.Listening(options.daemonSocket()).tell(observer.get());
            }
            return daemon;
        } catch (IOException e) {
            // Who does not hear of this daemon believes that there is none, and may start another one.
            daemon.close();
            throw e;
        }
    }

    private static void tellFailure(Exception failure, Path observer) {
        try {
            StartupResult.of(failure).tell(observer);
        } catch (IOException unheard) {
            failure.addSuppressed(unheard);
        }
    }

    private static ClientDaemon startDaemon(
            String socket, String view, Environment environment, Starter starter, Shutdown shutdown)
            throws ConfigException, StartupException, IOException {
        if (socket.isEmpty()) {
            throw new StartupException(
                    "no private directory for the socket; set XDG_RUNTIME_DIR or an absolute SCCACHE_SERVER_UDS");
        }
        ClientConfig config = ClientConfig.inForce(environment);
        starter.allow(config.startupTimeout());
        Logging.start(environment, "client", starter, Level.WARN, Optional.empty());
        log.info("starting with {}", config);
        if (!config.cache().unused().isEmpty()) {
            log.warn(
                    "not used by this version: [cache] {}",
                    String.join(", ", config.cache().unused()));
        }
        ExposedSecrets.warning(config.values()).ifPresent(log::warn);
        ClientDaemon daemon = ClientDaemon.start(config, environment, Path.of(socket), view, shutdown);
        log.info("listening on {}", socket);
        return daemon;
    }

    private static int packageToolchain(List<String> words, Environment environment)
            throws StartupException, IOException, InterruptedException {
        Logging.start(environment, "client", Starter.TERMINAL, Level.WARN, Optional.empty());
        ToolchainCommand.run(words.get(0), Path.of(words.get(1)));
        return ExitCode.OK;
    }

    private static int distAuth(Environment environment)
            throws ConfigException, StartupException, IOException, InterruptedException {
        if (!(ClientConfig.inForce(environment).dist().auth() instanceof ClientConfig.OAuth auth)) {
            System.out.println("No authentication needed for type 'token'");
            return ExitCode.OK;
        }
        Logging.start(environment, "client", Starter.TERMINAL, Level.WARN, Optional.empty());
        try {
            DistAuth.onTerminal(new CachedConfig(environment.cachedConfigFile()))
                    .run(auth);
            return ExitCode.OK;
        } catch (LoginException e) {
            System.err.println("jdist: error: " + e.getMessage());
            return ExitCode.FAILURE;
        }
    }
}
