package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.jdist.client.cache.BaseDirectories;
import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.compiler.cfamily.CFamily;
import dev.jdist.client.daemon.PipelineRun;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.files.FileEvidence;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.identity.CompilerIdentity;
import dev.jdist.client.identity.ProgramDigests.Digested;
import dev.jdist.client.launcher.FakeLauncher;
import dev.jdist.client.launcher.FakeLauncher.Exit;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/** The real gcc behind the pipeline with a cache, one unit after the other. */
final class CachedGcc implements AutoCloseable {
    private static final String GCC = "/usr/bin/gcc";

    private static final CompilerIdentity IDENTITY = new CompilerIdentity(
            "gcc",
            new Digested(List.of(), List.of(), ""),
            List.of(),
            List.of(),
            "",
            new FileEvidence(Map.of()),
            Set.of());

    private final Path cwd;
    private final CompileCache cache;
    private final Scratch scratch;
    private final Statistics statistics;

    /** Where units go that are not found; nothing for compiling them here. */
    Optional<Distribution> distribution = Optional.empty();

    /** Is called after each run of a preprocessor or compiler, with their number in this compile. */
    IntConsumer afterRun = number -> {};

    /** Of the last compile. */
    FakeLauncher launcher;

    /** @param elsewhere a directory that is not {@code cwd}, for what is no part of the project */
    CachedGcc(Path cwd, Path elsewhere, EntryStore store, Statistics statistics) throws IOException {
        this.cwd = cwd;
        this.cache =
                new CompileCache(new CompileCache.Settings(true, false), new SourceFileCache(FileStat::now), store);
        this.scratch = Scratch.open(Files.createDirectory(elsewhere.resolve("scratch")));
        this.statistics = statistics;
    }

    /** Compiles {@code a.c}; returns what the caller gets to read. */
    String compile(Map<String, String> environment, String source, String... options) throws Exception {
        Files.writeString(cwd.resolve("a.c"), source);
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(List.of("-c", "a.c"));
        List<String> arguments = new ArrayList<>(List.of("gcc"));
        arguments.addAll(words);
        FakeLauncher running = FakeLauncher.running(cwd);
        launcher = new FakeLauncher(order -> {
            int code = running.run(order);
            afterRun.accept(running.orders.size());
            return code;
        });
        CallerRequest request = new CallerRequest(false, false, 0, cwd, GCC, arguments, environment);
        Compiler compiler = new Compiler(CFamily.INSTANCE, CompilerKind.GCC, Path.of(GCC), false, "12", "stamp");
        ParsedCommand.Compile parsed = assertInstanceOf(
                ParsedCommand.Compile.class, CFamily.INSTANCE.parse(compiler, words, cwd, environment));
        CompileTask task = new CompileTask(launcher, request, compiler, parsed.unit(), Map.of(), FileStat.now());
        UnitCacheSession session =
                new UnitCacheSession(cache, new BaseDirectories(List.of()), IDENTITY, new RequestHitCache(cache), task);
        new PipelineRun(scratch, statistics).compile(launcher, task, Optional.of(session), distribution);
        Exit exit = launcher.exits.get(0);
        assertEquals(0, exit.code(), exit.stderr());
        return exit.stderr();
    }

    Scratch scratch() {
        return scratch;
    }

    @Override
    public void close() throws IOException {
        cache.close();
        scratch.close();
    }
}
