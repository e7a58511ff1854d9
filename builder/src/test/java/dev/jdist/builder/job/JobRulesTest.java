package dev.jdist.builder.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.config.JobSettings;
import dev.jdist.sandbox.JobLimit;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobRulesTest {
    private static final long GIB = 1L << 30;

    /** Twice a job's share, but what large units need, but not more than there is. */
    @ParameterizedTest
    @CsvSource({"32, 9, 7.1", "8, 9, 2", "16, 4, 8", "4, 3, 2.67", "1, 3, 1", "4, 1, 4"})
    void of_noMemoryLimit_takesWhatSuitsTheMachine(long physical, int slots, double expected) {
        JobRules rules = JobRules.of(JobSettings.DEFAULT, slots, physical * GIB);

        assertEquals(expected, (double) rules.limits().memoryBytes() / GIB, 0.02);
    }

    @Test
    void of_settings_areTakenAsTheyAre() {
        JobSettings settings =
                new JobSettings(Duration.ofSeconds(9), OptionalLong.of(100 * GIB), 20, 5, 6, 7, 8, Duration.ZERO);

        JobRules rules = JobRules.of(settings, 9, GIB);

        assertEquals(Duration.ofSeconds(9), rules.limits().time());
        assertEquals(100 * GIB, rules.limits().memoryBytes());
        assertEquals(20, rules.limits().processes());
        assertEquals(5, rules.limits().scratchBytes());
        assertEquals(6, rules.outputBytes());
        assertEquals(7, rules.limits().printedBytes());
        assertEquals(8, rules.limits().nice());
    }

    @ParameterizedTest
    @CsvSource({
        "TIME, job_timeout_secs = 1200",
        "MEMORY, job_memory = 2147483648 (2.0 GiB)",
        "PROCESSES, job_processes = 512",
        "SCRATCH, job_scratch_bytes = 4294967296 (4.0 GiB)",
        "LOG, job_log_bytes = 8388608 (8.0 MiB)"
    })
    void describe_limit_isKeyAndValue(JobLimit limit, String description) {
        assertEquals(description, JobRules.of(JobSettings.DEFAULT, 9, 8 * GIB).describe(limit));
    }
}
