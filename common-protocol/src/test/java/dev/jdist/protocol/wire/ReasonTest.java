package dev.jdist.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class ReasonTest {
    @Test
    void ofFailureWithMessage_isItsMessage() {
        assertEquals("the disk is full", Reason.of(new IOException("the disk is full")));
    }

    @Test
    void ofFailureWithoutMessage_isWhatItIs() {
        assertEquals("java.nio.channels.ClosedChannelException", Reason.of(new ClosedChannelException()));
    }

    @Test
    void ofFutureThatFailed_isWhatItFailedBy() {
        Throwable cause = new IOException("the disk is full");
        assertEquals("the disk is full", Reason.of(new ExecutionException(new CompletionException(cause))));
    }

    @Test
    void ofFutureThatFailedBySomethingWithoutMessage_isWhatThatIs() {
        assertEquals(
                "java.nio.channels.ClosedChannelException",
                Reason.of(new CompletionException(new ClosedChannelException())));
    }

    @Test
    void ofASystemCallThatFailed_doesNotNameTheCall() {
        assertEquals(
                "Connection refused: /127.0.0.1:1",
                Reason.of(new IOException(
                        "finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:1")));
    }

    @Test
    void ofNettysFailureWithoutMessage_isWhatItIs() {
        assertEquals("No route to host: /10.0.0.1:1", Reason.of(new NoRouteToHostException("null: /10.0.0.1:1")));
        assertEquals("ConnectException: /10.0.0.1:1", Reason.of(new ConnectException("null: /10.0.0.1:1")));
    }

    @Test
    void ofOtherFailureWithCause_isItsOwnMessage() {
        assertEquals("no builder", Reason.of(new IOException("no builder", new IOException("the disk is full"))));
    }
}
