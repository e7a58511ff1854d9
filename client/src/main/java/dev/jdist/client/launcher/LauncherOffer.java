package dev.jdist.client.launcher;

import dev.jdist.client.caller.OutputFile;
import dev.jdist.protocol.wire.Bytes;
import java.util.List;

/**
 * What a compile came to before, for a launcher that finds its files as they were.
 *
 * @param outputs with contents that can be had without fail
 */
public record LauncherOffer(List<OutputFile> outputs, Bytes stdout, Bytes stderr) {
    public LauncherOffer {
        outputs = List.copyOf(outputs);
    }
}
