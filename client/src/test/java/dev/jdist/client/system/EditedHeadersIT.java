package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.SourceTree;
import dev.jdist.client.testing.SourcesFarm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two headers that belong together are written anew, the first one first, while units that include them are compiled. What a builder
 * made of the sources is made of what both were at one moment since the compile began. The property {@code jdist.edit.seconds} is
 * how long that goes on.
 */
@EnabledIfSystemProperty(named = "jdist.sources", matches = "all")
class EditedHeadersIT {
    private static final long SECONDS = Long.getLong("jdist.edit.seconds", 8);
    private static final int WORKERS = 4;
    /** What stands before the two versions in an object. */
    private static final int MARK = 0x5eed17aa;
    /** Sources of as many names are compiled again and again. */
    private static final int NAMES = 6;

    private static final String UNIT = """
            #include "gen/first.h"
            #include <stdio.h>
            #include <stdlib.h>
            #include "gen/between.h"
            #include <string.h>
            #include "gen/second.h"
            const unsigned versions_of_UNIT[] = { 0x5eed17aa, FIRST, SECOND };
            """;

    @TempDir
    static Path directory;

    private static SourcesFarm farm;

    private final AtomicInteger units = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger bySources = new AtomicInteger();
    private Path work;
    /** What stands in the headers; written after they are. */
    private volatile int firstIsAtLeast;

    private volatile int secondIsAtLeast;
    /** Written before. */
    private volatile int isAtMost;

    private volatile boolean isOver;

    @BeforeAll
    static void startFarm() throws IOException, InterruptedException {
        farm = new SourcesFarm(directory.toRealPath(), true);
        Path first = Files.createDirectory(directory.toRealPath().resolve("first"));
        Files.writeString(first.resolve("first.c"), "int first;\n");
        assertEquals(0, farm.behind(first, "$CC -c first.c", "gcc").result().code());
        assertEquals(1, farm.compiledBySources());
    }

    @AfterAll
    static void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    /** Writes versions in each way in which generators do. */
    private List<String> edit() throws IOException, InterruptedException {
        Random random = new Random(17);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        for (int version = 1000; System.nanoTime() < end; version++) {
            isAtMost = version;
            write("first", version, random.nextInt(3));
            firstIsAtLeast = version;
            if (random.nextBoolean()) {
                TimeUnit.MILLISECONDS.sleep(random.nextInt(40));
            }
            write("second", version, random.nextInt(3));
            secondIsAtLeast = version;
            // Now and then, there is time for a compile in between.
            TimeUnit.MILLISECONDS.sleep(random.nextInt(version % 4 == 0 ? 1500 : 250));
        }
        isOver = true;
        return List.of();
    }

    private void write(String name, int version, int way) throws IOException {
        Path header = work.resolve("gen/" + name + ".h");
        String text = "#define " + name.toUpperCase(java.util.Locale.ROOT) + " " + version + "\n";
        if (way == 0) {
            Files.writeString(header, text);
        } else if (way == 1) {
            Path fresh = Files.writeString(work.resolve("gen/fresh-" + name), text);
            Files.move(fresh, header, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } else {
            Files.deleteIfExists(header);
            Files.writeString(header, text);
        }
    }

    private List<String> compile(boolean isAlwaysAnother) throws IOException, InterruptedException {
        List<String> found = new ArrayList<>();
        while (!isOver) {
            int number = units.incrementAndGet();
            String name = "unit_" + (isAlwaysAnother ? "u" + number : "n" + number % NAMES);
            String object = "objects/" + name + "_" + number + ".o";
            String source = name + ".c";
            if (isAlwaysAnother) {
                Files.writeString(work.resolve(source), UNIT.replace("UNIT", name));
            }
            int first = firstIsAtLeast;
            int second = secondIsAtLeast;
            // A header may not be there at the moment, or half of it.
            int code = farm.farm()
                    .run(work, List.of("gcc", "-g", "-O1", "-c", source, "-o", object))
                    .code();
            if (code != 0) {
                continue;
            }
            ByteBuffer versions = versions(work.resolve(object));
            String what = name + " of " + versions.getInt(0) + " and " + versions.getInt(4) + ", begun at " + first
                    + " and " + second;
            if (versions.getInt(0) < first || versions.getInt(4) < second || versions.getInt(0) > isAtMost) {
                found.add("stale: " + what);
            }
            made.incrementAndGet();
            boolean isBySources = isAlwaysAnother && farm.wasCompiledBySources(source);
            if (isBySources) {
                bySources.incrementAndGet();
                int ahead = versions.getInt(0) - versions.getInt(4);
                if (ahead != 0 && ahead != 1) {
                    found.add("mixed: " + what);
                }
            }
        }
        return found;
    }

    private static ByteBuffer versions(Path object) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(object)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i + 12 <= bytes.limit(); i++) {
            if (bytes.getInt(i) == MARK) {
                return bytes.slice(i + 4, 8).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        throw new AssertionError("no versions in " + object);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void objects_ofHeadersThatAreRewrittenMeanwhile_areOfOneMoment(boolean isAlwaysAnother) throws Exception {
        work = directory.toRealPath().resolve("work-" + isAlwaysAnother);
        SourceTree.write(work, """
                --/ objects
                --- gen/between.h
                #if __has_include("gen/none.h")
                #error none
                #endif
                """);
        for (int i = 0; i < NAMES; i++) {
            String name = "unit_n" + i;
            Files.writeString(work.resolve(name + ".c"), UNIT.replace("UNIT", name));
        }
        write("first", 999, 0);
        write("second", 999, 0);
        List<Callable<List<String>>> all = new ArrayList<>();
        all.add(this::edit);
        for (int i = 1; i < WORKERS; i++) {
            all.add(() -> compile(isAlwaysAnother));
        }

        assertEquals(List.of(), SourcesFarm.inParallel(all));

        assertTrue(made.get() > 0, made + " of " + units);
        assertTrue(!isAlwaysAnother || bySources.get() > 0, bySources + " of " + units + " by sources");
    }
}
