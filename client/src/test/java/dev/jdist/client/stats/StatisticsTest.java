package dev.jdist.client.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.cache.storage.EntryName.Kind;
import dev.jdist.client.outcome.CacheUse;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.client.outcome.Outcome.CompiledHere;
import dev.jdist.client.outcome.Outcome.Counter;
import dev.jdist.client.outcome.Outcome.Distributed;
import dev.jdist.client.outcome.Outcome.LeftToCompiler;
import dev.jdist.client.outcome.Outcome.Reason;
import dev.jdist.client.outcome.UnitLabel;
import dev.jdist.protocol.wire.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    private static final UnitLabel CXX_GCC = new UnitLabel("C/C++", "c++ [gcc]");
    private static final UnitLabel ASSEMBLER = new UnitLabel("Assembler", "assembler [clang]");

    private final Statistics statistics = new Statistics();

    private void countEverything() {
        statistics.requested();
        statistics.requested();
        count(0, new LeftToCompiler(Reason.UNSUPPORTED_COMPILER));
        count(0, new LeftToCompiler(Reason.NOT_COMPILATION));
        count(0, new LeftToCompiler(Reason.NOT_CACHEABLE, "-E"));
        count(0, new LeftToCompiler(Reason.NOT_CACHEABLE, "-E"));
        count(0, new LeftToCompiler(Reason.INTERNAL_ERROR));
        count(300, here(0, false, new CacheUse.Refused("-")));
        count(
                1000,
                new Distributed(CXX_GCC, "10.0.0.1:10501", false, new CacheUse.Missed(true), Bytes.EMPTY, Bytes.EMPTY));
        count(200, here(0, true, new CacheUse.Missed(false)));
        count(250, here(1, true, new CacheUse.Missed(false)));
        count(250, here(0, false, new CacheUse.Unusable("a pipe")));
        count(100, here(0, false, new CacheUse.Failed()));
        count(
                50,
                new CompiledHere(
                        ASSEMBLER, 1, true, Optional.of("a link"), new CacheUse.Failed(), Bytes.EMPTY, Bytes.EMPTY));
        count(400, here(1, false, new CacheUse.Missed(false)));
        count(100, here(0, false, CacheUse.NONE));
        count(7, new Outcome.Hit(CXX_GCC, Bytes.EMPTY, Bytes.EMPTY));
        count(0, new Outcome.Abandoned());
        statistics.written(Kind.RESULT, Duration.ofMillis(3));
        statistics.written(Kind.MANIFEST, Duration.ofMillis(5));
        statistics.writeFailed();
        statistics.readFailed();
        statistics.readTimedOut();
        statistics.readTimedOut();
    }

    private void count(int millis, Outcome outcome) {
        statistics.count(outcome, Duration.ofMillis(millis));
    }

    private static CompiledHere here(int code, boolean farmFailed, CacheUse cache) {
        return new CompiledHere(CXX_GCC, code, farmFailed, Optional.empty(), cache, Bytes.EMPTY, Bytes.EMPTY);
    }

    @Test
    void snapshot_holdsWhatWasCounted() {
        countEverything();
        Statistics.Snapshot now = statistics.snapshot();
        assertEquals(1, now.count(Counter.CACHE_WRITES), "results alone");
        assertEquals(Duration.ofMillis(3), now.cacheWriteTime());
        assertEquals(1, now.count(Counter.CACHE_WRITE_ERRORS));
        assertEquals(1, now.count(Counter.CACHE_READ_ERRORS));
        assertEquals(2, now.count(Counter.CACHE_TIMEOUTS));
        assertEquals(2, now.count(Counter.COMPILE_REQUESTS));
        assertEquals(1, now.count(Counter.REQUESTS_UNSUPPORTED_COMPILER));
        assertEquals(1, now.count(Counter.REQUESTS_NOT_COMPILE));
        assertEquals(
                3, now.count(Counter.REQUESTS_NOT_CACHEABLE), "a unit that its command line keeps from the cache too");
        assertEquals(10, now.count(Counter.REQUESTS_EXECUTED), "all but those left to the compiler and that unit");
        assertEquals(8, now.count(Counter.COMPILATIONS), "those too that failed on a builder");
        assertEquals(3, now.count(Counter.COMPILE_FAILS));
        assertEquals(Duration.ofMillis(2250), now.compilerTime());
        assertEquals(Map.of("-E", 2L, "-", 1L, "a pipe", 1L, "internal error", 1L), now.notCached());
        assertEquals(2, now.count(Counter.NON_CACHEABLE_COMPILATIONS));
        assertEquals(Map.of("10.0.0.1:10501", 1L), now.distCompiles());
        assertEquals(Map.of("a link", 1L), now.notDistributed());
        assertEquals(1, now.count(Counter.DIST_ERRORS), "not where the unit is at fault");
        assertEquals(1, now.count(Counter.FORCED_RECACHES));
        assertEquals(Map.of("C/C++", 2L), now.cacheMisses().counts(), "not the failed one");
        assertEquals(Map.of("c++ [gcc]", 1L), now.cacheHits().detailed());
        assertEquals(Duration.ofMillis(7), now.cacheReadHitTime());
        assertEquals(Map.of("C/C++", 1L, "Assembler", 1L), now.cacheErrors().counts(), "the failed one too");
        assertEquals(
                Map.of("c++ [gcc]", 1L, "assembler [clang]", 1L),
                now.cacheErrors().detailed());
    }

    @Test
    void snapshot_staysAsItIs() {
        Statistics.Snapshot before = statistics.snapshot();
        countEverything();
        assertEquals(new Statistics().snapshot(), before);
    }

    @Test
    void reset_leavesNothing() {
        countEverything();
        statistics.reset();
        assertEquals(new Statistics().snapshot(), statistics.snapshot());
    }

    @Test
    void countsFromManyThreads_areNotLost() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int j = 0; j < 2000; j++) {
                    statistics.requested();
                    count(1, new Distributed(CXX_GCC, "builder", true, CacheUse.NONE, Bytes.EMPTY, Bytes.EMPTY));
                    statistics.snapshot();
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(8000, statistics.snapshot().count(Counter.COMPILE_REQUESTS));
        assertEquals(Map.of("builder", 8000L), statistics.snapshot().distCompiles());
    }
}
