package dev.jdist.client.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What login servers answer, and what is made of it. */
class AccessTokenTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"access_token\": \"abc\", \"token_type\": \"Bearer\", \"expires_in\": 3600}",
                "{\"expires_in\": \"3600\", \"token_type\": \"bearer\", \"access_token\": \"abc\", \"scope\": null}",
            })
    void answer_asServersGiveIt_isRead(String json) throws LoginException {
        assertEquals(new AccessToken(new Secret("abc"), Optional.of(Duration.ofHours(1))), parse(json));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"soon\"", "-1", "[]"})
    void lifetime_thatSaysNothing_isNone(String value) throws LoginException {
        assertEquals(
                Optional.empty(),
                parse("{\"access_token\": \"abc\", \"token_type\": \"Bearer\", \"expires_in\": " + value + "}")
                        .lifetime());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"token_type\": \"Bearer\"} | there is no access_token in the answer",
                "{\"access_token\": \"abc\"} | there is no token_type in the answer",
                "{\"access_token\": \"abc\", \"token_type\": \"mac\"} | not a bearer token",
                "{\"access_token\": \"a\\nb\", \"token_type\": \"Bearer\"} | cannot be sent in an HTTP header",
                "{\"access_token\": \"\", \"token_type\": \"Bearer\"} | cannot be sent in an HTTP header",
                "access_token=abc&token_type=bearer | the answer is not JSON",
                "[] | there is no access_token in the answer",
                "\"abc\" | there is no access_token in the answer",
            })
    void answer_withoutAUsableToken_isRefusedAndNotRepeated(String json, String message) {
        LoginException refusal = assertThrows(LoginException.class, () -> parse(json));

        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
        assertFalse(refusal.getMessage().contains("abc"), refusal.getMessage());
    }

    @Test
    void shortLived_isWhatEndsWithinTwoDays() {
        assertTrue(living(Optional.of(Duration.ofSeconds(2 * 86400 - 1))).isShortLived());
        assertFalse(living(Optional.of(Duration.ofSeconds(2 * 86400))).isShortLived());
        assertFalse(living(Optional.empty()).isShortLived());
    }

    private static AccessToken living(Optional<Duration> lifetime) {
        return new AccessToken(new Secret("abc"), lifetime);
    }

    private static AccessToken parse(String json) throws LoginException {
        return AccessToken.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
