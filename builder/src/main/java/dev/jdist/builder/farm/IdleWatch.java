package dev.jdist.builder.farm;

import dev.jdist.protocol.settings.IdleSettings;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether somebody else uses the machine, so that a builder on a workstation leaves it to its user.
 *
 * <p>What others take is what all CPUs did without what this builder and its jobs did. It is looked at every {@link
 * #INTERVAL}. Above the limit twice in a row, the machine is in use; it is idle again when that was at most half the limit
 * all the time for as long as the settings say. In between it stays what it was, so that it does not waver. Until the
 * first look is over it counts as in use.
 */
public final class IdleWatch {
    private static final Logger log = LoggerFactory.getLogger(IdleWatch.class);

    public static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int LOOKS_UNTIL_IN_USE = 2;

    private final IdleSettings settings;
    private final Duration interval;
    private final CpuTimes.Source source;
    private final Runnable onIdle;

    private volatile boolean inUse = true;

    // Only the thread that looks has these.
    private @Nullable CpuTimes last;
    private boolean isDecided;
    private int looksAbove;
    private int looksBelow;
    private String lastProblem = "";

    /**
     * @param interval how often {@link #look()} is called
     * @param onIdle called whenever the machine has become idle
     */
    public IdleWatch(IdleSettings settings, Duration interval, CpuTimes.Source source, Runnable onIdle) {
        this.settings = settings;
        this.interval = interval;
        this.source = source;
        this.onIdle = onIdle;
    }

    public boolean isInUse() {
        return inUse;
    }

    /** Looks once. */
    public void look() {
        CpuTimes now;
        try {
            now = source.read();
            lastProblem = "";
        } catch (IOException | RuntimeException e) {
            if (!lastProblem.equals(e.toString())) {
                log.warn("cannot measure whether this machine is idle: {}", e.toString());
            }
            lastProblem = e.toString();
            return;
        }
        if (last != null) {
            judge(now.othersPercentSince(last));
        }
        last = now;
    }

    private void judge(double percent) {
        boolean isAbove = percent > settings.cpuPercent();
        looksAbove = isAbove ? looksAbove + 1 : 0;
        looksBelow = percent <= settings.cpuPercent() / 2.0 ? looksBelow + 1 : 0;
        boolean hasBecomeIdle = inUse && interval.multipliedBy(looksBelow).compareTo(settings.after()) >= 0;
        if (!isDecided && !isAbove || hasBecomeIdle) {
            log.info("this machine is idle; taking jobs");
            inUse = false;
            onIdle.run();
        } else if (!isDecided || !inUse && looksAbove >= LOOKS_UNTIL_IN_USE) {
            log.info(
                    "this machine is in use: other programs use {} % of its CPUs. Taking no more jobs until it was idle"
                            + " for {} s; running jobs go on",
                    Math.round(percent), settings.after().toSeconds());
            inUse = true;
        }
        isDecided = true;
    }
}
