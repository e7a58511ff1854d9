package dev.jdist.protocol.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireFormatException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SourcesBodyTest {
    private static final WireDecoder<SourceAnswers> ANSWERS = SourceAnswers::decode;

    private static Bytes compressed(SourceAnswers message) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SourcesBody.write(message, out);
        return Bytes.wrap(out.toByteArray());
    }

    private static SourceAnswers read(PrimitiveBytes body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SourcesBody.read(body, out);
        return ANSWERS.fromBincode(Bytes.wrap(out.toByteArray()));
    }

    private static SourceAnswers with(byte[] content) {
        return new SourceAnswers(
                ViewSamples.ANSWERS.nodes(), List.of(new Content(Sha256.ofContent(content), Bytes.wrap(content))));
    }

    @Test
    void read_whatWasWritten_isTheMessage() throws IOException {
        byte[] noise = new byte[3 << 20];
        new SplittableRandom(1).nextBytes(noise);

        for (SourceAnswers message : List.of(ViewSamples.ANSWERS, with(noise), with(new byte[3 << 20]))) {
            assertEquals(message, read(compressed(message)));
        }
    }

    @Test
    void write_messages_isSmallAndLeavesTheStreamOpen() throws IOException {
        boolean[] closed = {false};
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public void close() {
                closed[0] = true;
            }
        };

        SourcesBody.write(with(new byte[1 << 20]), out);

        assertTrue(out.size() < 1000, out.size() + " bytes");
        assertFalse(closed[0]);
    }

    @Test
    void read_moreThanTheLimit_isRefused() throws IOException {
        Bytes bomb = compressed(with(new byte[1 << 20]));
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        WireFormatException refusal =
                assertThrows(WireFormatException.class, () -> SourcesBody.read(bomb, out, 100_000));

        assertEquals(bomb.size() + " bytes decompress to more than the limit of 100000", refusal.getMessage());
        assertTrue(out.size() <= 100_000, out.size() + " bytes");
    }

    @Test
    void read_exactlyTheLimit_isTaken() throws IOException {
        SourceAnswers message = with(new byte[1 << 20]);

        SourcesBody.read(compressed(message), OutputStream.nullOutputStream(), message.toBincode().length);
    }

    @Test
    void read_windowThatTakesTooMuchMemory_isRefused() throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStreamNoFinalizer(frame, 1).setLong(27)) {
            out.write(new byte[1 << 20]);
        }

        WireFormatException refusal = assertThrows(
                WireFormatException.class,
                () -> SourcesBody.read(Bytes.wrap(frame.toByteArray()), OutputStream.nullOutputStream()));

        assertTrue(refusal.getMessage().startsWith("the body is not a zstd frame: "), refusal.getMessage());
    }

    @Test
    void read_cutAnywhere_isRefused() throws IOException {
        byte[] whole = compressed(ViewSamples.ANSWERS).toByteArray();
        for (int length = 0; length < whole.length; length++) {
            Bytes cut = Bytes.wrap(Arrays.copyOf(whole, length));
            assertThrows(WireFormatException.class, () -> read(cut), "cut to " + length + " bytes");
        }
    }

    @Test
    void read_anythingElse_isRefused() throws IOException {
        assertThrows(WireFormatException.class, () -> read(Bytes.utf8("not compressed, and long enough")));
        assertThrows(
                WireFormatException.class,
                () -> read(compressed(ViewSamples.ANSWERS).plus(Bytes.utf8("more"))));
    }

    @Test
    void read_bodyThatCannotBeRead_tellsOfThatAndNotOfTheFormat() {
        PrimitiveBytes gone = new PrimitiveBytes() {
            @Override
            public long length() {
                return 10;
            }

            @Override
            public InputStream toInputStream() {
                return new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new EOFException("gone");
                    }
                };
            }
        };

        assertThrows(EOFException.class, () -> read(gone));
    }
}
