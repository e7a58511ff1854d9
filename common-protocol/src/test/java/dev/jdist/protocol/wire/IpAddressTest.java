package dev.jdist.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @Test
    void parse_literals_areTheirBytes() {
        assertArrayEquals(new byte[] {10, 0, 0, 1}, IpAddress.parse("10.0.0.1").getAddress());
        assertEquals(16, IpAddress.parse("fd00::1").getAddress().length);
        assertEquals(IpAddress.parse("fd00:0::1"), IpAddress.parse("fd00::1"));
    }

    @Test
    void parse_ipv4WrittenAsIpv6_isTheIpv4Address() {
        assertEquals(IpAddress.parse("10.0.0.1"), IpAddress.parse("::ffff:10.0.0.1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.0.0",
                "010.0.0.1",
                "10.0.0.1:80",
                "10.0.0.1, 10.0.0.2",
                "[::1]",
                "::1]:1[::2",
                "fe80::1%lo",
                "::1::"
            })
    void parse_anythingElse_isRefusedByName(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));

        assertEquals("\"" + text + "\" is not an IP address", e.getMessage());
    }
}
