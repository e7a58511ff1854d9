package dev.jdist.protocol.http.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.http.EventLoops;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class LostConnectionTest {
    private static final HttpTarget PEER = new HttpTarget.Scheduler(HttpUrl.parse("https://127.0.0.1:1"));

    /** A peer may answer the first bytes of a handshake before the call for which it was begun is there. */
    @Test
    void call_onAConnectionThatBrokeBeforeIt_isToldWhy() {
        EventLoops loops = EventLoops.start(1);
        try (HttpClient client = new HttpClient(loops)) {
            ClientConnection connection = new ClientConnection(client);
            EmbeddedChannel channel = new EmbeddedChannel(connection);
            channel.pipeline()
                    .fireExceptionCaught(new DecoderException(new NotSslRecordException("not an SSL record: 48")));
            assertFalse(channel.isActive());

            CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
            connection.begin(channel, HttpCall.get(PEER, "/"), answer, false);

            Throwable failure =
                    assertThrows(ExecutionException.class, answer::get).getCause();
            assertTrue(failure.getMessage().startsWith("what answers there does not speak TLS"), failure.getMessage());
            assertTrue(LostConnection.tellsRemedy(failure));
        } finally {
            loops.close();
        }
    }

    @Test
    void explain_wrappedReason_isTheInnermost() {
        SSLHandshakeException wrapped = new SSLHandshakeException("handshake alert");
        wrapped.initCause(new CertificateException("its certificate has another pin"));

        IOException explained = LostConnection.explain(new DecoderException(wrapped));
        assertEquals("its certificate has another pin", explained.getMessage());
        assertTrue(LostConnection.tellsRemedy(explained));
    }

    @Test
    void explain_closedChannel_hasWordsAndNoRemedy() {
        IOException explained = LostConnection.explain(new ClosedChannelException());
        assertEquals("the connection was closed", explained.getMessage());
        assertFalse(LostConnection.tellsRemedy(explained));
    }
}
