package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.wire.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that builders send: whole, or not at all. */
class ReceivedOutputTest {
    private static OutputFile file(String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream zlib = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(zlib)) {
            deflater.write(bytes);
        }
        return new OutputFile("/w/a.o", Bytes.wrap(zlib.toByteArray()), bytes.length);
    }

    private static byte[] write(OutputFile file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ReceivedOutput.of(file).content().writeTo(out);
        return out.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({"''", "object"})
    void file_asSent_isUnpacked(String content) throws IOException {
        assertEquals("/w/a.o", ReceivedOutput.of(file(content)).path());
        assertArrayEquals(content.getBytes(StandardCharsets.UTF_8), write(file(content)));
    }

    @Test
    void file_thatIsNoZlib_isAnError() {
        OutputFile damaged = new OutputFile("/w/a.o", Bytes.utf8("junk"), 4);
        assertThrows(IOException.class, () -> write(damaged));
    }

    @ParameterizedTest
    @CsvSource({"5,6", "7,6", "0,6"})
    void file_ofAnotherSizeThanAnnounced_isAnError(long announced, long actual) throws IOException {
        OutputFile whole = file("object");
        assertEquals(actual, whole.size());
        OutputFile wrong = new OutputFile(whole.path(), whole.zlib(), announced);
        IOException e = assertThrows(IOException.class, () -> write(wrong));
        assertTrue(e.getMessage().contains(String.valueOf(announced)), e.getMessage());
    }

    @Test
    void stream_thatBreaksOff_isAnError() throws IOException {
        OutputFile whole = file("object".repeat(1000));
        byte[] bytes = whole.zlib().toInputStream().readAllBytes();
        Bytes half = Bytes.copyOf(Arrays.copyOf(bytes, bytes.length / 2));
        assertThrows(IOException.class, () -> write(new OutputFile(whole.path(), half, whole.size())));
    }

    /** A few bytes may unpack to a full disk. */
    @Test
    void file_ofMoreThanAnnounced_isNotUnpackedToTheEnd() throws IOException {
        OutputFile bomb = file("\0".repeat(64 << 20));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OutputFile lying = new OutputFile(bomb.path(), bomb.zlib(), 10);
        IOException e = assertThrows(
                IOException.class, () -> ReceivedOutput.of(lying).content().writeTo(out));
        assertTrue(e.getMessage().contains("more than the 10 bytes"), e.getMessage());
        assertEquals(0, out.size());
    }
}
