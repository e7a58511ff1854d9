package dev.jdist.client.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.outcome.Outcome.Counter;
import dev.jdist.client.stats.Statistics.PerLanguage;
import dev.jdist.client.stats.Statistics.Snapshot;
import dev.jdist.client.stats.StatisticsReport.CacheState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The expected texts are what sccache 0.17.0 printed for the same counts, its cache's own lines left out. */
class StatisticsReportTest {
    private static final PerLanguage NONE = new PerLanguage(Map.of(), Map.of());

    private static Snapshot counts(
            PerLanguage hits,
            PerLanguage misses,
            Duration compilerTime,
            Map<String, Long> notCached,
            Map<String, Long> distCompiles) {
        Map<Counter, Long> counters = Map.of(
                Counter.COMPILE_REQUESTS, 5L,
                Counter.REQUESTS_NOT_COMPILE, 1L,
                Counter.REQUESTS_NOT_CACHEABLE, 1L,
                Counter.REQUESTS_EXECUTED, 3L,
                Counter.COMPILATIONS, 2L);
        return new Snapshot(
                counters,
                NONE,
                hits,
                misses,
                notCached,
                Map.of(),
                distCompiles,
                compilerTime,
                Duration.ZERO,
                Duration.ZERO);
    }

    private static StatisticsReport ofSccache() {
        return new StatisticsReport(
                counts(
                        new PerLanguage(Map.of("C/C++", 1L), Map.of("c [gcc]", 1L)),
                        new PerLanguage(Map.of("C/C++", 2L), Map.of("c [gcc]", 1L, "c++ [gcc]", 1L)),
                        Duration.ofNanos(93_637_823),
                        Map.of("-E", 1L),
                        Map.of()),
                Optional.empty(),
                "0.17.0");
    }

    @Test
    void text_isSccachesToTheSpace() {
        assertEquals("""
                Compile requests                      5
                Compile requests executed             3
                Cache hits                            1
                Cache hits (C/C++)                    1
                Cache misses                          2
                Cache misses (C/C++)                  2
                Cache hits rate                   33.33 %
                Cache hits rate (C/C++)           33.33 %
                Cache timeouts                        0
                Cache read errors                     0
                Forced recaches                       0
                Cache write errors                    0
                Cache errors                          0
                Compilations                          2
                Compilation failures                  0
                Non-cacheable compilations            0
                Non-cacheable calls                   1
                Non-compilation calls                 1
                Unsupported compiler calls            0
                Average cache write               0.000 s
                Average compiler                  0.046 s
                Average cache read hit            0.000 s
                Failed distributed compilations       0

                Non-cacheable reasons:
                -E                                    1

                Cache location                  (none)
                Base directories                (none)
                Version (client)                0.17.0
                """, ofSccache().toText(false));
    }

    @Test
    void detailedText_isByLanguageAndCompiler() {
        List<String> lines = ofSccache().toText(true).lines().toList();
        assertEquals(
                List.of(
                        "Cache hits                            1",
                        "Cache hits (c [gcc])                  1",
                        "Cache misses                          2",
                        "Cache misses (c [gcc])                1",
                        "Cache misses (c++ [gcc])              1",
                        "Cache hits rate                   33.33 %",
                        "Cache hits rate (c [gcc])         50.00 %",
                        "Cache hits rate (c++ [gcc])        0.00 %"),
                lines.subList(2, 10));
    }

    @Test
    void text_builders_mostBusyFirstThenByName() {
        Map<String, Long> builders =
                Map.of("10.0.0.1:10501", 3L, "10.0.0.3:10501", 40L, "10.0.0.2:10501", 40L, "[fd00::1]:10501", 1L);
        String text = new StatisticsReport(counts(NONE, NONE, Duration.ZERO, Map.of(), builders), Optional.empty(), "1")
                .toText(false);
        assertEquals("""

                Successful distributed compiles
                  10.0.0.2:10501                     40
                  10.0.0.3:10501                     40
                  10.0.0.1:10501                      3
                  [fd00::1]:10501                     1
                Cache location                  (none)
                """, text.substring(text.indexOf("\nSuccessful"), text.indexOf("Base directories")));
    }

    /** Of jdist alone, and only where there is something to count. */
    @Test
    void audits_standBehindWhatSccacheHas() throws IOException {
        Statistics statistics = new Statistics();
        statistics.audited(Optional.of(true));
        statistics.audited(Optional.of(true));
        statistics.audited(Optional.empty());
        StatisticsReport report = new StatisticsReport(statistics.snapshot(), Optional.empty(), "1");
        String text = report.toText(false);
        assertEquals("""
                Failed distributed compilations       0
                Audits of builders                    3
                Audits that agreed                    2
                """, text.substring(text.indexOf("Failed"), text.indexOf("Cache location")));
        JsonNode stats = new ObjectMapper().readTree(report.toJson()).get("stats");
        assertEquals(3, stats.get("audits").asInt());
        assertEquals(2, stats.get("audits_agreed").asInt());
        assertFalse(stats.has("audits_differed"));
        statistics.audited(Optional.of(false));
        report = new StatisticsReport(statistics.snapshot(), Optional.empty(), "1");
        assertTrue(report.toText(false).contains("Audits that differed                  1\n"));
    }

    /** Of jdist alone, and only where there is something to count. */
    @Test
    void reasonsNotToDistribute_standBehindWhatSccacheHas() throws IOException {
        Statistics statistics = new Statistics();
        statistics.keptHere("LD_PRELOAD");
        statistics.keptHere("-march=native");
        statistics.keptHere("LD_PRELOAD");
        StatisticsReport report = new StatisticsReport(statistics.snapshot(), Optional.empty(), "1");
        String text = report.toText(false);
        assertEquals("""

                Reasons not to distribute:
                LD_PRELOAD                            2
                -march=native                         1

                """, text.substring(text.indexOf("\nReasons"), text.indexOf("Cache location")));
        JsonNode reasons = new ObjectMapper().readTree(report.toJson()).at("/stats/not_distributed");
        assertEquals(2, reasons.get("LD_PRELOAD").asInt());
    }

    @Test
    void text_average_isCutOffAndNotRounded() {
        Snapshot counts = counts(NONE, NONE, Duration.ofNanos(2 * 1_999_999_999L), Map.of(), Map.of());
        String text = new StatisticsReport(counts, Optional.empty(), "1").toText(false);
        assertEquals(
                List.of("Average compiler                  1.999 s"),
                text.lines().filter(line -> line.startsWith("Average compiler")).toList());
    }

    @Test
    void json_isSccachesFieldForField() throws IOException {
        // Of sccache 0.17.0, and the mode of 0.19.0, with its cache's values set to ours.
        String expected = """
                {"stats":{"compile_requests":5,"requests_unsupported_compiler":0,"requests_not_compile":1,\
                "requests_not_cacheable":1,"requests_executed":3,"cache_errors":{"counts":{},"adv_counts":{}},\
                "cache_hits":{"counts":{"C/C++":1},"adv_counts":{"c [gcc]":1}},\
                "cache_misses":{"counts":{"C/C++":2},"adv_counts":{"c [gcc]":1,"c++ [gcc]":1}},"cache_timeouts":0,\
                "cache_read_errors":0,"non_cacheable_compilations":0,"forced_recaches":0,"cache_write_errors":0,\
                "cache_writes":0,"cache_write_duration":{"secs":0,"nanos":0},\
                "cache_read_hit_duration":{"secs":0,"nanos":0},"compilations":2,\
                "compiler_write_duration":{"secs":0,"nanos":93637823},"compile_fails":0,"not_cached":{"-E":1},\
                "dist_compiles":{},"dist_errors":0,"multi_level":null},"cache_location":"(none)",\
                "cache_size":null,"max_cache_size":null,"use_preprocessor_cache_mode":false,"version":"0.17.0",\
                "basedirs":[],"effective_cache_mode":null}""";
        assertEquals(expected, ofSccache().toJson());
    }

    private static StatisticsReport ofStorage(OptionalLong size, OptionalLong limit) {
        return new StatisticsReport(
                counts(NONE, NONE, Duration.ZERO, Map.of(), Map.of()),
                Optional.of(new CacheState("Local disk: \"/c\"", size, limit, true, true, List.of())),
                "1");
    }

    @Test
    void cache_ofKnownSize_isShownWithIt() throws IOException {
        StatisticsReport report = ofStorage(OptionalLong.of(2048), OptionalLong.of(10L << 30));
        List<String> lines = report.toText(false).lines().toList();
        assertTrue(lines.contains("Cache location                  Local disk: \"/c\""), lines::toString);
        assertTrue(lines.contains("Cache size                            2 KiB"), lines::toString);
        assertTrue(lines.contains("Max cache size                       10 GiB"), lines::toString);
        JsonNode json = new ObjectMapper().readTree(report.toJson());
        assertEquals(2048, json.get("cache_size").asLong());
        assertEquals(10L << 30, json.get("max_cache_size").asLong());
        assertEquals("Local disk: \"/c\"", json.get("cache_location").asText());
    }

    @Test
    void mode_inJsonAndWithTheDetails() throws IOException {
        for (boolean writable : new boolean[] {true, false}) {
            StatisticsReport report = new StatisticsReport(
                    counts(NONE, NONE, Duration.ZERO, Map.of(), Map.of()),
                    Optional.of(new CacheState(
                            "/c", OptionalLong.empty(), OptionalLong.empty(), writable, true, List.of())),
                    "1");
            String mode = writable ? "ReadWrite" : "ReadOnly";
            assertEquals(
                    mode,
                    new ObjectMapper()
                            .readTree(report.toJson())
                            .get("effective_cache_mode")
                            .asText());
            assertTrue(
                    report.toText(true).contains("\nEffective cache mode            " + mode + "\n"),
                    report.toText(true));
            assertFalse(report.toText(false).contains("Effective"), report.toText(false));
        }
    }

    /** As sccache has it for storages that do not tell. */
    @Test
    void cache_ofUnknownSize_isShownWithoutOne() throws IOException {
        StatisticsReport report = ofStorage(OptionalLong.empty(), OptionalLong.empty());
        assertFalse(report.toText(false).contains("ache size"));
        JsonNode json = new ObjectMapper().readTree(report.toJson());
        assertTrue(json.get("cache_size").isNull());
        assertTrue(json.get("max_cache_size").isNull());
    }

    @Test
    void json_namesWithQuotes_areEscaped() throws IOException {
        Snapshot counts = counts(NONE, NONE, Duration.ZERO, Map.of("a \"reason\"\n", 2L), Map.of("é", 1L));
        JsonNode stats = new ObjectMapper()
                .readTree(new StatisticsReport(counts, Optional.empty(), "1").toJson())
                .get("stats");
        assertEquals(2, stats.get("not_cached").get("a \"reason\"\n").asInt());
        List<String> builders = new ArrayList<>();
        stats.get("dist_compiles").fieldNames().forEachRemaining(builders::add);
        assertEquals(List.of("é"), builders);
    }
}
