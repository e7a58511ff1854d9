package dev.jdist.client.compile;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.cache.CompileCache.Recipient;
import dev.jdist.client.cache.RequestKey;
import dev.jdist.client.cache.direct.DependencyTarget;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.outcome.UnitLabel;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.client.unit.OutputPlaces;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Requests that were hits, byte for byte: as long as the files that decide about the compiler are as they were, the same bytes
 * ask for the same compile, and a repeat is answered without being parsed.
 */
public final class RequestHitCache {
    /** Of some 500 bytes each. */
    private static final int MAX = 20_000;

    private final CompileCache cache;
    private final Cache<Digest, Known> requests =
            Caffeine.newBuilder().maximumSize(MAX).build();

    /** The same for all requests to a compiler. */
    private final Cache<Map<Path, Optional<FileStat>>, FileFingerprints> compilers =
            Caffeine.newBuilder().weakValues().build();

    /** @param compiler the files that decide about it */
    private record Known(
            RequestKey key,
            Optional<DependencyTarget> target,
            OutputPlaces places,
            UnitLabel label,
            FileFingerprints compiler) {}

    /** Gives a caller a hit. */
    public interface Answer {
        /**
         * Takes a hit for the caller as soon as there is one, and counts it.
         *
         * @param more files that must have the stats that they had, behind those of the hit
         */
        Recipient recipient(OutputPlaces places, UnitLabel label, FileFingerprints more);
    }

    public RequestHitCache(CompileCache cache) {
        this.cache = cache;
    }

    /** What will be compared for a request that is known; nothing for another, or if it takes time to know. */
    public Optional<FileFingerprints> conditions(Digest request) {
        return Optional.ofNullable(requests.getIfPresent(request))
                .flatMap(known -> cache.conditions(known.key).map(files -> files.and(known.compiler)));
    }

    /**
     * Answers a request that is known and is still a hit.
     *
     * @return false if it waits for an answer
     */
    public boolean answer(Digest request, Answer answer) {
        Known known = requests.getIfPresent(request);
        if (known == null) {
            return false;
        }
        boolean taken =
                cache.offerAgain(known.key, known.target, answer.recipient(known.places, known.label, known.compiler));
        if (!taken) {
            requests.invalidate(request);
        }
        return taken;
    }

    /**
     * Remembers a request that was a hit.
     *
     * @param target as {@link CompileCache#find} takes it
     * @param compiler stats of the files that decide about it, from before it was known which one it is
     */
    void remember(
            CompileTask task,
            RequestKey key,
            Optional<DependencyTarget> target,
            Map<Path, Optional<FileStat>> compiler) {
        Optional<Digest> id = task.request().id();
        // What is in a response file is not in the request; and stats prove nothing a moment after a change.
        boolean whole = task.request().options().stream().noneMatch(argument -> argument.startsWith("@"));
        boolean settled = compiler.values().stream().flatMap(Optional::stream).allMatch(FileStat::isSettled);
        if (id.isPresent() && whole && settled) {
            requests.put(
                    id.get(),
                    new Known(
                            key,
                            target,
                            task.places(),
                            task.label(),
                            compilers.get(compiler, RequestHitCache::fingerprints)));
        }
    }

    private static FileFingerprints fingerprints(Map<Path, Optional<FileStat>> files) {
        FileFingerprints.Builder fingerprints = new FileFingerprints.Builder();
        files.forEach((path, stat) ->
                stat.ifPresentOrElse(known -> fingerprints.add(path, known), () -> fingerprints.addAbsent(path)));
        return fingerprints.build();
    }
}
