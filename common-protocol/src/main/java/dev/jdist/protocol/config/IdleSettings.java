package dev.jdist.protocol.config;

import java.time.Duration;
import java.util.Optional;

/**
 * When a builder with {@code [jdist] only_when_idle = true} takes jobs.
 *
 * @param cpuPercent {@code idle_cpu_percent}: of all CPUs together, what other programs than its jobs may take
 * @param after {@code idle_secs}: how long they must have left the machine alone before it takes jobs again
 */
public record IdleSettings(int cpuPercent, Duration after) {
    /** As if only {@code only_when_idle} were set. */
    public static final IdleSettings DEFAULT = new IdleSettings(20, Duration.ofSeconds(60));

    private static final long MOST_PERCENT = 90;
    private static final long LEAST_SECONDS = 5;
    private static final long MOST_SECONDS = Duration.ofDays(1).toSeconds();

    static Optional<IdleSettings> from(ConfigTable jdist) throws ConfigException {
        boolean isSet = jdist.flag("only_when_idle", false);
        long percent = number(jdist, "idle_cpu_percent", DEFAULT.cpuPercent, 1, MOST_PERCENT);
        long seconds = number(jdist, "idle_secs", DEFAULT.after.toSeconds(), LEAST_SECONDS, MOST_SECONDS);
        for (String key : new String[] {"idle_cpu_percent", "idle_secs"}) {
            if (jdist.has(key) && !isSet) {
                throw jdist.problem(key, "is for only_when_idle = true only");
            }
        }
        return isSet ? Optional.of(new IdleSettings((int) percent, Duration.ofSeconds(seconds))) : Optional.empty();
    }

    private static long number(ConfigTable jdist, String key, long fallback, long least, long most)
            throws ConfigException {
        return JobSettings.number(jdist, key, jdist.number(key).orElse(fallback), least, most);
    }
}
