package dev.jdist.client.login;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.protocol.config.Secret;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a login server gives in the end: RFC 6749, section 4.2.2 and 5.1.
 *
 * @param lifetime if the server tells it
 */
public record AccessToken(Secret secret, Optional<Duration> lifetime) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SHORT = Duration.ofDays(2);

    /** @param body the token endpoint's answer */
    static AccessToken parse(byte[] body) throws LoginException {
        try {
            JsonNode json = JSON.readTree(new String(body, java.nio.charset.StandardCharsets.UTF_8));
            return of(name -> Optional.ofNullable(json.get(name))
                    .filter(JsonNode::isValueNode)
                    .map(JsonNode::asText));
        } catch (JsonProcessingException e) {
            // Its message would repeat a part of what may be a token.
            throw new LoginException("the answer is not JSON");
        }
    }

    /** @param parameters by name, from wherever they come */
    static AccessToken of(Function<String, Optional<String>> parameters) throws LoginException {
        String token = parameters.apply("access_token").orElseThrow(() -> missing("access_token"));
        String type = parameters.apply("token_type").orElseThrow(() -> missing("token_type"));
        if (!type.equalsIgnoreCase("bearer")) {
            throw new LoginException("the token is not a bearer token, and the scheduler takes no other");
        }
        if (!canTravel(token)) {
            throw new LoginException("the token cannot be sent in an HTTP header");
        }
        Optional<Duration> lifetime = parameters
                .apply("expires_in")
                .filter(text -> text.matches("[0-9]{1,10}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
        return new AccessToken(new Secret(token), lifetime);
    }

    private static LoginException missing(String name) {
        return new LoginException("there is no " + name + " in the answer");
    }

    static boolean canTravel(String token) {
        return !token.isEmpty() && token.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }

    /** Whether its end is so near that its owner should know. */
    boolean isShortLived() {
        return lifetime.filter(time -> time.compareTo(SHORT) < 0).isPresent();
    }
}
