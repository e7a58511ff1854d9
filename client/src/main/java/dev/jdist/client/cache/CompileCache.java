package dev.jdist.client.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.cache.direct.CompileInputs;
import dev.jdist.client.cache.direct.DependencyTarget;
import dev.jdist.client.cache.direct.DirectoryCache;
import dev.jdist.client.cache.direct.Manifest;
import dev.jdist.client.cache.direct.ManifestEntry;
import dev.jdist.client.cache.direct.ManifestEntry.DependencyFile;
import dev.jdist.client.cache.direct.ManifestRecorder;
import dev.jdist.client.cache.direct.ManifestRecorder.Obstacle;
import dev.jdist.client.cache.direct.ManifestRecorder.Record;
import dev.jdist.client.cache.direct.ManifestVerifier;
import dev.jdist.client.cache.direct.VerifiedHit;
import dev.jdist.client.cache.storage.EntryName;
import dev.jdist.client.cache.storage.EntryName.Kind;
import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.source.SourceScan;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cache as the rest of the client sees it: asks for what a compile came to, and remembers what one came to. */
public final class CompileCache implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CompileCache.class);

    /** Noting down takes milliseconds. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(2);

    /** A unit of a few hundred headers takes some 25 KB. */
    private static final int MAX_RECENT_BYTES = 32 << 20;

    private static final Optional<Found> TAKEN = Optional.of(new Found.Taken());

    private static final int MAX_STRATEGIES = 50_000;
    private static final Duration STRATEGY_LASTS = Duration.ofHours(1);

    private final EntryStore store;
    private final Settings settings;
    private final SourceFileCache files;
    private final DirectoryCache directories;
    private final ManifestRecorder recorder;
    private final Map<RequestKey, Recording> recordings = new ConcurrentHashMap<>();

    /** What turned out of requests that cannot be found by their files, for a while: sources change. */
    private final Cache<RequestKey, KeyStrategy> strategies = Caffeine.newBuilder()
            .maximumSize(MAX_STRATEGIES)
            .expireAfterWrite(STRATEGY_LASTS)
            .build();

    /** What was found lately, so that a daemon that sees a build again reads no manifests. */
    private final Cache<RequestKey, VerifiedHit> recents = Caffeine.newBuilder()
            .maximumWeight(MAX_RECENT_BYTES)
            .weigher((RequestKey request, VerifiedHit hit) -> hit.weight())
            .build();

    /**
     * How the cache is used.
     *
     * @param direct whether requests are recognised without the preprocessor
     * @param ignoreClock whether requests are recognised although their files mention the time of day
     */
    public record Settings(boolean direct, boolean ignoreClock) {}

    /**
     * A cache.
     *
     * @param files what source files hold
     * @param store is closed with this cache
     */
    public CompileCache(Settings settings, SourceFileCache files, EntryStore store) {
        this(settings, files, store, FileStat::now);
    }

    /** @param clock nanoseconds since 1970 */
    CompileCache(Settings settings, SourceFileCache files, EntryStore store, LongSupplier clock) {
        this.settings = settings;
        this.store = store;
        this.files = files;
        this.directories = new DirectoryCache(clock);
        this.recorder = new ManifestRecorder(files, directories);
    }

    public Settings settings() {
        return settings;
    }

    /** Stands for which of these directories are the same ones, by links perhaps. */
    public String sameness(Collection<Path> paths) throws IOException {
        List<Optional<FileStat>> stamps = new ArrayList<>();
        for (Path path : paths) {
            stamps.add(FileStat.of(path));
        }
        return FileStat.firstSame(stamps).stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    /** Stands for what a file holds; nothing if there is none. */
    public Optional<String> contentOf(Path file) throws IOException {
        return files.content(file).map(content -> content.digest().hex());
    }

    /**
     * What came out of an earlier compile.
     *
     * @param dependencies the dependency file, where one was written
     */
    public record Hit(CompileResult result, Optional<byte[]> dependencies) {}

    /** Between an answer to a caller and the end of what is noted down about it. */
    public final class Recording implements AutoCloseable {
        private final RequestKey request;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        private Recording(RequestKey request) {
            this.request = request;
        }

        @Override
        public void close() {
            recordings.remove(request, this);
            done.complete(null);
        }
    }

    /** What it takes to find a compile again. */
    public enum KeyStrategy {
        /** Its files. */
        FILES,
        /** Its preprocessed text. */
        SOURCE,
        /** Nothing does it: the assembler reads files of which nobody else knows. */
        NONE
    }

    /** What it will take to find a request again, as far as its source and earlier attempts tell. */
    public KeyStrategy strategy(RequestKey request, Path source) {
        KeyStrategy known = strategies.getIfPresent(request);
        if (known != null) {
            return known;
        }
        try {
            Optional<SourceScan> scan = files.content(source).map(SourceFileCache.Content::scan);
            if (scan.isEmpty()) {
                return KeyStrategy.FILES;
            } else if (scan.get().assemblerInput()) {
                return KeyStrategy.NONE;
            }
            return needsSource(scan.get().clock(), scan.get().computed()) ? KeyStrategy.SOURCE : KeyStrategy.FILES;
        } catch (IOException e) {
            return KeyStrategy.FILES;
        }
    }

    /** Remembers that a request cannot be found by its files. */
    public void rememberNeedOfSource(RequestKey request) {
        strategies.put(request, KeyStrategy.SOURCE);
    }

    private boolean needsSource(boolean clock, boolean computed) {
        return computed || clock && !settings.ignoreClock();
    }

    /** Whether these files mention the time of day, one of them or together; what is not there does not. */
    public boolean mentionClock(Set<Path> paths) throws IOException {
        return SourceScan.mentionClock(files.scans(paths));
    }

    /** Whether one of these files may take in the bytes of another one, which no line marker names. */
    public boolean embed(Set<Path> paths) throws IOException {
        return files.scans(paths).stream().anyMatch(SourceScan::embeds);
    }

    /** Whether it takes the preprocessed source to tell whether the assembler reads a file for one of these files. */
    public boolean hideAssembler(Set<Path> paths) throws IOException {
        return files.scans(paths).stream().anyMatch(SourceScan::hiddenAssembler);
    }

    /** Remembers that nothing helps to find a request again, as the assembler reads a file for it. */
    public void rememberAssemblerInput(RequestKey request) {
        strategies.put(request, KeyStrategy.NONE);
    }

    /** Has those who ask for a request wait until what is known of it is noted down. */
    public Recording recording(RequestKey request) {
        Recording recording = new Recording(request);
        recordings.put(request, recording);
        return recording;
    }

    private void awaitRecording(RequestKey request) {
        Recording recording = recordings.get(request);
        if (recording != null) {
            recording
                    .done
                    .completeOnTimeout(null, MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    /** Waits until what came of all compiles that have been answered is noted down; for a moment at most. */
    public void awaitRecordings() {
        recordings.keySet().forEach(this::awaitRecording);
    }

    /** Somebody who looks at many files faster than Java does, and takes a hit at once: the launcher, which is a C program. */
    public interface Recipient {
        /** Has it look whether files have the stamps that they had, while a hit is read that is one in that case. */
        void compare(FileFingerprints files);

        /**
         * Offers that hit.
         *
         * @return numbers of those files that have other stamps; if there are none, the hit has been taken
         */
        BitSet offer(Hit hit);
    }

    /** How a request was found. */
    public sealed interface Found {
        /** The recipient has it already. */
        record Taken() implements Found {}

        /** The recipient waits for it. */
        record Pending(Hit hit) implements Found {}
    }

    /** What has to be as it was for a request's hit of a while ago to be one still; nothing if it takes time to know. */
    public Optional<FileFingerprints> conditions(RequestKey request) {
        return recordings.containsKey(request)
                ? Optional.empty()
                : Optional.ofNullable(recents.getIfPresent(request)).map(VerifiedHit::stamped);
    }

    /**
     * Offers a request's hit of a while ago again.
     *
     * @param target as {@link #find} takes it
     * @return whether it was taken; {@link #find} may find out more if it was not
     */
    public boolean offerAgain(RequestKey request, Optional<DependencyTarget> target, Recipient recipient) {
        awaitRecording(request);
        VerifiedHit recent = recents.getIfPresent(request);
        if (recent == null
                || !find(recent, target, recipient, new ManifestVerifier(files, directories))
                        .equals(TAKEN)) {
            return false;
        }
        store.touch(nameOf(request));
        return true;
    }

    /**
     * Finds a request whose files have not changed since.
     *
     * @param target what the dependency file is to say depends on them, if that need not be what it was
     */
    public Optional<Found> find(RequestKey request, Optional<DependencyTarget> target, Recipient recipient) {
        awaitRecording(request);
        ManifestVerifier verification = new ManifestVerifier(files, directories);
        VerifiedHit recent = recents.getIfPresent(request);
        Optional<Found> found = Optional.empty();
        if (recent != null) {
            found = find(recent, target, recipient, verification);
            if (found.isPresent()) {
                store.touch(nameOf(request));
            }
            if (!found.equals(TAKEN)) {
                recents.invalidate(request); // as it is, it would be refused the next time too
            }
        }
        return found.isPresent() ? found : find(request, target, recipient, recent == null, verification);
    }

    /** @param offersNewest whether the newest variant was not offered yet */
    private Optional<Found> find(
            RequestKey request,
            Optional<DependencyTarget> target,
            Recipient recipient,
            boolean offersNewest,
            ManifestVerifier verification) {
        boolean offers = offersNewest;
        for (ManifestEntry variant : manifest(request).orElse(Manifest.EMPTY).variants()) {
            Optional<Found> found = Optional.empty();
            if (offers) {
                found = recent(variant, verification).flatMap(recent -> find(recent, target, recipient, verification));
            }
            if (found.isEmpty() && holds(variant, verification)) {
                found = hit(variant.result(), variant.dependencies(), target).map(Found.Pending::new);
            }
            if (found.isPresent()) {
                recent(variant, verification).ifPresent(hit -> recents.put(request, hit));
                return found;
            }
            offers = false;
        }
        return Optional.empty();
    }

    private Optional<VerifiedHit> recent(ManifestEntry variant, ManifestVerifier verification) {
        try {
            return VerifiedHit.of(variant, files, verification);
        } catch (IOException e) {
            log.debug("cannot record the files of an earlier compile: {}", e.toString());
            return Optional.empty();
        }
    }

    private Optional<Found> find(
            VerifiedHit recent, Optional<DependencyTarget> target, Recipient recipient, ManifestVerifier verification) {
        try {
            recipient.compare(recent.stamped());
            Optional<Hit> hit = hit(recent.result(), recent.dependencies(), target);
            if (hit.isEmpty()) {
                return Optional.empty();
            }
            BitSet differing = recipient.offer(hit.get());
            if (differing.isEmpty()) {
                return TAKEN;
            }
            return verification.holds(recent, differing) ? hit.map(Found.Pending::new) : Optional.empty();
        } catch (IOException e) {
            log.debug("cannot compare the files of an earlier compile: {}", e.toString());
            return Optional.empty();
        }
    }

    private static boolean holds(ManifestEntry variant, ManifestVerifier verification) {
        try {
            return verification.holds(variant);
        } catch (IOException e) {
            log.debug("cannot compare the files of an earlier compile: {}", e.toString());
            return false;
        }
    }

    private Optional<Hit> hit(Digest result, Optional<DependencyFile> dependencies, Optional<DependencyTarget> target) {
        Optional<byte[]> rule = dependencies.flatMap(file -> file.of(target));
        if (dependencies.isPresent() && rule.isEmpty()) {
            return Optional.empty();
        }
        return result(result).map(found -> new Hit(found, rule));
    }

    /** Finds what came out of the same preprocessed text. */
    public Optional<CompileResult> find(PreprocessedKey text) {
        return result(text.digest());
    }

    private static EntryName nameOf(RequestKey request) {
        return new EntryName(request.digest(), Kind.MANIFEST);
    }

    private Optional<Manifest> manifest(RequestKey request) {
        return store.read(nameOf(request)).flatMap(Manifest::decode);
    }

    private Optional<CompileResult> result(Digest key) {
        return store.read(new EntryName(key, Kind.RESULT)).flatMap(CompileResult::decode);
    }

    /** Remembers what came out of a preprocessed text. @param origin if another machine made it */
    public void remember(PreprocessedKey text, CompileResult result, Optional<EntryOrigin> origin) {
        store.write(new EntryName(text.digest(), Kind.RESULT), result, origin);
    }

    /**
     * Takes down what a compile read, for {@link #remember}.
     *
     * @param paths by which it is proven that it is what the compile found
     * @throws ChangedException if it need not be: nothing that came of it may be stored
     */
    public Record record(CompileInputs inputs, UnchangedPaths paths) throws IOException, ChangedException {
        return recorder.record(inputs, paths);
    }

    /** Remembers that a request with these inputs comes to that text, whose result is remembered. */
    public void remember(RequestKey request, Record inputs, Optional<byte[]> dependencies, PreprocessedKey text) {
        if (isRecordable(request, inputs)) {
            add(request, inputs.leadingTo(text.digest(), dependencies));
        }
    }

    /** Remembers what came out of a request with these inputs. Tells whether it will be found again. */
    public boolean remember(
            RequestKey request,
            Record inputs,
            Optional<byte[]> dependencies,
            CompileResult result,
            Optional<EntryOrigin> origin) {
        if (!isRecordable(request, inputs)) {
            inputs.obstacle().filter(Obstacle::lasting).ifPresent(lasting -> strategies.put(request, KeyStrategy.NONE));
            return false;
        }
        KeyBuilder key = new KeyBuilder("result by files 1").add(request.digest());
        inputs.files().forEach(file -> key.add(file.path().toString()).add(file.digest()));
        Digest digest = key.build();
        store.write(new EntryName(digest, Kind.RESULT), result, origin);
        add(request, inputs.leadingTo(digest, dependencies));
        return true;
    }

    /**
     * Whether all compiled modules of a compile are known to have nothing for the assembler to read: their inline functions may
     * become part of what is compiled, and neither they nor the compiler tell what is in them.
     */
    public boolean knowsModules(Record inputs) {
        return inputs.binaries().stream()
                .allMatch(module -> store.read(nameOfModule(module)).isPresent());
    }

    /** Remembers that a compiled module has nothing for the assembler to read. */
    public void rememberModule(PrimitiveBytes module) {
        try (InputStream in = module.toInputStream()) {
            CompileResult nothing = new CompileResult(List.of(), Bytes.EMPTY, Bytes.EMPTY);
            store.write(nameOfModule(Digest.of(in.readAllBytes())), nothing);
        } catch (IOException e) {
            log.debug("a module is not remembered: {}", e.toString());
        }
    }

    private static EntryName nameOfModule(Digest content) {
        return new EntryName(new KeyBuilder("module 1").add(content).build(), Kind.RESULT);
    }

    /** Whether a request can be found by these inputs; what else it takes is remembered, if not. */
    private boolean isRecordable(RequestKey request, Record inputs) {
        if (inputs.obstacle().isPresent()) {
            log.debug("not cached by its files: {}", inputs.obstacle().get().reason());
            return false;
        } else if (needsSource(inputs.clock(), inputs.computed())) {
            log.debug(
                    "not cached by its files, as they depend on more: {}",
                    inputs.files().get(0).path());
            strategies.put(request, KeyStrategy.SOURCE);
            return false;
        }
        return true;
    }

    private void add(RequestKey request, ManifestEntry variant) {
        Manifest manifest = manifest(request).orElse(Manifest.EMPTY).plus(variant);
        store.write(nameOf(request), manifest.encode());
    }

    @Override
    public void close() {
        store.close();
    }
}
