package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.files.OutputWriter;
import dev.jdist.client.files.OutputWriter.NewFile;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.client.unit.OutputPlaces;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of a hit, for the places of a unit's outputs. */
public final class HitFiles {
    private HitFiles() {}

    /** What is to be written where. */
    public static List<NewFile> of(OutputPlaces places, Hit hit) {
        CompileResult result = hit.result();
        List<NewFile> files = new ArrayList<>();
        for (int i = 0; i < places.outputs().size() && i < result.outputs().size(); i++) {
            Path place = places.outputs().get(i);
            result.outputs().get(i).ifPresent(bytes -> files.add(new NewFile(place, bytes::writeTo)));
        }
        hit.dependencies().ifPresent(bytes -> files.add(new NewFile(places.dependencies(), out -> out.write(bytes))));
        return files;
    }

    /** Puts a hit where it belongs. @throws IOException if that cannot be done; nothing has changed then */
    static Outcome write(CompileTask task, Hit hit) throws IOException {
        OutputPlaces places = task.places();
        OutputWriter.writeAll(of(places, hit), places.umask());
        return new Outcome.Hit(task.label(), hit.result().stdout(), hit.result().stderr());
    }

    /** The outcome of a hit that the caller has already: nothing is left to print. */
    static Outcome taken(CompileTask task) {
        return new Outcome.Hit(task.label(), Bytes.EMPTY, Bytes.EMPTY);
    }
}
