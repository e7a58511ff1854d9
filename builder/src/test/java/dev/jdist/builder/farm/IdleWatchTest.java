package dev.jdist.builder.farm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.jdist.protocol.settings.IdleSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A machine is in use or idle by what others than the builder do, and does not waver between the two. */
class IdleWatchTest {
    /** Of both CPUs together, between two looks. */
    private static final int TICKS = 1000;

    private final ListAppender<ILoggingEvent> events = new ListAppender<>();
    private final IdleSettings settings = new IdleSettings(20, Duration.ofSeconds(15));
    private int timesIdle;
    private final IdleWatch watch = new IdleWatch(settings, IdleWatch.INTERVAL, this::read, () -> timesIdle++);
    private CpuTimes times = new CpuTimes(5_000_000, 1_000_000, 400_000);
    private boolean isBroken;

    private CpuTimes read() throws IOException {
        if (isBroken) {
            throw new IOException("no /proc");
        }
        return times;
    }

    @BeforeEach
    void listen() {
        events.start();
        logger().setLevel(Level.INFO);
        logger().addAppender(events);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(IdleWatch.class);
    }

    @AfterEach
    void stop() {
        logger().detachAppender(events);
        logger().setLevel(null);
    }

    private List<String> lines() {
        return events.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }

    /** Looks after five seconds in which others, and jobs, took such shares of the CPUs. */
    private void lookAfter(int othersPercent, int jobsPercent) {
        long others = (long) TICKS * othersPercent / 100;
        long jobs = (long) TICKS * jobsPercent / 100;
        times = new CpuTimes(times.all() + TICKS, times.busy() + others + jobs, times.own() + jobs);
        watch.look();
    }

    private void lookAfter(int othersPercent) {
        lookAfter(othersPercent, 0);
    }

    private void startIdle() {
        watch.look();
        lookAfter(3);
        assertFalse(watch.isInUse());
    }

    @Test
    void look_first_tellsNothingYet() {
        watch.look();

        assertTrue(watch.isInUse());
        assertEquals(List.of(), lines());
    }

    @Test
    void look_idleAtTheStart_takesJobsAtOnce() {
        startIdle();

        assertEquals(1, timesIdle);
        assertEquals(List.of("INFO this machine is idle; taking jobs"), lines());
    }

    @Test
    void look_inUseAtTheStart_waitsUntilItIsIdleForLong() {
        watch.look();
        lookAfter(43);
        assertEquals(
                List.of("INFO this machine is in use: other programs use 43 % of its CPUs. Taking no more jobs until"
                        + " it was idle for 15 s; running jobs go on"),
                lines());
        lookAfter(2);
        lookAfter(2);
        assertTrue(watch.isInUse());

        lookAfter(2);

        assertFalse(watch.isInUse());
        assertEquals(1, timesIdle);
    }

    @Test
    void look_ownJobsOnAllCpus_areNoUse() {
        startIdle();
        for (int i = 0; i < 10; i++) {
            lookAfter(5, 95);
        }

        assertFalse(watch.isInUse());
        assertEquals(1, lines().size());
    }

    @Test
    void look_oneBurst_isNoUseYet() {
        startIdle();
        lookAfter(90);
        lookAfter(15);
        lookAfter(90);
        assertFalse(watch.isInUse());

        lookAfter(21, 70);

        assertTrue(watch.isInUse());
        assertEquals(2, lines().size());
    }

    @Test
    void look_betweenTheTwoLimits_staysWhatItWas() {
        startIdle();
        for (int i = 0; i < 10; i++) {
            lookAfter(15);
        }
        assertFalse(watch.isInUse());
        lookAfter(50);
        lookAfter(50);
        assertTrue(watch.isInUse());
        for (int i = 0; i < 10; i++) {
            lookAfter(15);
        }
        assertTrue(watch.isInUse());
    }

    @Test
    void look_interruptedIdleness_beginsAnew() {
        watch.look();
        lookAfter(50);
        lookAfter(2);
        lookAfter(2);
        lookAfter(30);
        lookAfter(2);
        lookAfter(2);
        assertTrue(watch.isInUse());

        lookAfter(2);

        assertFalse(watch.isInUse());
    }

    @Test
    void look_thatFails_leavesItAsItWasAndSaysSoOnce() {
        startIdle();
        isBroken = true;
        watch.look();
        watch.look();
        isBroken = false;
        lookAfter(3);

        assertFalse(watch.isInUse());
        assertEquals(
                List.of(
                        "INFO this machine is idle; taking jobs",
                        "WARN cannot measure whether this machine is idle: java.io.IOException: no /proc"),
                lines());
    }
}
