package dev.jdist.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobIdTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "00, 0",
        "9223372036854775807, 9223372036854775807",
        "9223372036854775808, -9223372036854775808",
        "18446744073709551615, -1"
    })
    void parse_unsignedNumber_isTheId(String text, long value) {
        assertEquals(new JobId(value), JobId.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "+1",
                " 1",
                "1 ",
                "1\n",
                "x",
                "0x1",
                "1.0",
                "18446744073709551616",
                "٣",
                "1/2",
                "000000000000000000001"
            })
    void parse_notAnUnsignedNumber_isRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> JobId.parse(text));
    }

    @Test
    void toString_above63Bits_isUnsigned() {
        assertEquals("18446744073709551615", new JobId(-1).toString());
    }

    @Test
    void compareTo_above63Bits_isUnsigned() {
        assertTrue(new JobId(-1).compareTo(new JobId(1)) > 0);
        assertEquals(0, new JobId(-1).compareTo(new JobId(-1)));
    }
}
