package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheConfigTest {
    private static CacheConfig from(String text, String... variables) throws ConfigException {
        Map<String, String> environment = new HashMap<>(Map.of("HOME", "/home/u"));
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return ClientConfig.from(ConfigTable.parse("c", text), new Environment(environment))
                .cache();
    }

    @Test
    void file_withEveryKey_isRead() throws ConfigException {
        CacheConfig config = from("""
                basedirs = ["/src"]
                [cache.disk]
                dir = "/var/cache/c"
                size = "5G"
                rw_mode = "READ_ONLY"
                [cache.disk.preprocessor_cache_mode]
                use_preprocessor_cache_mode = true
                file_stat_matches = true
                use_ctime_for_stat = true
                ignore_time_macros = true
                skip_system_headers = true
                hash_working_directory = true
                """);
        assertEquals(
                new CacheConfig(
                        Path.of("/var/cache/c"), 5L << 30, false, 3, true, true, List.of(Path.of("/src")), List.of()),
                config);
    }

    @Test
    void variables_goBeforeTheFile_oneByOne() throws ConfigException {
        String file = "basedirs = [\"/src\"]\n[cache.disk]\ndir = \"/file\"\nsize = 7\nrw_mode = \"READ_ONLY\"\n";
        CacheConfig config = from(
                file,
                "SCCACHE_DIR",
                "/variable",
                "SCCACHE_LOCAL_RW_MODE",
                "read_write",
                "SCCACHE_CACHE_ZSTD_LEVEL",
                "19",
                "SCCACHE_BASEDIRS",
                "/a::/b",
                "SCCACHE_DIRECT",
                "Off");
        assertEquals(
                new CacheConfig(
                        Path.of("/variable"),
                        7,
                        true,
                        19,
                        false,
                        false,
                        List.of(Path.of("/a"), Path.of("/b")),
                        List.of()),
                config);
    }

    /** The table switches it off unless it says so itself; without the table it is on. */
    @Test
    void directMode_followsStocksDefaults() throws ConfigException {
        assertTrue(from("").direct());
        assertTrue(from("[cache.disk]\nsize = 5").direct());
        assertFalse(from("[cache.disk.preprocessor_cache_mode]\nignore_time_macros = true")
                .direct());
    }

    @ParameterizedTest
    @CsvSource({
        "SCCACHE_CACHE_SIZE, lots, a number of bytes",
        "SCCACHE_LOCAL_RW_MODE, WRITE, READ_ONLY or READ_WRITE",
        "SCCACHE_DIRECT, maybe, 'true, on, 1, false, off or 0'",
        "SCCACHE_BASEDIRS, src, absolute paths",
    })
    void variable_thatMeansNothing_isNamedWithWhatIsMeant(String variable, String value, String wanted) {
        ConfigException e = assertThrows(ConfigException.class, () -> from("", variable, value));
        assertTrue(e.getMessage().contains(variable) && e.getMessage().contains(wanted), e.getMessage());
    }

    @Test
    void unknownKey_isNamedWithItsNeighbour() {
        ConfigException e = assertThrows(ConfigException.class, () -> from("[cache.disk]\nsice = 5"));
        assertTrue(e.getMessage().contains("c:2") && e.getMessage().contains("size"), e.getMessage());
    }
}
