package dev.jdist.sandbox.bubblewrap;

import dev.jdist.sandbox.helper.ViewConversation;
import dev.jdist.sandbox.view.PathUse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers what the first process of one sandbox asks about the view of its command, while another thread waits for the end
 * of the command. If the view fails, the sandbox is ended.
 */
final class ViewThread {
    private final Thread thread;
    private volatile boolean isStopping;

    /** Written by the thread, read by others when it has ended. */
    private Optional<List<PathUse>> uses = Optional.empty();

    private @Nullable Throwable failure;

    private ViewThread(ViewConversation conversation, Runnable kill) {
        this.thread = new Thread(() -> hold(conversation, kill), "view");
        thread.setDaemon(true);
    }

    /** @param kill ends the sandbox; does not block */
    static ViewThread start(ViewConversation conversation, Runnable kill) {
        ViewThread started = new ViewThread(conversation, kill);
        started.thread.start();
        return started;
    }

    private void hold(ViewConversation conversation, Runnable kill) {
        try {
            uses = conversation.hold();
        } catch (InterruptedException e) {
            failure = isStopping ? null : e;
            kill.run();
        } catch (IOException | RuntimeException | Error e) { // whoever waits for the end throws it
            failure = e;
            kill.run();
        }
    }

    /** Has the view give up what it waits for, and waits for that. The sandbox has ended before. */
    void stop() {
        isStopping = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What the command had to do with the view, after {@link #stop}; nothing if the sandbox ended before it had said that.
     *
     * @throws IOException what the view has thrown
     */
    Optional<List<PathUse>> uses() throws IOException, InterruptedException {
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof InterruptedException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        return uses;
    }
}
