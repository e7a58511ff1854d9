package dev.jdist.scheduler.provision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.Machine;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
    private static final String URL = "http://farm.example:10600/it's?a=%22b%22";
    private static final Program PROGRAM =
            new Program(Program.Kind.ARCHIVE, List.of(Path.of("/a/jdist.tar.gz")), "x86_64", false, "sha256:00");

    private static Plan plan(Mode mode) {
        return new Plan(
                mode,
                false,
                "/opt/jdist",
                "jdist-builder",
                true,
                ServerId.parse("[fd00::5]:10501"),
                URL,
                Optional.empty(),
                "/etc/jdist",
                false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "a\"b",
                "a\\b",
                "'",
                "\"\"\"",
                "tab\tline\nreturn\r",
                "\u0000\u001f\u007f",
                "ä€😀",
                "# = [x]"
            })
    void settings_anyToken_isReadBack(String token) throws Exception {
        ConfigTable written = ConfigTable.parse("server.conf", plan(Mode.USER).settings(new Secret(token)));

        assertEquals(token, written.table("scheduler_auth").text("token").orElse("missing"));
    }

    @Test
    void settings_oddCharacters_areReadBackByTheBuilder(@TempDir Path directory) throws Exception {
        Secret token = new Secret("to\"k\\en");
        Path file = Files.writeString(
                directory.resolve("server.conf"), plan(Mode.SYSTEM).settings(token));

        ServerConfig config = ServerConfig.read(file, new Machine(false, new Environment(Map.of("HOME", "/home/u"))));

        assertEquals("[fd00::5]:10501", config.publicAddr().toString());
        assertEquals(URL, config.schedulerUrl().toString());
        assertEquals(Path.of("/var/cache/jdist/toolchains"), config.cacheDir());
        assertEquals(Path.of("/var/lib/jdist/build"), ((ServerConfig.Overlay) config.builder()).buildDir());
        assertEquals(new ServerConfig.SchedulerAuth.Token(token), config.schedulerAuth());
    }

    @Test
    void settings_ofASchedulerWithTls_pinItForTheBuilder(@TempDir Path directory) throws Exception {
        CertificatePin pin = CertificatePin.parse("sha256:" + "5a".repeat(32), "");
        Path file = Files.writeString(
                directory.resolve("server.conf"),
                pinned("https://10.0.0.1:10600", pin).settings(new Secret("t")));

        ServerConfig config = ServerConfig.read(file, new Machine(false, new Environment(Map.of("HOME", "/home/u"))));

        assertEquals(pin.sha256(), config.schedulerPin().orElseThrow().sha256());
        assertFalse(pinned("http://10.0.0.1", pin).settings(new Secret("t")).contains("pin"));
    }

    private static Plan pinned(String url, CertificatePin pin) {
        ServerId builder = ServerId.parse("10.0.0.2:10501");
        return new Plan(
                Mode.USER, false, "/opt/jdist", "me", true, builder, url, Optional.of(pin), "/etc/jdist", false);
    }

    @Test
    void settings_withoutRoot_leaveDirectoriesToTheDefaults() {
        String settings = plan(Mode.USER).settings(new Secret("t"));

        assertFalse(settings.contains("_dir"), settings);
    }

    @Test
    void record_sameAgain_isRecognised() {
        Plan plan = plan(Mode.SYSTEM);
        HostReport report = HostReport.parse(plan.record(PROGRAM)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> "@system_" + line + "\n")
                .reduce("", String::concat));
        Program other = new Program(Program.Kind.ARCHIVE, PROGRAM.files(), "x86_64", false, "sha256:01");

        assertTrue(plan.isRecorded(report, PROGRAM));
        assertFalse(plan.isRecorded(report, other));
        assertEquals("system", report.recorded(Mode.SYSTEM, "mode"));
        assertEquals("yes", report.recorded(Mode.SYSTEM, "systemd"));
        assertFalse(plan(Mode.USER).isRecorded(report, PROGRAM));
    }
}
