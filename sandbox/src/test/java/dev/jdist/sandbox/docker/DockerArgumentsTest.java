package dev.jdist.sandbox.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.sandbox.JobLimits;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class DockerArgumentsTest {
    private static final JobLimits LIMITS = new JobLimits(Duration.ofSeconds(1), 1 << 30, 300, 1 << 20, 1000, 0);

    private final List<String> line = DockerArguments.run(
            "name", "label=1", "image", LIMITS, List.of("--memory", "4g"), List.of("/helper", "serve"));

    @Test
    void run_always_takesAwayWhatCanBeTakenAway() {
        assertHas("--network", "none");
        assertHas("--cap-drop", "ALL");
        assertHas("--security-opt", "no-new-privileges");
        assertHas("--pids-limit", "300");
        assertHas("--memory", "1073741824");
        assertHas("--ulimit", "fsize=1048576");
        assertHas("--pull", "never");
        assertTrue(line.contains("--rm"));
        assertFalse(line.contains("--privileged"));
    }

    @Test
    void run_withArgumentsOfTheUser_hasThemLastAndTheImageAfterThem() {
        assertEquals(
                List.of("--memory", "4g", "image", "/helper", "serve"), line.subList(line.size() - 5, line.size()));
    }

    private void assertHas(String... words) {
        assertTrue(Collections.indexOfSubList(line, List.of(words)) >= 0, line.toString());
    }
}
