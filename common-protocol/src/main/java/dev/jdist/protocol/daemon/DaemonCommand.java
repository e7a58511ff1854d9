package dev.jdist.protocol.daemon;

import ch.qos.logback.classic.Level;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A program that serves until it is told to stop: its options, and the order in which it starts. A program that cannot
 * start tells its starter why and ends with {@link ExitCode#CANNOT_START}.
 *
 * @param <S> its settings, which print themselves without their secrets
 */
public abstract class DaemonCommand<S> implements Callable<Integer> {
    private final Logger log = LoggerFactory.getLogger(getClass());
    private final String name;
    private final Duration stopTimeout;

    @Mixin
    private HelpOption help;

    @Option(names = "--config", required = true, paramLabel = "PATH", description = "the settings file")
    private Path config;

    @Option(
            names = "--syslog",
            paramLabel = "LEVEL",
            description = "log to the syslog too: error, warn, info, debug or trace")
    private SyslogLevel syslog;

    /** What a server does once it listens. */
    public interface Listening {
        /** Says that the program serves at this address, and returns when it is to stop. */
        void at(ServerId address) throws InterruptedException;

        /** See {@link Shutdown#awaitInPeace}. */
        boolean awaitInPeace(CompletionStage<Void> work, Duration most) throws InterruptedException;
    }

    /**
     * @param name what stands after {@code jdist} on the command line
     * @param stopTimeout how long closing everything may take
     */
    protected DaemonCommand(String name, Duration stopTimeout) {
        this.name = name;
        this.stopTimeout = stopTimeout;
    }

    /** Reads the settings file. */
    protected abstract S read(Path file) throws ConfigException;

    /** Logs what is dangerous in the settings. */
    protected abstract void warnOfInsecurity(S settings);

    /** Starts the server, has {@code listening} wait, and closes it. */
    protected abstract void serve(S settings, Listening listening)
            throws IOException, StartupException, InterruptedException;

    /** Why the program cannot start, for the person who started it. */
    protected String reason(Exception failure) {
        return Reason.of(failure);
    }

    @Override
    public final Integer call() throws InterruptedException {
        Starter starter = Starter.ofThisProcess();
        try (Shutdown shutdown = Shutdown.onSignal(stopTimeout)) {
            S settings = read(config);
            Logging.start(
                    Environment.ofProcess(),
                    name,
                    starter,
                    Level.INFO,
                    Optional.ofNullable(syslog).map(SyslogLevel::toLogback));
            log.info("starting with {}", settings);
            warnOfInsecurity(settings);
            serve(settings, listening(starter, shutdown));
            return ExitCode.OK;
        } catch (ConfigException | StartupException | IOException e) {
            starter.failed("jdist " + name, reason(e));
            return ExitCode.CANNOT_START;
        }
    }

    private Listening listening(Starter starter, Shutdown shutdown) {
        return new Listening() {
            @Override
            public void at(ServerId address) throws InterruptedException {
                log.info("listening on {}", address);
                starter.ready(address.toString());
                shutdown.await();
                log.info("stopping");
            }

            @Override
            public boolean awaitInPeace(CompletionStage<Void> work, Duration most) throws InterruptedException {
                return shutdown.awaitInPeace(work, most);
            }
        };
    }
}
