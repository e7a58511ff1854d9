package dev.jdist.protocol.http.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.HttpUrl;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CallWatchTest {
    private static final HttpTarget PEER = new HttpTarget.Scheduler(HttpUrl.parse("http://127.0.0.1:1"));
    private static final long LOOKS_OF_SILENCE = CallWatch.SILENCE.dividedBy(CallWatch.LOOK);

    private final List<HttpCall> sent = new ArrayList<>();
    private final List<CompletableFuture<HttpAnswer>> answers = new ArrayList<>();
    private final LivenessProbes probes = new LivenessProbes(call -> {
        sent.add(call);
        answers.add(new CompletableFuture<>());
        return answers.get(answers.size() - 1);
    });

    private static Optional<String> look(CallWatch watch, long times) {
        Optional<String> problem = Optional.empty();
        for (long i = 0; i < times && problem.isEmpty(); i++) {
            problem = watch.look();
        }
        return problem;
    }

    @Test
    void look_peerThatNeverSpeaksMeanwhile_isWaitedFor() {
        assertEquals(Optional.empty(), look(new CallWatch(false, null), 10_000));
    }

    @Test
    void look_peerThatSpokeAndFellSilent_isGivenUp() {
        CallWatch watch = new CallWatch(false, null);
        watch.heardSign();

        assertEquals(Optional.empty(), look(watch, LOOKS_OF_SILENCE - 1));
        assertEquals(Optional.of("silent for 3 seconds"), watch.look());
    }

    @Test
    void look_peerKnownToSpeak_isGivenUpWithoutAWord() {
        assertEquals(Optional.of("silent for 3 seconds"), look(new CallWatch(true, null), LOOKS_OF_SILENCE));
    }

    @Test
    void look_peerThatGoesOnSpeaking_isWaitedFor() {
        CallWatch watch = new CallWatch(true, null);
        for (int i = 0; i < 10_000; i++) {
            watch.heardSign();
            assertEquals(Optional.empty(), look(watch, LOOKS_OF_SILENCE - 1));
        }
    }

    @Test
    void look_answerThatStandsStill_isGivenUp() {
        CallWatch watch = new CallWatch(true, null);
        watch.heardSign();
        watch.heardHead();
        watch.received(1 << 20);

        assertTrue(look(watch, LOOKS_OF_SILENCE).isPresent());
    }

    @Test
    void look_answerThatDrips_isGivenUpInSeconds() {
        CallWatch watch = new CallWatch(false, null);
        watch.heardHead();
        int looks = 0;
        while (watch.look().isEmpty()) {
            watch.received(1);
            looks++;
        }

        assertTrue(CallWatch.LOOK.multipliedBy(looks).toSeconds() <= 11, looks + " looks");
    }

    @Test
    void look_answerOverASlowNetwork_isWaitedFor() {
        CallWatch watch = new CallWatch(true, null);
        watch.heardHead();
        for (int i = 0; i < 10_000; i++) {
            watch.received(600);
            assertEquals(Optional.empty(), watch.look());
        }
    }

    @Test
    void look_withAProbe_asksOnceForAllThatWait() {
        CallWatch first = new CallWatch(false, probes.watch(PEER, "/status"));
        CallWatch second = new CallWatch(false, probes.watch(PEER, "/status"));

        assertEquals(Optional.empty(), look(first, 10));
        assertEquals(Optional.empty(), look(second, 10));

        assertEquals(List.of("/status"), sent.stream().map(HttpCall::path).toList());
    }

    @Test
    void look_peerThatAnswersTheProbe_isWaitedForAndAskedAgain() {
        CallWatch watch = new CallWatch(false, probes.watch(PEER, "/status"));
        for (int i = 1; i < 100; i++) {
            assertEquals(Optional.empty(), look(watch, 10));
            assertEquals(i, sent.size());
            answers.get(i - 1).complete(new HttpAnswer(200, true, new byte[0]));
        }
    }

    @Test
    void look_peerThatDoesNotAnswerTheProbe_isGivenUpByAllThatWait() {
        CallWatch first = new CallWatch(false, probes.watch(PEER, "/status"));
        CallWatch second = new CallWatch(false, probes.watch(PEER, "/status"));
        look(first, 4);
        look(second, 4);

        answers.get(0).completeExceptionally(new IOException("no answer within 3 seconds"));

        assertEquals(Optional.of("it does not answer any more"), first.look());
        assertEquals(Optional.of("it does not answer any more"), second.look());
    }

    @Test
    void look_answerHasBegun_asksNoMore() {
        CallWatch watch = new CallWatch(false, probes.watch(PEER, "/status"));
        watch.heardHead();
        look(watch, 10);

        assertEquals(List.of(), sent);
    }
}
