package dev.jdist.protocol.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.Variable;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Where log lines go: to standard error in the foreground, to the file that SCCACHE_ERROR_LOG names in the background,
 * or, without it, to {@code ~/.local/state/jdist/PROGRAM.log}; to the syslog as well where {@code --syslog} asks for it.
 */
public final class Logging {
    private static final String OURS = "dev.jdist";
    private static final String MAX_LOG_SIZE = "5MB";

    private Logging() {}

    /**
     * Sets up the log of this process.
     *
     * @param program its short name: scheduler, server, client
     * @param quiet the level where SCCACHE_LOG is not set
     * @param syslog the level for the syslog, or nothing
     */
    public static void start(
            Environment environment, String program, Starter starter, Level quiet, Optional<Level> syslog)
            throws StartupException {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        Level level = level(environment, quiet);
        Level finest = syslog.filter(wanted -> !wanted.isGreaterOrEqual(level)).orElse(level);
        context.getLogger(OURS).setLevel(finest);

        Appender<ILoggingEvent> appender =
                starter.isBackground() ? file(context, environment, program) : console(context, environment);
        appender.addFilter(new AtLeast(level));
        appender.start();
        root.addAppender(appender);
        if (syslog.isPresent()) {
            SyslogAppender toSyslog = SyslogAppender.start(context, "jdist-" + program, syslog.get());
            root.addAppender(toSyslog);
        }
    }

    /**
     * The level that SCCACHE_LOG asks for, in env_logger's forms: {@code debug}, or {@code sccache=debug,other=trace}. A
     * level for sccache goes before one for everything, whichever comes first, and a target alone means everything of it.
     */
    static Level level(Environment environment, Level quiet) {
        Level general = quiet;
        Level ours = null;
        // What follows a slash is a regular expression for messages.
        String directives = environment.get(Variable.SCCACHE_LOG).orElse("").split("/", 2)[0];
        for (String directive : directives.split(",")) {
            int equals = directive.indexOf('=');
            String target = equals < 0
                    ? directive.trim()
                    : directive.substring(0, equals).trim();
            String name = directive.substring(equals + 1).trim();
            boolean aboutUs = target.startsWith("sccache") || target.startsWith("jdist");
            if (aboutUs && (equals < 0 || name.isEmpty())) {
                ours = Level.TRACE;
            } else if (aboutUs) {
                ours = Level.toLevel(name, ours);
            } else if (equals <= 0) {
                general = Level.toLevel(name, general);
            }
        }
        return ours == null ? general : ours;
    }

    private static Appender<ILoggingEvent> console(LoggerContext context, Environment environment) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder(context, environment));
        return appender;
    }

    private static Appender<ILoggingEvent> file(LoggerContext context, Environment environment, String program)
            throws StartupException {
        Optional<String> chosen = environment.get(Variable.SCCACHE_ERROR_LOG).filter(name -> !name.isEmpty());
        if (chosen.isPresent()) {
            checkWritable(chosen.get());
            FileAppender<ILoggingEvent> appender = new FileAppender<>();
            appender.setContext(context);
            appender.setFile(chosen.get());
            appender.setEncoder(encoder(context, environment));
            return appender;
        }
        Path log = environment.stateHome().resolve("jdist").resolve(program + ".log");
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setFile(log.toString());
        appender.setEncoder(encoder(context, environment));

        FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
        rolling.setContext(context);
        rolling.setParent(appender);
        rolling.setFileNamePattern(log + ".%i");
        rolling.setMinIndex(1);
        rolling.setMaxIndex(1);
        rolling.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
        trigger.setContext(context);
        trigger.setMaxFileSize(FileSize.valueOf(MAX_LOG_SIZE));
        trigger.start();
        appender.setRollingPolicy(rolling);
        appender.setTriggeringPolicy(trigger);
        return appender;
    }

    /** Logback would go on without a log. */
    private static void checkWritable(String name) throws StartupException {
        try {
            Path file = Path.of(name).toAbsolutePath();
            Files.createDirectories(file.getParent() == null ? file : file.getParent());
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException | InvalidPathException e) {
            throw new StartupException(
                    "cannot write the log file '" + name + "' that SCCACHE_ERROR_LOG names: " + Reason.of(e));
        }
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, Environment environment) {
        boolean millis = environment.get(Variable.SCCACHE_LOG_MILLIS).isPresent();
        LogLayout layout = new LogLayout(
                context,
                "[%d{" + (millis ? "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'" : "yyyy-MM-dd'T'HH:mm:ss'Z'")
                        + ", UTC} %-5level %logger{0}] ");
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        encoder.start();
        return encoder;
    }
}
