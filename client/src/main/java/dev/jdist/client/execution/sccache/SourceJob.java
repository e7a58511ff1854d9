package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.NoSourcesException;
import dev.jdist.client.execution.SourceAction;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.view.BuilderContents;
import dev.jdist.client.view.UnvouchableException;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.view.RunSourcesReply;
import dev.jdist.protocol.view.SourcesBody;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A compile of sources: the builder is told what is foreseen, and answered what it asks for, until it is done.
 *
 * @param client this client's identity
 * @param contents which contents this builder has
 */
record SourceJob(SourceAction action, Bytes client, Builders contents) implements BuilderJob {
    private static final Logger log = LoggerFactory.getLogger(SourceJob.class);

    /** A builder asks for what is there, then for its content, and again for each link on the way. More is no honest conversation. */
    private static final int MOST_QUESTIONS = 100_000;

    /** Of builders that know nothing of sources. */
    private static final Set<Integer> UNKNOWN = Set.of(404, 405, 501);

    /** What is known of builders. */
    interface Builders {
        BuilderContents of(Place place);
    }

    @Override
    public PackagedToolchain toolchain() {
        return action.toolchain();
    }

    @Override
    public Done runOn(Place place) throws IOException, InterruptedException {
        boolean isDone = false;
        try {
            Done done = converse(place, contents.of(place));
            isDone = true;
            return done;
        } finally {
            if (!isDone) {
                cancel(place);
            }
        }
    }

    private Done converse(Place place, BuilderContents had) throws IOException, InterruptedException {
        CompileCommand command = new CompileCommand(
                action.toolchain().executable(),
                action.arguments(),
                action.environment(),
                action.directory().toString());
        HttpAnswer answer =
                call(place, Endpoints.RUN_SOURCES, action.view().begin(command, action.outputs(), client, had));
        for (int questions = 0; questions < MOST_QUESTIONS; questions++) {
            RunSourcesReply reply = decode(answer);
            if (reply instanceof RunSourcesReply.Complete complete) {
                action.view().finish(complete.used());
                log.debug("{} asked {} times for what was not foreseen", place.slot(), questions);
                return new Done(complete.result(), answer);
            }
            answer.close();
            if (!(reply instanceof RunSourcesReply.Ask ask)) {
                throw new BuilderException(BuilderFault.JOB, "the builder does not know the job");
            }
            log.debug(
                    "{} asks for {} paths, {} directories and {} contents{}",
                    place.slot(),
                    ask.paths().size(),
                    ask.directories().size(),
                    ask.contents().size(),
                    ask.paths().isEmpty() ? "" : ": " + ask.paths().get(0));
            answer = call(place, Endpoints.ANSWER_SOURCES, answer(ask, had));
        }
        throw new BuilderException(BuilderFault.JOB, "the builder does not stop to ask");
    }

    private WireMessage answer(RunSourcesReply.Ask ask, BuilderContents had) throws IOException {
        try {
            return action.view().answer(ask, had);
        } catch (UnvouchableException e) {
            throw new NoSourcesException(Reason.of(e), false);
        }
    }

    /** Has the builder end what it runs. Nobody waits for that. */
    private void cancel(Place place) {
        HttpCall call = HttpCall.postBytes(
                place.builder(), Endpoints.CANCEL_SOURCES + place.slot().jobId(), place.token(), new byte[0]);
        place.calls().http().send(call);
    }

    private static RunSourcesReply decode(HttpAnswer answer) throws IOException {
        if (UNKNOWN.contains(answer.status())) {
            answer.close();
            throw new NoSourcesException("a builder compiles preprocessed source only", true);
        } else if (answer.status() == StatusCodes.NO_VIEW) {
            answer.close();
            throw new NoSourcesException("the builder cannot show its compiler the sources", false);
        }
        try {
            return answer.decode(RunSourcesReply::decode);
        } catch (IOException e) {
            answer.close();
            throw BuilderException.inRun(e);
        }
    }

    private static HttpAnswer call(Place place, String path, WireMessage message)
            throws IOException, InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        SourcesBody.write(message, body);
        HttpCall call = HttpCall.postBytes(
                        place.builder(), path + place.slot().jobId(), place.token(), body.toByteArray())
                .within(TIMEOUT)
                .withMaxAnswer(WireLimits.RESULT);
        try {
            return place.calls().make(call, place.gone());
        } catch (IOException e) {
            throw BuilderException.inRun(e);
        }
    }
}
