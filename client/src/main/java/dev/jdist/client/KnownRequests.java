package dev.jdist.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.cache.DependencyTarget;
import dev.jdist.client.cache.Digest;
import dev.jdist.client.cache.RequestKey;
import dev.jdist.client.cache.Stamp;
import dev.jdist.client.cache.StampedFiles;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.Language;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Requests that were hits, word for word: as long as the files that decide about the compiler are as they were, the same words
 * ask for the same, and nothing of them has to be read again.
 */
final class KnownRequests {
    /** Of some 500 octets each. */
    private static final int MAX = 20_000;

    private final CompileCache cache;
    private final Statistics statistics;
    private final Cache<Digest, Known> requests =
            Caffeine.newBuilder().maximumSize(MAX).build();

    /** The same for all requests to a compiler. */
    private final Cache<Map<Path, Optional<Stamp>>, StampedFiles> compilers =
            Caffeine.newBuilder().weakValues().build();

    /** @param compiler the files that decide about it */
    private record Known(
            RequestKey key,
            Optional<DependencyTarget> target,
            HitDelivery delivery,
            CompilerKind kind,
            Language language,
            StampedFiles compiler) {}

    KnownRequests(CompileCache cache, Statistics statistics) {
        this.cache = cache;
        this.statistics = statistics;
    }

    /**
     * Serves a launcher whose request is known and still comes to a hit.
     *
     * @return false if it waits for an answer
     */
    boolean serve(Launcher launcher, Digest id) {
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
            UnitRequest what, RequestKey key, Optional<DependencyTarget> target, Map<Path, Optional<Stamp>> compiler) {
        Optional<Digest> id = what.request().id();
        // What is in a response file is not in the request; and stamps prove nothing a moment after a change.
        boolean whole = what.request().options().stream().noneMatch(word -> word.startsWith("@"));
        boolean settled = compiler.values().stream().flatMap(Optional::stream).allMatch(Stamp::isSettled);
        if (id.isPresent() && whole && settled) {
            requests.put(
                    id.get(),
                    new Known(
                            key,
                            target,
                            HitDelivery.of(what),
                            what.compiler().kind(),
                            what.unit().language(),
                            compilers.get(compiler, KnownRequests::stamped)));
        }
    }

    private static StampedFiles stamped(Map<Path, Optional<Stamp>> files) {
        StampedFiles.Builder stamped = new StampedFiles.Builder();
        files.forEach((path, stamp) ->
                stamp.ifPresentOrElse(known -> stamped.add(path, known), () -> stamped.addAbsent(path)));
        return stamped.build();
    }
}
