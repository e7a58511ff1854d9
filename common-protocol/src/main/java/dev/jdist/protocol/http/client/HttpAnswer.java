package dev.jdist.protocol.http.client;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * What came back.
 *
 * @param fromJdist whether the other side is jdist
 * @param date what time it is there, to the second, if it told
 * @param content in memory, or in a spool if the call allowed for a large answer: it has to be closed then
 */
public record HttpAnswer(int status, boolean fromJdist, Optional<Instant> date, PrimitiveBytes content)
        implements Closeable {
    /** How much of an error's text is worth repeating. */
    private static final int MAX_TEXT = 500;

    /** From somebody without a clock. */
    public HttpAnswer(int status, boolean fromJdist, byte[] body) {
        this(status, fromJdist, Optional.empty(), Bytes.wrap(body));
    }

    /** All of it, for answers that are small. */
    public byte[] body() {
        ByteArrayOutputStream out = new ByteArrayOutputStream((int) Math.min(content.length(), WireLimits.SMALL_BODY));
        try {
            content.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
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
            return decoder.fromBincode(content);
        } catch (WireFormatException e) {
            throw new IOException("the answer is not what was expected: " + e.getMessage(), e);
        }
    }

    private String text() {
        String text;
        try (InputStream in = content.toInputStream()) {
            // A character has up to four bytes.
            text = new String(in.readNBytes(4 * (MAX_TEXT + 1)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return Reason.of(e);
        }
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    @Override
    public void close() throws IOException {
        if (content instanceof Closeable spool) {
            spool.close();
        }
    }

    @Override
    public String toString() {
        return status + " with " + content.length() + " bytes";
    }
}
