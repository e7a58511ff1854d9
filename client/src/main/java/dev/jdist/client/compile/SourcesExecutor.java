package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.compile.Execution.UnitExecutor;
import dev.jdist.client.execution.LocalCompilation.Captured;
import dev.jdist.client.execution.NotRemoteException;
import dev.jdist.client.execution.RemoteCompilation;
import dev.jdist.client.execution.RemoteCompilation.Remote;
import dev.jdist.client.execution.SourceCompilation.Compiled;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.unit.OutputPlaces;
import dev.jdist.client.view.SourceViews;
import dev.jdist.client.view.UnitView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the farm compile units from their sources; what it fails over, the local compiler compiles. */
record SourcesExecutor(SourceViews views, Scratch scratch, LocalExecutor local) implements UnitExecutor {
    private static final Logger log = LoggerFactory.getLogger(SourcesExecutor.class);

    @Override
    public Execution execute(UnitContext unit, boolean recorded)
            throws IOException, CallerGoneException, InterruptedException {
        RemoteCompilation remote = unit.remote().orElseThrow();
        UnitView view = views.of(unit.task(), remote.toolchain(), unit.searched());
        FileBaseline before = before(unit);
        Compiled compiled;
        try {
            compiled = remote.ofSources().compile(view);
        } catch (NotRemoteException e) {
            log.info("{} is compiled locally: {}", unit.name(), e.getMessage());
            return FarmExecutor.instead(local, unit, recorded, e);
        }
        Remote made = compiled.remote();
        boolean isHandedOver = false;
        try {
            if (!unit.task().isShownAlike(made.stderr())) {
                log.info("{} is compiled locally: it has {}", unit.name(), LocalExecutor.TRIMMED);
                return local.execute(unit, recorded);
            }
            OutputPlaces places = unit.task().places();
            List<OutputFile> files = new ArrayList<>(FarmExecutor.filesOf(made, places));
            compiled.dependencies()
                    .ifPresent(rule -> files.add(new OutputFile(
                            places.dependencies().path(), places.dependencies().manner(), out -> out.write(rule))));
            unit.task().caller().write(files);
            log.debug(
                    "{} was compiled by {}, of its sources",
                    unit.name(),
                    made.maker().builder());
            isHandedOver = recorded;
            Captured captured = new Captured(
                    0,
                    made.stdout(),
                    made.stderr(),
                    before,
                    compiled.dependencies(),
                    Optional.of(view.read()),
                    Optional.of(view.looked()));
            return new Execution(
                    Optional.of(made.maker()),
                    false,
                    Optional.empty(),
                    0,
                    made.stdout(),
                    made.stderr(),
                    Optional.of(captured),
                    false,
                    recorded ? Optional.of(FarmExecutor.resultOf(made)) : Optional.empty(),
                    recorded ? made : Execution.MEMORY);
        } finally {
            if (!isHandedOver) {
                made.close();
            }
        }
    }

    private FileBaseline before(UnitContext unit) throws IOException {
        Path clock = scratch.newFile(".clock");
        try {
            return FileBaseline.take(unit.task().asked(), clock, unit.places());
        } finally {
            Files.deleteIfExists(clock);
        }
    }
}
