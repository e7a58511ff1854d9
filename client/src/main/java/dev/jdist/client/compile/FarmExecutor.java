package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.compile.Execution.UnitExecutor;
import dev.jdist.client.compile.UnitContext.KnownInputs;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.NotRemoteException;
import dev.jdist.client.execution.RemoteCompilation.Remote;
import dev.jdist.client.unit.OutputPlaces;
import dev.jdist.client.unit.OutputPlaces.Place;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the farm compile units that are ready for it; what it does not compile, the local compiler does. */
record FarmExecutor(UnitExecutor local) implements UnitExecutor {
    private static final Logger log = LoggerFactory.getLogger(FarmExecutor.class);

    @Override
    public Execution execute(UnitContext unit, boolean recorded)
            throws IOException, CallerGoneException, InterruptedException {
        if (unit.remote().isEmpty()) {
            return local.execute(unit, recorded);
        }
        KnownInputs known = unit.inputs().orElseThrow();
        Remote remote;
        try {
            remote = unit.remote().get().compile(known.inputs());
        } catch (NotRemoteException e) {
            log.info("{} is compiled locally: {}", unit.name(), e.getMessage());
            return instead(local, unit, recorded, e);
        }
        boolean isStored = recorded && known.keyed().isPresent();
        boolean isHandedOver = false;
        try {
            if (!unit.task().isShownAlike(remote.stderr())) {
                log.info("{} is compiled locally: it has {}", unit.name(), LocalExecutor.TRIMMED);
                return local.execute(unit, recorded);
            }
            unit.task().caller().write(filesOf(remote, unit.task().places()));
            log.debug("{} was compiled by {}", unit.name(), remote.maker().builder());
            isHandedOver = isStored;
            return new Execution(
                    Optional.of(remote.maker()),
                    false,
                    Optional.empty(),
                    0,
                    remote.stdout(),
                    remote.stderr(),
                    Optional.empty(),
                    remote.ofInputs(),
                    isStored ? Optional.of(resultOf(remote)) : Optional.empty(),
                    isStored ? remote : Execution.MEMORY);
        } finally {
            if (!isHandedOver) {
                remote.close();
            }
        }
    }

    /** Compiles locally, which shows whether the farm failed rightly. */
    static Execution instead(UnitExecutor local, UnitContext unit, boolean recorded, NotRemoteException reason)
            throws IOException, CallerGoneException, InterruptedException {
        boolean compiled = false;
        try {
            Execution here = local.execute(unit, recorded);
            compiled = here.code() == 0;
            return here.insteadOfFarm(reason);
        } finally {
            reason.resolve(compiled);
        }
    }

    static List<OutputFile> filesOf(Remote remote, OutputPlaces places) {
        List<OutputFile> files = new ArrayList<>();
        for (int i = 0; i < places.outputs().size(); i++) {
            Optional<ActionResult.Output> output = remote.outputs().get(i);
            if (output.isPresent()) {
                Place place = places.outputs().get(i);
                files.add(new OutputFile(
                        place.path(), place.manner(), output.get().content()::writeTo));
            }
        }
        return files;
    }

    /** Its outputs stay where they are until somebody reads them. */
    static CompileResult resultOf(Remote remote) {
        List<Optional<PrimitiveBytes>> outputs = new ArrayList<>();
        remote.outputs().forEach(output -> outputs.add(output.map(ActionResult.Output::content)));
        return new CompileResult(outputs, remote.stdout(), remote.stderr());
    }
}
