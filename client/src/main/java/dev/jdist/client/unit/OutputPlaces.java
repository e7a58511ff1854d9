package dev.jdist.client.unit;

import dev.jdist.client.compiler.OutputManner;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a unit's outputs go.
 *
 * @param outputs in the order in which the unit names them
 * @param dependencies the dependency file, for a result that has one
 */
public record OutputPlaces(List<Place> outputs, Place dependencies) {
    /** Where one goes. @param manner what becomes of a file that is there already */
    public record Place(Path path, OutputManner manner) {}
}
