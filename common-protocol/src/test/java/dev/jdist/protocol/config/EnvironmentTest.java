package dev.jdist.protocol.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
    @Test
    void places_homeOnly_areUnderHome() {
        Environment environment = with("HOME", "/home/u");

        assertEquals(Path.of("/home/u"), environment.home());
        assertEquals(Path.of("/home/u/.cache"), environment.cacheHome());
        assertEquals(Path.of("/home/u/.local/state"), environment.stateHome());
        assertEquals(Path.of("/home/u/.config/sccache/config"), environment.clientConfigFile());
        assertEquals(Path.of("/home/u/.config/sccache/cached-config"), environment.cachedConfigFile());
    }

    @Test
    void cachedConfigFile_named_isThat() {
        assertEquals(
                Path.of("/tmp/tokens"),
                with("HOME", "/home/u", "SCCACHE_CACHED_CONF", "/tmp/tokens").cachedConfigFile());
    }

    @Test
    void places_xdgSet_areThere() {
        Environment environment =
                with("HOME", "/home/u", "XDG_CACHE_HOME", "/c", "XDG_STATE_HOME", "/s", "XDG_CONFIG_HOME", "/f");

        assertEquals(Path.of("/c"), environment.cacheHome());
        assertEquals(Path.of("/s"), environment.stateHome());
        assertEquals(Path.of("/f/sccache/config"), environment.clientConfigFile());
    }

    /** The XDG specification: a relative path is invalid and is to be ignored. */
    @ParameterizedTest
    @ValueSource(strings = {"", "relative", "./x"})
    void places_xdgNotAbsolute_areUnderHome(String value) {
        Environment environment = with("HOME", "/home/u", "XDG_CACHE_HOME", value, "XDG_CONFIG_HOME", value);

        assertEquals(Path.of("/home/u/.cache"), environment.cacheHome());
        assertEquals(Path.of("/home/u/.config/sccache/config"), environment.clientConfigFile());
    }

    @Test
    void home_notSet_isThatOfTheUser() {
        assertEquals(Path.of(System.getProperty("user.home")), with().home());
    }

    @ParameterizedTest
    @CsvSource({
        "5, 5",
        "0600, 600",
        "600, 600",
        "999999999, 999999999",
        "9999999999, 999999999",
        "18446744073709551615, 999999999"
    })
    void idleTimeout_number_isSeconds(String text, long seconds) {
        assertEquals(
                Optional.of(Duration.ofSeconds(seconds)),
                with("SCCACHE_IDLE_TIMEOUT", text).idleTimeout());
    }

    @Test
    void idleTimeout_zero_isNever() {
        assertEquals(Optional.empty(), with("SCCACHE_IDLE_TIMEOUT", "0").idleTimeout());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "1.5", "10s", " 5", "999999999999999999999999"})
    void idleTimeout_notANumber_isTenMinutes(String text) {
        assertEquals(
                Optional.of(Duration.ofMinutes(10)),
                with("SCCACHE_IDLE_TIMEOUT", text).idleTimeout());
        assertEquals(Optional.of(Duration.ofMinutes(10)), with().idleTimeout());
    }

    @Test
    void maxFrameLength_unset_is32MiB() throws ConfigException {
        assertEquals(32 << 20, with().maxFrameLength());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "5, 5", "0100, 100", "1073741825, 1073741824", "18446744073709551615, 1073741824"})
    void maxFrameLength_number_isBytesUpToAGigabyte(String text, int bytes) throws ConfigException {
        assertEquals(bytes, with("SCCACHE_MAX_FRAME_LENGTH", text).maxFrameLength());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lots", "-1", "1M", " 5", "999999999999999999999999"})
    void maxFrameLength_notANumber_isNamedWithWhatIsMeant(String text) {
        ConfigException e = assertThrows(
                ConfigException.class,
                () -> with("SCCACHE_MAX_FRAME_LENGTH", text).maxFrameLength());
        assertEquals(
                "environment variable SCCACHE_MAX_FRAME_LENGTH: \"" + text + "\" is not a number of bytes",
                e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"a, 3", "23, 3", "22, 22", "-5, -5", "'', 3"})
    void zstdLevel_outOfRange_isTheDefault(String level, int expected) {
        assertEquals(expected, with("SCCACHE_CACHE_ZSTD_LEVEL", level).zstdLevel());
        assertEquals(3, with().zstdLevel());
    }

    @Test
    void isSet_emptyOrAbsent_isFalse() {
        assertTrue(with("SCCACHE_NO_DAEMON", "1").isSet(Variable.SCCACHE_NO_DAEMON));
        assertFalse(with("SCCACHE_NO_DAEMON", "").isSet(Variable.SCCACHE_NO_DAEMON));
        assertFalse(with().isSet(Variable.SCCACHE_NO_DAEMON));
        assertEquals(Optional.of(""), with("SCCACHE_NO_DAEMON", "").get(Variable.SCCACHE_NO_DAEMON));
    }

    @ParameterizedTest
    @EnumSource(Variable.class)
    void help_everyVariable_isOneLine(Variable variable) {
        assertTrue(variable.help().length() > 10 && !variable.help().contains("\n"), variable.help());
        assertFalse(variable.unset().isEmpty(), variable + " does not say what holds without it");
    }

    private static Environment with(String... namesAndValues) {
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            variables.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Environment(variables);
    }
}
