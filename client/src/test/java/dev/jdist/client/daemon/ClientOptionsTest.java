package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.daemon.ClientOptions.Action;
import dev.jdist.protocol.config.Variable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientOptionsTest {
    private static ClientOptions parse(String line) {
        return ClientOptions.parse(line.isEmpty() ? List.of() : List.of(line.split(" ")));
    }

    @ParameterizedTest
    @CsvSource({
        "--start-server,START_SERVER",
        "--stop-server,STOP_SERVER",
        "--show-stats,SHOW_STATS",
        "-s,SHOW_STATS",
        "--show-adv-stats,SHOW_ADV_STATS",
        "--zero-stats,ZERO_STATS",
        "-z,ZERO_STATS",
        "--dist-status,DIST_STATUS",
        "--dist-auth,DIST_AUTH",
        "--help,HELP",
        "-h,HELP"
    })
    void option_isItsAction(String line, Action action) {
        ClientOptions options = parse(line);
        assertEquals(Optional.empty(), options.problem());
        assertEquals(action, options.action());
        assertFalse(options.json());
    }

    @Test
    void packageToolchain_takesTwoPaths() {
        ClientOptions options = parse("--package-toolchain /usr/bin/gcc out.tar.gz");
        assertEquals(Action.PACKAGE_TOOLCHAIN, options.action());
        assertEquals(List.of("/usr/bin/gcc", "out.tar.gz"), options.packageToolchain());
    }

    @Test
    void daemon_takesASocket() {
        ClientOptions options = parse("--daemon /run/jdist.sock");
        assertEquals(Action.DAEMON, options.action());
        assertEquals("/run/jdist.sock", options.daemonSocket());
        assertEquals(Optional.empty(), options.startupNotify());
    }

    @Test
    void daemonOfASupervisor_takesTheSupervisorsSocketToo() {
        ClientOptions options = parse("--daemon /run/jdist.sock --view 1:2 --startup-notify /run/told");
        assertEquals("1:2", options.view());
        assertEquals(Action.DAEMON, options.action());
        assertEquals(Optional.of(Path.of("/run/told")), options.startupNotify());
    }

    @ParameterizedTest
    @CsvSource({
        "--show-stats --stats-format json,true",
        "--stats-format=json -s,true",
        "-s --stats-format text,false",
        "--show-adv-stats --stats-format=json,true"
    })
    void statsFormat_standsBeforeOrAfter(String line, boolean json) {
        ClientOptions options = parse(line);
        assertEquals(Optional.empty(), options.problem());
        assertEquals(json, options.json());
    }

    // Columns: arguments, what the error must name.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --bogus                             | --bogus
            --show-stat                         | --show-stat
            -x                                  | -x
            -s -z                               | --zero-stats
            --start-server --stop-server        | --stop-server
            -s --stats-format xml               | "xml"
            -s --stats-format                   | --stats-format
            --stats-format json                 | say what to compile, or give an option such as --show-stats
            --package-toolchain gcc             | --package-toolchain
            --package-toolchain a b c           | c
            --daemon                            | --daemon
            -s word                             | word
            ''                                  | say what to compile
            """)
    void mistake_isNamed(String line, String named) {
        Optional<String> problem = parse(line).problem();
        assertTrue(problem.isPresent(), line);
        assertTrue(problem.get().startsWith("jdist: error: "), problem.get());
        assertTrue(problem.get().contains(named), problem.get());
        assertTrue(problem.get().endsWith("\nFor more information, try 'jdist --help'.\n"), problem.get());
    }

    @Test
    void help_namesEveryOptionAndVariable() {
        String help = ClientOptions.help();
        for (String option : List.of(
                "--start-server",
                "--stop-server",
                "-s, --show-stats",
                "--show-adv-stats",
                "-z, --zero-stats",
                "--dist-status",
                "--dist-auth",
                "--package-toolchain=EXE OUT",
                "--stats-format",
                "-h, --help",
                "-V, --version")) {
            assertTrue(help.contains(option), option);
        }
        for (Variable variable : Variable.values()) {
            assertTrue(help.contains("  " + variable.name() + " "), variable.name());
        }
        assertFalse(help.contains("--daemon") || help.contains("--startup-notify") || help.contains("--view"));
        assertFalse(help.contains("\u001b"), "no colours where they may go to a file");
    }
}
