package dev.jdist.protocol.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
    private static final List<String> KNOWN = List.of("cache_dir", "public_addr", "bind_address", "type");

    @ParameterizedTest
    @CsvSource({
        "cache_dri, cache_dir",
        "cachedir, cache_dir",
        "public_address, public_addr",
        "bind_adress, bind_address",
        "typ, type",
        "tyep, type",
        "type, type",
    })
    void among_slip_isGuessed(String typed, String meant) {
        assertEquals(Optional.of(meant), NearestName.among(KNOWN, typed));
    }

    @ParameterizedTest
    @CsvSource({"colour", "x", "toolchain_cache_size", "''"})
    void among_somethingElse_isNotGuessed(String typed) {
        assertEquals(Optional.empty(), NearestName.among(KNOWN, typed));
    }

    @Test
    void among_equallyNear_isTheFirstByName() {
        assertEquals(Optional.of("ab"), NearestName.among(List.of("ad", "ab", "ac"), "aX"));
        assertEquals(Optional.empty(), NearestName.among(List.of(), "x"));
    }
}
