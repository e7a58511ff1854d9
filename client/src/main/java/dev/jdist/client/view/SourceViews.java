package dev.jdist.client.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.inputs.SearchPath;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** Makes the views under which builders compile units: what is known of this machine's files, of each toolchain. Thread-safe. */
public final class SourceViews {
    /** So many toolchains are compiled with at once; more have to be looked at anew. */
    private static final int MAX_TOOLCHAINS = 16;

    private final SourceFileCache contents;
    private final Prediction prediction;
    private final LongSupplier clock;
    private final Cache<String, ViewTree> trees =
            Caffeine.newBuilder().maximumSize(MAX_TOOLCHAINS).build();

    /** @param clock nanoseconds since 1970 */
    public SourceViews(SourceFileCache contents, LongSupplier clock) {
        this.contents = contents;
        this.prediction = new Prediction(contents);
        this.clock = clock;
    }

    /**
     * The view of a unit.
     *
     * @param searched where its compiler looks for included files, if that is known
     */
    public UnitView of(CompileTask task, PackagedToolchain toolchain, Optional<SearchPath> searched)
            throws IOException {
        List<Path> directories = searched.map(SearchPath::directories).orElse(List.of());
        Path cwd = task.request().cwd();
        Set<Path> roots = new LinkedHashSet<>();
        roots.add(task.source());
        for (String name : task.unit().caching().forcedIncludes()) {
            roots.add(cwd.resolve(name));
        }
        roots.addAll(task.optionFiles());
        Set<Path> expected = new LinkedHashSet<>(prediction.closure(roots, directories));
        expected.addAll(SearchPath.places(task, searched));
        return new UnitView(tree(toolchain), expected, outputs(task));
    }

    private ViewTree tree(PackagedToolchain toolchain) throws IOException {
        try {
            return trees.get(toolchain.toolchain().archiveId(), id -> {
                try {
                    return new ViewTree(PackedPaths.of(toolchain.archive()), contents, clock);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Where the unit writes, by the places of which builders ask. */
    private static Set<Path> outputs(CompileTask task) throws IOException {
        Set<Path> outputs = new LinkedHashSet<>();
        for (var place : task.places().outputs()) {
            add(place.path(), outputs);
        }
        add(task.places().dependencies().path(), outputs);
        return outputs;
    }

    private static void add(Path output, Set<Path> outputs) throws IOException {
        Path parent = output.getParent();
        if (parent != null && java.nio.file.Files.isDirectory(parent)) {
            outputs.add(parent.toRealPath().resolve(output.getFileName()));
        }
    }
}
