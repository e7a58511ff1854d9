package dev.jdist.client.execution;

import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.execution.RemoteCompilation.Remote;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.client.view.UnitView;
import dev.jdist.protocol.wire.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has other machines compile a unit of its sources, by the command that the caller gave. What the compiler says there is what it would
 * say here; but only the local compiler may find fault with a unit.
 */
public final class SourceCompilation {
    private final RemoteCompilation remote;
    private final CompileTask task;

    SourceCompilation(RemoteCompilation remote, CompileTask task) {
        this.remote = remote;
        this.task = task;
    }

    /**
     * What a builder made of the sources.
     *
     * @param dependencies what it wrote into the unit's dependency file, if it has one
     */
    public record Compiled(Remote remote, Optional<byte[]> dependencies) {}

    /**
     * Compiles the unit. Nothing is written here.
     *
     * @throws NoSourcesException if it has to be sent in another form
     */
    public Compiled compile(UnitView view)
            throws NotRemoteException, NoSourcesException, IOException, InterruptedException {
        Path directory = task.request().cwd();
        Optional<String> dependencies = task.unit().caching().dependencies() == Dependencies.NONE
                ? Optional.empty()
                : Optional.of(directory
                        .resolve(task.unit().caching().dependencyFile())
                        .toString());
        List<String> outputs =
                new ArrayList<>(task.unit().outputs().stream().map(task::nameOf).toList());
        dependencies.ifPresent(outputs::add);
        SourceAction action = new SourceAction(
                remote.toolchain(), arguments(), remote.environmentOfSources(), directory, outputs, view);
        ActionResult result = remote.run(action);
        boolean isHandedOver = false;
        try {
            view.check();
            Remote made = remote.of(result);
            Optional<byte[]> rule =
                    dependencies.isPresent() ? Optional.of(content(result, dependencies.get())) : Optional.empty();
            isHandedOver = true;
            return new Compiled(made, rule);
        } catch (ChangedException e) {
            throw new NotRemoteException(Reason.of(e), "sources that change during the compile");
        } finally {
            if (!isHandedOver) {
                result.close();
            }
        }
    }

    private List<String> arguments() {
        List<String> options = new ArrayList<>(task.terminalOptions());
        options.add(task.colors() ? "-fdiagnostics-color=always" : "-fdiagnostics-color=never");
        return task.unit().withOptions(task.request().options(), options);
    }

    private static byte[] content(ActionResult result, String name) throws NotRemoteException, IOException {
        for (ActionResult.Output output : result.outputs()) {
            if (output.path().equals(name)) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                output.content().writeTo(bytes);
                return bytes.toByteArray();
            }
        }
        throw new NotRemoteException("builder " + result.executor() + " sent no " + name, true);
    }
}
