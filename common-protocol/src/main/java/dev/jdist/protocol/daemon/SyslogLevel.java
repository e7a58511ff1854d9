package dev.jdist.protocol.daemon;

import ch.qos.logback.classic.Level;

/** What {@code --syslog} takes; the names are what people type. */
public enum SyslogLevel {
    error(Level.ERROR),
    warn(Level.WARN),
    info(Level.INFO),
    debug(Level.DEBUG),
    trace(Level.TRACE);

    private final Level level;

    SyslogLevel(Level level) {
        this.level = level;
    }

    public Level toLogback() {
        return level;
    }
}
