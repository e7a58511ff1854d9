package dev.jdist.scheduler.farm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.farm.Farm.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever happens in whatever order: places are never lost, never given twice, and all come back in the end. */
class FarmFuzzTest {
    private static final int FARMS = 200;
    private static final int EVENTS = 300;
    private static final int BUILDERS = 4;
    private static final JobState[] STATES = JobState.values();

    @Test
    void anyEvents_inAnyOrder_keepTheBooksRight() {
        for (int seed = 0; seed < FARMS; seed++) {
            new Run(seed).go();
        }
    }

    /** One farm, and what is known about it without looking inside. */
    private static final class Run {
        private final SplittableRandom random;
        private final FakeClock clock = new FakeClock();
        private final Farm farm = new Farm(clock, -50);
        private final List<Placement> placements = new ArrayList<>();
        private final Set<JobId> numbers = new HashSet<>();
        private final Map<ServerId, Long> cpus = new HashMap<>();
        private final int seed;

        Run(int seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
        }

        void go() {
            for (int i = 0; i < EVENTS; i++) {
                event();
                long most = cpus.values().stream().mapToLong(Heartbeat::slots).sum();
                long inProgress = farm.status().inProgress();
                assertTrue(inProgress >= 0 && inProgress <= most, "seed " + seed + ", event " + i);
            }
            clock.advance(Duration.ofSeconds(1300));
            farm.heartbeat(Samples.builder(9), Samples.heartbeat(3));
            assertEquals(0, farm.status().inProgress(), "seed " + seed);
            assertEquals(3, farm.status().numCpus(), "seed " + seed);
            for (long i = 0; i < Heartbeat.slots(3); i++) {
                assertTrue(farm.place(any -> true).isPresent(), "seed " + seed);
            }
            assertEquals(Optional.empty(), farm.place(any -> true), "seed " + seed);
        }

        private void event() {
            ServerId server = Samples.builder(1 + random.nextInt(BUILDERS));
            switch (random.nextInt(10)) {
                case 0 -> beat(server);
                case 1 -> clock.advance(Duration.ofMillis(random.nextInt(40_000)));
                case 2, 3, 4 -> place(random.nextBoolean() ? Set.of() : Set.of(server));
                case 5 ->
                    some().ifPresent(p -> farm.assigned(
                            p, new AssignJobResult(STATES[random.nextInt(STATES.length)], random.nextBoolean())));
                case 6 -> some().ifPresent(farm::assignmentFailed);
                case 7 -> some().ifPresent(p -> farm.abandon(p.job(), "test"));
                default ->
                    some().ifPresent(p -> farm.updateState(
                            p.job(),
                            random.nextInt(5) == 0 ? server : p.server(),
                            STATES[random.nextInt(STATES.length)]));
            }
        }

        private void beat(ServerId server) {
            long count = 1L + random.nextInt(9);
            farm.heartbeat(server, Samples.heartbeat(count, random.nextInt(2)));
            cpus.put(server, count);
        }

        private void place(Set<ServerId> excluded) {
            Optional<Placement> placement = farm.place(builder -> !excluded.contains(builder));
            placement.ifPresent(p -> {
                assertFalse(excluded.contains(p.server()), "seed " + seed);
                assertTrue(numbers.add(p.job()), "seed " + seed + ": the number was given twice");
                placements.add(p);
            });
        }

        private Optional<Placement> some() {
            return placements.isEmpty()
                    ? Optional.empty()
                    : Optional.of(placements.get(random.nextInt(placements.size())));
        }
    }
}
