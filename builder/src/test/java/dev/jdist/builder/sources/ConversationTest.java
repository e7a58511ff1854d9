package dev.jdist.builder.sources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.view.RunSourcesReply;
import dev.jdist.protocol.view.RunSourcesReply.Ask;
import dev.jdist.protocol.view.SourceAnswers;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConversationTest {
    private static final Ask QUESTION = new Ask(List.of("/w/h.h"), List.of(), List.of());
    private static final Conversation.Answers ANSWER =
            new Conversation.Answers(new SourceAnswers(List.of(), List.of()), () -> {});

    private final Conversation conversation = new Conversation();

    private CompletableFuture<Conversation.Answers> ask() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return conversation.ask(QUESTION);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void questions_andAnswers_takeTurns() throws Exception {
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Conversation.Answers> job = ask();
            assertEquals(QUESTION, conversation.await().reply());
            assertTrue(conversation.answer(ANSWER));
            assertEquals(ANSWER, job.get());
        }
        RunSourcesReply last = new RunSourcesReply.JobNotFound();
        conversation.say(new Conversation.Turn(last, () -> {}));
        assertEquals(last, conversation.await().reply());
    }

    @Test
    void answer_toNothing_isRefused() {
        assertFalse(conversation.answer(ANSWER));
    }

    @Test
    void answer_thatComesTwice_isRefused() throws Exception {
        CompletableFuture<Conversation.Answers> job = ask();
        conversation.await();
        assertTrue(conversation.answer(ANSWER));
        assertFalse(conversation.answer(ANSWER));
        job.get();
    }

    @Test
    void job_whoseClientIsGone_endsWhereItWaits() throws Exception {
        CompletableFuture<Conversation.Answers> job = ask();
        conversation.await();
        conversation.giveUp();
        ExecutionException end = assertThrows(ExecutionException.class, () -> job.get(30, TimeUnit.SECONDS));
        assertEquals(EOFException.class, end.getCause().getCause().getClass());
        assertTrue(conversation.gone().toCompletableFuture().isDone());
    }

    @Test
    void question_afterTheClientIsGone_isNotWaitedFor() {
        conversation.giveUp();
        assertThrows(EOFException.class, () -> conversation.ask(QUESTION));
    }

    @Test
    void failure_ofTheJob_isWhatTheCallEndsWith() {
        conversation.fail(new IOException("the disk is full"));
        assertEquals(
                "the disk is full",
                assertThrows(IOException.class, conversation::await).getMessage());
    }
}
