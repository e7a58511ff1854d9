package dev.jdist.protocol.daemon;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Turns SIGTERM and SIGINT into an orderly end: {@link #await()} returns, the main program closes what it opened, and
 * only then does the JVM go. SIGINT, or a second SIGTERM, asks for haste: {@link #awaitInPeace} waits no longer. One per
 * process.
 */
public final class Shutdown implements AutoCloseable {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private final CompletableFuture<Void> haste = new CompletableFuture<>();
    private final AtomicInteger signals = new AtomicInteger();
    private volatile Duration timeout;

    private Shutdown(Duration timeout) {
        this.timeout = timeout;
    }

    /** @param timeout how long the JVM waits for the main program to close everything */
    public static Shutdown onSignal(Duration timeout) {
        Shutdown shutdown = new Shutdown(timeout);
        Runtime.getRuntime().addShutdownHook(new Thread(shutdown::runHook, "shutdown"));
        Signals.handle("TERM", number -> shutdown.signalled(number, false));
        Signals.handle("INT", number -> shutdown.signalled(number, true));
        return shutdown;
    }

    /**
     * Called on a thread of its own for each signal. The exit code is the one that the JVM has without us; the main program
     * hears of it by the hook, as otherwise it could be the first to end.
     */
    private void signalled(int number, boolean inHaste) {
        if (signals.incrementAndGet() > 1 || inHaste) {
            haste.complete(null);
        }
        System.exit(128 + number);
    }

    private void runHook() {
        long started = System.nanoTime();
        requested.countDown();
        try {
            // The timeout may grow while it is being tried.
            boolean closed = false;
            for (long left = 1; left > 0 && !closed; ) {
                left = timeout.toNanos() - (System.nanoTime() - started);
                closed = finished.await(left, TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks for the end from inside. */
    public void request() {
        requested.countDown();
    }

    /** Waits until somebody asks for the end. */
    public void await() throws InterruptedException {
        requested.await();
    }

    /**
     * Waits for what is worth waiting for before the end, after which there is as much time to close everything as before.
     *
     * @return false if it was not over after {@code most}, or haste was asked for
     */
    public boolean awaitInPeace(CompletionStage<Void> work, Duration most) throws InterruptedException {
        CompletableFuture<Void> done = work.toCompletableFuture();
        timeout = timeout.plus(most);
        try {
            CompletableFuture.anyOf(done, haste).get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
        return done.isDone();
    }

    /** The main program has closed everything. */
    @Override
    public void close() {
        finished.countDown();
    }
}
