package dev.jdist.protocol.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.status.NopStatusListener;
import dev.jdist.protocol.config.Environment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private final PrintStream standardError = System.err;

    @TempDir
    Path directory;

    /** Logging is one per process, and the other tests expect it silent. */
    @AfterEach
    void silence() {
        System.setErr(standardError);
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
    }

    /** Logback takes what is on offer as a service, and a log that nobody has set up writes to standard output. */
    @Test
    void log_beforeItIsSetUp_isSilent() throws Exception {
        LoggerContext context = new LoggerContext();

        new ContextInitializer(context).autoConfig();

        assertEquals(
                Level.OFF, context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getEffectiveLevel());
        assertEquals(
                List.of(NopStatusListener.class),
                context.getStatusManager().getCopyOfStatusListenerList().stream()
                        .map(Object::getClass)
                        .toList());
    }

    /** The forms of env_logger; what is about somebody else's modules leaves the level as it is. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | INFO",
                "error | ERROR",
                "warn | WARN",
                "info | INFO",
                "debug | DEBUG",
                "trace | TRACE",
                "off | OFF",
                "DEBUG | DEBUG",
                "' debug ' | DEBUG",
                "sccache=debug | DEBUG",
                "sccache_dist=trace | TRACE",
                "sccache::dist::http=trace | TRACE",
                "jdist=trace | TRACE",
                "hyper=trace | INFO",
                "hyper=trace,debug | DEBUG",
                "debug,hyper=trace | DEBUG",
                "sccache=debug,other=trace | DEBUG",
                "other=trace, sccache = debug | DEBUG",
                "error,sccache=debug | DEBUG",
                "sccache=debug,error | DEBUG",
                "sccache | TRACE",
                "sccache= | TRACE",
                "debug/regex | DEBUG",
                "sccache=debug/reg=ex,trace | DEBUG",
                "nonsense | INFO",
                "sccache=nonsense | INFO",
                ", , | INFO",
                "= | INFO",
            })
    void level_anyDirectives_isWhatEnvLoggerWouldLogOfSccache(String directives, String level) {
        assertEquals(
                Level.toLevel(level), Logging.level(new Environment(Map.of("SCCACHE_LOG", directives)), Level.INFO));
    }

    @Test
    void level_notSet_isTheQuietOne() {
        assertEquals(Level.WARN, Logging.level(new Environment(Map.of()), Level.WARN));
    }

    @Test
    void start_inTheForeground_logsToStandardError() throws StartupException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        Logging.start(new Environment(Map.of()), "server", Starter.TERMINAL, Level.INFO, Optional.empty());
        log("dev.jdist.Some").info("job 7 done");
        log("dev.jdist.Some").debug("not this");
        log("io.netty.Other").info("nor this");
        log("io.netty.Other").warn("but this");

        String[] lines = err.toString(StandardCharsets.UTF_8).split("\n");
        assertEquals(2, lines.length, err.toString(StandardCharsets.UTF_8));
        assertTrue(
                lines[0].matches("\\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ INFO  Some\\] job 7 done"), lines[0]);
        assertTrue(lines[1].endsWith("WARN  Other] but this"), lines[1]);
    }

    @Test
    void start_millisWanted_logsThem() throws StartupException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        Environment environment = new Environment(Map.of("SCCACHE_LOG_MILLIS", "1", "SCCACHE_LOG", "debug"));
        Logging.start(environment, "server", Starter.TERMINAL, Level.INFO, Optional.empty());
        log("dev.jdist.Some").debug("x");

        assertTrue(
                err.toString(StandardCharsets.UTF_8).matches("(?s)\\[\\S+T\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z DEBUG .*"),
                err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void start_inTheBackground_logsToTheStateDirectory() throws Exception {
        Environment environment = new Environment(Map.of("XDG_STATE_HOME", directory.toString()));
        Logging.start(environment, "client", Starter.LAUNCHER, Level.INFO, Optional.empty());
        log("dev.jdist.Some").info("up");

        assertTrue(read("jdist/client.log").endsWith("INFO  Some] up\n"));
    }

    @Test
    void start_inTheBackgroundWithALogNamed_appendsThere() throws Exception {
        Path file = Files.writeString(directory.resolve("log"), "before\n");
        Environment environment =
                new Environment(Map.of("XDG_STATE_HOME", directory.toString(), "SCCACHE_ERROR_LOG", file.toString()));
        Logging.start(environment, "client", Starter.LAUNCHER, Level.INFO, Optional.empty());
        log("dev.jdist.Some").info("up");

        assertTrue(read("log").startsWith("before\n["));
        assertFalse(Files.exists(directory.resolve("jdist")));
    }

    @Test
    void start_inTheBackgroundWithALogThatCannotBeWritten_saysWhichAndWhy() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        for (Path log : List.of(directory, file.resolve("log"))) {
            Environment environment = new Environment(Map.of("SCCACHE_ERROR_LOG", log.toString()));
            StartupException e = assertThrows(
                    StartupException.class,
                    () -> Logging.start(environment, "client", Starter.LAUNCHER, Level.INFO, Optional.empty()));
            assertTrue(
                    e.getMessage().startsWith("cannot write the log file '" + log + "' that SCCACHE_ERROR_LOG names: "),
                    e.getMessage());
        }
    }

    @Test
    void start_inTheBackgroundWithALogInANewDirectory_makesTheDirectory() throws Exception {
        Environment environment = new Environment(
                Map.of("SCCACHE_ERROR_LOG", directory.resolve("a/b/log").toString()));
        Logging.start(environment, "client", Starter.LAUNCHER, Level.INFO, Optional.empty());
        log("dev.jdist.Some").info("up");

        assertTrue(read("a/b/log").endsWith("up\n"));
    }

    @Test
    void start_inTheForegroundWithALogNamed_stillLogsToStandardError() throws StartupException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        Path file = directory.resolve("log");
        Environment environment = new Environment(Map.of("SCCACHE_ERROR_LOG", file.toString()));
        Logging.start(environment, "client", Starter.TERMINAL, Level.INFO, Optional.empty());
        log("dev.jdist.Some").info("up");

        assertTrue(err.toString(StandardCharsets.UTF_8).endsWith("up\n"));
        assertFalse(Files.exists(file));
    }

    @Test
    void start_again_replacesWhatWasThere() throws Exception {
        Environment environment = new Environment(Map.of("XDG_STATE_HOME", directory.toString()));
        Logging.start(environment, "one", Starter.LAUNCHER, Level.INFO, Optional.empty());
        Logging.start(environment, "two", Starter.LAUNCHER, Level.INFO, Optional.empty());
        log("dev.jdist.Some").info("once");

        assertEquals("", read("jdist/one.log"));
        assertEquals(1, read("jdist/two.log").lines().count());
    }

    @Test
    void start_exceptionLogged_isShort() throws Exception {
        Environment environment = new Environment(Map.of("XDG_STATE_HOME", directory.toString()));
        Logging.start(environment, "server", Starter.LAUNCHER, Level.INFO, Optional.empty());
        log("dev.jdist.Some").warn("failed", new IllegalStateException("why"));

        String text = read("jdist/server.log");
        assertTrue(text.contains("WARN  Some] failed\njava.lang.IllegalStateException: why\n"), text);
        assertTrue(text.lines().count() < 6, text);
    }

    private static org.slf4j.Logger log(String name) {
        return LoggerFactory.getLogger(name);
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }
}
