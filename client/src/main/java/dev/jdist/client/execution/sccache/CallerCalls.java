package dev.jdist.client.execution.sccache;

import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Makes calls on behalf of a caller, and blocks until they are answered. They are taken back when the caller does not wait for
 * them any more.
 */
record CallerCalls(HttpClient http) {
    /** @param gone completes when nobody waits for the answer any more */
    HttpAnswer make(HttpCall call, CompletionStage<Void> gone) throws IOException, InterruptedException {
        CompletableFuture<HttpAnswer> answer = http.send(call);
        gone.thenRun(() -> answer.cancel(false));
        return HttpClient.await(call, answer);
    }
}
