package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.client.unit.OutputPlaces;
import dev.jdist.client.unit.OutputPlaces.Place;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The files of a hit, for the places of a unit's outputs. */
public final class HitFiles {
    private HitFiles() {}

    /** What is to be written where. */
    public static List<OutputFile> of(OutputPlaces places, Hit hit) {
        CompileResult result = hit.result();
        List<OutputFile> files = new ArrayList<>();
        for (int i = 0; i < places.outputs().size() && i < result.outputs().size(); i++) {
            Place place = places.outputs().get(i);
            result.outputs()
                    .get(i)
                    .ifPresent(bytes -> files.add(new OutputFile(place.path(), place.manner(), bytes::writeTo)));
        }
        Place dependencies = places.dependencies();
        hit.dependencies()
                .ifPresent(bytes ->
                        files.add(new OutputFile(dependencies.path(), dependencies.manner(), out -> out.write(bytes))));
        return files;
    }

    /** Has the caller put a hit where it belongs. @throws IOException if that cannot be done: the compiler has to */
    static Outcome write(CompileTask task, Hit hit) throws IOException, CallerGoneException, InterruptedException {
        task.caller().write(of(task.places(), hit));
        return new Outcome.Hit(task.label(), hit.result().stdout(), hit.result().stderr());
    }

    /** The outcome of a hit that the caller has already: nothing is left to print. */
    static Outcome taken(CompileTask task) {
        return new Outcome.Hit(task.label(), Bytes.EMPTY, Bytes.EMPTY);
    }
}
