package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What is at a path.
 *
 * @param path absolute, without "." and "..", and without links on the way to its last name
 */
public record PathNode(String path, ViewNode node) {
    private static final String NODES = "nodes";

    /** Path (two numbers) and node. */
    private static final int LEAST_BYTES = 2 + PackedNode.LEAST_BYTES;

    /** @throws IllegalArgumentException if the path is not in the one form that paths have */
    public PathNode {
        ViewPath.checkPath(path);
    }

    /**
     * Nodes as messages have them.
     *
     * @throws IllegalArgumentException if a path is there twice, or if they are too many
     */
    static List<PathNode> sorted(Collection<PathNode> nodes) {
        PackedPaths.checkCount(NODES, nodes.size(), WireLimits.PATHS);
        return ViewPath.sorted("path", nodes, Comparator.comparing(PathNode::path));
    }

    static Bytes pack(List<PathNode> nodes) {
        PackedWriter out = new PackedWriter();
        out.number(nodes.size());
        for (PathNode node : nodes) {
            out.following(node.path());
            PackedNode.write(node.node(), out);
        }
        return out.toBytes();
    }

    static List<PathNode> unpack(WireReader field) {
        PackedReader in = PackedReader.of(field, NODES, WireLimits.PATH_BYTES);
        List<PathNode> nodes = new ArrayList<>();
        String previous = "";
        for (int left = in.count(NODES, WireLimits.PATHS, LEAST_BYTES); left > 0; left--) {
            String path = PackedPaths.next(in, previous);
            nodes.add(of(path, PackedNode.read(in)));
            previous = path;
        }
        in.end();
        return nodes;
    }

    private static PathNode of(String path, ViewNode node) {
        try {
            return new PathNode(path, node);
        } catch (IllegalArgumentException e) {
            throw new WireFormatException(Reason.of(e), e);
        }
    }
}
