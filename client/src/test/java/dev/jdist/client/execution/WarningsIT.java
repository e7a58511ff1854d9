package dev.jdist.client.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.PackedToolchains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The warnings of gcc and clang, with a unit for each: what a farm says and makes is what the compiler does by itself. The units are
 * in {@code warnings/}, where {@code README} says how they are written and which warnings have none.
 */
class WarningsIT {
    /** As many as keep two cores busy while some of them wait. */
    private static final int AT_A_TIME = 4;

    @TempDir
    static Path directory;

    private static Farm farm;
    private static List<WarningUnit> units = List.of();

    @TempDir
    Path work;

    @BeforeAll
    static void startFarm() throws IOException, InterruptedException {
        List<WarningUnit> all = new ArrayList<>();
        for (String name : List.of("c.txt", "cxx.txt", "variants.txt")) {
            all.addAll(WarningUnit.read(name));
        }
        units = List.copyOf(all);
        farm = new Farm(directory, PackedToolchains.directory());
        farm.startScheduler();
        farm.startBuilder();
        farm.startClient();
    }

    @AfterAll
    static void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    @ParameterizedTest
    @CsvSource({"gcc,gcc,c,250", "gcc,g++,c++,90", "clang,clang,c,215", "clang,clang++,c++,85"})
    void warning_ofAUnitOnTheFarm_isTheOneOfTheCompilerAlone(
            String family, String compiler, String language, int atLeast) throws Exception {
        List<Callable<List<String>>> all = new ArrayList<>();
        for (WarningUnit unit : units) {
            if (unit.language().equals(language) && unit.families().contains(family)) {
                all.add(() -> differences(unit, compiler));
            }
        }
        assertTrue(all.size() >= atLeast, all.size() + " units");

        assertEquals(List.of(), inParallel(all));
    }

    /** What costs the first look at a unit that has nothing to warn of. */
    @Test
    void unit_withoutWarnings_isOneJob() throws Exception {
        Files.writeString(work.resolve("unit.c"), "#include <errno.h>\nint f(void) { return EINVAL; }\n");
        for (String compiler : List.of("gcc", "clang")) {
            farm.zeroStatistics();
            int before = jobs();

            Result result = farm.run(work, List.of(compiler, "-Wall", "-Wextra", "-c", "unit.c", "-o", "unit.o"));

            assertEquals(new Result(0, "", ""), result);
            assertEquals(1, Farm.distributed(farm.statistics()), compiler);
            assertEquals(1, jobs() - before, compiler);
        }
    }

    private static int jobs() throws IOException {
        return farm.log("builder-0").split(" ended with ", -1).length;
    }

    private static List<String> inParallel(List<Callable<List<String>>> all) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<String> found = new ArrayList<>();
            for (Future<List<String>> one : threads.invokeAll(all)) {
                found.addAll(one.get());
            }
            return found;
        } finally {
            threads.shutdown();
        }
    }

    private List<String> differences(WarningUnit unit, String compiler) throws IOException, InterruptedException {
        Path place = work.resolve(compiler + "-" + unit.at().replace(':', '-'));
        unit.writeTo(place);
        List<String> found = new ArrayList<>();
        for (boolean error : List.of(false, true)) {
            List<String> command = command(unit, compiler, error);
            Result bare = farm.runProgram(place, command);
            byte[] object = takeObject(place);
            String line = unit.at() + ": " + String.join(" ", command);
            if (!error && (bare.code() != 0 || !unit.isProvoked(bare.stderr()))) {
                found.add(line + " should warn of " + unit.names() + ", and prints " + bare.stderr());
            }
            Result remote = farm.run(place, command);
            if (!Arrays.equals(object, takeObject(place))) {
                found.add(line + " leaves another object on the farm");
            }
            if (!remote.equals(bare)) {
                // Where the machine is to blame, the compiler alone may say so, too.
                found.add(line + " is " + bare + ", on the farm " + remote + ", then " + farm.runProgram(place, command)
                        + " of " + Arrays.toString(place.toFile().list()));
            }
        }
        return found;
    }

    /** Nothing if there is none. */
    private static byte[] takeObject(Path place) throws IOException {
        Path object = place.resolve("unit.o");
        byte[] content = Files.exists(object) ? Files.readAllBytes(object) : new byte[0];
        Files.deleteIfExists(object);
        return content;
    }

    private static List<String> command(WarningUnit unit, String compiler, boolean error) {
        List<String> words = new ArrayList<>(List.of(compiler));
        if (error || !unit.onByDefault()) {
            words.addAll(List.of("-Wall", "-Wextra"));
            words.addAll(unit.warningOptions());
        }
        words.addAll(unit.options());
        if (error) {
            words.add("-Werror");
        }
        words.addAll(List.of("-c", unit.source(), "-o", "unit.o"));
        return words;
    }
}
