package dev.jdist.client.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.SourceAction;
import dev.jdist.client.execution.sccache.Audits;
import dev.jdist.client.execution.sccache.FarmClient;
import dev.jdist.client.execution.sccache.FarmToken;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.SourcesFarm;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.toolchain.SearchEnvironment;
import dev.jdist.client.toolchain.ToolchainCache;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.spool.Spools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a unit is foreseen to read is not what it reads, and contents vanish from the builder's store meanwhile: objects are what the
 * compiler alone makes. The property {@code jdist.forecast.units} is how many units there are.
 */
@EnabledIfSystemProperty(named = "jdist.sources", matches = "all")
class UntrueForecastIT {
    private static final int UNITS = Integer.getInteger("jdist.forecast.units", 40);
    private static final int HEADERS = 40;
    private static final int MOST_RANDOM = 30;

    @TempDir
    Path given;

    private final EventLoops loops = EventLoops.start(2);
    private final AtomicInteger spoolFiles = new AtomicInteger();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final SourceFileCache contents = new SourceFileCache(FileStat::now, true);
    private final Prediction prediction = new Prediction(contents);
    private Path directory;
    private Path work;
    private Farm farm;
    private Spools spools;
    private HttpClient http;
    private FarmClient client;
    private PackagedToolchain toolchain;
    private ViewTree tree;
    private volatile boolean isOver;

    /** What is foreseen. */
    private enum Forecast {
        NOTHING,
        HALF,
        OTHERS,
        TRUTH
    }

    @BeforeEach
    void startFarm() throws IOException, InterruptedException {
        directory = given.toRealPath();
        work = Files.createDirectory(directory.resolve("work"));
        farm = new Farm(directory, PackedToolchains.directory());
        farm.startScheduler();
        farm.startBuilder();
        spools = new Spools(
                () -> directory.resolve("spool-" + spoolFiles.incrementAndGet()), Spools.Limits.ofFiles(1 << 30));
        http = new HttpClient(loops, spools);
        client = new FarmClient(
                http,
                new HttpTarget.Scheduler(HttpUrl.parse(farm.schedulerUrl())),
                FarmToken.fixed(new Secret("token-of-clients")),
                BuilderChoice.ANY,
                new LocalSlots(2),
                spools,
                timer,
                Audits.Settings.OFF);
        ToolchainCache toolchains = new ToolchainCache(
                directory.resolve("packed"), 10L << 30, List.of(), (compiler, libraryPath, archive) -> {});
        toolchain = toolchains.of(
                new Compiler(CFamily.INSTANCE, CompilerKind.GCC, Path.of("/usr/bin/gcc"), false, "12", "stamp"),
                SearchEnvironment.ofProcess());
        tree = new ViewTree(PackedPaths.of(toolchain.archive()), contents, FileStat::now);
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        client.close();
        http.close();
        timer.shutdownNow();
        spools.close();
        farm.close();
        loops.close();
    }

    private void writeProject() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < HEADERS; i++) {
            StringBuilder text = new StringBuilder("#pragma once\n");
            for (int j = 0; j < 3 && i > 0; j++) {
                int other = random.nextInt(i);
                text.append("#if __has_include(\"h").append(other + HEADERS).append(".h\")\n#error\n#endif\n");
                text.append("#include \"").append(placeOf(other)).append("\"\n");
            }
            text.append("static const int of_")
                    .append(i)
                    .append(" = ")
                    .append(random.nextInt())
                    .append(";\n");
            Path header = work.resolve(i % 2 == 0 ? "one/" : "two/").resolve(placeOf(i));
            Files.createDirectories(header.getParent());
            Files.writeString(header, text);
        }
        for (int i = 0; i < UNITS; i++) {
            int last = random.nextInt(HEADERS);
            Files.writeString(
                    work.resolve("unit" + i + ".c"),
                    "#include <stdio.h>\n#include \"" + placeOf(last) + "\"\nint unit_" + i + "(void) { return of_"
                            + last + " + EOF; }\n");
        }
    }

    private static String placeOf(int header) {
        return (header % 5 == 0 ? "deep/" : "") + "h" + header + ".h";
    }

    private static List<String> arguments(int unit) {
        return List.of("-g", "-O1", "-Inone", "-Ione", "-Itwo", "-c", "unit" + unit + ".c", "-o", "unit" + unit + ".o");
    }

    /** What is foreseen of a unit. */
    private Set<Path> expected(int unit, Forecast forecast, List<Path> searched) {
        Set<Path> truth = prediction.closure(Set.of(work.resolve("unit" + unit + ".c")), searched);
        Random random = new Random(unit);
        return switch (forecast) {
            case NOTHING -> new HashSet<>();
            case TRUTH -> new LinkedHashSet<>(truth);
            case HALF -> {
                Set<Path> half = new LinkedHashSet<>(truth);
                half.removeIf(path -> random.nextBoolean());
                yield half;
            }
            case OTHERS -> {
                Set<Path> others = new LinkedHashSet<>(List.of(
                        Path.of("/"),
                        Path.of("/dev/zero"),
                        Path.of("/proc/self/exe"),
                        Path.of("/etc/passwd/none"),
                        work.resolve("none/none.h"),
                        work));
                for (int i = 0; i < MOST_RANDOM; i++) {
                    others.add(work.resolve(random.nextInt(3) == 0 ? "two" : "one")
                            .resolve(placeOf(random.nextInt(HEADERS))));
                }
                yield others;
            }
        };
    }

    private List<String> compile(int unit, Forecast forecast) throws IOException, InterruptedException {
        List<Path> searched = List.of(work.resolve("one"), work.resolve("two"), Path.of("/usr/include"));
        Path object = work.resolve("unit" + unit + ".o");
        UnitView view = new UnitView(tree, expected(unit, forecast, searched), Set.of(object));
        SourceAction action = new SourceAction(
                toolchain,
                arguments(unit),
                List.of(new EnvironmentVariable("PATH", "/usr/bin:/bin"), new EnvironmentVariable("LC_ALL", "C")),
                work,
                List.of(object.toString()),
                view);
        String what = "unit " + unit + ", " + forecast;
        try (ActionResult result = client.execute(action, new CompletableFuture<>())) {
            view.check();
            if (result.code() != 0) {
                return List.of(what + ": " + result.stderr().toUtf8());
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            result.outputs().get(0).content().writeTo(bytes);
            return Arrays.equals(Files.readAllBytes(object), bytes.toByteArray())
                    ? List.of()
                    : List.of(what + ": another object");
        } catch (IOException | ChangedException e) {
            return List.of(what + ": " + e);
        }
    }

    /** Removes some contents, time and again. */
    private List<String> remove() throws IOException, InterruptedException {
        Random random = new Random(5);
        Path store = farm.cacheDirectory(0).resolve("contents");
        while (!isOver) {
            for (Path folder : list(store)) {
                for (Path content : folder.getFileName().toString().length() == 2 ? list(folder) : List.<Path>of()) {
                    if (random.nextInt(4) == 0) {
                        Files.deleteIfExists(content);
                    }
                }
            }
            TimeUnit.MILLISECONDS.sleep(30);
        }
        return List.of();
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private List<Callable<List<String>>> units(AtomicInteger rest) {
        List<Callable<List<String>>> all = new ArrayList<>();
        for (int i = 0; i < UNITS; i++) {
            int unit = i;
            Forecast forecast = Forecast.values()[i % Forecast.values().length];
            rest.incrementAndGet();
            all.add(() -> {
                try {
                    return compile(unit, forecast);
                } finally {
                    isOver = rest.decrementAndGet() == 0;
                }
            });
        }
        return all;
    }

    @Test
    void objects_whateverIsForeseenOfTheirUnits_areThoseOfTheCompilerAlone() throws Exception {
        farm.expectWarning(" is gone; the next client that needs it sends it again");
        writeProject();
        for (int i = 0; i < UNITS; i++) {
            List<String> command = new ArrayList<>(List.of("gcc"));
            command.addAll(arguments(i));
            farm.runProgram(work, command).assertSuccess();
        }
        assertEquals(List.of(), SourcesFarm.inParallel(units(new AtomicInteger())));
        isOver = false;
        AtomicInteger rest = new AtomicInteger();
        List<Callable<List<String>>> again = new ArrayList<>(units(rest));
        again.add(0, this::remove);
        assertEquals(List.of(), SourcesFarm.inParallel(again));
    }
}
