package dev.jdist.protocol.daemon;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.LayoutBase;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line for each event, and some more for an exception. What stands in a message may be the words of another machine: nothing
 * in it begins a line, or reaches a terminal as anything but a printable character.
 */
final class LogLayout extends LayoutBase<ILoggingEvent> {
    /** Controls, line separators, and what turns the direction of text. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}&&[^\t]]");

    /** Where the lines of an exception begin that are not those of its message. */
    private static final Pattern LINE_OF_TRACE =
            Pattern.compile("\\R(?=\\tat |\\t\\.\\.\\. |\\t?(Caused by|Wrapped by|Suppressed): |$)");

    private final PatternLayout head = new PatternLayout();
    private final PatternLayout trace = new PatternLayout();

    /** @param pattern what stands in front of the message */
    LogLayout(Context context, String pattern) {
        setContext(context);
        head.setContext(context);
        head.setPattern(pattern + "%nopex");
        trace.setContext(context);
        trace.setPattern("%ex{short}");
    }

    @Override
    public void start() {
        head.start();
        trace.start();
        super.start();
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder lines = new StringBuilder(head.doLayout(event));
        lines.append(escape(event.getFormattedMessage())).append('\n');
        if (event.getThrowableProxy() != null) {
            for (String line : LINE_OF_TRACE.split(trace.doLayout(event).stripTrailing())) {
                lines.append(escape(line)).append('\n');
            }
        }
        return lines.toString();
    }

    /** {@code text} with {@code \\n} and {@code \\u001b} for what is not printable. */
    static String escape(String text) {
        return UNPRINTABLE.matcher(text).replaceAll(found -> {
            int c = found.group().codePointAt(0);
            return Matcher.quoteReplacement(
                    switch (c) {
                        case '\n' -> "\\n";
                        case '\r' -> "\\r";
                        default -> String.format("\\u%04x", c);
                    });
        });
    }
}
