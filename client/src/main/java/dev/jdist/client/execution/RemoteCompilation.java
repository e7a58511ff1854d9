package dev.jdist.client.execution;

import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.inputs.PreprocessedUnit;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has other machines compile a unit's preprocessed source.
 *
 * <p>What a builder says is believed only if it is good news: exit code 0 and silence. If it found fault, the local
 * compiler decides, and its messages are the ones that are printed. If it warned, its messages are not the ones that the
 * caller would have seen, as it compiled other text: a second action, which gets the sources themselves, produces them, and if
 * that cannot be done, the local compiler does.
 */
public final class RemoteCompilation {
    private static final Logger log = LoggerFactory.getLogger(RemoteCompilation.class);

    private final CompileTask task;
    private final Distribution distribution;
    private final PackagedToolchain toolchain;
    private final LocalSlots slots;

    /** @param toolchain the unit's compiler, packed */
    public RemoteCompilation(
            CompileTask task, Distribution distribution, PackagedToolchain toolchain, LocalSlots slots) {
        this.task = task;
        this.distribution = distribution;
        this.toolchain = toolchain;
        this.slots = slots;
    }

    /**
     * What a builder made of the unit, good to be handed to the caller.
     *
     * @param outputs in the order in which the unit names them; nothing for those that it did not write
     */
    public record Remote(String builder, List<Optional<ActionResult.Output>> outputs, Bytes stdout, Bytes stderr) {}

    /** Compiles the unit. Nothing is written here. */
    public Remote compile(PreprocessedUnit preprocessed) throws NotRemoteException, IOException, InterruptedException {
        ActionResult result = run(action(
                task.unit().compilePreprocessedArguments(distribution.keepDirectives(), task.colors()),
                List.of(new Action.Input(task.source(), preprocessed.file()))));
        List<Optional<ActionResult.Output>> outputs = outputsOf(result);
        boolean silent = result.stderr().isEmpty() && result.stdout().isEmpty() && preprocessed.silent();
        ActionResult messages = silent ? result : compileSources(preprocessed);
        return new Remote(result.executor(), outputs, messages.stdout(), messages.stderr());
    }

    /** Compiles the sources themselves, for the sake of what the compiler says about them. */
    private ActionResult compileSources(PreprocessedUnit preprocessed)
            throws NotRemoteException, IOException, InterruptedException {
        if (!task.unit().needsPreprocessing()
                || !RemoteEnvironment.of(task.request().environment()).hasOurMessages()) {
            throw new NotRemoteException("it has warnings, which only the local compiler prints correctly", false);
        }
        Set<Path> sources;
        try (LocalSlots.Slot slot = slots.acquire()) {
            sources = preprocessed.read().sources(task.request().cwd());
        }
        // Generated source may name, by #line, what is not there.
        List<Action.Input> inputs = sources.stream()
                .filter(Files::isRegularFile)
                .map(source -> new Action.Input(source, source))
                .toList();
        return run(action(task.unit().compileArguments(task.colors()), inputs));
    }

    private Action action(List<String> arguments, List<Action.Input> inputs) {
        return new Action(
                toolchain,
                arguments,
                RemoteEnvironment.of(task.request().environment()).variables(),
                task.request().cwd(),
                inputs,
                task.unit().outputs().stream().map(task::placeOf).toList(),
                task.unit().outputs().stream().map(task::nameOf).toList());
    }

    private ActionResult run(Action action) throws NotRemoteException, IOException, InterruptedException {
        try {
            ActionResult result =
                    distribution.executor().execute(action, task.runner().gone());
            if (result.code() != 0) {
                log.debug("{} says: {}", result.executor(), result.stderr().toUtf8());
                throw new NotRemoteException(
                        "builder " + result.executor() + " ended with exit code " + result.code()
                                + ", so the local compiler decides",
                        true);
            }
            return result;
        } catch (FarmException e) {
            if (e.getCause() instanceof ToolchainRefusedException) {
                recheckToolchain();
            }
            throw new NotRemoteException(Reason.of(e), true);
        }
    }

    private void recheckToolchain() {
        try {
            distribution.toolchains().recheck(toolchain);
        } catch (IOException e) {
            log.warn("{} cannot be read: {}", toolchain.archive(), e.toString());
        }
    }

    /** The outputs that were asked for; a builder has no say in which files of this machine are written. */
    private List<Optional<ActionResult.Output>> outputsOf(ActionResult result) throws NotRemoteException {
        for (CompileOutput wanted : task.unit().outputs()) {
            if (!wanted.optional() && sent(result, wanted).isEmpty()) {
                throw new NotRemoteException("builder " + result.executor() + " sent no " + wanted.path(), true);
            }
        }
        return task.unit().outputs().stream()
                .map(wanted -> sent(result, wanted))
                .toList();
    }

    private Optional<ActionResult.Output> sent(ActionResult result, CompileOutput wanted) {
        String name = task.nameOf(wanted);
        return result.outputs().stream()
                .filter(output -> output.path().equals(name))
                .findFirst();
    }
}
