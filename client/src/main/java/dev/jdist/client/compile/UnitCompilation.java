package dev.jdist.client.compile;

import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.cache.CompileCache.Found;
import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileCache.Outlook;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.compile.UnitCacheSession.Inputs;
import dev.jdist.client.compile.UnitCacheSession.TextKeys;
import dev.jdist.client.compiler.CacheKeyOptions;
import dev.jdist.client.compiler.CacheKeyOptions.Dependencies;
import dev.jdist.client.compiler.CompileOutput;
import dev.jdist.client.daemon.HitDelivery;
import dev.jdist.client.execution.Distribution;
import dev.jdist.client.execution.LocalCompilation;
import dev.jdist.client.execution.LocalCompilation.Captured;
import dev.jdist.client.execution.RemoteCompilation;
import dev.jdist.client.execution.RemoteCompilation.NotRemoteException;
import dev.jdist.client.execution.RemoteCompilation.Remote;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.OutputWriter;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.inputs.PreprocessedSource;
import dev.jdist.client.inputs.PreprocessedUnit;
import dev.jdist.client.inputs.PreprocessedUnit.FailedException;
import dev.jdist.client.inputs.SearchPath;
import dev.jdist.client.inputs.SearchPaths;
import dev.jdist.client.stats.Statistics;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.wire.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles one translation unit and ends the conversation with its launcher: from the cache if it is known, on the farm if
 * there is one, else here.
 *
 * <p>A unit is known by its files, which needs no preprocessor, or by its preprocessed text, which for the farm has to be
 * made anyway. The caller never waits for something to be remembered.
 */
public final class UnitCompilation {
    private static final Logger log = LoggerFactory.getLogger(UnitCompilation.class);

    private final CompileTask what;
    private final LocalCompilation local;
    private final LocalSlots slots;
    private final Scratch scratch;
    private final SearchPaths searchPaths;
    private final Statistics statistics;
    private final Optional<UnitCacheSession> cache;
    private final long started = System.nanoTime();

    public UnitCompilation(
            CompileTask what,
            LocalSlots slots,
            Scratch scratch,
            SearchPaths searchPaths,
            Statistics statistics,
            Optional<UnitCacheSession> cache) {
        this.what = what;
        this.local = new LocalCompilation(what, slots, scratch);
        this.slots = slots;
        this.scratch = scratch;
        this.searchPaths = searchPaths;
        this.statistics = statistics;
        this.cache = cache;
    }

    public void compile(Optional<Distribution> distribution) throws CallerGoneException, InterruptedException {
        // A pipe can be read once, and a device not be replaced; what is missing is for the compiler to complain about.
        if (!Files.isRegularFile(what.source())) {
            compileUncached("a source that is no file");
        } else if (!OutputWriter.canReplace(what.placeOf(what.unit().object()))) {
            compileUncached("an object that is no file");
        } else if (isFoundByFiles()) {
            log.debug("{} was known", what.unit().input());
        } else if (cache.isPresent() && cache.get().outlook() == Outlook.NONE) {
            compileUncached(PreprocessedSource.ASSEMBLER_INPUT);
        } else if (distribution.isEmpty()) {
            compileWithoutFarm();
        } else {
            try {
                compilePreprocessed(Optional.of(RemoteCompilation.prepare(what, distribution.get(), slots)));
            } catch (NotRemoteException e) {
                log.info("{} is compiled here: {}", what.unit().input(), e.getMessage());
                if (compileWithoutFarm() == 0) {
                    statistics.distributionFailed();
                }
            }
        }
    }

    private int compileWithoutFarm() throws CallerGoneException, InterruptedException {
        return cache.isEmpty() || cache.get().canDoWithoutText() && isSearchPathKnown()
                ? compileHere(Optional.empty())
                : compilePreprocessed(Optional.empty());
    }

    private boolean isSearchPathKnown() throws CallerGoneException, InterruptedException {
        try {
            return searchPath().isPresent();
        } catch (IOException e) {
            log.warn("{} is compiled without its search path: {}", what.unit().input(), e.toString());
            return false;
        }
    }

    private int compilePreprocessed(Optional<RemoteCompilation> remote)
            throws CallerGoneException, InterruptedException {
        boolean keepDirectives = remote.map(RemoteCompilation::keepsDirectives).orElse(false);
        try (PreprocessedUnit preprocessed = PreprocessedUnit.of(what, keepDirectives, slots, scratch)) {
            Optional<String> obstacle;
            Optional<KnownText> known = Optional.empty();
            try (LocalSlots.Slot slot = slots.acquire()) {
                PreprocessedSource text = preprocessed.read();
                obstacle = text.outsideNeed();
                boolean isFinal = !(preprocessed.directivesKept() && text.mentionsClock());
                if (cache.isPresent() && obstacle.isEmpty() && isFinal) {
                    Set<Path> sources = text.sources(what.request().cwd());
                    // The preprocessor alone reads headers, and the compiler what was made of them, at whatever time.
                    if (!cache.get().arePrecompiled(sources)) {
                        known = Optional.of(
                                new KnownText(preprocessed, sources, cache.get().keys(preprocessed, text, sources)));
                    }
                }
            }
            if (known.isPresent() && isFoundByText(known.get())) {
                log.debug("{} comes to a text that was known", what.unit().input());
                return 0;
            }
            if (obstacle.isPresent()) {
                log.info("{} is compiled here: it needs {}", what.unit().input(), obstacle.get());
                return compileUncached(obstacle.get());
            }
            return remote.isEmpty() ? compileHere(known) : distribute(remote.get(), preprocessed, known);
        } catch (FailedException e) {
            log.info("{} is compiled here: {}", what.unit().input(), e.getMessage());
            return compileUncached("no preprocessed text");
        } catch (IOException e) {
            log.warn("{} is compiled here: {}", what.unit().input(), e.toString());
            if (remote.isPresent()) {
                statistics.distributionFailed();
            }
            statistics.failed(what.compiler().kind(), what.unit().language());
            return compileUncached("an error of jdist");
        }
    }

    /** A preprocessed text, the files that it was made of, and its keys. */
    private record KnownText(PreprocessedUnit preprocessed, Set<Path> sources, TextKeys keys) {}

    private int distribute(RemoteCompilation farm, PreprocessedUnit preprocessed, Optional<KnownText> known)
            throws IOException, CallerGoneException, InterruptedException {
        Remote remote;
        try {
            remote = farm.compile(preprocessed);
        } catch (NotRemoteException e) {
            log.info("{} is compiled here: {}", what.unit().input(), e.getMessage());
            int code = compileHere(known);
            if (code == 0 && e.farmFailed()) {
                statistics.distributionFailed();
            }
            return code;
        }
        OutputWriter.write(remote.outputs(), what.request().umask());
        statistics.distributed(remote.builder().toString());
        log.debug("{} was compiled by {}", what.unit().input(), remote.builder());
        if (known.isEmpty()) {
            succeeded();
            what.launcher().exit(0, remote.printed().stdout(), remote.printed().stderr());
            return 0;
        }
        CompileResult result = resultOf(remote);
        Optional<Inputs> inputs = inputs(known.get());
        // The object is made of the text; what is said of it may be of sources that have changed since.
        boolean worthIt =
                result.isSilent() || cache.orElseThrow().isUnchangedSince(preprocessed.began(), known.get().sources);
        succeeded();
        try (CompileCache.Recording recording = cache.orElseThrow().recording()) {
            what.launcher().exit(0, remote.printed().stdout(), remote.printed().stderr());
            if (worthIt) {
                cache.get().remember(known.get().keys, result, inputs);
            }
        }
        return 0;
    }

    private boolean isFoundByFiles() {
        if (cache.isEmpty() || !cache.get().isAsked()) {
            return false;
        }
        HitDelivery delivery = HitDelivery.of(what);
        Optional<Found> found = cache.get().find(delivery.to(what.launcher(), FileFingerprints.NONE, this::isHit));
        if (found.isEmpty()) {
            return false;
        } else if (found.get() instanceof Found.Pending pending) {
            return deliver(pending.hit());
        }
        cache.get().rememberRequest();
        return true;
    }

    private boolean isFoundByText(KnownText text) throws IOException, CallerGoneException, InterruptedException {
        UnitCacheSession unitCache = cache.orElseThrow();
        Optional<CompileResult> result = unitCache.isAsked() ? unitCache.find(text.keys) : Optional.empty();
        if (result.isEmpty()) {
            return false;
        }
        Optional<Inputs> inputs = inputs(text);
        try (CompileCache.Recording recording = unitCache.recording()) {
            boolean delivered = deliver(new Hit(result.get(), Optional.empty()));
            if (delivered) {
                unitCache.rememberInputs(text.keys, result.get(), inputs);
            }
            return delivered;
        }
    }

    /** Gives the caller what an earlier compile came to; false if that cannot be done. */
    private boolean deliver(Hit hit) {
        CompileResult result = hit.result();
        try {
            HitDelivery.of(what).write(hit);
        } catch (IOException e) {
            log.debug("{} is compiled anew: {}", what.unit().input(), e.toString());
            return false;
        }
        isHit();
        what.launcher().exit(0, result.stdout(), result.stderr());
        return true;
    }

    private void isHit() {
        statistics.hit(what.compiler().kind(), what.unit().language(), elapsed());
    }

    /**
     * Compiles as the caller asked, without farm or cache.
     *
     * @param why a cache, if there is one, is of no use
     */
    private int compileUncached(String why) throws CallerGoneException, InterruptedException {
        int code = local.run();
        if (code == 0 && cache.isPresent()) {
            statistics.nonCacheable(why);
        }
        return ended(code);
    }

    /** Compiles as the caller asked. */
    public int compileUncached() throws CallerGoneException, InterruptedException {
        return ended(local.run());
    }

    private int ended(int code) {
        if (code == 0) {
            statistics.compiled(elapsed());
        } else {
            statistics.compileFailed(elapsed());
        }
        what.launcher().exit(code, Bytes.EMPTY, Bytes.EMPTY);
        return code;
    }

    /** Compiles as the caller asked, and remembers what came of it. */
    private int compileHere(Optional<KnownText> known) throws CallerGoneException, InterruptedException {
        if (cache.isEmpty()) {
            return compileUncached();
        } else if (what.unit().caching().recordsWords()
                && !what.terminalOptions().isEmpty()) {
            return compileUncached("words of the command line in the object");
        }
        try {
            Optional<Inputs> inputsOfText = known.isPresent() ? inputs(known.get()) : Optional.empty();
            Optional<SearchPath> searched = known.isEmpty() ? searchPath() : Optional.empty();
            Captured captured = local.capture(known.isEmpty());
            if (captured.code() != 0) {
                statistics.compileFailed(elapsed());
                what.launcher().exit(captured.code(), captured.stdout(), captured.stderr());
                return captured.code();
            }
            Optional<CompileResult> result = local.result(captured);
            boolean sameText = known.isPresent() && isUnchanged(known.get());
            succeeded();
            try (CompileCache.Recording recording = cache.get().recording()) {
                what.launcher().exit(0, captured.stdout(), captured.stderr());
                if (result.isPresent() && sameText) {
                    cache.get().remember(known.get().keys, result.get(), inputsOfText);
                } else if (result.isPresent() && captured.read().isPresent() && searched.isPresent()) {
                    cache.get()
                            .remember(
                                    result.get(),
                                    new Inputs(
                                            captured.read().get(),
                                            searched.get(),
                                            captured.began(),
                                            captured.dependencies()));
                } else if (result.isPresent() && known.isEmpty()) {
                    cache.get().rememberNeedOfText();
                }
            }
            return 0;
        } catch (IOException e) {
            log.warn("{} is compiled without the cache: {}", what.unit().input(), e.toString());
            statistics.failed(what.compiler().kind(), what.unit().language());
            return compileUncached("an error of jdist");
        }
    }

    /** A text is what the compiler read only if nothing changed between the two, and be it the time of day. */
    private boolean isUnchanged(KnownText text) throws IOException, CallerGoneException, InterruptedException {
        UnitCacheSession unitCache = cache.orElseThrow();
        if (!unitCache.isUnchangedSince(text.preprocessed.began(), text.sources)) {
            return false;
        } else if (!unitCache.mentionClock(text.sources)) {
            return true;
        }
        try (PreprocessedUnit again = PreprocessedUnit.of(what, text.preprocessed.directivesKept(), slots, scratch)) {
            return Files.mismatch(text.preprocessed.file(), again.file()) == -1;
        } catch (FailedException e) {
            return false;
        }
    }

    /** What a text was made of; nothing if the unit could not be recognised by it. */
    private Optional<Inputs> inputs(KnownText text) throws IOException, CallerGoneException, InterruptedException {
        if (!cache.orElseThrow().isDirect()) {
            return Optional.empty();
        }
        CacheKeyOptions words = what.unit().caching();
        Optional<SearchPath> searched = searchPath();
        if (searched.isEmpty() || words.dependencies() == Dependencies.UNKNOWN) {
            return Optional.empty();
        }
        Optional<byte[]> dependencies = Optional.empty();
        if (words.dependencies() != Dependencies.NONE) {
            Path file = what.request().cwd().resolve(words.dependencyFile());
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            dependencies = Optional.of(Files.readAllBytes(file));
        }
        return Optional.of(new Inputs(text.sources, searched.get(), text.preprocessed.began(), dependencies));
    }

    private Optional<SearchPath> searchPath() throws IOException, CallerGoneException, InterruptedException {
        return what.unit().needsPreprocessing()
                ? searchPaths.of(what.compiler(), what.unit(), what.request(), what.launcher())
                : Optional.of(new SearchPath(List.of()));
    }

    private CompileResult resultOf(Remote remote) throws IOException {
        List<Optional<Bytes>> outputs = new ArrayList<>();
        for (CompileOutput output : what.unit().outputs()) {
            String place = what.placeOf(output).toString();
            Optional<OutputFile> sent = remote.outputs().stream()
                    .filter(file -> file.path().equals(place))
                    .findFirst();
            if (sent.isEmpty()) {
                outputs.add(Optional.empty());
            } else {
                ByteArrayOutputStream octets = new ByteArrayOutputStream();
                OutputWriter.inflate(sent.get(), octets);
                outputs.add(Optional.of(Bytes.wrap(octets.toByteArray())));
            }
        }
        return new CompileResult(
                outputs, remote.printed().stdout(), remote.printed().stderr());
    }

    /** It was compiled, here or there, and with a cache that means that it was not in it. */
    private void succeeded() {
        statistics.compiled(elapsed());
        if (cache.isPresent()) {
            statistics.missed(
                    what.compiler().kind(), what.unit().language(), !cache.get().isAsked());
        }
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
