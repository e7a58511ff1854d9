package dev.jdist.client.execution;

import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.client.inputs.NotSentException;
import dev.jdist.client.inputs.UnitInputs;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import java.io.Closeable;
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
 * Has other machines compile a unit, of inputs in whatever form.
 *
 * <p>What a builder says is believed only if it is good news: exit code 0 and silence. If it found fault, the local
 * compiler decides, and its messages are the ones that are printed. If it warned, its messages are not the ones that the
 * caller would have seen, unless it compiled the sources themselves: a second action, which gets those, produces them, and if
 * that cannot be done, the local compiler does.
 */
public final class RemoteCompilation {
    private static final Logger log = LoggerFactory.getLogger(RemoteCompilation.class);

    private static final String FOREIGN_MESSAGES = "it has warnings, which only the local compiler prints correctly";

    /** The kinds of outputs that are objects. */
    private static final Set<String> OBJECTS = Set.of("obj", "dwo");

    private final CompileTask task;
    private final Distribution distribution;
    private final PackagedToolchain toolchain;

    /** @param toolchain the unit's compiler, packed */
    public RemoteCompilation(CompileTask task, Distribution distribution, PackagedToolchain toolchain) {
        this.task = task;
        this.distribution = distribution;
        this.toolchain = toolchain;
    }

    /**
     * What a builder made of the unit, good to be handed to the caller.
     *
     * @param maker of the outputs
     * @param ofInputs whether all of it was made of the inputs that were given, and not of files that may have changed since
     * @param outputs in the order in which the unit names them; nothing for those that it did not write. They can be read
     *     until this is closed
     * @param origin of the outputs
     */
    public record Remote(
            EntryOrigin maker,
            boolean ofInputs,
            List<Optional<ActionResult.Output>> outputs,
            Bytes stdout,
            Bytes stderr,
            ActionResult origin)
            implements Closeable {
        @Override
        public void close() throws IOException {
            origin.close();
        }
    }

    /** Compiles the unit. Nothing is written here. */
    public Remote compile(UnitInputs inputs)
            throws NotRemoteException, IOException, CallerGoneException, InterruptedException {
        checkDirectory();
        UnitInputs sent = toSend(inputs);
        ActionResult result = run(action(sent));
        boolean isHandedOver = false;
        try {
            List<Optional<ActionResult.Output>> outputs = outputsOf(result);
            result.judge().judge(Verdict.GOOD, "");
            boolean silent = result.stderr().isEmpty() && result.stdout().isEmpty() && !sent.mayHideMessages();
            ActionResult messages = silent ? result : messages(inputs, sent, result);
            boolean ofInputs = sent == inputs && messages == result;
            if (messages != result) {
                messages.close();
            }
            isHandedOver = true;
            return new Remote(maker(result), ofInputs, outputs, messages.stdout(), messages.stderr(), result);
        } finally {
            if (!isHandedOver) {
                result.close();
            }
        }
    }

    /** The same of its sources. */
    public SourceCompilation ofSources() {
        return new SourceCompilation(this, task);
    }

    /** The unit's compiler, packed. */
    public PackagedToolchain toolchain() {
        return toolchain;
    }

    /**
     * All that the compiler heeds, with its time zone, and the name of its directory: the one of the shell may be by way of a link.
     */
    List<EnvironmentVariable> environmentOfSources() {
        List<EnvironmentVariable> variables = new ArrayList<>(environment().variables());
        for (CompilerVariable more : List.of(CompilerVariable.PWD, CompilerVariable.TZ)) {
            more.of(task.request().environment())
                    .ifPresent(value -> variables.add(new EnvironmentVariable(more.name(), value)));
        }
        return variables;
    }

    /** What a builder made of the sources. */
    Remote of(ActionResult result) throws NotRemoteException {
        List<Optional<ActionResult.Output>> outputs = outputsOf(result);
        result.judge().judge(Verdict.GOOD, "");
        boolean isSilent = result.stderr().isEmpty() && result.stdout().isEmpty();
        if (!isSilent && !environment().hasOurMessages()) {
            throw new NotRemoteException(FOREIGN_MESSAGES, false);
        }
        return new Remote(maker(result), false, outputs, result.stdout(), result.stderr(), result);
    }

    ActionResult run(SourceAction action) throws NotRemoteException, NoSourcesException, InterruptedException {
        return run(() -> distribution.executor().execute(action, task.caller().gone()));
    }

    private EntryOrigin maker(ActionResult result) {
        return new EntryOrigin(result.executor(), toolchain.toolchain().archiveId(), result.millis());
    }

    private static UnitInputs toSend(UnitInputs inputs)
            throws NotRemoteException, IOException, CallerGoneException, InterruptedException {
        try {
            return inputs.toSend();
        } catch (NotSentException e) {
            throw new NotRemoteException(Reason.of(e), "sources that may be others on a builder");
        }
    }

    /** Compilers name the directory as the shell does, by a link perhaps, and builders have no links. */
    private void checkDirectory() throws NotRemoteException, IOException {
        String name = CompilerVariable.PWD.of(task.request().environment()).orElse("");
        boolean isElsewhere =
                !name.startsWith("/") || name.equals(task.request().cwd().toString());
        if (isElsewhere || !task.unit().caching().namesDirectory()) {
            return;
        }
        Path other = Path.of(name);
        if (Files.isDirectory(other) && Files.isSameFile(other, task.request().cwd())) {
            throw new NotRemoteException(
                    "its object has the name of its directory in it, which is " + name + " by way of a link",
                    "directory by way of a link");
        }
    }

    /** What the compiler says about the unit as it would say it here, which may take another compile. */
    private ActionResult messages(UnitInputs inputs, UnitInputs sent, ActionResult result)
            throws NotRemoteException, IOException, InterruptedException {
        Optional<UnitInputs> telling = environment().hasOurMessages() ? inputs.forMessages() : Optional.empty();
        if (telling.isEmpty()) {
            throw new NotRemoteException(FOREIGN_MESSAGES, false);
        }
        if (telling.get() == sent) {
            return result;
        }
        ActionResult told = run(action(telling.get()));
        boolean isHandedOver = false;
        try {
            // Whoever made no object has not compiled what is spoken of.
            outputsOf(told);
            told.judge().judge(Verdict.GOOD_MESSAGES, "");
            isHandedOver = true;
            return told;
        } finally {
            if (!isHandedOver) {
                told.close();
            }
        }
    }

    private RemoteEnvironment environment() {
        return RemoteEnvironment.of(task.request().environment(), toolchain.libraryPath());
    }

    private Action action(UnitInputs inputs) throws IOException {
        return new Action(
                toolchain,
                inputs.arguments(),
                environment().variables(),
                task.request().cwd(),
                inputs.files(),
                task.unit().outputs().stream().map(task::placeOf).toList(),
                task.unit().outputs().stream().map(task::nameOf).toList());
    }

    private ActionResult run(Action action) throws NotRemoteException, IOException, InterruptedException {
        return run(() -> distribution.executor().execute(action, task.caller().gone()));
    }

    private interface Run<E extends IOException> {
        ActionResult run() throws FarmException, E, InterruptedException;
    }

    private <E extends IOException> ActionResult run(Run<E> run) throws NotRemoteException, E, InterruptedException {
        try {
            ActionResult result = run.run();
            if (result.code() != 0) {
                close(result);
                log.debug("{} says: {}", result.executor(), result.stderr().toUtf8());
                throw NotRemoteException.failed(result);
            }
            return result;
        } catch (FarmException e) {
            if (e.getCause() instanceof ToolchainRefusedException) {
                recheckToolchain();
            }
            throw new NotRemoteException(Reason.of(e), true);
        }
    }

    private static void close(ActionResult result) {
        try {
            result.close();
        } catch (IOException e) {
            log.debug("cannot close a result: {}", e.toString());
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
                throw wrongOutput(result, "it sent no " + wanted.path());
            }
            checkObject(result, wanted);
        }
        return task.unit().outputs().stream()
                .map(wanted -> sent(result, wanted))
                .toList();
    }

    /** What is no object would be found by the linker, or by nobody, and again and again by the cache. */
    private void checkObject(ActionResult result, CompileOutput wanted) throws NotRemoteException {
        Optional<ActionResult.Output> output =
                OBJECTS.contains(wanted.kind()) ? sent(result, wanted) : Optional.empty();
        if (output.isEmpty()) {
            return;
        }
        try {
            String beginning = ObjectFormat.beginning(output.get().content());
            if (!ObjectFormat.isObject(beginning)) {
                throw wrongOutput(
                        result,
                        "it sent a " + wanted.path() + " that is no object, but "
                                + (beginning.isEmpty() ? "empty" : "begins with " + beginning + " (hexadecimal)"));
            }
        } catch (IOException e) {
            throw wrongOutput(result, Reason.of(e));
        }
    }

    private static NotRemoteException wrongOutput(ActionResult result, String what) {
        result.judge().judge(Verdict.WRONG_OUTPUT, what);
        return new NotRemoteException("builder " + result.executor() + ": " + what, true);
    }

    private Optional<ActionResult.Output> sent(ActionResult result, CompileOutput wanted) {
        String name = task.nameOf(wanted);
        return result.outputs().stream()
                .filter(output -> output.path().equals(name))
                .findFirst();
    }
}
