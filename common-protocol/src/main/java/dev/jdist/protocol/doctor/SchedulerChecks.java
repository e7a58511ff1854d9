package dev.jdist.protocol.doctor;

import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.http.client.LostConnection;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.SchedulerStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Asks a scheduler what a client and a builder need of it. */
public final class SchedulerChecks implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Login tokens are believed with clocks so far apart. */
    private static final Duration CLOCKS_APART = Duration.ofSeconds(60);

    private static final int UNAUTHORIZED = 401;
    private static final int UNAVAILABLE = 503;

    private final EventLoops loops = EventLoops.start(1);
    private final HttpClient http = new HttpClient(loops);

    /** For checks of other servers. */
    public HttpClient http() {
        return http;
    }

    /** What the scheduler says of its farm; nothing if it does not answer, or something else does. */
    public Optional<SchedulerStatus> reach(Findings findings, HttpTarget.Scheduler scheduler)
            throws InterruptedException {
        return reach(findings, scheduler, BuilderChoice.ANY);
    }

    /** As {@link #reach(Findings, HttpTarget.Scheduler)}, of some builders of the farm. */
    public Optional<SchedulerStatus> reach(Findings findings, HttpTarget.Scheduler scheduler, BuilderChoice choice)
            throws InterruptedException {
        HttpAnswer answer;
        try {
            answer = ask(scheduler, choice);
        } catch (IOException e) {
            findings.fault(
                    "scheduler",
                    "cannot be reached: " + e.getMessage(),
                    LostConnection.tellsRemedy(e)
                            ? "" // it is in the message
                            : "start it there (jdist scheduler --config …), open port " + scheduler.port()
                                    + " in its firewall, or correct scheduler_url");
            return Optional.empty();
        }
        try {
            SchedulerStatus status = answer.decode(SchedulerStatus::decode);
            findings.ok(
                    "scheduler",
                    (answer.fromJdist() ? "jdist" : "sccache-dist") + " at " + scheduler.url() + ": "
                            + status.numServers() + " builders, " + status.numCpus() + " CPUs, " + status.inProgress()
                            + " jobs");
            if (!choice.isAny() && !answer.fromJdist()) {
                findings.fault(
                        "builders",
                        "sccache's scheduler ignores [jdist] builders; jobs that it gives to other builders are compiled locally",
                        "remove builders from [jdist], then jdist --stop-server");
            }
            answer.date().ifPresent(date -> compareClocks(findings, date));
            return Optional.of(status);
        } catch (IOException e) {
            findings.fault(
                    "scheduler",
                    "the program that answers at " + scheduler.url() + " is not a scheduler: " + e.getMessage(),
                    "set scheduler_url to the address and port of the scheduler's public_addr");
            return Optional.empty();
        }
    }

    /** Whether a scheduler answers at all. */
    public boolean answers(HttpTarget.Scheduler scheduler) throws InterruptedException {
        try {
            ask(scheduler, BuilderChoice.ANY).decode(SchedulerStatus::decode);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private HttpAnswer ask(HttpTarget.Scheduler scheduler, BuilderChoice choice)
            throws IOException, InterruptedException {
        return http.call(
                HttpCall.get(scheduler, choice.appendTo(Endpoints.STATUS)).within(TIMEOUT));
    }

    private static void compareClocks(Findings findings, Instant there) {
        long seconds = Duration.between(there, Instant.now()).toSeconds();
        // What the scheduler says has no fractions of a second.
        String what = Math.abs(seconds) <= 1
                ? "as the scheduler's"
                : "this machine's is " + Math.abs(seconds) + " s " + (seconds > 0 ? "ahead of" : "behind")
                        + " the scheduler's";
        if (Math.abs(seconds) <= CLOCKS_APART.toSeconds()) {
            findings.ok("clock", what);
        } else {
            findings.warning("clock", what, "timedatectl set-ntp true, on the machine whose clock is wrong");
        }
    }

    /**
     * Whether the scheduler takes a token. It is shown with a request that says nothing, so that nothing comes of it.
     *
     * @param endpoint that wants such a token
     * @param remedy what to do if it is refused
     */
    public void token(Findings findings, HttpTarget.Scheduler scheduler, String endpoint, Secret token, String remedy)
            throws InterruptedException {
        try {
            int status = http.call(HttpCall.postBytes(scheduler, endpoint, token, new byte[0])
                            .within(TIMEOUT))
                    .status();
            if (status == UNAUTHORIZED) {
                findings.fault("token", "the scheduler refuses it", remedy);
            } else if (status == UNAVAILABLE) {
                findings.warning(
                        "token",
                        "the scheduler cannot check it at the moment",
                        "jdist doctor --config scheduler.conf, on the scheduler's machine");
            } else {
                findings.ok("token", "the scheduler accepts it");
            }
        } catch (IOException e) {
            findings.fault("token", "cannot be checked with the scheduler: " + e.getMessage(), "");
        }
    }

    @Override
    public void close() {
        http.close();
        loops.close();
    }
}
