package dev.jdist.builder.sources;

import dev.jdist.builder.job.JobRunner;
import dev.jdist.builder.job.OutputSpool;
import dev.jdist.builder.store.ClientContents;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.view.Content;
import dev.jdist.protocol.view.RunSourcesReply;
import dev.jdist.protocol.view.RunSourcesRequest;
import dev.jdist.protocol.view.SourceAnswers;
import dev.jdist.protocol.view.Used;
import dev.jdist.sandbox.view.PathUse;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs jobs of sources. Stateless but for the contents of clients; a job runs on the caller's thread. */
public final class SourceJobs {
    private final ClientContents contents;
    private final JobRunner runner;

    public SourceJobs(ClientContents contents, JobRunner runner) {
        this.contents = contents;
        this.runner = runner;
    }

    /** Why there are no such jobs on this machine; nothing if there are. */
    public Optional<String> obstacle() {
        return runner.withoutViews();
    }

    /**
     * Runs a job, and says what came of it in its conversation.
     *
     * @param toolchain its tree, which nobody changes meanwhile
     * @param origin of the request's bytes: closed here
     * @param spool where the outputs go; handed over with the result, or closed
     * @param done run before the client hears of the result
     */
    public void run(
            JobId job,
            Path toolchain,
            RunSourcesRequest request,
            Closeable origin,
            Conversation conversation,
            OutputSpool spool,
            Runnable done) {
        boolean isHandedOver = false;
        try (Asking client = new Asking(conversation)) {
            try (origin) {
                for (Content content : request.contents()) {
                    contents.put(request.client(), content.digest(), content.bytes());
                }
            }
            JobView view = new JobView(contents, request, client);
            view.takeOffered(request.offered());
            JobRunner.Viewed viewed =
                    runner.run(job, toolchain, request.command(), request.outputs(), view, conversation.gone(), spool);
            RunSourcesReply.Complete reply = new RunSourcesReply.Complete(used(viewed.uses()), viewed.result());
            done.run();
            isHandedOver = true;
            conversation.say(new Conversation.Turn(reply, spool));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            conversation.fail(e);
        } catch (IOException | RuntimeException e) {
            conversation.fail(e);
        } finally {
            if (!isHandedOver) {
                close(spool);
            }
        }
    }

    private static void close(Closeable closed) {
        try {
            closed.close();
        } catch (IOException e) {
            // It has no name any more, and goes with this process at the latest.
        }
    }

    private static List<Used> used(List<PathUse> uses) {
        List<Used> used = new ArrayList<>();
        for (PathUse use : uses) {
            Used.Kind kind = switch (use.kind()) {
                case READ -> Used.Kind.READ;
                case LISTED -> Used.Kind.LISTED;
                case SEEN -> Used.Kind.SEEN;
                case ABSENT -> Used.Kind.ABSENT;
            };
            used.add(new Used(use.path(), kind));
        }
        return used;
    }

    /** Asks in a conversation; what was answered can be read until the next question. */
    private static final class Asking implements JobView.Client, Closeable {
        private final Conversation conversation;
        private @Nullable Closeable last;

        Asking(Conversation conversation) {
            this.conversation = conversation;
        }

        @Override
        public SourceAnswers ask(RunSourcesReply.Ask ask) throws IOException, InterruptedException {
            close();
            Conversation.Answers answers = conversation.ask(ask);
            last = answers.origin();
            return answers.said();
        }

        @Override
        public void close() throws IOException {
            Closeable before = last;
            last = null;
            if (before != null) {
                before.close();
            }
        }
    }
}
