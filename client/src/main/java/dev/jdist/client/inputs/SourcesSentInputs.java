package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileBaseline;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.source.SourceScan;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A unit whose object may tell of the sources what preprocessed source does not have, as debugging information does: it is known by
 * its preprocessed source, and sent as the sources. That needs proof that another machine finds the same files as this one, each
 * under one name. What tells of columns only can be sent with its macros as well. Without either, the unit stays here.
 */
public final class SourcesSentInputs implements UnitInputs {
    private static final Logger log = LoggerFactory.getLogger(SourcesSentInputs.class);

    private final CompileTask task;
    private final UnitInputs others;
    private final boolean placesAreKnown;
    private final List<Path> places;
    private final Preprocessor preprocessor;
    private final SourceFileCache contents;
    private @Nullable Sources sources;
    /** With its macros; once that was asked for. */
    private @Nullable UnitInputs kept;

    /**
     * The sources.
     *
     * @param obstacle why another machine may find others; or nothing
     */
    private record Sources(SourceInputs inputs, Optional<String> obstacle) {}

    private SourcesSentInputs(
            CompileTask task, UnitInputs others, Optional<SearchPath> searched, Preprocessor preprocessor) {
        this.task = task;
        this.others = others;
        this.placesAreKnown = searched.isPresent();
        this.places = List.copyOf(SearchPath.places(task, searched));
        this.preprocessor = preprocessor;
        this.contents = preprocessor.sources();
    }

    /** For all units that are preprocessed. @param others what a unit is known by, and sent as if that says all */
    public static InputForm form(InputForm others, Preprocessor preprocessor) {
        return (task, searched) -> {
            UnitInputs inputs = others.of(task, searched);
            return task.unit().needsPreprocessing()
                    ? new SourcesSentInputs(task, inputs, searched, preprocessor)
                    : inputs;
        };
    }

    @Override
    public UnitInputs toSend() throws NotSentException, IOException, CallerGoneException, InterruptedException {
        boolean isAboutMore = task.unit().tellsOfSources();
        Optional<UnitInputs> usual = isAboutMore ? Optional.empty() : Optional.of(others.toSend());
        if (usual.isPresent() && usual.get().keepsColumns()) {
            return usual.get();
        }
        Optional<Sources> found = sourcesIfNeeded(isAboutMore);
        if (found.isEmpty()) {
            return usual.orElseThrow();
        } else if (found.get().obstacle.isEmpty()) {
            return found.get().inputs;
        }
        Optional<UnitInputs> withMacros = isAboutMore ? Optional.empty() : keep();
        return withMacros.orElseThrow(() -> new NotSentException(
                "its object tells of its sources, and " + found.get().obstacle.get()));
    }

    /**
     * The sources, unless what is usually sent says all that an object may tell. The text is in memory meanwhile, and no longer: no
     * caller's variable keeps it.
     */
    private Optional<Sources> sourcesIfNeeded(boolean isAboutMore) throws IOException, InterruptedException {
        try (LocalSlots.Slot slot = preprocessor.slots().acquire()) {
            Content content = others.read();
            return isAboutMore || content.tellsOfColumns() ? Optional.of(sources(content)) : Optional.empty();
        }
    }

    private Sources sources(Content content) throws IOException {
        Sources found = sources;
        if (found == null) {
            SourceInputs inputs = new SourceInputs(task, content.sources(), others.before(), places, contents);
            found = new Sources(inputs, obstacle(inputs, false));
            found.obstacle.ifPresent(reason -> log.debug("{} is not sent as it is: {}", task.source(), reason));
            sources = found;
        }
        return found;
    }

    /** With its macros, if what the compiler says of that is what it says of the sources. */
    private Optional<UnitInputs> keep() throws IOException, CallerGoneException, InterruptedException {
        if (!task.unit().keepsDirectives(true) || others.mayHideMessages()) {
            return Optional.empty();
        }
        try {
            Optional<UnitInputs> made = DirectivesKeptInputs.keep(preprocessor, task, places, false);
            kept = made.orElse(null);
            return made;
        } catch (InputForm.UnavailableException e) {
            log.debug("{} is not sent with its macros: {}", task.source(), e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Why another machine may find other sources; or nothing.
     *
     * @param atAnyTime whether what they say at another time will do
     */
    private Optional<String> obstacle(SourceInputs inputs, boolean atAnyTime) throws IOException {
        if (!placesAreKnown) {
            return Optional.of("its compiler does not say where it looks for them");
        }
        Optional<String> unseen = unseen(inputs.sources(), atAnyTime);
        if (unseen.isPresent()) {
            return unseen;
        }
        List<InputFile> files = inputs.files();
        Optional<String> otherName = otherName(files);
        return otherName.isPresent() ? otherName : twins(files);
    }

    /** Why these sources may look for something whose name is not in them, or may be others at another time; or nothing. */
    private Optional<String> unseen(Set<Path> sources, boolean atAnyTime) throws IOException {
        List<SourceScan> scans = contents.scans(sources);
        if (!atAnyTime && SourceScan.mentionClock(scans)) {
            return Optional.of("the time of day may be in it");
        } else if (scans.stream().anyMatch(SourceScan::embeds)) {
            return Optional.of("it takes in the bytes of a file");
        } else if (scans.stream().anyMatch(SourceScan::computed)) {
            return Optional.of("it asks for a file whose name macros put together");
        }
        // One that is found and not read, as it was read already, is in no list.
        boolean isOnePassedOver = scans.stream().anyMatch(SourceScan::computedInclude)
                && scans.stream().anyMatch(SourceScan::once);
        return isOnePassedOver
                        && (scans.stream().anyMatch(SourceScan::climbs)
                                || task.unit().macros().stream().anyMatch(macro -> macro.contains("../")))
                ? Optional.of(
                        "macros put together the name of a file, perhaps of one above, and some files are read once")
                : Optional.empty();
    }

    /** Two of these files that a compiler may take for one where they were just written; or nothing. */
    private Optional<String> twins(List<InputFile> files) throws IOException {
        Map<Digest, Path> known = new HashMap<>();
        for (InputFile file : files) {
            Optional<SourceFileCache.Content> content = contents.content(file.content());
            if (content.filter(found -> found.scan().once()).isPresent()) {
                // It may be one file, which was found by way of "." and without it.
                Path name = file.path().normalize();
                Path first = known.putIfAbsent(content.get().digest(), name);
                if (first != null && !first.equals(name)) {
                    return Optional.of(first + " and " + name + " have the same content, which is to be read once");
                }
            }
        }
        return Optional.empty();
    }

    /** A file that another machine would have twice, or in another place; or nothing. Compilers tell files by what they are. */
    private static Optional<String> otherName(List<InputFile> files) throws IOException {
        Map<Object, Path> names = new HashMap<>();
        for (InputFile file : files) {
            Path name = file.path().normalize();
            Path real = file.path().toRealPath();
            Path first = names.putIfAbsent(identity(real), name);
            if (first != null && !first.equals(name)) {
                return Optional.of(first + " and " + name + " are the same file");
            } else if (first == null && !name.equals(real) && !leadsTo(real, name)) {
                return Optional.of(file.path() + " is not " + name);
            }
        }
        return Optional.empty();
    }

    /** Hard links are the same file, too. */
    private static Object identity(Path real) throws IOException {
        Object key = Files.readAttributes(real, BasicFileAttributes.class).fileKey();
        return key == null ? real : key;
    }

    private static boolean leadsTo(Path real, Path name) throws IOException {
        return Files.exists(name) && name.toRealPath().equals(real);
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

    /**
     * Messages of another machine are shown only if it finds the same sources. The time of day may be in them: a message that
     * quotes it quotes another one with each compile.
     */
    @Override
    public Optional<UnitInputs> forMessages() throws IOException, InterruptedException {
        try (LocalSlots.Slot slot = preprocessor.slots().acquire()) {
            Sources found = sources(others.read());
            boolean isProven =
                    found.obstacle.isEmpty() || obstacle(found.inputs, true).isEmpty();
            return isProven ? Optional.of(found.inputs) : Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        UnitInputs made = kept;
        if (made != null) {
            made.close();
        }
        others.close();
    }
}
