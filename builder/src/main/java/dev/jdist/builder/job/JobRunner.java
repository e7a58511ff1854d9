package dev.jdist.builder.job;

import dev.jdist.builder.toolchain.ArchiveException;
import dev.jdist.builder.toolchain.ArchiveLimits;
import dev.jdist.builder.toolchain.TarReader;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.sandbox.IsolatedRoot;
import dev.jdist.sandbox.Isolation;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.ViewResult;
import dev.jdist.sandbox.view.FileView;
import dev.jdist.sandbox.view.PathUse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one job: inputs in, compiler, outputs out. Stateless; runs on the caller's thread. */
public final class JobRunner {
    private static final Logger log = LoggerFactory.getLogger(JobRunner.class);

    private final Isolation isolation;
    private final JobRules rules;

    public JobRunner(Isolation isolation, JobRules rules) {
        this.isolation = isolation;
        this.rules = rules;
    }

    /**
     * Runs a job on a toolchain.
     *
     * @param toolchain its tree, which nobody changes meanwhile
     * @param inputs a zlib stream of a tar
     * @param gone completes when nobody wants the result any more: the compiler is killed then
     * @param spool where the outputs go; the result can be read for as long as it is open
     * @throws JobLimitException if it takes more than the rules allow: all of it has ended then
     * @throws ArchiveException if the inputs or the command are not acceptable
     * @throws dev.jdist.sandbox.UnsafePathException if they reach where they must not
     */
    public RunJobResult.Complete run(
            JobId job,
            Path toolchain,
            RunJobRequest request,
            InputStream inputs,
            CompletionStage<Void> gone,
            OutputSpool spool)
            throws IOException, InterruptedException {
        CompileCommand command = request.command();
        check(command, request.outputs());
        try (IsolatedRoot root = isolation.openRoot(toolchain)) {
            gone.thenRun(root::kill);
            unpackInputs(inputs, root);
            root.createDirectories(command.cwd());
            for (String output : request.outputs()) {
                root.createDirectories(parent(output));
            }
            long started = System.nanoTime();
            SandboxResult result = root.run(toSandboxCommand(command), rules.limits());
            log(job, command, result, started);
            return completed(result, request.outputs(), root, spool);
        } catch (LimitExceededException e) {
            throw new JobLimitException(rules.describe(e.limit()));
        }
    }

    /** Why commands cannot run under views here; nothing if they can. */
    public Optional<String> withoutViews() {
        return isolation.withoutViews();
    }

    /**
     * What came of a job that ran under a view.
     *
     * @param uses what it had to do with
     */
    public record Viewed(RunJobResult.Complete result, List<PathUse> uses) {}

    /**
     * Runs a job on a toolchain, under a view. The other parameters and errors are those of the other method.
     *
     * @param outputs absolute paths of the files to send back
     */
    public Viewed run(
            JobId job,
            Path toolchain,
            CompileCommand command,
            List<String> outputs,
            FileView view,
            CompletionStage<Void> gone,
            OutputSpool spool)
            throws IOException, InterruptedException {
        check(command, outputs);
        try (IsolatedRoot root = isolation.openRoot(toolchain)) {
            gone.thenRun(root::kill);
            long started = System.nanoTime();
            ViewResult result = root.run(toSandboxCommand(command), rules.limits(), view);
            SandboxResult ended = result.result();
            log(job, command, ended, started);
            return new Viewed(completed(ended, outputs, root, spool), result.uses());
        } catch (LimitExceededException e) {
            throw new JobLimitException(rules.describe(e.limit()));
        }
    }

    private static void log(JobId job, CompileCommand command, SandboxResult result, long started) {
        log.info(
                "job {}: {} ended with {} after {} ms",
                job,
                Path.of(command.executable()).getFileName(),
                result.exitCode(),
                Duration.ofNanos(System.nanoTime() - started).toMillis());
    }

    private RunJobResult.Complete completed(
            SandboxResult result, List<String> outputs, IsolatedRoot root, OutputSpool spool) throws IOException {
        return new RunJobResult.Complete(
                new ProcessOutput(result.exitCode(), Bytes.wrap(result.stdout()), Bytes.wrap(result.stderr())),
                collectOutputs(outputs, root, spool));
    }

    private static void check(CompileCommand command, List<String> outputs) throws ArchiveException {
        if (!command.executable().startsWith("/") || !command.cwd().startsWith("/")) {
            throw new ArchiveException("executable and cwd must be absolute paths");
        }
        if (!outputs.stream().allMatch(output -> output.startsWith("/"))) {
            throw new ArchiveException("outputs must be absolute paths");
        }
        boolean hasNul = command.arguments().stream().anyMatch(JobRunner::hasNul)
                || command.environment().stream()
                        .anyMatch(variable -> hasNul(variable.name()) || hasNul(variable.value()))
                || hasNul(command.executable())
                || hasNul(command.cwd());
        if (hasNul) {
            throw new ArchiveException("the command contains a NUL character");
        }
    }

    private static boolean hasNul(String text) {
        return text.indexOf('\0') >= 0;
    }

    /** They count as what the job writes, and come before anybody measures that. */
    private void unpackInputs(InputStream inputs, IsolatedRoot root) throws IOException {
        long most = Math.min(ArchiveLimits.INPUT_BYTES, rules.limits().scratchBytes());
        TarReader reader = new TarReader(ArchiveLimits.INPUT_ENTRIES, most);
        reader.read(new InflaterInputStream(inputs), (entry, content) -> unpackInput(entry, content, root));
    }

    private static void unpackInput(TarArchiveEntry entry, InputStream content, IsolatedRoot root) throws IOException {
        String name = entry.getName();
        boolean climbs = name.startsWith("/") || List.of(name.split("/")).contains("..");
        if (climbs) {
            throw new ArchiveException("the inputs contain " + name + ", which leads out of the job's root");
        }
        if (entry.isDirectory()) {
            root.createDirectories("/" + name);
        } else if (TarReader.isPlainFile(entry)) {
            root.writeFile("/" + name, (entry.getMode() & 0111) != 0, content);
        } else {
            throw new ArchiveException("the inputs contain " + name + ", which is neither a file nor a directory");
        }
    }

    private static SandboxCommand toSandboxCommand(CompileCommand command) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (EnvironmentVariable variable : command.environment()) {
            if (!variable.name().isEmpty() && !variable.name().contains("=")) {
                environment.put(variable.name(), variable.value());
            }
        }
        return new SandboxCommand(command.executable(), command.arguments(), environment, command.cwd());
    }

    private List<OutputFile> collectOutputs(List<String> paths, IsolatedRoot root, OutputSpool spool)
            throws IOException {
        List<OutputFile> outputs = new ArrayList<>();
        long left = rules.outputBytes();
        for (String path : paths) {
            Optional<InputStream> file = root.openFile(path);
            if (file.isPresent()) {
                try (InputStream content = file.get()) {
                    OutputFile output =
                            spool.add(path, content, left, () -> new JobLimitException(rules.describeOutputBytes()));
                    outputs.add(output);
                    left -= output.size();
                }
            }
        }
        return outputs;
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }
}
