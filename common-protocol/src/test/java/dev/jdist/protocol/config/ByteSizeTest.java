package dev.jdist.protocol.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "10737418240, 10737418240",
        "1K, 1024",
        "1k, 1024",
        "10M, 10485760",
        "10G, 10737418240",
        "010g, 10737418240",
        "2t, 2199023255552",
        "8388607T, 9223370937343148032",
        "999999999999999999, 999999999999999999",
        // Up to 2^64 - 1, as in sccache, of which a long holds no more than this.
        "9223372036854775808, 9223372036854775807",
        "18446744073709551615, 9223372036854775807",
        "8388608T, 9223372036854775807",
    })
    void parse_size_isBytes(String text, long bytes) {
        assertEquals(OptionalLong.of(bytes), ByteSize.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "K",
                "-1",
                "+1",
                "1.5G",
                "1 G",
                " 1",
                "10GB",
                "10KiB",
                "1P",
                "x",
                "16777216T",
                "1\u212a",
                "٣",
                "18446744073709551616"
            })
    void parse_notASize_isNothing(String text) {
        assertEquals(OptionalLong.empty(), ByteSize.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "4928307, 4.7 MiB",
        "10737418240, 10.0 GiB",
        "1099511627776, 1.0 TiB",
        "9223372036854775807, 8388608.0 TiB",
    })
    void format_octets_isForPeople(long bytes, String text) {
        assertEquals(text, ByteSize.format(bytes));
    }
}
