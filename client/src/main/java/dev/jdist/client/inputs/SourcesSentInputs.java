package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.source.SourceScan;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A unit whose object tells of the sources what preprocessed source does not have, as debugging information does: it is known by
 * its preprocessed source, and sent as the sources. It needs proof that another machine finds the same files as this one, each under one name.
 */
public final class SourcesSentInputs implements UnitInputs {
    private static final Logger log = LoggerFactory.getLogger(SourcesSentInputs.class);

    private final CompileTask task;
    private final UnitInputs others;
    private final List<Path> places;
    private final SourceFileCache contents;
    /** The sources, or the others if there is no proof; once it was asked for. */
    private @Nullable UnitInputs chosen;

    private SourcesSentInputs(CompileTask task, UnitInputs others, List<Path> places, SourceFileCache contents) {
        this.task = task;
        this.others = others;
        this.places = places;
        this.contents = contents;
    }

    /** For the units that need it. @param others what a unit is known by, and sent as if there is no such proof */
    public static InputForm form(InputForm others, SourceFileCache contents) {
        return (task, searched) -> {
            UnitInputs inputs = others.of(task, searched);
            return searched.isPresent() && task.unit().tellsOfSources()
                    ? new SourcesSentInputs(task, inputs, List.copyOf(SearchPath.places(task, searched)), contents)
                    : inputs;
        };
    }

    /** The sources, if they are the same wherever they are compiled. */
    private UnitInputs choose(Set<Path> sources) throws IOException {
        UnitInputs known = chosen;
        if (known == null) {
            SourceInputs inputs = new SourceInputs(task, sources, others.before(), places, contents);
            Optional<String> obstacle = unseen(sources);
            if (obstacle.isEmpty()) {
                obstacle = otherName(inputs.files());
            }
            obstacle.ifPresent(reason -> log.debug("{} is not sent as it is: {}", task.source(), reason));
            known = obstacle.isEmpty() ? inputs : others;
            chosen = known;
        }
        return known;
    }

    /** Why these sources may look for something whose name is not in them, or may be others at another time; or nothing. */
    private Optional<String> unseen(Set<Path> sources) throws IOException {
        List<SourceScan> scans = contents.scans(sources);
        if (SourceScan.mentionClock(scans)) {
            return Optional.of("the time of day may be in it");
        } else if (scans.stream().anyMatch(SourceScan::embeds)) {
            return Optional.of("it takes in the bytes of a file");
        } else if (scans.stream().anyMatch(SourceScan::computed)) {
            return Optional.of("it asks for a file whose name macros put together");
        }
        boolean isOnePassedOver = scans.stream().anyMatch(SourceScan::computedInclude)
                && scans.stream().anyMatch(SourceScan::once);
        // One that is found and not read, as it was read already, is in no list.
        return isOnePassedOver
                ? Optional.of("macros put together the name of a file, and some files are read once")
                : Optional.empty();
    }

    /** A file that another machine would have twice, or in another place; or nothing. Compilers tell files by what they are. */
    private static Optional<String> otherName(List<InputFile> files) throws IOException {
        Map<Path, Path> names = new HashMap<>();
        for (InputFile file : files) {
            Path name = file.path().normalize();
            Path real = file.path().toRealPath();
            Path first = names.putIfAbsent(real, name);
            if (first != null && !first.equals(name)) {
                return Optional.of(first + " and " + name + " are the same file");
            } else if (first == null && !name.equals(real) && !name.toRealPath().equals(real)) {
                return Optional.of(file.path() + " is not " + name);
            }
        }
        return Optional.empty();
    }

    @Override
    public Content read() throws IOException {
        return others.read();
    }

    @Override
    public FileBaseline before() {
        return others.before();
    }

    @Override
    public boolean areReproducible() throws IOException, CallerGoneException, InterruptedException {
        return others.areReproducible();
    }

    @Override
    public UnitInputs toSend() throws IOException, CallerGoneException, InterruptedException {
        UnitInputs known = chosen;
        UnitInputs sent = known == null ? choose(others.read().sources()) : known;
        return sent == others ? others.toSend() : sent;
    }

    @Override
    public boolean mayHideMessages() throws IOException, InterruptedException {
        return others.mayHideMessages();
    }

    @Override
    public List<String> arguments() {
        return others.arguments();
    }

    @Override
    public List<InputFile> files() throws IOException {
        return others.files();
    }

    @Override
    public Optional<UnitInputs> forMessages() throws IOException, InterruptedException {
        return others.forMessages();
    }

    @Override
    public void close() throws IOException {
        others.close();
    }
}
