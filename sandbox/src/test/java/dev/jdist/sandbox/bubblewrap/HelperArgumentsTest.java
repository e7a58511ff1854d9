package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HelperArgumentsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ROOT_OVERLAY|READ_ONLY|run 7 /tc /job/upper /job/work /job/target --|--bind /job/target /",
                "ROOTLESS_OVERLAY|READ_ONLY|run-rootless 7 /tc /job/upper /job/work /job/target --|--bind /job/target /",
                "BWRAP_OVERLAY|READ_ONLY|run-private 7 --|--overlay-src /tc --overlay /job/upper /job/work /",
                "DIRECTORY|READ_ONLY|run-private 7 --|--bind /job/upper / --ro-bind /tc/bin /bin",
                "DIRECTORY|AS_THEY_ARE|run-bare 7 --|--bind /job/upper / --ro-bind /tc/bin /bin"
            })
    void of_eachStrategy_mountsInItsWay(
            SandboxStrategy strategy, HelperArguments.Devices devices, String helper, String root) {
        List<String> line = HelperArguments.of(
                strategy,
                devices,
                Optional.empty(),
                Path.of("/lib/jdist-sandbox"),
                Path.of("/usr/bin/bwrap"),
                7,
                Path.of("/tc"),
                Path.of("/job"),
                List.of("--ro-bind", "/tc/bin", "/bin"),
                false);

        String words = String.join(" ", line);
        assertEquals("/lib/jdist-sandbox " + helper, words.substring(0, words.indexOf(" /usr/bin/bwrap")));
        assertEquals(
                root + " --proc",
                words.substring(words.indexOf(root.split(" ")[0] + " "), words.indexOf("--proc") + "--proc".length()));
        assertEquals(List.of("--", "/dev/jdist-sandbox", "await"), line.subList(line.size() - 3, line.size()));
    }

    @Test
    void of_jobsWithAUserAndViews_tellsBothToTheFirstProcess() {
        List<String> line = HelperArguments.of(
                SandboxStrategy.ROOT_OVERLAY,
                HelperArguments.Devices.READ_ONLY,
                Optional.of(1234),
                Path.of("/lib/jdist-sandbox"),
                Path.of("/usr/bin/bwrap"),
                7,
                Path.of("/tc"),
                Path.of("/job"),
                List.of(),
                true);

        assertEquals(List.of("/lib/jdist-sandbox", "run", "7", "--users", "1234", "/tc"), line.subList(0, 6));
        assertEquals(
                List.of("/dev/jdist-sandbox", "await", "view", "1234"), line.subList(line.size() - 4, line.size()));
    }
}
