package dev.jdist.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolchainTest {
    private static final String DIGEST = "0123456789abcdef".repeat(4);

    @Test
    void isWellFormed_digest_is() {
        assertTrue(new Toolchain(DIGEST).isWellFormed());
    }

    /** Each of these would be another file than a toolchain if it were taken for a file name. */
    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../../etc/passwd", "/etc/passwd", "ab", "\0"})
    void isWellFormed_anythingElse_isNot(String id) {
        assertFalse(new Toolchain(id).isWellFormed());
        assertFalse(new Toolchain(DIGEST + id + "\n").isWellFormed());
        assertFalse(new Toolchain((id + "/" + DIGEST).substring(0, 64)).isWellFormed());
    }

    @Test
    void isWellFormed_upperCase_isNot() {
        assertFalse(new Toolchain(DIGEST.toUpperCase(java.util.Locale.ROOT)).isWellFormed());
    }

    @Test
    void toString_anyId_isShort() {
        assertEquals("0123456789ab", new Toolchain(DIGEST).toString());
        assertEquals("ab", new Toolchain("ab").toString());
    }
}
