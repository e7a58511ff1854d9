package dev.jdist.client.unit;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a unit's outputs go.
 *
 * @param outputs in the order in which the unit names them
 * @param dependencies the dependency file, for a result that has one
 * @param umask of the caller for whom the files are
 */
public record OutputPlaces(List<Path> outputs, Path dependencies, int umask) {}
