package dev.jdist.protocol.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;

/** Lets through what is at least as grave as a level. */
public final class AtLeast extends Filter<ILoggingEvent> {
    private final Level level;

    AtLeast(Level level) {
        this.level = level;
        start();
    }

    @Override
    public FilterReply decide(ILoggingEvent event) {
        return event.getLevel().isGreaterOrEqual(level) ? FilterReply.NEUTRAL : FilterReply.DENY;
    }
}
