package dev.jdist.client.stats;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Statistics as {@code --show-stats} prints them: the text and the JSON of sccache 0.17. */
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
     * The cache on this machine.
     *
     * @param size octets in use
     * @param limit octets
     * @param direct whether compiles are recognised without the preprocessor
     */
    public record CacheState(Path directory, long size, long limit, boolean direct, List<Path> baseDirectories) {
        private String location() {
            return "Local disk: \"" + directory + "\"";
        }
    }

    /** One line: {@code suffix} octets of the value stick out to the right of the column. */
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
        if (!statistics.notCached().isEmpty()) {
            text.append("\nNon-cacheable reasons:\n");
            mostFirst(statistics.notCached())
                    .forEach((reason, count) -> text.append(padRight(reason, nameWidth))
                            .append(' ')
                            .append(padLeft(count.toString(), valueWidth))
                            .append('\n'));
            text.append('\n');
        }
        note(text, nameWidth, "Cache location", cache.map(CacheState::location).orElse(NONE));
        note(text, nameWidth, "Base directories", baseDirectories());
        cache.ifPresent(state -> note(text, nameWidth, "Use direct/preprocessor mode?", state.direct ? "yes" : "no"));
        note(text, nameWidth, "Version (client)", version);
        cache.ifPresent(state -> {
            note(text, nameWidth, "Cache size", size(state.size, valueWidth));
            note(text, nameWidth, "Max cache size", size(state.limit, valueWidth));
        });
        return text.toString();
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
    private static String size(long octets, int width) {
        if (octets < 1024) {
            return padLeft(Long.toString(octets), width) + " bytes";
        }
        double value = octets;
        int power = -1;
        while (value >= 1024 && power + 1 < BINARY_PREFIXES.size()) {
            value /= 1024;
            power++;
        }
        return padLeft(String.format(Locale.ROOT, "%.0f", value), width) + " " + BINARY_PREFIXES.get(power) + "B";
    }

    private List<Row> rows(boolean detailed) {
        List<Row> rows = new ArrayList<>();
        count(rows, "Compile requests", statistics.compileRequests());
        count(rows, "Compile requests executed", statistics.requestsExecuted());
        perLanguage(rows, "Cache hits", statistics.cacheHits(), detailed);
        perLanguage(rows, "Cache misses", statistics.cacheMisses(), detailed);
        hitRates(rows, detailed);
        count(rows, "Cache timeouts", 0);
        count(rows, "Cache read errors", statistics.cacheReadErrors());
        count(rows, "Forced recaches", statistics.forcedRecaches());
        count(rows, "Cache write errors", statistics.cacheWriteErrors());
        perLanguage(rows, "Cache errors", statistics.cacheErrors(), detailed);
        count(rows, "Compilations", statistics.compilations());
        count(rows, "Compilation failures", statistics.compileFails());
        count(rows, "Non-cacheable compilations", statistics.nonCacheableCompilations());
        count(rows, "Non-cacheable calls", statistics.requestsNotCacheable());
        count(rows, "Non-compilation calls", statistics.requestsNotCompile());
        count(rows, "Unsupported compiler calls", statistics.requestsUnsupportedCompiler());
        average(rows, "Average cache write", statistics.cacheWriteTime(), statistics.cacheWrites());
        average(rows, "Average compiler", statistics.compilerTime(), statistics.compilations());
        average(
                rows,
                "Average cache read hit",
                statistics.cacheReadHitTime(),
                statistics.cacheHits().all());
        count(rows, "Failed distributed compilations", statistics.distErrors());
        return rows;
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
        rows.add(new Row(
                name, String.format(Locale.ROOT, "%d.%03d s", average.getSeconds(), average.toMillisPart()), 2));
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
        stats.put("compile_requests", statistics.compileRequests());
        stats.put("requests_unsupported_compiler", statistics.requestsUnsupportedCompiler());
        stats.put("requests_not_compile", statistics.requestsNotCompile());
        stats.put("requests_not_cacheable", statistics.requestsNotCacheable());
        stats.put("requests_executed", statistics.requestsExecuted());
        stats.set("cache_errors", json(statistics.cacheErrors()));
        stats.set("cache_hits", json(statistics.cacheHits()));
        stats.set("cache_misses", json(statistics.cacheMisses()));
        stats.put("cache_timeouts", 0);
        stats.put("cache_read_errors", statistics.cacheReadErrors());
        stats.put("non_cacheable_compilations", statistics.nonCacheableCompilations());
        stats.put("forced_recaches", statistics.forcedRecaches());
        stats.put("cache_write_errors", statistics.cacheWriteErrors());
        stats.put("cache_writes", statistics.cacheWrites());
        stats.set("cache_write_duration", json(statistics.cacheWriteTime()));
        stats.set("cache_read_hit_duration", json(statistics.cacheReadHitTime()));
        stats.put("compilations", statistics.compilations());
        stats.set("compiler_write_duration", json(statistics.compilerTime()));
        stats.put("compile_fails", statistics.compileFails());
        stats.set("not_cached", json(statistics.notCached()));
        stats.set("dist_compiles", json(statistics.distCompiles()));
        stats.put("dist_errors", statistics.distErrors());
        stats.putNull("multi_level");

        ObjectNode report = json.objectNode();
        report.set("stats", stats);
        report.put("cache_location", cache.map(CacheState::location).orElse(NONE));
        report.put("cache_size", cache.map(CacheState::size).orElse(null));
        report.put("max_cache_size", cache.map(CacheState::limit).orElse(null));
        report.put("use_preprocessor_cache_mode", cache.map(CacheState::direct).orElse(false));
        report.put("version", version);
        ArrayNode baseDirectories = report.putArray("basedirs");
        cache.ifPresent(state -> state.baseDirectories.forEach(directory -> baseDirectories.add(directory + "/")));
        return report.toString();
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
