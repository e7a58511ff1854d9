package dev.jdist.client.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PkceTest {
    /** RFC 7636, appendix B. */
    @Test
    void challenge_ofTheExampleInTheStandard_isTheOneThere() {
        assertEquals(
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
                new Pkce("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").challenge());
    }

    @Test
    void verifier_fresh_isLongEnoughAndNeverTheSame() {
        assertTrue(Pkce.fresh().verifier().matches("[A-Za-z0-9_-]{43,128}"));
        assertNotEquals(Pkce.fresh().verifier(), Pkce.fresh().verifier());
    }
}
