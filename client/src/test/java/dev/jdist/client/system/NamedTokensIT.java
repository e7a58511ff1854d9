package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.SampleProject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Named tokens and a scheduler that runs: who has one is let in, until it is revoked. The shared tokens work beside them. */
@Timeout(300)
class NamedTokensIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int UNITS = 12;
    /** Long before the scheduler would forget a builder that fell silent, and long enough for a busy machine. */
    private static final long SOON_SECONDS = 40;

    @TempDir
    private static Path directory;

    private static Farm farm;
    private static Path tokens;

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path work;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        farm = new Farm(directory, PackedToolchains.directory());
        tokens = directory.resolve("tokens");
        farm.startScheduler("type = \"token\"\ntoken = \"token-of-clients\"\n[jdist]\ntokens = \"" + tokens + "\"");
        farm.startBuilder();
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (farm != null) {
            farm.close();
        }
    }

    private Result token(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("token"));
        all.addAll(List.of(words));
        all.addAll(List.of("--config", directory.resolve("scheduler.conf").toString()));
        return farm.run(work, all);
    }

    private String newToken(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("new"));
        all.addAll(List.of(words));
        return token(all.toArray(String[]::new)).assertSuccess().stdout().strip();
    }

    /** What a request gets that shows this token and says nothing: 400 if it was let in. */
    private int statusOf(String endpoint, String bearer) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(farm.schedulerUrl() + "/api/v1/scheduler/" + endpoint))
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(new byte[0]))
                .build();
        return http.send(request, BodyHandlers.discarding()).statusCode();
    }

    private void awaitStatus(int status, String endpoint, String bearer) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOON_SECONDS);
        while (statusOf(endpoint, bearer) != status) {
            if (System.nanoTime() > deadline) {
                fail(endpoint + " does not answer " + status + ":\n" + farm.log("scheduler"));
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private JsonNode schedulerStatus() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(farm.schedulerUrl() + "/api/v1/scheduler/status"))
                .header("Accept", "application/json")
                .build();
        return JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
    }

    @Test
    void build_withNamedTokens_isDistributedBesideSharedOnes() throws Exception {
        String client = newToken("--client", "laptop");
        int index = farm.chooseBuilderPort();
        String builder = newToken("--builder", "--address", "127.0.0.1:" + farm.builderPort(index), "dell");
        farm.setBuilderToken(builder);
        farm.startBuilder(index);
        farm.writeClientConfig(client, "");
        farm.startClient();
        SampleProject project = SampleProject.create(work.resolve("project"), UNITS);

        farm.runProgram(project.directory(), project.make(6, farm.jdist() + " gcc", farm.jdist() + " g++"))
                .assertSuccess();

        JsonNode statistics = farm.statistics();
        assertEquals(UNITS, Farm.distributed(statistics), statistics.toPrettyString());
        assertEquals(2, statistics.get("dist_compiles").size(), "both builders had work");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(tokens)));
        for (String secret : List.of(client, builder)) {
            assertFalse(Files.readString(tokens).contains(secret));
            for (String log : List.of("scheduler", "builder-" + index, "client")) {
                assertFalse(farm.log(log).contains(secret), log);
            }
        }
        farm.stopClient();
    }

    @Test
    void client_whoseTokenIsRevoked_isSentAwayWithoutARestart() throws Exception {
        farm.expectWarning("was refused");
        String one = newToken("--client", "one");
        String other = newToken("--client", "other");
        awaitStatus(400, "alloc_job", one);
        awaitStatus(400, "alloc_job", other);

        token("revoke", "one").assertSuccess();

        awaitStatus(401, "alloc_job", one);
        assertEquals(400, statusOf("alloc_job", other));
        assertEquals(400, statusOf("alloc_job", "token-of-clients"));
    }

    @Test
    void builder_whoseTokenIsRevoked_leavesTheFarm() throws Exception {
        farm.expectWarning("was refused");
        farm.expectWarning("trying again every");
        int index = farm.chooseBuilderPort();
        String address = "127.0.0.1:" + farm.builderPort(index);
        farm.setBuilderToken(newToken("--builder", "old-pc"));
        int before = schedulerStatus().get("num_servers").asInt();
        farm.startBuilder(index);
        assertEquals(before + 1, schedulerStatus().get("num_servers").asInt());

        token("revoke", "old-pc").assertSuccess();

        farm.awaitLog("scheduler", "builder " + address + " is dropped, as its token was revoked");
        assertEquals(before, schedulerStatus().get("num_servers").asInt());
        farm.awaitLog("builder-" + index, "trying again every");
        assertEquals(before, schedulerStatus().get("num_servers").asInt());
        farm.stop("builder-" + index);
    }

    @Test
    void builder_withTheTokenOfAnotherAddress_isRefused() throws Exception {
        farm.expectWarning("was refused");
        String bound = newToken("--builder", "--address", "127.0.0.1:4242", "bound");
        awaitStatus(400, "heartbeat_server", "127.0.0.1:4242 " + bound);

        assertEquals(401, statusOf("heartbeat_server", "127.0.0.1:4243 " + bound));
        assertEquals(401, statusOf("alloc_job", bound));
        farm.awaitLog(
                "scheduler",
                "its token \"bound\" is for 127.0.0.1:4242 alone, and public_addr there is 127.0.0.1:4243");
    }

    @Test
    void scheduler_whoseFileIsDamaged_keepsTheTokensAndSaysSo() throws Exception {
        farm.expectWarning("stay valid until the file is corrected");
        farm.expectWarning("was refused");
        String kept = newToken("--client", "kept");
        awaitStatus(400, "alloc_job", kept);
        String good = Files.readString(tokens);

        Files.writeString(tokens, "version = 1\n[[tokens]]\nname = 5\n");
        farm.awaitLog(
                "scheduler", tokens + ":3: tokens[0].name must be a string, not a number; the tokens from before");
        assertEquals(400, statusOf("alloc_job", kept));

        Files.writeString(tokens, good);
        String fresh = newToken("--client", "fresh");
        awaitStatus(400, "alloc_job", fresh);
    }

    /** Several people, or scripts, at once. */
    @Test
    void new_byManyProcessesAtOnce_losesNoToken() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<String>> made = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "many-" + i;
            made.add(threads.submit(() -> newToken("--client", name)));
        }
        for (Future<String> each : made) {
            awaitStatus(400, "alloc_job", each.get());
        }
        threads.shutdown();
        String list = token("list").assertSuccess().stdout();
        for (int i = 0; i < 8; i++) {
            assertTrue(list.contains("many-" + i), list);
        }
    }
}
