package dev.jdist.client.launcher;

import dev.jdist.client.files.OutputWriter.Move;
import dev.jdist.protocol.wire.Bytes;
import java.util.List;

/**
 * What a compile came to before, for a launcher that finds its files as they were.
 *
 * @param moves that put the outputs into their places
 */
public record LauncherOffer(List<Move> moves, Bytes stdout, Bytes stderr) {
    public LauncherOffer {
        moves = List.copyOf(moves);
    }
}
