package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.compile.FakeFarm;
import dev.jdist.client.execution.Action;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.sccache.CompileFarm;
import dev.jdist.client.execution.sccache.CompileFarm.LeftAlone;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.message.SchedulerStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Word for word what {@code sccache --dist-status} says. */
class DistributionStatusTest {
    @Test
    void noScheduler_isDisabled() throws InterruptedException {
        assertEquals("{\"Disabled\":\"disabled\"}", DistributionStatus.of(Optional.empty()));
    }

    @Test
    void scheduler_isQuoted() throws InterruptedException {
        assertEquals(
                "{\"SchedulerStatus\":[\"http://127.0.0.1:10600/\","
                        + "{\"num_servers\":1,\"num_cpus\":2,\"in_progress\":3}]}",
                DistributionStatus.of(Optional.of(new FakeFarm())));
    }

    /** It is the only thing that sccache does not say. */
    @Test
    void builderThatIsLeftAlone_isNamedWithTheReason() throws InterruptedException {
        CompileFarm farm = new FakeFarm().leaving(new LeftAlone("10.0.0.7:10501", "connection refused", 4));
        assertEquals(
                "{\"SchedulerStatus\":[\"http://127.0.0.1:10600/\","
                        + "{\"num_servers\":1,\"num_cpus\":2,\"in_progress\":3,\"left_alone\":[{\"builder\":"
                        + "\"10.0.0.7:10501\",\"reason\":\"connection refused\",\"seconds\":4}]}]}",
                DistributionStatus.of(Optional.of(farm)));
    }

    @Test
    void deadScheduler_isNotConnected() throws InterruptedException {
        CompileFarm dead = new CompileFarm() {
            @Override
            public HttpUrl schedulerUrl() {
                return HttpUrl.parse("https://farm.example/");
            }

            @Override
            public boolean isLoggedIn() {
                return true;
            }

            @Override
            public SchedulerStatus status() throws IOException {
                throw new IOException("connection refused");
            }

            @Override
            public List<LeftAlone> leftAlone() {
                return List.of();
            }

            @Override
            public ActionResult execute(Action action, CompletionStage<Void> gone) {
                throw new AssertionError("nobody has a job");
            }
        };
        assertEquals(
                "{\"NotConnected\":[\"https://farm.example/\",\"could not communicate with scheduler\"]}",
                DistributionStatus.of(Optional.of(dead)));
    }
}
