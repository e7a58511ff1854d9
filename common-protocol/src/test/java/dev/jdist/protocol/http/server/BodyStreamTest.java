package dev.jdist.protocol.http.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BodyStreamTest {
    private static final int HIGH_WATER = 1 << 20;
    private static final int LOW_WATER = 1 << 18;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final BodyStream stream = new BodyStream(channel);

    @AfterEach
    void closeChannel() {
        channel.finishAndReleaseAll();
    }

    @Test
    void read_chunks_areOneStream() throws IOException {
        stream.add(bytes(1, 2));
        stream.add(bytes());
        stream.add(bytes(3));
        stream.end();

        assertEquals(1, stream.read());
        assertArrayEquals(new byte[] {2, 3}, stream.readAllBytes());
        assertEquals(-1, stream.read());
        assertEquals(-1, stream.read(new byte[5]));
    }

    @Test
    void read_octetAbove127_isNotTheEnd() throws IOException {
        stream.add(bytes(255));
        stream.end();

        assertEquals(255, stream.read());
        assertEquals(-1, stream.read());
    }

    @Test
    void read_nothingWanted_doesNotWait() throws IOException {
        assertEquals(0, stream.read(new byte[0]));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.read(new byte[1], 0, 2));
    }

    @Test
    void read_beforeAnythingCame_waits() throws Exception {
        CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> {
            try {
                return stream.read();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        stream.add(bytes(7));

        assertEquals(7, first.get(10, TimeUnit.SECONDS));
    }

    @Test
    void add_aboveHighWater_pausesUntilBelowLowWater() throws IOException {
        stream.add(Unpooled.wrappedBuffer(new byte[HIGH_WATER]));
        assertTrue(channel.config().isAutoRead());
        stream.add(bytes(1));
        assertFalse(channel.config().isAutoRead());

        stream.readNBytes(HIGH_WATER + 1 - LOW_WATER);
        assertFalse(channel.config().isAutoRead());
        stream.read();
        assertTrue(channel.config().isAutoRead());
    }

    @Test
    void fail_afterSomeBytes_givesThemFirst() throws IOException {
        stream.add(bytes(1));
        stream.fail(new EOFException("broke off"));

        assertEquals(1, stream.read());
        assertEquals("broke off", assertThrows(EOFException.class, stream::read).getMessage());
        assertThrows(EOFException.class, stream::read);
    }

    @Test
    void fail_afterTheEnd_isIgnored() throws IOException {
        stream.end();
        stream.fail(new EOFException("broke off"));

        assertEquals(-1, stream.read());
    }

    @Test
    void close_withBytesWaiting_releasesThemAndResumes() {
        ByteBuf waiting = Unpooled.wrappedBuffer(new byte[HIGH_WATER + 1]);
        stream.add(waiting);
        stream.close();
        ByteBuf late = bytes(1);
        stream.add(late);

        assertEquals(0, waiting.refCnt());
        assertEquals(0, late.refCnt());
        assertTrue(channel.config().isAutoRead());
        assertThrows(IOException.class, stream::read);
    }

    @Test
    void read_everything_releasesTheChunks() throws IOException {
        ByteBuf chunk = bytes(1, 2, 3);
        stream.add(chunk);
        stream.readNBytes(3);

        assertEquals(0, chunk.refCnt());
    }

    @Test
    void read_interrupted_failsAndKeepsTheInterrupt() {
        Thread.currentThread().interrupt();

        assertThrows(IOException.class, stream::read);
        assertTrue(Thread.interrupted());
    }

    private static ByteBuf bytes(int... values) {
        ByteBuf buffer = Unpooled.buffer();
        for (int value : values) {
            buffer.writeByte(value);
        }
        return buffer;
    }
}
