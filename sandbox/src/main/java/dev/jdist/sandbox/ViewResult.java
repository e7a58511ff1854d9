package dev.jdist.sandbox;

import dev.jdist.sandbox.view.PathUse;
import java.util.List;

/**
 * What came of a command that ran under a view.
 *
 * @param uses each path once, in no particular order
 */
public record ViewResult(SandboxResult result, List<PathUse> uses) {
    public ViewResult {
        uses = List.copyOf(uses);
    }
}
