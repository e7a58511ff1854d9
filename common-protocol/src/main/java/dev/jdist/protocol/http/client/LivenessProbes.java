package dev.jdist.protocol.http.client;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether peers live that are waited for and may take their time, as a scheduler may while all builders are full:
 * they are asked something that they answer at once, over another connection. One question is under way for each peer,
 * however many calls wait for it.
 *
 * <p>Nothing here has a clock: those who wait look every {@link CallWatch#LOOK}, and each look counts.
 */
final class LivenessProbes {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final Function<HttpCall, CompletableFuture<HttpAnswer>> sender;
    private final Map<HttpTarget, CompletableFuture<HttpAnswer>> underWay = new ConcurrentHashMap<>();

    LivenessProbes(Function<HttpCall, CompletableFuture<HttpAnswer>> sender) {
        this.sender = sender;
    }

    /** What one call knows of its peer. */
    final class Watch {
        private final HttpTarget target;
        private final String path;
        private @Nullable CompletableFuture<HttpAnswer> asked;

        private Watch(HttpTarget target, String path) {
            this.target = target;
            this.path = path;
        }

        /** Asks the peer, unless it is being asked; tells what is wrong if it did not answer. */
        Optional<String> look() {
            CompletableFuture<HttpAnswer> question = asked;
            if (question == null) {
                asked = ask(target, path);
            } else if (question.isCompletedExceptionally()) {
                return Optional.of("it does not answer any more");
            } else if (question.isDone()) {
                asked = null;
            }
            return Optional.empty();
        }
    }

    Watch watch(HttpTarget target, String path) {
        return new Watch(target, path);
    }

    private CompletableFuture<HttpAnswer> ask(HttpTarget target, String path) {
        CompletableFuture<HttpAnswer> fresh = new CompletableFuture<>();
        CompletableFuture<HttpAnswer> first = underWay.putIfAbsent(target, fresh);
        if (first != null) {
            return first;
        }
        sender.apply(HttpCall.get(target, path).within(TIMEOUT)).whenComplete((answer, error) -> {
            underWay.remove(target, fresh);
            if (error == null) {
                fresh.complete(answer);
            } else {
                fresh.completeExceptionally(error);
            }
        });
        return fresh;
    }
}
