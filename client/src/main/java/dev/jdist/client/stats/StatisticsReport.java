package dev.jdist.client.stats;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jdist.client.outcome.Outcome.Counter;
import dev.jdist.client.stats.Statistics.PerLanguage;
import dev.jdist.client.stats.Statistics.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Statistics as {@code --show-stats} prints them: the text and the JSON of sccache 0.19. */
public final class StatisticsReport {
    private static final String NONE = "(none)";
    private static final List<String> BINARY_PREFIXES = List.of("Ki", "Mi", "Gi", "Ti", "Pi");

    private final Snapshot statistics;
    private final Optional<CacheState> cache;
    private final String version;

    public StatisticsReport(Snapshot statistics, Optional<CacheState> cache, String version) {
        this.statistics = statistics;
        this.cache = cache;
        this.version = version;
    }

    /**
     * The cache.
     *
     * @param location of its storage, as that names it
     * @param size bytes in use, if the storage knows
     * @param limit bytes, if the storage knows
     * @param writable whether new results are stored
     * @param direct whether compiles are recognised without the preprocessor
     */
    public record CacheState(
            String location,
            OptionalLong size,
            OptionalLong limit,
            boolean writable,
            boolean direct,
            List<Path> baseDirectories) {
        /** Its mode, in the words of sccache 0.19. */
        private String mode() {
            return writable ? "ReadWrite" : "ReadOnly";
        }
    }

    /** One line: {@code suffix} bytes of the value stick out to the right of the column. */
    private record Row(String name, String value, int suffix) {}

    /** @param detailed by language and compiler instead of by language: {@code --show-adv-stats} */
    public String toText(boolean detailed) {
        List<Row> rows = rows(detailed);
        int nameWidth = rows.stream().mapToInt(row -> row.name.length()).max().orElseThrow();
        int valueWidth = rows.stream().mapToInt(row -> row.value.length()).max().orElseThrow();
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            text.append(padRight(row.name, nameWidth)).append(' ');
            text.append(padLeft(row.value, valueWidth + row.suffix)).append('\n');
        }
        if (!statistics.distCompiles().isEmpty()) {
            text.append("\nSuccessful distributed compiles\n");
            mostFirst(statistics.distCompiles())
                    .forEach((builder, count) -> text.append("  ")
                            .append(padRight(builder, nameWidth - 2))
                            .append(' ')
                            .append(padLeft(count.toString(), valueWidth))
                            .append('\n'));
        }
        reasons(text, "Non-cacheable reasons", statistics.notCached(), nameWidth, valueWidth);
        reasons(text, "Reasons not to distribute", statistics.notDistributed(), nameWidth, valueWidth);
        note(text, nameWidth, "Cache location", cache.map(CacheState::location).orElse(NONE));
        if (detailed) {
            cache.ifPresent(state -> note(text, nameWidth, "Effective cache mode", state.mode()));
        }
        note(text, nameWidth, "Base directories", baseDirectories());
        cache.ifPresent(state -> note(text, nameWidth, "Use direct/preprocessor mode?", state.direct ? "yes" : "no"));
        note(text, nameWidth, "Version (client)", version);
        cache.ifPresent(state -> {
            state.size.ifPresent(bytes -> note(text, nameWidth, "Cache size", size(bytes, valueWidth)));
            state.limit.ifPresent(bytes -> note(text, nameWidth, "Max cache size", size(bytes, valueWidth)));
        });
        return text.toString();
    }

    private static void reasons(
            StringBuilder text, String title, Map<String, Long> counts, int nameWidth, int valueWidth) {
        if (!counts.isEmpty()) {
            text.append('\n').append(title).append(":\n");
            mostFirst(counts)
                    .forEach((reason, count) -> text.append(padRight(reason, nameWidth))
                            .append(' ')
                            .append(padLeft(count.toString(), valueWidth))
                            .append('\n'));
            text.append('\n');
        }
    }

    private static void note(StringBuilder text, int nameWidth, String name, String value) {
        text.append(padRight(name, nameWidth)).append(' ').append(value).append('\n');
    }

    private String baseDirectories() {
        List<Path> directories = cache.map(CacheState::baseDirectories).orElse(List.of());
        return directories.isEmpty()
                ? NONE
                : directories.stream().map(directory -> directory + "/").collect(Collectors.joining(", "));
    }

    /** A round number of bytes, KiB and so on. */
    private static String size(long bytes, int width) {
        if (bytes < 1024) {
            return padLeft(Long.toString(bytes), width) + " bytes";
        }
        double value = bytes;
        int power = -1;
        while (value >= 1024 && power + 1 < BINARY_PREFIXES.size()) {
            value /= 1024;
            power++;
        }
        return padLeft(String.format(Locale.ROOT, "%.0f", value), width) + " " + BINARY_PREFIXES.get(power) + "B";
    }

    private List<Row> rows(boolean detailed) {
        List<Row> rows = new ArrayList<>();
        count(rows, "Compile requests", statistics.count(Counter.COMPILE_REQUESTS));
        count(rows, "Compile requests executed", statistics.count(Counter.REQUESTS_EXECUTED));
        perLanguage(rows, "Cache hits", statistics.cacheHits(), detailed);
        perLanguage(rows, "Cache misses", statistics.cacheMisses(), detailed);
        hitRates(rows, detailed);
        count(rows, "Cache timeouts", statistics.count(Counter.CACHE_TIMEOUTS));
        count(rows, "Cache read errors", statistics.count(Counter.CACHE_READ_ERRORS));
        count(rows, "Forced recaches", statistics.count(Counter.FORCED_RECACHES));
        count(rows, "Cache write errors", statistics.count(Counter.CACHE_WRITE_ERRORS));
        perLanguage(rows, "Cache errors", statistics.cacheErrors(), detailed);
        count(rows, "Compilations", statistics.count(Counter.COMPILATIONS));
        count(rows, "Compilation failures", statistics.count(Counter.COMPILE_FAILS));
        count(rows, "Non-cacheable compilations", statistics.count(Counter.NON_CACHEABLE_COMPILATIONS));
        count(rows, "Non-cacheable calls", statistics.count(Counter.REQUESTS_NOT_CACHEABLE));
        count(rows, "Non-compilation calls", statistics.count(Counter.REQUESTS_NOT_COMPILE));
        count(rows, "Unsupported compiler calls", statistics.count(Counter.REQUESTS_UNSUPPORTED_COMPILER));
        average(rows, "Average cache write", statistics.cacheWriteTime(), statistics.count(Counter.CACHE_WRITES));
        average(rows, "Average compiler", statistics.compilerTime(), statistics.count(Counter.COMPILATIONS));
        average(
                rows,
                "Average cache read hit",
                statistics.cacheReadHitTime(),
                statistics.cacheHits().all());
        count(rows, "Failed distributed compilations", statistics.count(Counter.DIST_ERRORS));
        for (Counter own : own()) {
            own.label().ifPresent(label -> count(rows, label, statistics.count(own)));
        }
        return rows;
    }

    /** What only jdist counts, where there is something to count. */
    private List<Counter> own() {
        return Stream.of(Counter.values())
                .filter(counter -> counter.label().isPresent() && statistics.count(counter) > 0)
                .toList();
    }

    private static void count(List<Row> rows, String name, long value) {
        rows.add(new Row(name, Long.toString(value), 0));
    }

    private static void perLanguage(List<Row> rows, String name, PerLanguage counts, boolean detailed) {
        count(rows, name, counts.all());
        new TreeMap<>(detailed ? counts.detailed() : counts.counts())
                .forEach((language, value) -> count(rows, name + " (" + language + ")", value));
    }

    private void hitRates(List<Row> rows, boolean detailed) {
        rate(
                rows,
                "Cache hits rate",
                statistics.cacheHits().all(),
                statistics.cacheMisses().all());
        Map<String, Long> hits = detailed
                ? statistics.cacheHits().detailed()
                : statistics.cacheHits().counts();
        Map<String, Long> misses = detailed
                ? statistics.cacheMisses().detailed()
                : statistics.cacheMisses().counts();
        TreeSet<String> languages = new TreeSet<>(hits.keySet());
        languages.addAll(misses.keySet());
        for (String language : languages) {
            rate(
                    rows,
                    "Cache hits rate (" + language + ")",
                    hits.getOrDefault(language, 0L),
                    misses.getOrDefault(language, 0L));
        }
    }

    private static void rate(List<Row> rows, String name, long hits, long misses) {
        if (hits + misses == 0) {
            rows.add(new Row(name, "-", 0));
        } else {
            rows.add(new Row(name, String.format(Locale.ROOT, "%.2f %%", 100.0 * hits / (hits + misses)), 2));
        }
    }

    private static void average(List<Row> rows, String name, Duration total, long count) {
        Duration average = count == 0 ? Duration.ZERO : total.dividedBy(count);
        rows.add(
                new Row(name, String.format(Locale.ROOT, "%d.%03d s", average.toSeconds(), average.toMillisPart()), 2));
    }

    private static Map<String, Long> mostFirst(Map<String, Long> counts) {
        Map<String, Long> sorted = new TreeMap<>(
                Comparator.<String, Long>comparing(counts::get).reversed().thenComparing(Comparator.naturalOrder()));
        sorted.putAll(counts);
        return sorted;
    }

    private static String padRight(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String padLeft(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    public String toJson() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ObjectNode stats = json.objectNode();
        count(stats, Counter.COMPILE_REQUESTS);
        count(stats, Counter.REQUESTS_UNSUPPORTED_COMPILER);
        count(stats, Counter.REQUESTS_NOT_COMPILE);
        count(stats, Counter.REQUESTS_NOT_CACHEABLE);
        count(stats, Counter.REQUESTS_EXECUTED);
        stats.set("cache_errors", json(statistics.cacheErrors()));
        stats.set("cache_hits", json(statistics.cacheHits()));
        stats.set("cache_misses", json(statistics.cacheMisses()));
        count(stats, Counter.CACHE_TIMEOUTS);
        count(stats, Counter.CACHE_READ_ERRORS);
        count(stats, Counter.NON_CACHEABLE_COMPILATIONS);
        count(stats, Counter.FORCED_RECACHES);
        count(stats, Counter.CACHE_WRITE_ERRORS);
        count(stats, Counter.CACHE_WRITES);
        stats.set("cache_write_duration", json(statistics.cacheWriteTime()));
        stats.set("cache_read_hit_duration", json(statistics.cacheReadHitTime()));
        count(stats, Counter.COMPILATIONS);
        stats.set("compiler_write_duration", json(statistics.compilerTime()));
        count(stats, Counter.COMPILE_FAILS);
        stats.set("not_cached", json(statistics.notCached()));
        stats.set("dist_compiles", json(statistics.distCompiles()));
        count(stats, Counter.DIST_ERRORS);
        stats.putNull("multi_level");
        if (!statistics.notDistributed().isEmpty()) {
            stats.set("not_distributed", json(statistics.notDistributed()));
        }
        own().forEach(own -> count(stats, own));

        ObjectNode report = json.objectNode();
        report.set("stats", stats);
        report.put("cache_location", cache.map(CacheState::location).orElse(NONE));
        bytes(report, "cache_size", CacheState::size);
        bytes(report, "max_cache_size", CacheState::limit);
        report.put("use_preprocessor_cache_mode", cache.map(CacheState::direct).orElse(false));
        report.put("version", version);
        ArrayNode baseDirectories = report.putArray("basedirs");
        cache.ifPresent(state -> state.baseDirectories.forEach(directory -> baseDirectories.add(directory + "/")));
        cache.ifPresentOrElse(
                state -> report.put("effective_cache_mode", state.mode()),
                () -> report.putNull("effective_cache_mode"));
        return report.toString();
    }

    private void bytes(ObjectNode report, String key, Function<CacheState, OptionalLong> value) {
        cache.map(value)
                .orElse(OptionalLong.empty())
                .ifPresentOrElse(known -> report.put(key, known), () -> report.putNull(key));
    }

    private void count(ObjectNode stats, Counter counter) {
        stats.put(counter.key(), statistics.count(counter));
    }

    private static ObjectNode json(PerLanguage counts) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("counts", json(counts.counts()));
        node.set("adv_counts", json(counts.detailed()));
        return node;
    }

    private static ObjectNode json(Map<String, Long> counts) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(counts).forEach(node::put);
        return node;
    }

    private static ObjectNode json(Duration duration) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("secs", duration.getSeconds());
        node.put("nanos", duration.getNano());
        return node;
    }
}
