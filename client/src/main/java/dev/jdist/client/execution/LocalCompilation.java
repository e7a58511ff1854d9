package dev.jdist.client.execution;

import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.CacheKeyOptions;
import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Moment;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.MakeRule;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Has the launcher compile a unit on this machine, with the caller's own arguments. */
public final class LocalCompilation {
    /** What is larger is not worth a place in the cache, nor in memory. */
    private static final long MAX_OUTPUT_BYTES = 256 << 20;

    private final CompileTask task;
    private final LocalSlots slots;
    private final Scratch scratch;

    public LocalCompilation(CompileTask task, LocalSlots slots, Scratch scratch) {
        this.task = task;
        this.slots = slots;
        this.scratch = scratch;
    }

    /** Compiles with the caller's own streams. */
    public int run() throws CallerGoneException, InterruptedException {
        RunCommand order = new RunCommand(
                RunCommand.Kind.LAST_STEP,
                Optional.empty(),
                Optional.empty(),
                task.request().executable(),
                task.request().arguments());
        try (LocalSlots.Slot slot = slots.acquire()) {
            return task.caller().run(order);
        }
    }

    /**
     * What a compile left whose streams were caught.
     *
     * @param before how the file system looked when it began
     * @param dependencies what it wrote into the unit's dependency file, if it has one
     * @param read the files that it read, where it was asked for them
     * @param looked all places at which it looked, where that was seen
     */
    public record Captured(
            int code,
            Bytes stdout,
            Bytes stderr,
            FileBaseline before,
            Optional<byte[]> dependencies,
            Optional<Set<Path>> read,
            Optional<Set<Path>> looked) {}

    /**
     * Compiles with the streams caught.
     *
     * @param listInputs whether to find out what it reads
     * @param places directories in which it will look for files
     */
    public Captured capture(boolean listInputs, Collection<Path> places)
            throws IOException, CallerGoneException, InterruptedException {
        CacheKeyOptions words = task.unit().caching();
        boolean ownRule = listInputs
                && words.dependencies() == Dependencies.NONE
                && task.unit().needsPreprocessing();
        Path stdout = scratch.newFile(".out");
        Path stderr = scratch.newFile(".err");
        Path rule = scratch.newFile(".d");
        try {
            FileBaseline before;
            int code;
            try (LocalSlots.Slot slot = slots.acquire()) {
                before = FileBaseline.take(task.asked(), stdout, places);
                code = task.caller()
                        .run(new RunCommand(
                                RunCommand.Kind.STEP,
                                Optional.of(stdout),
                                Optional.of(stderr),
                                task.request().executable(),
                                command(ownRule ? task.unit().listInputsOptions(rule) : List.of())));
            }
            Optional<byte[]> dependencies = Optional.empty();
            Optional<Set<Path>> read = Optional.empty();
            if (code == 0
                    && words.dependencies() != Dependencies.NONE
                    && words.dependencies() != Dependencies.UNKNOWN) {
                dependencies = contentOf(task.request().cwd().resolve(words.dependencyFile()));
            }
            if (code == 0 && listInputs) {
                Optional<byte[]> ruleText = dependencies;
                if (ownRule) {
                    ruleText = contentOf(rule);
                } else if (task.unit().usesModules()) {
                    ruleText = listModules(rule);
                }
                read = task.unit().needsPreprocessing()
                        ? ruleText.flatMap(text ->
                                MakeRule.prerequisites(text, task.request().cwd()))
                        : Optional.of(Set.of(task.source()));
            }
            return new Captured(code, read(stdout), read(stderr), before, dependencies, read, Optional.empty());
        } finally {
            Files.deleteIfExists(stdout);
            Files.deleteIfExists(stderr);
            Files.deleteIfExists(rule);
        }
    }

    /**
     * Has the compiler say once more what it reads, the compiled modules too. The caller's own dependency file, which was
     * written already, does not name them all.
     */
    private Optional<byte[]> listModules(Path rule) throws IOException, CallerGoneException, InterruptedException {
        Path printed = scratch.newFile(".modules");
        try (LocalSlots.Slot slot = slots.acquire()) {
            int code = task.caller()
                    .run(new RunCommand(
                            RunCommand.Kind.STEP,
                            Optional.of(printed),
                            Optional.of(printed),
                            task.request().executable(),
                            command(task.unit().listModulesOptions(rule))));
            return code == 0 ? contentOf(rule) : Optional.empty();
        } finally {
            Files.deleteIfExists(printed);
        }
    }

    private List<String> command(List<String> more) {
        List<String> options = new ArrayList<>(more);
        options.addAll(task.terminalOptions());
        List<String> command = new ArrayList<>();
        command.add(task.request().arguments().get(0));
        command.addAll(task.unit().withOptions(task.request().options(), options));
        return command;
    }

    private static boolean isWrittenSince(Moment moment, Path file) throws IOException {
        return FileStat.of(file).filter(stat -> !stat.isFromBefore(moment)).isPresent();
    }

    private static Optional<byte[]> contentOf(Path file) throws IOException {
        return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }

    private static Bytes read(Path file) throws IOException {
        return Bytes.wrap(Files.readAllBytes(file));
    }

    /** What a successful compile made; nothing if that is not all there, or too large. */
    public Optional<CompileResult> result(Captured captured) throws IOException {
        List<Optional<PrimitiveBytes>> outputs = new ArrayList<>();
        for (CompileOutput output : task.unit().outputs()) {
            Path place = task.placeOf(output);
            boolean there = Files.isRegularFile(place) && isWrittenSince(captured.before.began(), place);
            if (!there && !output.optional() || there && Files.size(place) > MAX_OUTPUT_BYTES) {
                return Optional.empty();
            }
            outputs.add(there ? Optional.of(read(place)) : Optional.empty());
        }
        return Optional.of(new CompileResult(outputs, captured.stdout, captured.stderr));
    }
}
