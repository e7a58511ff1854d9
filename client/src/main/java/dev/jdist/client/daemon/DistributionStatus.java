package dev.jdist.client.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jdist.client.execution.sccache.CompileFarm;
import dev.jdist.client.execution.sccache.CompileFarm.LeftAlone;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@code --dist-status} prints, in sccache's words. */
public final class DistributionStatus {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Logger log = LoggerFactory.getLogger(DistributionStatus.class);

    private DistributionStatus() {}

    /** @param farm none where the settings name no scheduler */
    static String of(Optional<CompileFarm> farm) throws InterruptedException {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        if (farm.isEmpty()) {
            return answer.put("Disabled", "disabled").toString();
        }
        String url = farm.get().schedulerUrl().toString();
        if (!farm.get().isLoggedIn()) {
            answer.putArray("NotConnected").add(url).add("enabled, auth not configured");
            return answer.toString();
        }
        try {
            SchedulerStatus status = farm.get().status();
            ArrayNode pair = answer.putArray("SchedulerStatus").add(url);
            ObjectNode told = (ObjectNode) JSON.readTree(status.toJson());
            addLeftAlone(told, farm.get().leftAlone());
            pair.add(told);
        } catch (IOException e) {
            log.info(
                    "the scheduler's status is not to be had: {}",
                    Reason.of(e)); // sccache's words leave no room for it
            answer.removeAll();
            answer.putArray("NotConnected").add(url).add("could not communicate with scheduler");
        }
        return answer.toString();
    }

    /** What sccache's answer does not have is there only if there is something to say. */
    private static void addLeftAlone(ObjectNode status, List<LeftAlone> builders) {
        if (!builders.isEmpty()) {
            ArrayNode all = status.putArray("left_alone");
            builders.forEach(each -> all.addObject()
                    .put("builder", each.builder())
                    .put("reason", each.reason())
                    .put("seconds", each.seconds()));
        }
    }
}
