package dev.jdist.protocol.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.wire.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tokens for jobs 0 and 1 came from a stock scheduler; a stock builder took the one above 2^63. */
class JobTokenTest {
    private static final Bytes KEY = TestKeys.counting(32);
    private static final JobId SEVEN = new JobId(7);

    @ParameterizedTest
    @CsvSource({
        "0, eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjAsImpvYl9pZCI6MH0.r4QOt04xs_CUH2iCb74FUzeyU0XXuXjKfFTq-ggIo5Y",
        "1, eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjAsImpvYl9pZCI6MX0.woIGmBTHDMY9dJsRzWiuxw4-yD5t-HbJWMCgLMrwZC0",
        "9223372036854775813, eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjAsImpvYl9pZCI6OTIyMzM3MjAzNjg1NDc3NTgxM30"
                + ".Qe7sh3FOkILbk11MpYFT-Wxnok7qniKK-HKc6oYjnaM",
        "18446744073709551615, eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"
                + ".eyJleHAiOjAsImpvYl9pZCI6MTg0NDY3NDQwNzM3MDk1NTE2MTV9"
                + ".Wtp3OEJk4ta5Di3GsNkh4c7UDlBFfHvZcNhiBqX1lN4",
    })
    void sign_anyJob_isTheTokenOfStock(String job, String token) {
        assertEquals(token, JobToken.sign(JobId.parse(job), KEY));
        assertTrue(JobToken.verify(token, JobId.parse(job), KEY));
    }

    @Test
    void verify_anotherJob_isRefused() {
        String token = JobToken.sign(SEVEN, KEY);

        assertFalse(JobToken.verify(token, new JobId(8), KEY));
        assertFalse(JobToken.verify(token, new JobId(-7), KEY));
        assertFalse(JobToken.verify(token, new JobId(77), KEY));
    }

    /** As a double, the two ids are one. */
    @Test
    void verify_neighbourAbove63Bits_isRefused() {
        JobId id = JobId.parse("18446744073709551615");
        JobId neighbour = JobId.parse("18446744073709551614");

        assertFalse(JobToken.verify(JobToken.sign(id, KEY), neighbour, KEY));
    }

    @Test
    void verify_anotherKey_isRefused() {
        assertFalse(JobToken.verify(JobToken.sign(SEVEN, KEY), SEVEN, RandomKey.bytes(32)));
    }

    /** Made by hand: header and claims in another order than any sccache writes them, signed with the right key. */
    @Test
    void verify_otherSpellingOfTheSame_isTaken() {
        String token = "eyJhbGciOiJIUzI1NiJ9.eyJqb2JfaWQiOjcsImV4cCI6MH0.nWQTNCnIqmDecpayEkyuoj-P9iblAwfoH5W6vbOfj00";

        assertTrue(JobToken.verify(token, SEVEN, KEY));
        assertFalse(JobToken.verify(token, new JobId(8), KEY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"exp\":0,\"job_id\":7,\"more\":1}",
                "{\"exp\":1,\"job_id\":7}",
                "{\"job_id\":7}",
                "{\"exp\":0,\"job_id\":\"7\"}",
                "{\"exp\":0,\"job_id\":7.0}",
                "{\"exp\":0,\"job_id\":-7}",
                "{\"exp\":0,\"job_id\":null}",
                "{\"exp\":\"0\",\"job_id\":7}",
                "{\"exp\":0.5,\"job_id\":7}",
                "{}",
                "[]",
                "7",
                "",
                "{"
            })
    void verify_genuineButOtherClaims_isRefused(String claims) {
        assertFalse(JobToken.verify(Hs256.sign(claims, KEY), SEVEN, KEY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "...",
                "garbage",
                "a.b.c",
                // {"alg":"none"} without a signature, and with the right claims
                "eyJhbGciOiJub25lIn0.eyJleHAiOjAsImpvYl9pZCI6N30.",
                "eyJhbGciOiJub25lIn0.eyJleHAiOjAsImpvYl9pZCI6N30.nWQTNCnIqmDecpayEkyuoj",
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjAsImpvYl9pZCI6N30.",
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjAsImpvYl9pZCI6N30",
                "é\0\ud800"
            })
    void verify_garbage_isRefused(String token) {
        assertFalse(JobToken.verify(token, SEVEN, KEY));
    }

    @Test
    void verify_anotherAlgorithmOfTheFamily_isRefused() throws Exception {
        assertFalse(JobToken.verify(TestKeys.hs512("{\"exp\":0,\"job_id\":7}"), SEVEN, TestKeys.counting(64)));
    }

    @Test
    void verify_anyCharacterChanged_isRefused() {
        String token = JobToken.sign(SEVEN, KEY);
        // The last character of a signature carries two spare bits, which decoders may ignore.
        for (int at = 0; at < token.length() - 1; at++) {
            char other = token.charAt(at) == 'A' ? 'B' : 'A';
            String changed = token.substring(0, at) + other + token.substring(at + 1);
            assertFalse(JobToken.verify(changed, SEVEN, KEY), "changed at " + at);
        }
    }

    @Test
    void sign_shortKey_isRefused() {
        assertThrows(IllegalArgumentException.class, () -> JobToken.sign(SEVEN, TestKeys.counting(31)));
    }

    /** The key comes from a heartbeat: that it is short must not surface as another exception in another place. */
    @Test
    void verify_shortKey_isRefused() {
        assertFalse(JobToken.verify(JobToken.sign(SEVEN, KEY), SEVEN, TestKeys.counting(31)));
        assertFalse(JobToken.verify("x", SEVEN, Bytes.EMPTY));
    }
}
