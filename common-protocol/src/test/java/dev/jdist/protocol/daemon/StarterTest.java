package dev.jdist.protocol.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the launcher reads from a daemon's standard output, and a person from its standard error. */
class StarterTest {
    private final PrintStream standardOutput = System.out;
    private final PrintStream standardError = System.err;
    private final Pipe out = new Pipe();
    private final Pipe err = new Pipe();

    private static final class Pipe extends ByteArrayOutputStream {
        private boolean closed;

        @Override
        public void close() {
            closed = true;
        }

        String text() {
            return toString(StandardCharsets.UTF_8);
        }
    }

    @BeforeEach
    void redirect() {
        System.setOut(new PrintStream(out, false, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(standardOutput);
        System.setErr(standardError);
        System.clearProperty("jdist.background");
    }

    @Test
    void ofThisProcess_always_isWhatTheLauncherSays() {
        assertEquals(Starter.TERMINAL, Starter.ofThisProcess());
        System.setProperty("jdist.background", "true");
        assertEquals(Starter.LAUNCHER, Starter.ofThisProcess());
        assertTrue(Starter.LAUNCHER.isBackground());
        assertFalse(Starter.TERMINAL.isBackground());
    }

    /** The launcher waits for the end of the pipe, so it must come, and with it all that was written. */
    @Test
    void ready_underTheLauncher_saysOkAndClosesThePipe() {
        Starter.LAUNCHER.ready("127.0.0.1:10600");

        assertEquals("ok 127.0.0.1:10600", out.text());
        assertTrue(out.closed);
    }

    @Test
    void failed_underTheLauncher_saysErrorAndClosesThePipe() {
        Starter.LAUNCHER.failed("jdist scheduler", "no place");

        assertEquals("error no place", out.text());
        assertTrue(out.closed);
        assertEquals("", err.text());
    }

    @Test
    void allow_underTheLauncher_arrivesBeforeTheEnd() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        Starter.LAUNCHER.allow(Duration.ofSeconds(5));

        assertEquals("wait 5000\n", out.text());
        assertFalse(out.closed);
    }

    @Test
    void everything_onATerminal_leavesStandardOutputAlone() {
        Starter.TERMINAL.allow(Duration.ofSeconds(5));
        Starter.TERMINAL.ready("x");
        Starter.TERMINAL.failed("jdist scheduler", "no place");

        assertEquals("", out.text());
        assertFalse(out.closed);
        assertEquals("jdist scheduler: error: no place\n", err.text());
    }
}
