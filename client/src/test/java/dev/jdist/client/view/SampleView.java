package dev.jdist.client.view;

import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Set;

/** Views for tests of whoever sends them. */
public final class SampleView {
    private SampleView() {}

    /** Of this machine's files. @param expected what is foreseen */
    public static UnitView of(Set<Path> expected) {
        ViewTree tree = new ViewTree(
                new PackedPaths(new HashMap<>(), new HashMap<>()),
                new SourceFileCache(FileStat::now, true),
                FileStat::now);
        return new UnitView(tree, new HashSet<>(expected), Set.of());
    }
}
