package dev.jdist.sandbox.bubblewrap;

import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.tree.RootedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What takes the place of an overlay where none can be mounted: the upper layer is the root, and what it lacks of the
 * lower one is bound into it, read-only.
 *
 * <p>A directory that only the lower layer has is one mount. One that both have stays the upper layer's, writable, and
 * gets each entry that it lacks; so files can be put beside a toolchain's own, and hide them. Links are copied, as they
 * cannot be bound.
 *
 * <p>Bubblewrap makes an empty file or directory in the upper layer for each mount, which remain there. {@link
 * RootedTree} is told of them, and looks through them.
 */
public final class LowerBinds {
    /** Bubblewrap takes time that grows with the square of them, and a command line has an end. */
    static final int MAX = 1000;
    /** Bubblewrap's own mounts, in the root. */
    private static final Set<String> COVERED = Set.of("dev", "proc");

    private final Path lower;
    private final Path upper;
    private final RootedTree tree;
    private final List<String> options = new ArrayList<>();
    private int mounts;

    private LowerBinds(Path lower, Path upper, RootedTree tree) {
        this.lower = lower;
        this.upper = upper;
        this.tree = tree;
    }

    /**
     * Bubblewrap's options for all mounts, below the root that is {@code upper}. No command may be running there.
     *
     * @throws SandboxException if there would be more than {@link #MAX}
     */
    static List<String> prepare(Path lower, Path upper, RootedTree tree) throws IOException {
        // Programs want to write to these, whoever has made them.
        for (String temporary : List.of("/tmp", "/var/tmp")) {
            if (Files.isDirectory(lower.resolve(temporary.substring(1)), LinkOption.NOFOLLOW_LINKS)) {
                tree.createDirectories(temporary);
            }
        }
        LowerBinds binds = new LowerBinds(lower, upper, tree);
        binds.merge(List.of());
        return binds.options;
    }

    private void merge(List<String> components) throws IOException {
        List<Path> entries;
        try (Stream<Path> listing = Files.list(under(lower, components))) {
            entries = listing.sorted().toList();
        }
        for (Path entry : entries) {
            String name = entry.getFileName().toString();
            if (!components.isEmpty() || !COVERED.contains(name)) {
                List<String> place = new ArrayList<>(components);
                place.add(name);
                lay(entry, place);
            }
        }
    }

    private void lay(Path entry, List<String> place) throws IOException {
        Path above = under(upper, place);
        boolean isDirectory = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
        boolean isFree = Files.notExists(above, LinkOption.NOFOLLOW_LINKS);
        if (isFree && Files.isSymbolicLink(entry)) {
            Files.createSymbolicLink(above, Files.readSymbolicLink(entry));
        } else if (isFree || isPlaceholder(place, above, isDirectory)) {
            if (++mounts > MAX) {
                throw new SandboxException("the job's files are in directories of its toolchain with more than " + MAX
                        + " entries, which needs an overlay; sandboxes on this machine are of the kind "
                        + SandboxStrategy.DIRECTORY);
            }
            tree.addPlaceholder(place);
            options.addAll(List.of("--ro-bind", entry.toString(), "/" + String.join("/", place)));
        } else if (isDirectory && Files.isDirectory(above, LinkOption.NOFOLLOW_LINKS)) {
            merge(place);
        }
    }

    /** Whether an earlier command's mount was here, and nothing was put in its place since. */
    private boolean isPlaceholder(List<String> place, Path above, boolean isDirectory) throws IOException {
        if (!tree.isPlaceholder(place)) {
            return false;
        }
        if (!Files.isDirectory(above, LinkOption.NOFOLLOW_LINKS)) {
            return !isDirectory && Files.isRegularFile(above, LinkOption.NOFOLLOW_LINKS) && Files.size(above) == 0;
        }
        try (Stream<Path> listing = Files.list(above)) {
            return isDirectory && listing.findAny().isEmpty();
        }
    }

    private static Path under(Path layer, List<String> components) {
        return layer.resolve(String.join("/", components));
    }
}
