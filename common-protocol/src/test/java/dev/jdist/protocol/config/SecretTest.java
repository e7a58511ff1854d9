package dev.jdist.protocol.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SecretTest {
    @Test
    void matches_theValueOnly_isTrue() {
        Secret secret = new Secret("abc");

        assertTrue(secret.matches("abc"));
        assertFalse(secret.matches("abd"));
        assertFalse(secret.matches("ab"));
        assertFalse(secret.matches("abcd"));
        assertFalse(secret.matches(""));
    }

    @Test
    void toString_always_isNothing() {
        assertEquals("[secret]", new Secret("abc").toString());
    }
}
