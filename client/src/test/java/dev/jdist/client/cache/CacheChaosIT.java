package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.compile.CachingClient;
import dev.jdist.client.compile.CachingClient.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cache that is too small, with two daemons in it that are killed all the time, while many compile: no compile fails, no
 * object is wrong, and the limit holds.
 *
 * <p>{@code scripts/check cache-chaos} runs it for longer and with more compiles at a time: {@code -Djdist.chaos.seconds} and
 * {@code -Djdist.chaos.jobs}.
 */
class CacheChaosIT {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("jdist.chaos.seconds", 4));
    private static final int JOBS = Integer.getInteger("jdist.chaos.jobs", 40);
    /** Of which the cache holds about a half. */
    private static final int UNITS = 48;

    /** On the small disk. */
    private static final int MORE_THAN_FIT = 12;

    /** To which each unit is compiled: each is a request of its own. */
    private static final int PLACES = 4;

    private static final int UNIT_BYTES = 260_000;

    private static final long LIMIT = 8 << 20;
    /** Of the one unit that each daemon is writing. */
    private static final long IN_FLIGHT = 1 << 20;

    @TempDir
    Path directory;

    private Path sources;
    private Path cache;
    private final List<CachingClient> clients = new ArrayList<>();
    private final Map<Integer, byte[]> objects = new HashMap<>();
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final AtomicLong compiles = new AtomicLong();
    private boolean mounted;

    /** Removes what was mounted, whatever happened. */
    @AfterEach
    void stop() throws IOException {
        for (CachingClient client : clients) {
            client.close();
        }
        if (mounted) {
            assertEquals(0, program("umount", cache.toString()));
        }
    }

    private int program(String... arguments) throws IOException {
        return CachingClient.compileBare(directory, List.of(arguments), Map.of())
                .code();
    }

    /** Units whose objects do not get smaller, and what they come to. */
    private void prepare() throws IOException {
        sources = Files.createDirectories(directory.resolve("sources"));
        cache = directory.resolve("cache");
        Files.createDirectories(cache);
        Random random = new Random(1);
        Files.writeString(sources.resolve("common.h"), "#define NAMES(n) name_##n\n");
        for (int unit = 0; unit < UNITS; unit++) {
            byte[] noise = new byte[UNIT_BYTES * 3 / 4];
            random.nextBytes(noise);
            Files.writeString(
                    sources.resolve("u" + unit + ".c"),
                    "#include \"common.h\"\nconst char NAMES(a)[] = \""
                            + Base64.getEncoder().encodeToString(noise) + "\";\n");
            Ended ended = CachingClient.compileBare(sources, arguments(unit, "bare.o"), Map.of());
            assertEquals(0, ended.code(), ended.stderr());
            objects.put(unit, Files.readAllBytes(sources.resolve("bare.o")));
        }
    }

    private static String object(int unit, int place) {
        return "u" + unit + "-" + place + ".o";
    }

    private static List<String> arguments(int unit, String object) {
        return List.of("gcc", "-DFOR_" + object.replaceAll("\\W", "_"), "-c", "u" + unit + ".c", "-o", object);
    }

    private void addClient(String name) {
        CachingClient client = new CachingClient(directory, name, cache);
        client.environment().put("SCCACHE_CACHE_SIZE", Long.toString(LIMIT));
        clients.add(client);
    }

    /** Compiles units once, so that the cache is full before the clock starts. */
    private void fill(int units) throws IOException {
        for (int unit = 0; unit < units; unit++) {
            assertCompiles(clients.get(unit % clients.size()), unit, object(unit, 0), Map.of());
        }
    }

    private void assertCompiles(CachingClient client, int unit, String object, Map<String, String> variables)
            throws IOException {
        Ended ended = client.compile(sources, arguments(unit, object), variables);
        assertEquals(new Ended(0, "", ""), ended);
        assertArrayEquals(objects.get(unit), Files.readAllBytes(sources.resolve(object)), "unit " + unit);
    }

    /** Compiles units at random until the time is up. */
    private void compile(int job, long until) throws IOException, InterruptedException {
        Random random = new Random(job);
        CachingClient client = clients.get(job % clients.size());
        while (System.nanoTime() < until) {
            // Some units come up all the time, as in life, but nobody compiles to one place twice at a time.
            int unit = random.nextInt(1 + random.nextInt(UNITS));
            String object = object(unit, random.nextInt(PLACES));
            if (!busy.add(object)) {
                TimeUnit.MILLISECONDS.sleep(5);
                continue;
            }
            Map<String, String> variables = random.nextInt(4) == 0 ? Map.of("SCCACHE_DIRECT", "false") : Map.of();
            assertCompiles(client, unit, object, variables);
            busy.remove(object);
            compiles.incrementAndGet();
        }
    }

    private interface Nuisance {
        void strike() throws Exception;
    }

    /** Compiles with all jobs; something happens every so often meanwhile. */
    private void compileAll(Duration pause, Nuisance nuisance) throws Exception {
        long until = System.nanoTime() + DURATION.toNanos();
        ExecutorService jobs = Executors.newFixedThreadPool(JOBS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < JOBS; i++) {
                int job = i;
                running.add(jobs.submit(() -> {
                    compile(job, until);
                    return null;
                }));
            }
            while (System.nanoTime() < until) {
                TimeUnit.MILLISECONDS.sleep(pause.toMillis());
                nuisance.strike();
            }
            for (Future<?> job : running) {
                job.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } finally {
            jobs.shutdownNow();
        }
    }

    /** Bytes that the cache takes on disk, as {@code du} counts. */
    private long used() throws IOException {
        Ended du = CachingClient.compileBare(directory, List.of("du", "-sk", cache.toString()), Map.of());
        return 1024 * Long.parseLong(du.stdout().split("\\s")[0]);
    }

    private long hits() throws IOException {
        long hits = 0;
        for (CachingClient client : clients) {
            hits += client.hits();
        }
        return hits;
    }

    @Test
    void daemonsThatShareAFullCacheAndAreKilled_failNobodyAndKeepTheLimit() throws Exception {
        prepare();
        addClient("one");
        addClient("other");
        fill(UNITS);
        Random random = new Random(2);
        AtomicLong most = new AtomicLong();
        long killEvery = Math.max(2000, DURATION.toMillis() / 12);
        AtomicLong killed = new AtomicLong(System.nanoTime());
        compileAll(Duration.ofMillis(200), () -> {
            most.accumulateAndGet(used(), Math::max);
            if (System.nanoTime() - killed.get() > TimeUnit.MILLISECONDS.toNanos(killEvery)) {
                clients.get(random.nextInt(clients.size())).killIfServing();
                killed.set(System.nanoTime());
            }
        });
        long hits = hits();
        for (CachingClient client : clients) {
            client.stop();
            assertEquals(List.of(), client.warnings());
        }
        System.out.println("CacheChaosIT: " + compiles + " compiles, " + hits + " hits since the last kill, at most "
                + most + " octets of " + LIMIT + ", " + used() + " in the end");
        assertTrue(used() <= LIMIT, () -> "in the end it is too large");
        assertTrue(most.get() <= LIMIT + IN_FLIGHT, () -> "at a time it had " + most);
        assertTrue(most.get() > LIMIT / 2, () -> "it was never full: " + most);
        assertEquals(0, damagedEntries());
    }

    /**
     * Asks for every unit once more, by its files and by its text, of a daemon that has seen nothing: whoever was started
     * last, by a compile that wanted no direct mode perhaps, may have filled the cache with one kind only.
     */
    private long damagedEntries() throws IOException {
        addClient("third");
        CachingClient third = clients.get(clients.size() - 1);
        third.environment().put("SCCACHE_LOCAL_RW_MODE", "READ_ONLY");
        for (int unit = 0; unit < UNITS; unit++) {
            assertCompiles(third, unit, object(unit, 0), Map.of());
            assertCompiles(third, unit, object(unit, 0), Map.of("SCCACHE_DIRECT", "false"));
        }
        assertTrue(third.hits() > 0, "nothing of all this was found again");
        return third.statistics().get("cache_read_errors").asLong();
    }

    @Test
    void cacheOnADiskThatIsFull_failsNobody() throws Exception {
        prepare();
        assertEquals(0, program("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", cache.toString()));
        mounted = true;
        addClient("full");
        fill(MORE_THAN_FIT);
        compileAll(Duration.ofMillis(200), () -> {});
        assertTrue(clients.get(0).hits() > 0, "what fits is found");
        assertTrue(clients.get(0).statistics().get("cache_write_errors").asLong() > 0, "the disk was never full");
        assertEquals(List.of(), clients.get(0).warnings("cannot be written to"));
        try (var unfinished = Files.list(cache.resolve("jdist-1/unfinished"))) {
            assertEquals(List.of(), unfinished.toList());
        } catch (NoSuchFileException e) {
            return;
        }
    }
}
