package dev.jdist.protocol.settings;

import java.time.Duration;

/**
 * When a builder with {@code [jdist] only_when_idle = true} takes jobs.
 *
 * @param cpuPercent {@code idle_cpu_percent}: of all CPUs together, what other programs than its jobs may take
 * @param after {@code idle_secs}: how long they must have left the machine alone before it takes jobs again
 */
public record IdleSettings(int cpuPercent, Duration after) {}
