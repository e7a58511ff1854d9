package dev.jdist.client.execution.sccache;

import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.FarmException;
import dev.jdist.client.execution.Verdict;
import dev.jdist.client.execution.sccache.AuditProof.Testimony;
import dev.jdist.client.execution.sccache.AuditProof.Witnesses;
import dev.jdist.client.files.Digest;
import dev.jdist.client.toolchain.ToolchainRoot;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.wire.ServerId;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a job done once more, by builders and on this machine. Here it is done as a builder does it: in a root directory made of the
 * toolchain's archive, with the inputs that were sent, the same command and environment. For one thread.
 */
final class AuditWitnesses implements Witnesses, Closeable {
    private static final Logger log = LoggerFactory.getLogger(AuditWitnesses.class);

    private static final Pattern CLOCK = Pattern.compile("__(?:DATE|TIME|TIMESTAMP)__");

    private final AuditSample sample;
    private final LocalSlots slots;
    private final Audits.Unpacker unpacker;
    private final Audits.Runner builders;
    private final CompletionStage<Void> stopped;
    private @Nullable ToolchainRoot root;

    /** @param stopped completes when nobody wants to know any more */
    AuditWitnesses(
            AuditSample sample,
            LocalSlots slots,
            Audits.Unpacker unpacker,
            Audits.Runner builders,
            CompletionStage<Void> stopped) {
        this.sample = sample;
        this.slots = slots;
        this.unpacker = unpacker;
        this.builders = builders;
        this.stopped = stopped;
    }

    @Override
    public boolean isIdle() {
        return slots.isOneFree();
    }

    @Override
    public Optional<Testimony> another() throws IOException, InterruptedException {
        return builders.canChoose() ? by(Set.of(sample.builder())) : Optional.empty();
    }

    @Override
    public Optional<Testimony> anyone() throws IOException, InterruptedException {
        return by(Set.of());
    }

    private Optional<Testimony> by(Set<ServerId> without) throws IOException, InterruptedException {
        try (ActionResult result = builders.run(sample.job(), without, stopped)) {
            boolean isDone = result.code() == 0;
            result.judge().judge(isDone ? Verdict.GOOD : Verdict.OPEN, "");
            return isDone
                    ? Optional.of(AuditSample.testimony(ServerId.parse(result.executor()), result.outputs()))
                    : Optional.empty();
        } catch (FarmException e) {
            log.debug("no other builder does {} again: {}", sample.job(), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Optional<Map<String, Digest>> here() throws IOException, InterruptedException {
        RunJobRequest request = sample.job().request();
        Optional<ToolchainRoot> there = root(request);
        if (there.isEmpty()) {
            return Optional.empty();
        }
        for (String output : request.outputs()) {
            Files.deleteIfExists(there.get().inside(output));
        }
        CompileCommand command = request.command();
        List<String> words = new ArrayList<>(List.of(command.executable()));
        words.addAll(command.arguments());
        Map<String, String> environment = new LinkedHashMap<>();
        for (EnvironmentVariable variable : command.environment()) {
            environment.put(variable.name(), variable.value());
        }
        int code = there.get().run(words, environment, command.cwd());
        if (code != 0) {
            log.debug("{} ends with exit code {} on this machine", sample.job(), code);
            return Optional.empty();
        }
        Map<String, Digest> made = new TreeMap<>();
        for (String output : request.outputs()) {
            Path file = there.get().inside(output);
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                try (InputStream in = Files.newInputStream(file)) {
                    made.put(output, Digest.of(in));
                }
            }
        }
        return Optional.of(made);
    }

    private Optional<ToolchainRoot> root(RunJobRequest request) throws IOException, InterruptedException {
        ToolchainRoot known = root;
        if (known != null) {
            return Optional.of(known);
        }
        Optional<ToolchainRoot> fresh = unpacker.unpack(sample.job().toolchain());
        if (fresh.isEmpty()) {
            return fresh;
        }
        root = fresh.get();
        try (InputStream inputs = sample.job().inputs()) {
            root.add(inputs);
        }
        root.createDirectories("/tmp");
        root.createDirectories(request.command().cwd());
        for (String output : request.outputs()) {
            root.createDirectories(output.substring(0, output.lastIndexOf('/') + 1));
        }
        return fresh;
    }

    @Override
    public boolean dependOnTime() throws IOException {
        try (InputStream inputs = sample.job().inputs();
                BufferedReader lines = new BufferedReader(new InputStreamReader(inputs, StandardCharsets.ISO_8859_1))) {
            return lines.lines().anyMatch(line -> CLOCK.matcher(line).find());
        }
    }

    @Override
    public void close() throws IOException {
        ToolchainRoot made = root;
        if (made != null) {
            made.close();
        }
    }
}
