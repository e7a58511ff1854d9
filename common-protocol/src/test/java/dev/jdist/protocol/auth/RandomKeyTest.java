package dev.jdist.protocol.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.wire.Bytes;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomKeyTest {
    @Test
    void base64Url_keyOf32_isWhatSettingsFilesTake() {
        String key = RandomKey.base64Url(32).value();

        assertTrue(key.matches("[A-Za-z0-9_-]{43}"), key);
        assertEquals(32, Base64.getUrlDecoder().decode(key).length);
    }

    /** Six bits 111110 are a dash. */
    @Test
    void base64Url_drawWithADashInFront_isDrawnAgain() {
        Iterator<Bytes> draws = List.of(
                        Bytes.wrap(new byte[] {(byte) 0xf8, 0, 0}),
                        Bytes.wrap(new byte[] {(byte) 0xfb, (byte) 0xff, 0}),
                        Bytes.wrap(new byte[] {0x03, (byte) 0xef, (byte) 0xbe}))
                .iterator();

        assertEquals("A---", RandomKey.base64Url(draws::next).value());
        assertFalse(draws.hasNext());
    }

    @Test
    void everything_drawnTwice_differs() {
        assertNotEquals(RandomKey.bytes(32), RandomKey.bytes(32));
        assertNotEquals(RandomKey.u64(), RandomKey.u64());
        assertEquals(5, RandomKey.bytes(5).size());
    }
}
