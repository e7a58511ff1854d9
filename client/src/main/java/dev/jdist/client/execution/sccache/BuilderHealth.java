package dev.jdist.client.execution.sccache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.client.execution.sccache.CompileFarm.LeftAlone;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.ServerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns from failure which builders are better left alone, or which toolchains on them, and for how long.
 *
 * <p>After a failure a builder is left alone: for a second at first, and twice as long after each further one. Then a single
 * unit is a probe: until its outcome is known, all others still leave the builder alone. If it succeeds, the builder is used as
 * before. Units that were on the builder already when it failed, and fail as well, make it no longer.
 *
 * <p>Some failures may be the unit's own: those count for a builder that did such work before only if several come in a row.
 * What is remembered is bounded; builders of which nothing was heard for longest are forgotten first.
 */
final class BuilderHealth {
    private static final Logger log = LoggerFactory.getLogger(BuilderHealth.class);

    static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    /** So many failures in a row that may be the units' own are not. */
    static final int STRIKES = 3;
    /** A builder that was not given to any unit for so long is no longer in the farm. */
    static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    /** The log has a warning of the same builder and fault no more often. */
    static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(10);

    private static final int MOST = 4096;

    private final LongSupplier nanoTime;

    /** What is left alone. */
    @GuardedBy("this")
    private final Map<Part, Trouble> troubles = new Bounded<>();

    /** What has worked, with the failures in a row since that may have been the units' own. */
    @GuardedBy("this")
    private final Map<Part, Integer> proven = new Bounded<>();

    /** When the log had a warning. */
    @GuardedBy("this")
    private final Map<Warning, Long> warnings = new Bounded<>();

    /** A builder, or one toolchain on it. */
    private record Part(ServerId builder, Optional<Toolchain> toolchain) {
        @Override
        public String toString() {
            return builder + toolchain.map(id -> " with toolchain " + id).orElse("");
        }
    }

    private record Warning(ServerId builder, BuilderFault fault) {}

    private static final class Trouble {
        int failures;
        long until;
        /** Whether a unit is under way that finds out whether it is over, or whether there is any. */
        boolean probed;

        BuilderFault fault;
        String reason;

        Trouble(BuilderFault fault, String reason) {
            this.fault = fault;
            this.reason = reason;
        }
    }

    private static final class Bounded<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1;

        Bounded() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > MOST;
        }
    }

    /**
     * What one request for a slot has to keep to.
     *
     * @param leftAlone builders that are no good for it
     * @param probes builders that are good for this request alone
     */
    record Admission(Set<ServerId> leftAlone, Set<ServerId> probes) {}

    /** @param nanoTime the clock, as {@link System#nanoTime()} */
    BuilderHealth(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * What a request for a slot has to keep to; its probes are reserved for it until {@link #decide} or a verdict.
     *
     * @param failed builders that failed this very unit
     */
    synchronized Admission admit(Toolchain toolchain, Set<ServerId> failed) {
        Set<ServerId> leftAlone = new LinkedHashSet<>(failed);
        Set<ServerId> probes = new LinkedHashSet<>();
        long now = nanoTime.getAsLong();
        troubles.values().removeIf(trouble -> !trouble.probed && now - trouble.until > FORGOTTEN_AFTER.toNanos());
        troubles.forEach((part, trouble) -> {
            if (part.toolchain.isEmpty() || part.toolchain.get().equals(toolchain)) {
                boolean isOver = !trouble.probed && now - trouble.until >= 0;
                (isOver ? probes : leftAlone).add(part.builder);
            }
        });
        probes.removeAll(leftAlone);
        for (ServerId builder : probes) {
            setProbed(builder, toolchain, true);
        }
        return new Admission(leftAlone, probes);
    }

    /**
     * A slot was given, or none. Whether the unit may use it: the builder may have failed another one in the meantime.
     *
     * @param given where the slot is
     */
    synchronized boolean decide(Admission admission, Toolchain toolchain, Optional<ServerId> given) {
        for (ServerId probe : admission.probes) {
            if (!given.equals(Optional.of(probe))) {
                setProbed(probe, toolchain, false);
            }
        }
        if (given.isEmpty() || admission.leftAlone.contains(given.get())) {
            return false;
        }
        if (admission.probes.contains(given.get())) {
            return true;
        }
        for (Part part : partsOf(given.get(), toolchain)) {
            if (troubles.containsKey(part)) {
                return false;
            }
        }
        return true;
    }

    synchronized void succeeded(ServerId builder, Toolchain toolchain) {
        if (isAccused(builder)) {
            return;
        }
        boolean wasLeftAlone = false;
        for (Part part : partsOf(builder, toolchain)) {
            Trouble trouble = troubles.remove(part);
            wasLeftAlone |= trouble != null && trouble.failures > 0;
            proven.put(part, 0);
        }
        if (wasLeftAlone) {
            log.info("builder {} is used again", builder);
        }
    }

    /**
     * The compiler on a builder failed. If it has not compiled anything so far, the next units leave it alone until it is known
     * whether the unit was to blame.
     */
    synchronized void suspect(ServerId builder, Toolchain toolchain) {
        Part part = new Part(builder, Optional.of(toolchain));
        if (!proven.containsKey(part) && !troubles.containsKey(part)) {
            Trouble trouble = new Trouble(BuilderFault.COMPILER, "its compiler failed");
            trouble.probed = true;
            trouble.until = nanoTime.getAsLong();
            troubles.put(part, trouble);
        }
    }

    /** The unit tells nothing about the builder. */
    synchronized void open(ServerId builder, Toolchain toolchain) {
        setProbed(builder, toolchain, false);
        partsOf(builder, toolchain)
                .forEach(part ->
                        troubles.computeIfPresent(part, (key, trouble) -> trouble.failures == 0 ? null : trouble));
    }

    /** @param reason what happened: a part of a sentence */
    synchronized void failed(ServerId builder, Toolchain toolchain, BuilderFault fault, String reason) {
        long now = nanoTime.getAsLong();
        Part part = new Part(builder, fault.isOfToolchain() ? Optional.of(toolchain) : Optional.empty());
        Trouble trouble = troubles.get(part);
        // No other unit has been let there since the failure.
        boolean wasUnderWay = trouble != null && !trouble.probed;
        setProbed(builder, toolchain, false);
        if (wasUnderWay || trouble == null && mayBeTheUnits(part, fault)) {
            return;
        }
        if (trouble == null) {
            trouble = new Trouble(fault, reason);
            troubles.put(part, trouble);
        }
        proven.remove(part);
        trouble.failures++;
        trouble.fault = fault;
        trouble.reason = reason;
        Duration pause = pause(trouble.failures);
        trouble.until = now + pause.toNanos();
        tell(part, trouble, pause, now);
    }

    /**
     * An audit proved that a builder makes something else than other machines. It is left alone for some time, whatever becomes of
     * units that are on it.
     *
     * @param reason what happened: a part of a sentence
     */
    synchronized void accuse(ServerId builder, String reason, Duration pause) {
        long now = nanoTime.getAsLong();
        Part part = new Part(builder, Optional.empty());
        Trouble trouble = new Trouble(BuilderFault.DIFFERS, reason);
        trouble.failures = 1;
        trouble.until = now + pause.toNanos();
        troubles.put(part, trouble);
        proven.remove(part);
        warnings.put(new Warning(builder, BuilderFault.DIFFERS), now);
        log.warn(
                "builder {} is left alone for {} hours: {}; {}",
                builder,
                pause.toHours(),
                reason,
                BuilderFault.DIFFERS.remedy());
    }

    /** Whether nothing is to be believed that a builder makes, as {@link #accuse} said. */
    synchronized boolean isAccused(ServerId builder) {
        Trouble trouble = troubles.get(new Part(builder, Optional.empty()));
        return trouble != null
                && trouble.fault == BuilderFault.DIFFERS
                && !trouble.probed
                && nanoTime.getAsLong() - trouble.until < 0;
    }

    @GuardedBy("this")
    private boolean mayBeTheUnits(Part part, BuilderFault fault) {
        return fault.mayBeTheJobs()
                && proven.containsKey(part)
                && Objects.requireNonNull(proven.merge(part, 1, Integer::sum)) < STRIKES;
    }

    private static Duration pause(int failures) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 16));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }

    @GuardedBy("this")
    private void tell(Part part, Trouble trouble, Duration pause, long now) {
        Warning warning = new Warning(part.builder, trouble.fault);
        Long last = warnings.get(warning);
        boolean isDue = last == null || now - last >= BETWEEN_WARNINGS.toNanos();
        if (trouble.failures >= trouble.fault.warnedAt() && isDue) {
            warnings.put(warning, now);
            log.warn(
                    "builder {} is left alone, and tried again from time to time: {}; {}",
                    part,
                    trouble.reason,
                    trouble.fault.remedy());
        } else {
            log.info("builder {} is left alone for {} s: {}", part, pause.toSeconds(), trouble.reason);
        }
    }

    /** Builders that are left alone now, for people. */
    synchronized List<LeftAlone> leftAlone() {
        long now = nanoTime.getAsLong();
        List<LeftAlone> all = new ArrayList<>();
        troubles.forEach((part, trouble) -> {
            if (trouble.failures > 0) {
                all.add(new LeftAlone(
                        part.toString(),
                        trouble.reason,
                        Duration.ofNanos(Math.max(0, trouble.until - now)).toSeconds()));
            }
        });
        return all;
    }

    @GuardedBy("this")
    private void setProbed(ServerId builder, Toolchain toolchain, boolean whether) {
        for (Part part : partsOf(builder, toolchain)) {
            Trouble trouble = troubles.get(part);
            if (trouble != null) {
                trouble.probed = whether;
            }
        }
    }

    private static List<Part> partsOf(ServerId builder, Toolchain toolchain) {
        return List.of(new Part(builder, Optional.empty()), new Part(builder, Optional.of(toolchain)));
    }
}
