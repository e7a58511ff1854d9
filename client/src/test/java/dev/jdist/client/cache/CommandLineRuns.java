package dev.jdist.client.cache;

import dev.jdist.client.testing.CacheDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * What becomes of rows of {@code command-lines.txt}: all are run as soon as one is asked for, two at a time, each by a
 * daemon and in a project that no other uses meanwhile.
 */
public final class CommandLineRuns<T> implements AutoCloseable {
    private static final int AT_ONCE = 2;

    interface Work<T> {
        T on(CacheDaemon daemon, CommandLineProject project, CommandLineRow row) throws Exception;
    }

    private record Place(CacheDaemon daemon, CommandLineProject project) {}

    private final List<CommandLineRow> rows;
    private final Work<T> work;
    private final List<Place> all = new ArrayList<>();
    private final BlockingQueue<Place> free = new ArrayBlockingQueue<>(AT_ONCE);
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    private final Map<CommandLineRow, Future<T>> results = new HashMap<>();

    /**
     * @param program jdist or sccache
     * @param directory for all files of the daemons
     */
    CommandLineRuns(Path program, Path directory, Stream<CommandLineRow> rows, Work<T> work)
            throws IOException, InterruptedException {
        this.rows = rows.toList();
        this.work = work;
        for (int i = 1; i <= AT_ONCE; i++) {
            Path own = Files.createDirectories(directory.resolve("daemon-" + i));
            all.add(new Place(new CacheDaemon(program, own.resolve("cache")), new CommandLineProject(own)));
        }
        free.addAll(all);
    }

    T of(CommandLineRow row) throws Exception {
        if (results.isEmpty()) {
            rows.forEach(each -> results.put(each, threads.submit(() -> run(each))));
        }
        try {
            return results.get(row).get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private T run(CommandLineRow row) throws Exception {
        Place place = free.take();
        try {
            return work.on(place.daemon, place.project, row);
        } finally {
            free.add(place);
        }
    }

    /** What the daemons warned of. */
    List<String> warnings() throws IOException {
        List<String> warnings = new ArrayList<>();
        for (Place place : all) {
            warnings.addAll(place.daemon.warnings());
        }
        return warnings;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        threads.shutdownNow();
        for (Place place : all) {
            place.daemon.close();
        }
    }
}
