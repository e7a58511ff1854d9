package dev.jdist.builder.sources;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.view.RunSourcesReply;
import dev.jdist.protocol.view.SourceAnswers;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes turns between a job and the calls of its client: each call is answered by the job's next question, or by what came of it.
 * Thread-safe; a job has one thread, and its client one call at a time.
 */
public final class Conversation {
    private static final Logger log = LoggerFactory.getLogger(Conversation.class);

    /** How long a client may take for an answer: it has to read files, and to send them. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    @GuardedBy("this")
    private CompletableFuture<Turn> next = new CompletableFuture<>();

    @GuardedBy("this")
    private CompletableFuture<Answers> answers = new CompletableFuture<>();

    /**
     * What a call is answered.
     *
     * @param origin of the reply's bytes
     */
    public record Turn(RunSourcesReply reply, Closeable origin) {}

    /**
     * What a client said.
     *
     * @param origin of its bytes, which can be read until the job asks again or ends
     */
    public record Answers(SourceAnswers said, Closeable origin) {}

    /** Completes when the client does not want the result any more. */
    public CompletionStage<Void> gone() {
        return gone;
    }

    /** Ends the conversation, and the job. */
    public void giveUp() {
        gone.complete(null);
        CompletableFuture<Answers> awaited;
        synchronized (this) {
            awaited = answers;
        }
        awaited.completeExceptionally(new CancellationException());
    }

    /** The job asks. */
    Answers ask(RunSourcesReply.Ask question) throws IOException, InterruptedException {
        CompletableFuture<Answers> awaited = new CompletableFuture<>();
        synchronized (this) {
            answers = awaited;
        }
        if (gone.isDone()) {
            giveUp();
        }
        say(new Turn(question, () -> {}));
        try {
            return awaited.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.info("a client does not answer its job within {} s", TIMEOUT.toSeconds());
            giveUp();
            throw new EOFException("the client does not answer within " + TIMEOUT.toSeconds() + " s");
        } catch (ExecutionException | CancellationException e) {
            throw new EOFException("the client does not want the job any more");
        }
    }

    /** The job says something. */
    void say(Turn turn) {
        turn().complete(turn);
    }

    /** The job failed. */
    public void fail(Exception problem) {
        turn().completeExceptionally(problem);
    }

    private synchronized CompletableFuture<Turn> turn() {
        return next;
    }

    /** A call of the client brings answers. @return false if nothing was asked */
    public boolean answer(Answers said) {
        CompletableFuture<Answers> awaited;
        synchronized (this) {
            if (!next.isDone()) {
                return false;
            }
            next = new CompletableFuture<>();
            awaited = answers;
        }
        return awaited.complete(said);
    }

    /** What the current call is to be answered: waits for it. */
    public Turn await() throws Exception {
        try {
            return turn().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception problem ? problem : e;
        }
    }
}
