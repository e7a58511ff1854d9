package dev.jdist.sandbox.view;

import java.util.Map;

/**
 * What is in a directory.
 *
 * @param complete whether a name that is not among them is not there
 * @param nodes by name: neither empty nor {@code .} nor {@code ..}, without {@code /} or NUL, at most 255 bytes of UTF-8
 */
public record Entries(boolean complete, Map<String, Node> nodes) {
    public Entries {
        nodes = Map.copyOf(nodes);
    }
}
