package dev.jdist.protocol.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In this JVM where that is possible, and with real signals in small ones of its own. */
@Timeout(60)
class ShutdownTest {
    /** Says "up", waits for the end, says "closing", and ends in order, or hangs or drains if it is told to. */
    static final class Daemon {
        public static void main(String[] arguments) throws Exception {
            try (Shutdown shutdown = Shutdown.onSignal(Duration.ofMillis(Long.parseLong(arguments[0])))) {
                System.out.println("up");
                if (arguments[1].equals("request")) {
                    shutdown.request();
                }
                shutdown.await();
                System.out.println("closing");
                if (arguments[1].equals("drain")) {
                    boolean done = shutdown.awaitInPeace(new CompletableFuture<>(), Duration.ofHours(1));
                    System.out.println(done ? "in peace" : "in haste");
                }
                if (arguments[1].equals("hang")) {
                    new CompletableFuture<Void>().get();
                }
                System.out.println("closed");
            }
        }
    }

    @Test
    void await_requestedFromAnotherThread_returns() throws Exception {
        try (Shutdown shutdown = Shutdown.onSignal(Duration.ZERO)) {
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
                try {
                    shutdown.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            shutdown.request();

            waiting.get(10, TimeUnit.SECONDS);
            shutdown.await();
        }
    }

    @Test
    void sigterm_daemonThatCloses_isWaitedFor() throws Exception {
        Process daemon = start("30000", "close");
        try (BufferedReader lines = daemon.inputReader()) {
            assertEquals("up", lines.readLine());
            daemon.toHandle().destroy(); // Process.destroy() would close the pipe

            assertEquals("closing", lines.readLine());
            assertEquals("closed", lines.readLine());
            assertNull(lines.readLine());
            assertEquals(128 + 15, daemon.waitFor());
        } finally {
            daemon.destroyForcibly();
        }
    }

    @Test
    void sigterm_daemonThatHangs_isNotWaitedForForEver() throws Exception {
        Process daemon = start("50", "hang");
        try (BufferedReader lines = daemon.inputReader()) {
            assertEquals("up", lines.readLine());
            daemon.toHandle().destroy(); // Process.destroy() would close the pipe

            assertTrue(daemon.waitFor(30, TimeUnit.SECONDS));
        } finally {
            daemon.destroyForcibly();
        }
    }

    @Test
    void sigterm_forTheSecondTime_isForHaste() throws Exception {
        Process daemon = start("30000", "drain");
        try (BufferedReader lines = daemon.inputReader()) {
            assertEquals("up", lines.readLine());
            daemon.toHandle().destroy();
            assertEquals("closing", lines.readLine());
            daemon.toHandle().destroy();

            assertEquals("in haste", lines.readLine());
            assertEquals("closed", lines.readLine());
            assertEquals(128 + 15, daemon.waitFor());
        } finally {
            daemon.destroyForcibly();
        }
    }

    @Test
    void sigint_forTheFirstTime_isForHaste() throws Exception {
        Process daemon = start("30000", "drain");
        try (BufferedReader lines = daemon.inputReader()) {
            assertEquals("up", lines.readLine());
            new ProcessBuilder("kill", "-INT", "" + daemon.pid()).start().waitFor();

            assertEquals("closing", lines.readLine());
            assertEquals("in haste", lines.readLine());
            assertEquals("closed", lines.readLine());
            assertEquals(128 + 2, daemon.waitFor());
        } finally {
            daemon.destroyForcibly();
        }
    }

    @Test
    void awaitInPeace_workThatEnds_isInPeace() throws Exception {
        try (Shutdown shutdown = Shutdown.onSignal(Duration.ZERO)) {
            assertTrue(shutdown.awaitInPeace(CompletableFuture.completedFuture(null), Duration.ofHours(1)));
            assertFalse(shutdown.awaitInPeace(new CompletableFuture<>(), Duration.ZERO));
        }
    }

    @Test
    void request_fromInside_endsWithoutWaiting() throws Exception {
        Process daemon = start("30000", "request");
        try (BufferedReader lines = daemon.inputReader()) {
            assertEquals("up", lines.readLine());
            assertEquals("closing", lines.readLine());
            assertEquals("closed", lines.readLine());
            assertTrue(daemon.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, daemon.exitValue());
        } finally {
            daemon.destroyForcibly();
        }
    }

    private static Process start(String timeout, String behaviour) throws IOException {
        // Whoever is started in the background of a script, as tests may be, ignores SIGINT, and so do its children.
        return new ProcessBuilder(
                        "env",
                        "--default-signal=INT",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Daemon.class.getName(),
                        timeout,
                        behaviour)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
