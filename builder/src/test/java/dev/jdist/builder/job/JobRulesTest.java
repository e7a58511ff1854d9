package dev.jdist.builder.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.builder.testing.BuilderSettings;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.sandbox.JobLimit;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobRulesTest {
    private static final long GIB = 1L << 30;

    /** Twice a job's share, but what large units need, but not more than there is. */
    @ParameterizedTest
    @CsvSource({"32, 9, 7.1", "8, 9, 2", "16, 4, 8", "4, 3, 2.67", "1, 3, 1", "4, 1, 4"})
    void of_noMemoryLimit_takesWhatSuitsTheMachine(long physical, int slots, double expected) throws ConfigException {
        JobRules rules = JobRules.of(BuilderSettings.withJdist(""), slots, physical * GIB);

        assertEquals(expected, (double) rules.limits().memoryBytes() / GIB, 0.02);
    }

    @Test
    void of_settings_areTakenAsTheyAre() throws ConfigException {
        ServerConfig settings = BuilderSettings.withJdist("""
                job_timeout_secs = 9
                job_memory = "100G"
                job_processes = 20
                job_scratch_bytes = "5M"
                build_dir_bytes = "50M"
                job_output_bytes = "6M"
                job_log_bytes = "7M"
                job_nice = 8
                """);

        JobRules rules = JobRules.of(settings, 9, GIB);

        assertEquals(Duration.ofSeconds(9), rules.limits().time());
        assertEquals(100 * GIB, rules.limits().memoryBytes());
        assertEquals(20, rules.limits().processes());
        assertEquals(5 << 20, rules.limits().scratchBytes());
        assertEquals("build_dir_bytes = 52428800 (50.0 MiB)", rules.describe(JobLimit.ALL_SCRATCH));
        assertEquals(6 << 20, rules.outputBytes());
        assertEquals(7 << 20, rules.limits().printedBytes());
        assertEquals(8, rules.limits().nice());
    }

    @Test
    void of_builderOfTypeDocker_hasRules() throws ConfigException {
        JobRules rules = JobRules.of(BuilderSettings.ofDocker(), 9, 8 * GIB);

        assertEquals(Duration.ofSeconds(1200), rules.limits().time());
    }

    @ParameterizedTest
    @CsvSource({
        "TIME, job_timeout_secs = 1200",
        "MEMORY, job_memory = 2147483648 (2.0 GiB)",
        "PROCESSES, job_processes = 512",
        "SCRATCH, job_scratch_bytes = 4294967296 (4.0 GiB)",
        "ALL_SCRATCH, 'build_dir_bytes, nine tenths of what was free in build_dir, for all jobs together'",
        "LOG, job_log_bytes = 8388608 (8.0 MiB)"
    })
    void describe_limit_isKeyAndValue(JobLimit limit, String description) throws ConfigException {
        assertEquals(
                description,
                JobRules.of(BuilderSettings.withJdist(""), 9, 8 * GIB).describe(limit));
    }
}
