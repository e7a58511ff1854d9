package dev.jdist.client.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.Language;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    private final Statistics statistics = new Statistics();

    private void countEverything() {
        statistics.requested();
        statistics.requested();
        statistics.unsupportedCompiler();
        statistics.notCompilation();
        statistics.notCacheable("-E");
        statistics.notCacheable("-E");
        statistics.notCacheable("-");
        statistics.executed();
        statistics.compiled(Duration.ofMillis(1500));
        statistics.compiled(Duration.ofMillis(500));
        statistics.compileFailed(Duration.ofMillis(250));
        statistics.distributed("10.0.0.1:10501");
        statistics.distributionFailed();
        statistics.failed(CompilerKind.GCC, Language.CXX);
        statistics.failed(CompilerKind.CLANG, Language.CXX);
        statistics.failed(CompilerKind.CLANG, Language.ASSEMBLER);
    }

    @Test
    void snapshot_holdsWhatWasCounted() {
        countEverything();
        Statistics.Snapshot now = statistics.snapshot();
        assertEquals(2, now.compileRequests());
        assertEquals(1, now.requestsUnsupportedCompiler());
        assertEquals(1, now.requestsNotCompile());
        assertEquals(3, now.requestsNotCacheable());
        assertEquals(1, now.requestsExecuted());
        assertEquals(3, now.compilations(), "a failed one too");
        assertEquals(1, now.compileFails());
        assertEquals(Duration.ofMillis(2250), now.compilerTime());
        assertEquals(Map.of("-E", 2L, "-", 1L), now.notCached());
        assertEquals(Map.of("10.0.0.1:10501", 1L), now.distCompiles());
        assertEquals(1, now.distErrors());
        assertEquals(Map.of("C/C++", 2L, "Assembler", 1L), now.cacheErrors().counts());
        assertEquals(
                Map.of("c++ [gcc]", 1L, "c++ [clang]", 1L, "assembler [clang]", 1L),
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
                    statistics.distributed("builder");
                    statistics.snapshot();
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(8000, statistics.snapshot().compileRequests());
        assertEquals(Map.of("builder", 8000L), statistics.snapshot().distCompiles());
    }
}
