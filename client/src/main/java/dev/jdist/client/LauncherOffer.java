package dev.jdist.client;

import dev.jdist.client.OutputWriter.Move;
import dev.jdist.protocol.Bytes;
import java.util.List;

/**
 * What a compile came to before, for a launcher that finds its files as they were.
 *
 * @param moves that put the outputs into their places
 */
record LauncherOffer(List<Move> moves, Bytes stdout, Bytes stderr) {
    LauncherOffer {
        moves = List.copyOf(moves);
    }
}
