package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.storage.DiskStore;
import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.cache.storage.EntryStore.Timeouts;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.FakeFarm.Builder;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.ActionResult.Output;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.inputs.MacrosSentInputs;
import dev.jdist.client.inputs.Preprocessor;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.toolchain.ToolchainCache;
import dev.jdist.protocol.settings.ClientConfig.CustomToolchain;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What builders get is not always what a unit is known by: it may be made later, of files that have changed since. */
class SentInputsTest {
    private static final String SILENT = "#include \"value.h\"\nint value = VALUE;\n";
    private static final String MISLEADING = SILENT + "int f(int a) {\n\tif (a)\n\t\ta++;\n\t\ta--;\n\treturn a;\n}\n";

    @TempDir
    Path cwd;

    @TempDir
    Path elsewhere;

    private CachedGcc gcc;
    private FakeFarm farm;

    @BeforeEach
    void open() throws Exception {
        Statistics statistics = new Statistics();
        DiskStore disk = DiskStore.open(elsewhere.resolve("cache"), 1 << 24, true);
        gcc = new CachedGcc(cwd, elsewhere, new EntryStore(disk, 3, Timeouts.DEFAULT, statistics), statistics);
        Path archive = Files.writeString(elsewhere.resolve("gcc.tar.gz"), "an archive");
        CustomToolchain toolchain = new CustomToolchain.PathOverride(Path.of("/usr/bin/gcc"), archive, "/usr/bin/gcc");
        farm = new FakeFarm(Collections.nCopies(8, builder()).toArray(new Builder[0]));
        gcc.distribution = Optional.of(new Distribution(
                farm,
                new ToolchainCache(
                        elsewhere.resolve("packed"),
                        1 << 20,
                        List.of(toolchain),
                        (compiler, libraryPath, packed) -> {}),
                MacrosSentInputs.form(
                        new Preprocessor(new LocalSlots(1), gcc.scratch(), new SourceFileCache(FileStat::now)))));
    }

    @AfterEach
    void close() throws Exception {
        gcc.close();
    }

    /** Its objects tell what it got, and it never warns. */
    private Builder builder() {
        return (job, gone) -> new ActionResult(
                FakeFarm.BUILDER.toString(),
                0,
                0,
                Bytes.EMPTY,
                Bytes.EMPTY,
                List.of(new Output(cwd.resolve("a.o").toString(), Bytes.utf8("\u007fELF " + job.inputs()))),
                (verdict, reason) -> {},
                () -> {});
    }

    private void write(int value) {
        try {
            Files.writeString(cwd.resolve("value.h"), "#define VALUE 100" + value + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String object(String source) throws Exception {
        gcc.compile(Map.of("SCCACHE_DIRECT", "false", "LC_ALL", "C.UTF-8"), source, "-Wall");
        return Files.readString(cwd.resolve("a.o"));
    }

    @ParameterizedTest
    @ValueSource(strings = {SILENT, MISLEADING})
    void object_ofSourcesThatChangedSinceTheyWereKeyed_isNotStoredForThoseThatWereKeyed(String source)
            throws Exception {
        write(1);
        gcc.afterRun = number -> write(2);
        object(source);
        assertTrue(farm.jobs.get(farm.jobs.size() - 1).inputs().toString().contains("1002"), "this shows nothing");

        gcc.afterRun = number -> {};
        write(1);
        String object = object(source);

        assertTrue(object.contains("1001"), object);
    }

    @ParameterizedTest
    @ValueSource(strings = {SILENT, MISLEADING})
    void object_ofSourcesThatStay_isStored(String source) throws Exception {
        write(1);
        String first = object(source);
        int jobs = farm.jobs.size();

        assertEquals(first, object(source));
        assertEquals(jobs, farm.jobs.size());
    }
}
