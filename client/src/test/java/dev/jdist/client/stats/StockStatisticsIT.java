package dev.jdist.client.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.testing.CacheDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statistics in JSON, as tools read them: what sccache printed after some compiles is recorded, and jdist prints the same
 * after the same ones.
 */
class StockStatisticsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path RECORDED = Path.of("src/test/resources/dev/jdist/client/stats");
    private static final long WRITE_SECONDS = 20;

    @TempDir
    static Path directory;

    private static JsonNode jdist;

    @BeforeAll
    static void compileWithJdist() throws IOException, InterruptedException {
        jdist = afterCompiles(CacheDaemon.jdist(), directory.resolve("jdist"));
    }

    @AfterAll
    static void forget() {
        jdist = JSON.nullNode();
    }

    /** What a program prints after one call of each kind that is counted. The recorded files are of these calls. */
    private static JsonNode afterCompiles(Path program, Path place) throws IOException, InterruptedException {
        try (CacheDaemon daemon = new CacheDaemon(program, place)) {
            Path units = Files.createDirectories(place.resolve("units"));
            Files.writeString(units.resolve("a.h"), "#define A 1\n");
            Files.writeString(units.resolve("a.c"), "#include \"a.h\"\nint a(void) { return A; }\n");
            Files.writeString(units.resolve("b.cc"), "int b() { return 2; }\n");
            Files.writeString(units.resolve("wrong.c"), "int wrong(void) { return }\n");
            for (String call : List.of(
                    "gcc -c a.c -o a.o",
                    "gcc -c a.c -o a.o",
                    "g++ -c b.cc -o b.o",
                    "g++ -c b.cc -o b.o",
                    "clang -c a.c -o a.o",
                    "gcc -E a.c -o a.i",
                    "gcc --version",
                    "gcc -c wrong.c -o wrong.o",
                    "/bin/true -c a.c")) {
                daemon.run(units, command(program, call), Map.of());
                awaitWrites(daemon);
            }
            daemon.run(units, command(program, "gcc -c a.c -o a.o"), Map.of("SCCACHE_RECACHE", "1"));
            awaitWrites(daemon);
            return JSON.readTree(daemon.ask("--show-stats", "--stats-format=json"));
        }
    }

    private static List<String> command(Path program, String call) {
        return List.of((program + " " + call).split(" "));
    }

    /** The answer to a compile may come before its result is in the cache. */
    private static void awaitWrites(CacheDaemon daemon) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WRITE_SECONDS);
        JsonNode stats = daemon.statistics();
        while (stats.get("cache_writes").asLong() < sum(stats.get("cache_misses"))) {
            assertTrue(System.nanoTime() < deadline, "results are not written: " + stats);
            TimeUnit.MILLISECONDS.sleep(20);
            stats = daemon.statistics();
        }
    }

    private static JsonNode recorded(String version) throws IOException {
        return JSON.readTree(Files.readString(file(version)));
    }

    private static Path file(String version) {
        return RECORDED.resolve("sccache-" + version + ".json");
    }

    /** By a tool that reads one key or another: {@code stats.cache_hits.counts.C/C++} is a number. */
    @ParameterizedTest
    @ValueSource(strings = {"0.16.0", "0.19.0"})
    void json_afterTheSameCompiles_hasEveryPathOfSccache(String version) throws IOException {
        Map<String, String> stock = types(recorded(version));
        Map<String, String> ours = types(jdist);
        ours.keySet().retainAll(stock.keySet());

        assertEquals(stock, ours);
    }

    /** The type of each value, by its path. */
    private static Map<String, String> types(JsonNode root) {
        Map<String, String> types = new TreeMap<>();
        addTypes(types, "", root);
        return types;
    }

    private static void addTypes(Map<String, String> types, String path, JsonNode node) {
        types.put(path, node.isNumber() && !node.isIntegralNumber() ? "fraction" : type(node));
        node.properties().forEach(field -> addTypes(types, path + "/" + field.getKey(), field.getValue()));
    }

    private static String type(JsonNode node) {
        return node.getNodeType().toString().toLowerCase(Locale.ROOT);
    }

    /** Beside durations, sizes and places, which are never the same. */
    @ParameterizedTest
    @ValueSource(strings = {"0.16.0", "0.19.0"})
    void json_afterTheSameCompiles_countsWhatSccacheCounts(String version) throws IOException {
        assertEquals(numbers(recorded(version)), numbers(jdist));
    }

    private static Map<String, Long> numbers(JsonNode root) {
        Map<String, Long> numbers = new TreeMap<>();
        addNumbers(numbers, "", root.get("stats"));
        return numbers;
    }

    private static void addNumbers(Map<String, Long> numbers, String path, JsonNode node) {
        if (node.isNumber()) {
            numbers.put(path, node.asLong());
        }
        node.properties().forEach(field -> {
            if (!field.getKey().endsWith("_duration")) {
                addNumbers(numbers, path + "/" + field.getKey(), field.getValue());
            }
        });
    }

    /** The table that sccache's GitHub Action adds to the page of a run, from the keys that it reads. */
    @ParameterizedTest
    @ValueSource(strings = {"0.16.0", "0.19.0"})
    void summaryOfTheGitHubAction_afterTheSameCompiles_isThatOfSccache(String version) throws IOException {
        Map<String, String> stock = summary(recorded(version));

        assertEquals(stock, summary(jdist));
        assertEquals("33%", stock.get("Cache hit %"));
    }

    private static Map<String, String> summary(JsonNode root) {
        JsonNode stats = root.get("stats");
        long hits = sum(stats.get("cache_hits"));
        long misses = sum(stats.get("cache_misses"));
        long errors = sum(stats.get("cache_errors"));
        long all = hits + misses + errors;
        Map<String, String> table = new LinkedHashMap<>();
        table.put("Cache hit %", (all == 0 ? 0 : Math.round(100.0 * hits / all)) + "%");
        table.put("Cache hits", hits + "");
        table.put("Cache misses", misses + "");
        table.put("Cache errors", errors + "");
        table.put("Compile requests", stats.get("compile_requests").asText());
        table.put("Requests executed", stats.get("requests_executed").asText());
        table.put("Cache writes", stats.get("cache_writes").asText());
        table.put("Cache write errors", stats.get("cache_write_errors").asText());
        for (String duration : List.of("cache_write_duration", "cache_read_hit_duration", "compiler_write_duration")) {
            table.put(
                    duration,
                    isTime(stats.get(duration)) ? "a time" : stats.get(duration).toString());
        }
        return table;
    }

    private static long sum(JsonNode perLanguage) {
        long sum = 0;
        for (JsonNode count : perLanguage.get("counts")) {
            sum += count.longValue();
        }
        return sum;
    }

    /** Whether it is more than none, which it is after these compiles. */
    private static boolean isTime(JsonNode duration) {
        long nanos = duration.get("nanos").longValue();
        return nanos >= 0 && nanos < 1_000_000_000 && duration.get("secs").longValue() + nanos > 0;
    }

    /** Scripts find the cache on the disk by what stands behind {@code Local disk:}, which is a string in quotes. */
    @Test
    void cacheLocation_onDisk_isReadAsSccaches() throws IOException {
        for (JsonNode each : List.of(recorded("0.16.0"), recorded("0.19.0"), jdist)) {
            String location = each.get("cache_location").asText();

            assertTrue(location.startsWith("Local disk: "), location);
            String place = JSON.readValue(location.substring("Local disk: ".length()), String.class);
            assertTrue(place.startsWith("/") && place.contains("/compiles"), place);
        }
    }

    /** Only {@code scripts/check cache} and what runs all checks name the real program. */
    @Test
    @EnabledIfSystemProperty(named = "jdist.sccache", matches = ".+")
    void recordedStatistics_againstTheRealSccache_areWhatItPrints() throws IOException, InterruptedException {
        JsonNode real = afterCompiles(Path.of(System.getProperty("jdist.sccache")), directory.resolve("sccache"));
        System.out.println(real);
        String version = real.get("version").asText();
        assumeTrue(Files.exists(file(version)), () -> "what sccache " + version + " prints is not recorded");

        JsonNode recorded = recorded(version);
        assertEquals(types(recorded), types(real));
        assertEquals(numbers(recorded), numbers(real));
    }
}
