package dev.jdist.client.execution;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * What became of an {@link Action} that ran.
 *
 * @param executor the machine that ran it, for the log and for statistics
 * @param millis when it was done, since 1970
 * @param code with which the command ended
 * @param outputs those of the wanted files that the command wrote; they can be read until this is closed
 * @param judge wants to know what the result is worth, once
 * @param origin of the outputs' bytes
 */
public record ActionResult(
        String executor,
        long millis,
        int code,
        Bytes stdout,
        Bytes stderr,
        List<Output> outputs,
        Judge judge,
        Closeable origin)
        implements Closeable {
    public ActionResult {
        outputs = List.copyOf(outputs);
    }

    /** The same, judged by another, and with outputs that go by another way. */
    public ActionResult with(Judge other, Closeable otherOrigin) {
        return new ActionResult(executor, millis, code, stdout, stderr, outputs, other, otherOrigin);
    }

    /** Learns whether a machine does its work. */
    @FunctionalInterface
    public interface Judge {
        /** @param reason what was found, for the log; empty where there is nothing to say */
        void judge(Verdict verdict, String reason);
    }

    /**
     * A file that the command wrote.
     *
     * @param path as the action names it
     * @param content reading it throws an {@link IOException} if it arrived damaged
     */
    public record Output(String path, PrimitiveBytes content) {}

    @Override
    public void close() throws IOException {
        origin.close();
    }
}
