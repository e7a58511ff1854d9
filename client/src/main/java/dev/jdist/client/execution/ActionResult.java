package dev.jdist.client.execution;

import dev.jdist.client.caller.OutputFile;
import dev.jdist.protocol.wire.Bytes;
import java.util.List;

/**
 * What became of an {@link Action} that ran.
 *
 * @param executor the machine that ran it, for the log and for statistics
 * @param code with which the command ended
 * @param outputs those of the wanted files that the command wrote
 */
public record ActionResult(String executor, int code, Bytes stdout, Bytes stderr, List<Output> outputs) {
    public ActionResult {
        outputs = List.copyOf(outputs);
    }

    /**
     * A file that the command wrote.
     *
     * @param path as the action names it
     * @param content throws an {@link java.io.IOException} if it arrived damaged
     */
    public record Output(String path, OutputFile.Content content) {}
}
