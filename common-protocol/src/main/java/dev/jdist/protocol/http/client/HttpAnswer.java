package dev.jdist.protocol.http.client;

import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * What came back.
 *
 * @param fromJdist whether the other side is jdist
 * @param date what time it is there, to the second, if it told
 */
public record HttpAnswer(int status, boolean fromJdist, Optional<Instant> date, byte[] body) {
    /** How much of an error's text is worth repeating. */
    private static final int MAX_TEXT = 500;

    /** From somebody without a clock. */
    public HttpAnswer(int status, boolean fromJdist, byte[] body) {
        this(status, fromJdist, Optional.empty(), body);
    }

    /**
     * The message in a successful answer.
     *
     * @throws HttpStatusException if the answer is an error
     * @throws IOException if it is not the message expected
     */
    public <T> T decode(WireDecoder<T> decoder) throws IOException {
        if (status != 200) {
            throw new HttpStatusException(status, text());
        }
        try {
            return decoder.fromBincode(body);
        } catch (WireFormatException e) {
            throw new IOException("the answer is not what was expected: " + e.getMessage(), e);
        }
    }

    private String text() {
        String text = new String(body, StandardCharsets.UTF_8);
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    @Override
    public String toString() {
        return status + " with " + body.length + " bytes";
    }
}
