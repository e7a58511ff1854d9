package dev.jdist.protocol.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.Context;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Hands lines to the local syslog through the {@code logger} program of util-linux, which every distribution has: the
 * socket {@code /dev/log} takes datagrams, which Java cannot send.
 */
public final class SyslogAppender extends AppenderBase<ILoggingEvent> {
    private static final int FACILITY_DAEMON = 3;

    private final BufferedWriter lines;

    private SyslogAppender(BufferedWriter lines) {
        this.lines = lines;
    }

    static SyslogAppender start(Context context, String tag, Level level) throws StartupException {
        try {
            Process logger = new ProcessBuilder("logger", "--tag", tag, "--prio-prefix")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            SyslogAppender appender = new SyslogAppender(logger.outputWriter(StandardCharsets.UTF_8));
            appender.setContext(context);
            appender.addFilter(new AtLeast(level));
            appender.start();
            return appender;
        } catch (IOException e) {
            throw new StartupException(
                    "--syslog needs the program `logger` (Debian: apt install bsdutils): " + e.getMessage(), e);
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        try {
            String text = LogLayout.escape(event.getFormattedMessage());
            lines.write("<" + (FACILITY_DAEMON * 8 + severity(event.getLevel())) + ">" + text + "\n");
            lines.flush();
        } catch (IOException e) {
            addError("the syslog is gone", e);
            stop();
        }
    }

    private static int severity(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> 3;
            case Level.WARN_INT -> 4;
            case Level.INFO_INT -> 6;
            default -> 7;
        };
    }
}
