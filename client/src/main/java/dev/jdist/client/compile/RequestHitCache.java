package dev.jdist.client.compile;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.cache.RequestKey;
import dev.jdist.client.cache.direct.DependencyTarget;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.Language;
import dev.jdist.client.daemon.HitDelivery;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.stats.Statistics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Requests that were hits, word for word: as long as the files that decide about the compiler are as they were, the same words
 * ask for the same, and nothing of them has to be read again.
 */
public final class RequestHitCache {
    /** Of some 500 octets each. */
    private static final int MAX = 20_000;

    private final CompileCache cache;
    private final Statistics statistics;
    private final Cache<Digest, Known> requests =
            Caffeine.newBuilder().maximumSize(MAX).build();

    /** The same for all requests to a compiler. */
    private final Cache<Map<Path, Optional<FileStat>>, FileFingerprints> compilers =
            Caffeine.newBuilder().weakValues().build();

    /** @param compiler the files that decide about it */
    private record Known(
            RequestKey key,
            Optional<DependencyTarget> target,
            HitDelivery delivery,
            CompilerKind kind,
            Language language,
            FileFingerprints compiler) {}

    public RequestHitCache(CompileCache cache, Statistics statistics) {
        this.cache = cache;
        this.statistics = statistics;
    }

    /**
     * Serves a launcher whose request is known and still comes to a hit.
     *
     * @return false if it waits for an answer
     */
    public boolean serve(Launcher launcher, Digest id) {
        long started = System.nanoTime();
        Known known = requests.getIfPresent(id);
        if (known == null) {
            return false;
        }
        Runnable hit = () -> {
            statistics.requested();
            statistics.executed();
            statistics.hit(known.kind, known.language, Duration.ofNanos(System.nanoTime() - started));
        };
        boolean taken = cache.offerAgain(known.key, known.target, known.delivery.to(launcher, known.compiler, hit));
        if (!taken) {
            requests.invalidate(id);
        }
        return taken;
    }

    /**
     * Remembers a request that was a hit.
     *
     * @param target as {@link CompileCache#find} takes it
     * @param compiler stamps of the files that decide about it, from before it was known which one it is
     */
    void remember(
            CompileTask what,
            RequestKey key,
            Optional<DependencyTarget> target,
            Map<Path, Optional<FileStat>> compiler) {
        Optional<Digest> id = what.request().id();
        // What is in a response file is not in the request; and stamps prove nothing a moment after a change.
        boolean whole = what.request().options().stream().noneMatch(word -> word.startsWith("@"));
        boolean settled = compiler.values().stream().flatMap(Optional::stream).allMatch(FileStat::isSettled);
        if (id.isPresent() && whole && settled) {
            requests.put(
                    id.get(),
                    new Known(
                            key,
                            target,
                            HitDelivery.of(what),
                            what.compiler().kind(),
                            what.unit().language(),
                            compilers.get(compiler, RequestHitCache::stamped)));
        }
    }

    private static FileFingerprints stamped(Map<Path, Optional<FileStat>> files) {
        FileFingerprints.Builder stamped = new FileFingerprints.Builder();
        files.forEach((path, stamp) ->
                stamp.ifPresentOrElse(known -> stamped.add(path, known), () -> stamped.addAbsent(path)));
        return stamped.build();
    }
}
