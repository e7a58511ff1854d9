package dev.jdist.protocol.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogLayoutTest {
    private static final String FORGED = "\n[2026-01-01T00:00:00Z ERROR Farm] all is lost";

    private final LoggerContext context = new LoggerContext();

    private String line(String message, @Nullable Throwable thrown) {
        LogLayout layout = new LogLayout(context, "[%-5level %logger{0}] ");
        layout.start();
        return layout.doLayout(
                new LoggingEvent("x", context.getLogger("dev.jdist.Farm"), Level.WARN, message, thrown, new Object[0]));
    }

    @Test
    void doLayout_plainMessage_isOneLine() {
        assertEquals(
                "[WARN  Farm] builder 10.0.0.7:10501 sent \u00e9\ta.o\n",
                line("builder 10.0.0.7:10501 sent \u00e9\ta.o", null));
    }

    // Columns: code of a character, what the log has
    @ParameterizedTest
    @CsvSource({
        "0, \\u0000",
        "7, \\u0007",
        "8, \\u0008",
        "10, \\n",
        "13, \\r",
        "27, \\u001b",
        "127, \\u007f",
        "133, \\u0085",
        "155, \\u009b",
        "8232, \\u2028",
        "8233, \\u2029",
        "8238, \\u202e",
        "8294, \\u2066",
        "65279, \\ufeff",
        "55357, \\ud83d"
    })
    void doLayout_characterThatDoesMoreThanToBeSeen_isWrittenOut(int character, String written) {
        assertEquals("[WARN  Farm] a" + written + "b\n", line("a" + (char) character + "b", null));
    }

    @Test
    void doLayout_messageThatBeginsALine_staysInItsOwn() {
        assertEquals(1, line("builder says: x" + FORGED, null).lines().count());
    }

    @Test
    void doLayout_exceptionWithTheWordsOfAnother_beginsNoLineWithThem() {
        Exception thrown = new IllegalStateException("a" + FORGED, new RuntimeException("b" + FORGED));

        List<String> lines = line("failed", thrown).lines().toList();

        assertTrue(lines.size() > 2, lines.toString());
        assertEquals("[WARN  Farm] failed", lines.get(0));
        assertTrue(lines.get(1).startsWith("java.lang."), lines.toString());
        assertTrue(lines.stream().skip(1).noneMatch(line -> line.startsWith("[")), lines.toString());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("\tat dev.jdist.")), lines.toString());
    }
}
