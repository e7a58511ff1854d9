package dev.jdist.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Pace PACE = new Pace(Duration.ofSeconds(30), 1000, Duration.ofMinutes(5));

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<String> problems = new ArrayList<>();
    private long moved;
    private boolean paused;
    private Pace.Watch watch;

    private void begin() {
        channel.freezeTime();
        watch = PACE.watch(channel.eventLoop(), () -> moved, () -> paused, problems::add);
    }

    private void pass(int seconds, long bytes) {
        moved += bytes;
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void watch_peerThatIsJustFastEnough_isLeftAlone() {
        begin();
        for (int i = 0; i < 9; i++) {
            pass(30, 1000);
        }
        assertEquals(List.of(), problems);
    }

    @Test
    void watch_peerThatDrips_isTooSlowOnce() {
        begin();
        pass(30, 5000);
        pass(29, 999);
        assertEquals(List.of(), problems);

        pass(1, 0);
        pass(300, 0);

        assertEquals(List.of("999 bytes in 30 s, and 1000 are the least"), problems);
    }

    @Test
    void watch_peerThatThisSideHeldUp_isExcused() {
        begin();
        paused = true;
        pass(30, 0);
        assertEquals(List.of(), problems);

        paused = false;
        pass(30, 0);

        assertEquals(List.of("0 bytes in 30 s, and 1000 are the least"), problems);
    }

    @Test
    void watch_peerThatTakesTooLongInAll_isTooSlow() {
        begin();
        for (int i = 0; i < 10; i++) {
            pass(30, 1 << 20);
        }
        assertEquals(List.of(), problems);

        pass(30, 1 << 20);

        assertEquals(List.of("not done within 300 s"), problems);
    }

    @Test
    void stop_afterIt_nobodyIsTooSlow() {
        begin();
        watch.stop();
        pass(600, 0);
        assertEquals(List.of(), problems);
    }
}
