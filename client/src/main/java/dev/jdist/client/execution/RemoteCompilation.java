package dev.jdist.client.execution;

import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.CompileTask;
import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.execution.sccache.FarmException;
import dev.jdist.client.execution.sccache.InputArchive;
import dev.jdist.client.execution.sccache.RemoteJob;
import dev.jdist.client.execution.sccache.RemoteResult;
import dev.jdist.client.execution.sccache.ToolchainRefusedException;
import dev.jdist.client.inputs.PreprocessedUnit;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the farm compile a unit's preprocessed text.
 *
 * <p>What a builder says is believed only if it is good news: exit code 0 and silence. If it found fault, the local
 * compiler decides and its words are the ones that are printed. If it warned, its words are not the ones the caller would
 * have seen, as it compiled other text: a second job, which gets the sources themselves, says it properly, and if that cannot
 * be done, the local compiler does.
 */
public final class RemoteCompilation {
    private static final Logger log = LoggerFactory.getLogger(RemoteCompilation.class);

    private final CompileTask what;
    private final Distribution distribution;
    private final PackagedToolchain toolchain;
    private final LocalSlots slots;

    private RemoteCompilation(
            CompileTask what, Distribution distribution, PackagedToolchain toolchain, LocalSlots slots) {
        this.what = what;
        this.distribution = distribution;
        this.toolchain = toolchain;
        this.slots = slots;
    }

    /**
     * Gets the compiler packed, if it is not yet.
     *
     * @throws NotRemoteException if that cannot be done; it is logged once, there, and not for every unit
     */
    public static RemoteCompilation prepare(CompileTask what, Distribution distribution, LocalSlots slots)
            throws NotRemoteException, InterruptedException {
        try {
            return new RemoteCompilation(
                    what, distribution, distribution.toolchains().of(what.compiler()), slots);
        } catch (IOException e) {
            throw new NotRemoteException("its compiler cannot be packaged: " + e.getMessage(), true);
        }
    }

    /** Whether macros are to be left to the builder, as far as the unit allows it. */
    public boolean keepsDirectives() {
        return distribution.keepDirectives();
    }

    /** Why a unit is not compiled by the farm. */
    public static final class NotRemoteException extends Exception {
        private static final long serialVersionUID = 1;

        /** Whether the farm, and not the unit, is to blame. */
        private final boolean farmFailed;

        NotRemoteException(String message, boolean farmFailed) {
            super(message);
            this.farmFailed = farmFailed;
        }

        public boolean farmFailed() {
            return farmFailed;
        }
    }

    /** What a builder made of the unit, good to be handed to the caller. The outputs have their places here. */
    public record Remote(ServerId builder, List<OutputFile> outputs, ProcessOutput printed) {}

    public Remote compile(PreprocessedUnit preprocessed) throws NotRemoteException, IOException, InterruptedException {
        RemoteResult result = run(preprocessedJob(preprocessed));
        List<OutputFile> outputs = outputsOf(result);
        ProcessOutput printed = result.complete().output();
        if (printed.stderr().isEmpty() && printed.stdout().isEmpty() && preprocessed.silent()) {
            return new Remote(result.builder(), outputs, printed);
        }
        return new Remote(result.builder(), outputs, compileSources(preprocessed));
    }

    private RemoteJob preprocessedJob(PreprocessedUnit preprocessed) throws IOException, InterruptedException {
        try (LocalSlots.Slot slot = slots.acquire()) {
            List<String> arguments =
                    what.unit().compilePreprocessedArguments(distribution.keepDirectives(), what.colors());
            return RemoteJob.of(toolchain, jobRequest(arguments), archive -> {
                archive.add(what.source(), preprocessed.file());
                addDetours(archive);
            });
        }
    }

    /** Has the farm compile the sources themselves, for the sake of what the compiler says about them. */
    private ProcessOutput compileSources(PreprocessedUnit preprocessed)
            throws NotRemoteException, IOException, InterruptedException {
        if (!what.unit().needsPreprocessing()
                || !RemoteEnvironment.of(what.request().environment()).hasOurMessages()) {
            throw new NotRemoteException("it has warnings, which only the local compiler words rightly", false);
        }
        RemoteJob job;
        try (LocalSlots.Slot slot = slots.acquire()) {
            Set<Path> sources = preprocessed.read().sources(what.request().cwd());
            job = RemoteJob.of(toolchain, jobRequest(what.unit().compileArguments(what.colors())), archive -> {
                for (Path source : sources) {
                    // Generated text may name, by #line, what is not there.
                    if (Files.isRegularFile(source)) {
                        archive.add(source, source);
                    }
                }
                addDetours(archive);
            });
        }
        return run(job).complete().output();
    }

    private void addDetours(InputArchive archive) throws IOException {
        for (CompileOutput output : what.unit().outputs()) {
            archive.addDetours(what.placeOf(output));
        }
    }

    private RunJobRequest jobRequest(List<String> arguments) {
        CompileCommand command = new CompileCommand(
                toolchain.executable(),
                arguments,
                RemoteEnvironment.of(what.request().environment()).variables(),
                what.request().cwd().toString());
        List<String> outputs = what.unit().outputs().stream().map(what::nameOf).toList();
        return new RunJobRequest(command, outputs);
    }

    private RemoteResult run(RemoteJob job) throws NotRemoteException, InterruptedException {
        try {
            RemoteResult result = distribution.farm().run(job, what.launcher().gone());
            int code = result.complete().output().code();
            if (code != 0) {
                log.debug(
                        "{} says: {}",
                        result.builder(),
                        result.complete().output().stderr().toUtf8());
                throw new NotRemoteException(
                        "builder " + result.builder() + " ended with exit code " + code
                                + ", so the local compiler decides",
                        true);
            }
            return result;
        } catch (FarmException e) {
            if (e.getCause() instanceof ToolchainRefusedException) {
                recheckToolchain();
            }
            throw new NotRemoteException(e.getMessage(), true);
        }
    }

    private void recheckToolchain() {
        try {
            distribution.toolchains().recheck(toolchain);
        } catch (IOException e) {
            log.warn("{} cannot be read: {}", toolchain.archive(), e.toString());
        }
    }

    /** The outputs under their places here; a builder has no say in which files of this machine are written. */
    private List<OutputFile> outputsOf(RemoteResult result) throws NotRemoteException {
        List<OutputFile> outputs = new ArrayList<>();
        for (CompileOutput wanted : what.unit().outputs()) {
            String path = what.nameOf(wanted);
            Optional<OutputFile> sent = result.complete().outputs().stream()
                    .filter(output -> output.path().equals(path))
                    .findFirst();
            if (sent.isEmpty() && !wanted.optional()) {
                throw new NotRemoteException("builder " + result.builder() + " sent no " + wanted.path(), true);
            }
            sent.ifPresent(output ->
                    outputs.add(new OutputFile(what.placeOf(wanted).toString(), output.zlib(), output.size())));
        }
        return outputs;
    }
}
