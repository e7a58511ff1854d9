package dev.jdist.protocol.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Sha256Test {
    /** Of FIPS 180-2, appendix B.1. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void ofContent_abc_isWhatTheStandardSays() throws IOException {
        assertEquals(ABC, Sha256.ofContent(new byte[] {'a', 'b', 'c'}).hex());
        assertEquals(ABC, Sha256.ofContent(Bytes.utf8("abc")).toString());
        assertEquals(Sha256.ofContent(new byte[0]), Sha256.ofContent(Bytes.EMPTY));
        byte[] large = new byte[1 << 20];
        assertEquals(Sha256.ofContent(large), Sha256.ofContent(Bytes.wrap(large)));
    }

    @Test
    void parse_hex_isTheDigest() {
        Sha256 digest = Sha256.parse(ABC);

        assertEquals(digest, Sha256.of(digest.toByteArray()));
        assertEquals(digest.hashCode(), Sha256.of(digest.toByteArray()).hashCode());
        assertArrayEquals(digest.toByteArray(), digest.toBytes().toByteArray());
        assertEquals(ABC, digest.hex());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ba7816bf",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0"
            })
    void parse_otherText_isRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Sha256.parse(text));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33})
    void of_otherLength_isRefused(int length) {
        assertThrows(IllegalArgumentException.class, () -> Sha256.of(new byte[length]));
    }

    @Test
    void compareTo_eachByte_countsAsUnsigned() {
        for (int at = 0; at < Sha256.BYTES; at++) {
            byte[] low = new byte[Sha256.BYTES];
            byte[] high = new byte[Sha256.BYTES];
            low[at] = 0x7f;
            high[at] = (byte) 0x80;

            assertTrue(Sha256.of(low).compareTo(Sha256.of(high)) < 0);
            assertTrue(Sha256.of(high).compareTo(Sha256.of(low)) > 0);
            assertNotEquals(Sha256.of(low), Sha256.of(high));
        }
        assertEquals(0, Sha256.parse(ABC).compareTo(Sha256.parse(ABC)));
    }
}
