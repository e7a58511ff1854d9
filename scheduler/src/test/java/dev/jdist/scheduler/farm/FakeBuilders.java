package dev.jdist.scheduler.farm;

import static dev.jdist.scheduler.farm.Samples.TOOLCHAIN;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.farm.Farm.Placement;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Builders that answer when the test says so, or at once. */
final class FakeBuilders implements Allocator.Assigner {
    final Deque<Placement> asked = new ArrayDeque<>();
    final Map<ServerId, AssignJobResult> atOnce = new HashMap<>();
    final Map<Placement, CompletableFuture<AssignJobResult>> answers = new HashMap<>();
    final List<ServerId> dead = new ArrayList<>();

    @Override
    public CompletionStage<AssignJobResult> assign(Placement placement, Toolchain toolchain) {
        assertEquals(TOOLCHAIN, toolchain);
        asked.add(placement);
        CompletableFuture<AssignJobResult> answer = new CompletableFuture<>();
        answers.put(placement, answer);
        if (dead.contains(placement.server())) {
            answer.completeExceptionally(new CompletionException(new IOException("connection refused")));
        } else if (atOnce.containsKey(placement.server())) {
            answer.complete(atOnce.get(placement.server()));
        }
        return answer;
    }
}
