package dev.jdist.protocol.http.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.http.EventLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls to peers that stop, on a clock that the test moves. */
class SilentPeerTest {
    private static final HttpTarget PEER = new HttpTarget.Scheduler(HttpUrl.parse("http://127.0.0.1:1"));
    private static final String SIGN = "HTTP/1.1 102 Processing\r\n\r\n";

    private final EventLoops loops = EventLoops.start(1);
    private final HttpClient client = new HttpClient(loops);
    private final ClientConnection connection = new ClientConnection(client);
    private final EmbeddedChannel channel = new EmbeddedChannel(new HttpClientCodec(), connection);
    private final CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();

    @BeforeEach
    void call() {
        channel.freezeTime();
        connection.begin(channel, HttpCall.get(PEER, "/job").within(java.time.Duration.ofMinutes(20)), answer, false);
    }

    @AfterEach
    void stop() {
        channel.finishAndReleaseAll();
        client.close();
        loops.close();
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private void pass(long millis) {
        for (long passed = 0; passed < millis; passed += 100) {
            channel.advanceTimeBy(100, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private String failure() {
        return assertThrows(ExecutionException.class, answer::get).getCause().getMessage();
    }

    @Test
    void peerThatSpeaksOfItsWork_isWaitedForAndItsAnswerTaken() throws Exception {
        for (int i = 0; i < 600; i++) {
            receive(SIGN);
            pass(1000);
        }
        receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        assertEquals("ok", new String(answer.get().body(), StandardCharsets.US_ASCII));
    }

    @Test
    void peerThatSpokeAndFellSilent_isGivenUpWithinThreeAndAHalfSeconds() {
        receive(SIGN);
        pass(2900);
        assertFalse(answer.isDone());

        pass(600);

        assertEquals("silent for 3 seconds", failure());
        assertFalse(channel.isOpen());
    }

    @Test
    void peerThatSpokeInAnEarlierCall_isGivenUpToo() {
        client.noteVocal(PEER);
        ClientConnection other = new ClientConnection(client);
        EmbeddedChannel second = new EmbeddedChannel(new HttpClientCodec(), other);
        second.freezeTime();
        CompletableFuture<HttpAnswer> next = new CompletableFuture<>();
        other.begin(second, HttpCall.get(PEER, "/job"), next, true);
        for (int i = 0; i < 35; i++) {
            second.advanceTimeBy(100, TimeUnit.MILLISECONDS);
            second.runScheduledPendingTasks();
        }

        assertTrue(next.isCompletedExceptionally());
    }

    /** Half a word is none: dripped bytes are not taken for a sign. */
    @Test
    void peerThatDripsItsSigns_isGivenUp() {
        receive(SIGN);
        for (int i = 0; i < 6; i++) {
            receive(SIGN.substring(i, i + 1));
            pass(500);
        }

        assertEquals("silent for 3 seconds", failure());
    }

    @Test
    void peerThatNeverSpeaks_isWaitedFor() {
        pass(600_000);

        assertFalse(answer.isDone());
    }

    @Test
    void connectionThatIsNotRead_isNotTakenForSilent() {
        receive(SIGN);
        channel.config().setAutoRead(false);
        pass(60_000);
        assertFalse(answer.isDone());

        channel.config().setAutoRead(true);
        pass(3500);
        assertTrue(answer.isDone());
    }

    @Test
    void answerThatDrips_isGivenUp() {
        receive("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        for (int i = 0; i < 12 && !answer.isDone(); i++) {
            receive("x");
            pass(1000);
        }

        assertTrue(failure().contains("less than 1024 bytes per second"), failure());
    }

    @Test
    void noSign_looksLikeAnAnswer() {
        receive(SIGN + SIGN);

        assertFalse(answer.isDone());
        Optional<ByteBuf> request = Optional.ofNullable(channel.readOutbound());
        assertTrue(request.isPresent());
        request.get().release();
    }
}
