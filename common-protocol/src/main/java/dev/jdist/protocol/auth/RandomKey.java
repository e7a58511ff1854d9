package dev.jdist.protocol.auth;

import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.wire.Bytes;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.function.Supplier;

/** Fresh secrets. */
public final class RandomKey {
    private static final SecureRandom RANDOM = new SecureRandom();

    private RandomKey() {}

    public static Bytes bytes(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    public static long u64() {
        return RANDOM.nextLong();
    }

    /**
     * {@code count} random bytes as base64url without padding: the form of keys and tokens in settings files. Never
     * begins with a dash, by which programs would take it for an option.
     */
    public static Secret base64Url(int count) {
        return base64Url(() -> bytes(count));
    }

    static Secret base64Url(Supplier<Bytes> draw) {
        String text;
        do {
            text = Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(draw.get().toByteArray());
        } while (text.startsWith("-"));
        return new Secret(text);
    }
}
