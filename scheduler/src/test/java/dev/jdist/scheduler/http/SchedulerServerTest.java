package dev.jdist.scheduler.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.JdistHeader;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.HeartbeatResult;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.message.UpdateJobStateResult;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.scheduler.farm.FakeBuilder;
import dev.jdist.scheduler.farm.Samples;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The five calls over real HTTP on loopback, asked well and badly. Whatever is asked, the next question is answered. */
@Timeout(60)
class SchedulerServerTest {
    private static final Secret CLIENT = new Secret("of clients");
    private static final Secret SERVER = new Secret("of builders");
    private static final String BASE = "/api/v1/scheduler/";
    private static final String ALLOC = BASE + "alloc_job";
    private static final String HEARTBEAT = BASE + "heartbeat_server";
    private static final String STATUS = BASE + "status";

    private final HttpClient http = HttpClient.newHttpClient();
    private SchedulerServer scheduler;
    private static FakeBuilder builder;

    @BeforeEach
    void start() throws Exception {
        String settings = """
                public_addr = "127.0.0.1:0"
                client_auth = { type = "token", token = "%s" }
                server_auth = { type = "token", token = "%s" }
                """.formatted(CLIENT.value(), SERVER.value());
        scheduler = SchedulerServer.start(SchedulerConfig.from(ConfigTable.parse("scheduler.conf", settings)));
        builder.assigned.clear();
    }

    @BeforeAll
    static void startBuilder() throws IOException {
        builder = new FakeBuilder();
    }

    @AfterAll
    static void stopBuilder() {
        builder.close();
    }

    @AfterEach
    void stillAnswersAndStops() throws Exception {
        assertEquals(200, get(STATUS).statusCode());
        scheduler.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + scheduler.address().getPort() + path))
                .timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path);
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    private HttpResponse<byte[]> post(String path, String token, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    private HttpResponse<byte[]> post(String path, String token, WireMessage message, String... headers)
            throws IOException, InterruptedException {
        return post(path, token, message.toBincode(), headers);
    }

    private String builderToken() {
        return ServerToken.shared(builder.id, SERVER).value();
    }

    private void join(long cpus) throws IOException, InterruptedException {
        assertEquals(
                200, post(HEARTBEAT, builderToken(), builder.heartbeat(cpus)).statusCode());
    }

    private JobAlloc allocate() throws IOException, InterruptedException {
        AllocJobResult result = decode(post(ALLOC, CLIENT.value(), Samples.TOOLCHAIN), AllocJobResult::decode);
        return ((AllocJobResult.Success) result).jobAlloc();
    }

    private HttpResponse<byte[]> report(JobAlloc job, JobState state) throws IOException, InterruptedException {
        return post(BASE + "job_state/" + job.jobId(), builderToken(), state);
    }

    private SchedulerStatus status() throws IOException, InterruptedException {
        return decode(get(STATUS), SchedulerStatus::decode);
    }

    private static <T> T decode(HttpResponse<byte[]> response, WireDecoder<T> decoder) {
        assertEquals(200, response.statusCode());
        return decoder.fromBincode(response.body());
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    // Each call as it should be.

    @Test
    void status_inBothEncodings_saysTheSame() throws Exception {
        join(4);
        allocate();

        assertEquals(new SchedulerStatus(1, 4, 1), status());
        HttpResponse<byte[]> json = get(STATUS, "Accept", "application/json");
        assertEquals("{\"num_servers\":1,\"num_cpus\":4,\"in_progress\":1}", text(json));
        assertEquals(
                "application/json; charset=utf-8",
                json.headers().firstValue("Content-Type").orElseThrow());
    }

    @Test
    void status_ofChosenBuilders_leavesOutTheRest() throws Exception {
        join(4);
        allocate();

        assertEquals(
                new SchedulerStatus(1, 4, 1), decode(get(STATUS + "?builder=" + builder.id), SchedulerStatus::decode));
        assertEquals(
                new SchedulerStatus(0, 0, 0), decode(get(STATUS + "?builder=10.9.9.9:1"), SchedulerStatus::decode));
        assertEquals(400, get(STATUS + "?builder=box").statusCode());
    }

    @Test
    void allocJob_withAChoice_keepsToIt() throws Exception {
        join(4);

        AllocJobResult chosen = decode(
                post(ALLOC + "?builder=" + builder.id, CLIENT.value(), Samples.TOOLCHAIN), AllocJobResult::decode);
        AllocJobResult other =
                decode(post(ALLOC + "?builder=10.9.9.9:1", CLIENT.value(), Samples.TOOLCHAIN), AllocJobResult::decode);

        assertEquals(builder.id, ((AllocJobResult.Success) chosen).jobAlloc().serverId());
        assertEquals(new AllocJobResult.Fail("the farm has no builder 10.9.9.9:1"), other);
        assertEquals(
                400,
                post(ALLOC + "?builder=box", CLIENT.value(), Samples.TOOLCHAIN).statusCode());
    }

    @Test
    void allocJob_withABuilderThatFailed_isNotGivenThatOne() throws Exception {
        join(4);

        AllocJobResult none = decode(
                post(ALLOC + "?failed=" + builder.id, CLIENT.value(), Samples.TOOLCHAIN), AllocJobResult::decode);
        AllocJobResult some =
                decode(post(ALLOC + "?failed=10.9.9.9:1", CLIENT.value(), Samples.TOOLCHAIN), AllocJobResult::decode);

        assertEquals(new AllocJobResult.Fail("the farm has no builder other than " + builder.id), none);
        assertEquals(builder.id, ((AllocJobResult.Success) some).jobAlloc().serverId());
        assertEquals(
                400,
                post(ALLOC + "?failed=box", CLIENT.value(), Samples.TOOLCHAIN).statusCode());
    }

    @Test
    void heartbeat_firstAndSecond_areTold() throws Exception {
        assertEquals(
                new HeartbeatResult(true),
                decode(post(HEARTBEAT, builderToken(), builder.heartbeat(4)), HeartbeatResult::decode));
        assertEquals(
                "{\"is_new\":false}",
                text(post(HEARTBEAT, builderToken(), builder.heartbeat(4), "Accept", "application/json")));
    }

    @Test
    void allocJob_withABuilder_asksItAndAnswersWithItsToken() throws Exception {
        join(4);

        HttpResponse<byte[]> response = post(ALLOC, CLIENT.value(), Samples.TOOLCHAIN);
        AllocJobResult.Success success = (AllocJobResult.Success) decode(response, AllocJobResult::decode);

        JobAlloc job = success.jobAlloc();
        assertEquals(job.jobId(), builder.assigned.remove());
        assertEquals(builder.id, job.serverId());
        assertTrue(builder.accepts(job.auth(), job.jobId()));
        assertTrue(success.needToolchain());
        assertEquals(builder.heartbeat(4).certificate().digest(), success.certDigest());
    }

    @Test
    void allocJob_asJson_saysTheSame() throws Exception {
        join(4);

        String json = text(post(ALLOC, CLIENT.value(), Samples.TOOLCHAIN, "Accept", "application/json"));

        assertTrue(json.startsWith("{\"Success\":{\"job_alloc\":{\"auth\":\"ey"), json);
        assertTrue(json.contains("\"server_id\":\"" + builder.id + "\""), json);
    }

    @Test
    void allocJob_withoutBuilders_isRefusedAtOnce() throws Exception {
        assertEquals(
                "{\"Fail\":{\"msg\":\"Insufficient capacity across 0 available servers\"}}",
                text(post(ALLOC, CLIENT.value(), Samples.TOOLCHAIN, "Accept", "application/json")));
    }

    @Test
    void allocJob_builderThatIsGone_isAFailureThatNamesIt() throws Exception {
        FakeBuilder gone = new FakeBuilder();
        gone.close();
        post(HEARTBEAT, ServerToken.shared(gone.id, SERVER).value(), gone.heartbeat(4));

        String json = text(post(ALLOC, CLIENT.value(), Samples.TOOLCHAIN, "Accept", "application/json"));

        assertTrue(json.startsWith("{\"Fail\":{\"msg\":\"no builder could be reached; the last: " + gone.id), json);
        assertEquals(0, status().inProgress());
    }

    /** A port that another program got: its certificate is not the one of the heartbeat. */
    @Test
    void allocJob_builderWithAnotherCertificate_isNotBelieved() throws Exception {
        ServerCertificate other =
                ServerIdentity.create(builder.id, Instant.now()).toServerCertificate();
        Heartbeat beat = builder.heartbeat(4);
        post(HEARTBEAT, builderToken(), new Heartbeat(beat.jwtKey(), 4, 1, other));

        String json = text(post(ALLOC, CLIENT.value(), Samples.TOOLCHAIN, "Accept", "application/json"));

        assertTrue(json.contains("no builder could be reached"), json);
        assertTrue(builder.assigned.isEmpty());
    }

    @Test
    void allocJob_fullFarm_isAnsweredWhenAPlaceIsFree() throws Exception {
        join(1);
        JobAlloc first = allocate();
        allocate();
        var third = http.sendAsync(
                request(ALLOC)
                        .header("Authorization", "Bearer " + CLIENT.value())
                        .header("Content-Type", "application/octet-stream")
                        .POST(BodyPublishers.ofByteArray(Samples.TOOLCHAIN.toBincode()))
                        .build(),
                BodyHandlers.ofByteArray());
        for (JobState state : new JobState[] {JobState.READY, JobState.STARTED}) {
            assertEquals(200, report(first, state).statusCode());
        }
        assertTrue(!third.isDone());

        assertEquals(200, report(first, JobState.COMPLETE).statusCode());

        assertTrue(decode(third.get(), AllocJobResult::decode) instanceof AllocJobResult.Success);
    }

    @Test
    void allocJob_clientThatHangsUpWhileWaiting_takesNoPlace() throws Exception {
        join(1);
        JobAlloc first = allocate();
        allocate();
        try (Socket socket = new Socket("127.0.0.1", scheduler.address().getPort())) {
            byte[] body = Samples.TOOLCHAIN.toBincode();
            socket.getOutputStream().write(head("POST " + ALLOC, CLIENT.value(), body.length));
            socket.getOutputStream().write(body);
            // An answer to a later question on another connection: this one has been read.
            status();
            socket.shutdownOutput();
            assertEquals(-1, socket.getInputStream().read(), "it was seen to leave");
        }
        for (JobState state : new JobState[] {JobState.READY, JobState.STARTED, JobState.COMPLETE}) {
            report(first, state);
        }

        // Whether or not the place was found for the one who left, it is free in the end.
        while (status().inProgress() != 1) {
            Thread.onSpinWait();
        }
    }

    @Test
    void jobState_wholeLife_isNoted() throws Exception {
        join(4);
        JobAlloc job = allocate();
        for (JobState state : new JobState[] {JobState.READY, JobState.STARTED, JobState.COMPLETE}) {
            HttpResponse<byte[]> response = report(job, state);
            assertEquals(new UpdateJobStateResult.Success(), decode(response, UpdateJobStateResult::decode));
        }
        assertEquals(0, status().inProgress());
    }

    private JobAlloc allocateAsJdist() throws IOException, InterruptedException {
        HttpResponse<byte[]> answer =
                post(ALLOC, CLIENT.value(), Samples.TOOLCHAIN, JdistHeader.NAME, JdistHeader.VERSION);
        return ((AllocJobResult.Success) decode(answer, AllocJobResult::decode)).jobAlloc();
    }

    @Test
    void returnJob_withTheJobsOwnToken_freesItsSlot() throws Exception {
        join(4);
        JobAlloc job = allocateAsJdist();
        JobAlloc other = allocateAsJdist();
        for (String wrong : new String[] {other.auth(), CLIENT.value(), builderToken(), "x"}) {
            assertEquals(404, giveBack(job, wrong), wrong);
        }
        assertEquals(2, status().inProgress());

        assertEquals(200, giveBack(job, job.auth()));

        assertEquals(1, status().inProgress());
        assertEquals(404, giveBack(job, job.auth()));
    }

    @Test
    void returnJob_ofOneThatRuns_isTheBuildersAffair() throws Exception {
        join(4);
        JobAlloc job = allocateAsJdist();
        report(job, JobState.READY);
        report(job, JobState.STARTED);

        assertEquals(200, giveBack(job, job.auth()));

        assertEquals(1, status().inProgress());
    }

    /** It may still pack its inputs, when the builder misses it. */
    @Test
    void returnJob_ofAStockClient_isHeldForIt() throws Exception {
        join(4);
        JobAlloc job = allocate();

        assertEquals(200, giveBack(job, job.auth()));

        assertEquals(1, status().inProgress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "-1", "18446744073709551616", "1/2"})
    void returnJob_whatIsNoJob_isNotFound(String job) throws Exception {
        assertEquals(
                404,
                post("/api/v1/jdist/return_job/" + job, "x", JobState.COMPLETE).statusCode());
    }

    private int giveBack(JobAlloc job, String token) throws IOException, InterruptedException {
        return post("/api/v1/jdist/return_job/" + job.jobId(), token, JobState.COMPLETE)
                .statusCode();
    }

    @Test
    void jobState_illegalMove_isAnErrorThatSaysWhy() throws Exception {
        join(4);
        JobAlloc job = allocate();

        HttpResponse<byte[]> response = report(job, JobState.STARTED);

        assertEquals(500, response.statusCode());
        assertEquals(
                "{\"description\":\"Invalid job state transition from pending to started\",\"cause\":null}",
                text(response));
        assertEquals(1, status().inProgress());
    }

    @Test
    void jobState_unknownJob_isAnError() throws Exception {
        HttpResponse<byte[]> response = post(BASE + "job_state/7", builderToken(), JobState.READY);

        assertEquals(500, response.statusCode());
        assertEquals("{\"description\":\"Unknown job\",\"cause\":null}", text(response));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "-1", "1.5", "18446744073709551616", "1/2", "%00"})
    void jobState_whatIsNoJob_isNotFound(String job) throws Exception {
        assertEquals(
                404,
                post(BASE + "job_state/" + job, builderToken(), JobState.READY).statusCode());
    }

    @Test
    void serverCertificate_ofABuilder_isTheOneOfItsHeartbeat() throws Exception {
        join(4);
        ServerCertificate expected = builder.heartbeat(4).certificate();

        HttpResponse<byte[]> response = get(BASE + "server_certificate/" + builder.id);

        assertEquals(expected, decode(response, ServerCertificate::decode));
        assertArrayEquals(
                expected.toJson(),
                get(BASE + "server_certificate/" + builder.id, "Accept", "application/json")
                        .body());
    }

    @Test
    void serverCertificate_ofNobody_isAnErrorOrNotFound() throws Exception {
        HttpResponse<byte[]> unknown = get(BASE + "server_certificate/10.9.9.9:1");

        assertEquals(500, unknown.statusCode());
        assertTrue(text(unknown).contains("server cert not available"));
        assertEquals(404, get(BASE + "server_certificate/host:1").statusCode());
        assertEquals(404, get(BASE + "server_certificate/").statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api/v1/scheduler/", "/api/v1/scheduler/other", "/api/v2/scheduler/status"})
    void anyOtherPath_isNotFound(String path) throws Exception {
        assertEquals(404, get(path).statusCode());
    }

    // Who may not.

    private void assertUnauthorized(String error, HttpResponse<byte[]> response) {
        assertEquals(401, response.statusCode());
        assertEquals(
                "Bearer error=\"" + error + "\"",
                response.headers().firstValue("WWW-Authenticate").orElse(""));
    }

    @Test
    void allocJob_wrongOrNoToken_isUnauthorized() throws Exception {
        byte[] body = Samples.TOOLCHAIN.toBincode();

        assertUnauthorized("bearer_auth_failed", post(ALLOC, "wrong", body));
        assertUnauthorized("bearer_auth_failed", post(ALLOC, builderToken(), body));
        assertUnauthorized("no_bearer_auth", send(request(ALLOC).POST(BodyPublishers.ofByteArray(body))));
        assertUnauthorized(
                "no_bearer_auth",
                send(request(ALLOC)
                        .header("Authorization", "Basic " + CLIENT.value())
                        .POST(BodyPublishers.ofByteArray(body))));
    }

    @Test
    void allocJob_manyWrongTokens_areLookedAtNoMoreWhateverTheirSenderCallsItself() throws Exception {
        join(4);
        allocate();
        int status = 401;
        for (int i = 0; status == 401 && i < 200; i++) {
            status = post(ALLOC, "wrong " + i, Samples.TOOLCHAIN, "X-Real-IP", "10.0.0." + i)
                    .statusCode();
        }

        assertEquals(503, status);
        assertEquals(200, post(ALLOC, CLIENT.value(), Samples.TOOLCHAIN).statusCode(), "it was right before");
    }

    @Test
    void heartbeatAndJobState_wrongToken_areUnauthorized() throws Exception {
        Heartbeat beat = builder.heartbeat(4);

        assertUnauthorized("invalid_bearer_token", post(HEARTBEAT, builder.id + " wrong", beat));
        assertUnauthorized("invalid_bearer_token", post(HEARTBEAT, SERVER.value(), beat));
        assertUnauthorized("invalid_bearer_token", post(HEARTBEAT, CLIENT.value(), beat));
        assertUnauthorized("invalid_bearer_token", post(BASE + "job_state/1", builder.id + " wrong", JobState.READY));
        assertUnauthorized(
                "invalid_bearer_token", send(request(HEARTBEAT).POST(BodyPublishers.ofByteArray(beat.toBincode()))));
        assertEquals(0, status().numServers());
    }

    @Test
    void heartbeat_fromAnotherAddress_isUnauthorized() throws Exception {
        String elsewhere =
                ServerToken.shared(ServerId.parse("10.0.0.1:10501"), SERVER).value();

        assertUnauthorized("invalid_bearer_token_mismatched_address", post(HEARTBEAT, elsewhere, builder.heartbeat(4)));
        assertUnauthorized(
                "invalid_bearer_token_mismatched_address",
                post(HEARTBEAT, builderToken(), builder.heartbeat(4), "X-Real-IP", "10.0.0.1"));
    }

    @Test
    void heartbeat_throughAProxy_isFromWhereItSays() throws Exception {
        String elsewhere =
                ServerToken.shared(ServerId.parse("10.0.0.1:10501"), SERVER).value();
        String six =
                ServerToken.shared(ServerId.parse("[fd00::1]:10501"), SERVER).value();

        assertEquals(
                200,
                post(HEARTBEAT, elsewhere, builder.heartbeat(4), "X-Real-IP", "10.0.0.1")
                        .statusCode());
        assertEquals(
                200,
                post(HEARTBEAT, six, builder.heartbeat(4), "X-Real-IP", "fd00:0::1")
                        .statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "10.0.0", "300.1.1.1", "10.0.0.1, 10.0.0.2", "::1::"})
    void heartbeat_proxyThatNamesNoAddress_isABadRequest(String address) throws Exception {
        assertEquals(
                400,
                post(HEARTBEAT, builderToken(), builder.heartbeat(4), "X-Real-IP", address)
                        .statusCode());
    }

    // What makes no sense.

    @Test
    void heartbeat_thatCannotBe_isRefused() throws Exception {
        Heartbeat good = builder.heartbeat(4);
        ServerCertificate certificate = good.certificate();
        Bytes other = Bytes.utf8("x".repeat(32));
        Map<String, Heartbeat> bad = Map.of(
                "Invalid number of CPUs (0)", new Heartbeat(good.jwtKey(), 0, 1, certificate),
                "Invalid number of CPUs (18446744073709551615)", new Heartbeat(good.jwtKey(), -1, 1, certificate),
                "Invalid number of CPUs (65537)", new Heartbeat(good.jwtKey(), 65_537, 1, certificate),
                "must have 32 bytes", new Heartbeat(Bytes.utf8("short"), 4, 1, certificate),
                "the digest is not",
                        new Heartbeat(good.jwtKey(), 4, 1, new ServerCertificate(other, certificate.pem())),
                "failed to interpret pem",
                        new Heartbeat(good.jwtKey(), 4, 1, new ServerCertificate(certificate.digest(), other)));
        for (Map.Entry<String, Heartbeat> entry : bad.entrySet()) {
            HttpResponse<byte[]> response = post(HEARTBEAT, builderToken(), entry.getValue());

            assertEquals(500, response.statusCode());
            assertTrue(text(response).contains(entry.getKey()), text(response));
        }
        assertEquals(0, status().numServers());
    }

    @ParameterizedTest
    @CsvSource({"alloc_job, 71", "heartbeat_server, 100", "job_state/1, 3"})
    void post_truncatedBody_isABadRequest(String path, int bytes) throws Exception {
        byte[] whole = path.equals("alloc_job")
                ? Samples.TOOLCHAIN.toBincode()
                : path.equals("job_state/1")
                        ? JobState.READY.toBincode()
                        : builder.heartbeat(4).toBincode();
        String token = path.equals("alloc_job") ? CLIENT.value() : builderToken();
        for (int length : new int[] {0, 1, bytes / 2, bytes}) {
            HttpResponse<byte[]> response = post(BASE + path, token, Arrays.copyOf(whole, length));

            assertEquals(400, response.statusCode());
            assertTrue(text(response).contains("error while parsing the bincode body"), text(response));
        }
    }

    @Test
    void post_hostileBodies_areBadRequests() throws Exception {
        byte[] length = new byte[16];
        Arrays.fill(length, (byte) 0xff);
        byte[] notText = new Toolchain("ab").toBincode();
        notText[8] = (byte) 0xff;

        assertEquals(400, post(ALLOC, CLIENT.value(), length).statusCode());
        assertEquals(400, post(ALLOC, CLIENT.value(), notText).statusCode());
        assertEquals(400, post(HEARTBEAT, builderToken(), length).statusCode());
        assertEquals(400, post(BASE + "job_state/1", builderToken(), length).statusCode());
        assertEquals(
                400,
                post(BASE + "job_state/1", builderToken(), new byte[] {4, 0, 0, 0})
                        .statusCode());
    }

    @Test
    void post_oversizedBody_isABadRequest() throws Exception {
        HttpResponse<byte[]> response = post(ALLOC, CLIENT.value(), new byte[WireLimits.SMALL_BODY + 1]);

        assertEquals(400, response.statusCode());
        assertTrue(text(response).contains("over the limit of " + WireLimits.SMALL_BODY), text(response));
    }

    @Test
    void post_otherContentType_isABadRequest() throws Exception {
        HttpResponse<byte[]> response = send(request(ALLOC)
                .header("Authorization", "Bearer " + CLIENT.value())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(Samples.TOOLCHAIN.toJson())));

        assertEquals(400, response.statusCode());
    }

    /** bincode's own reader ignores what follows a message. */
    @Test
    void post_octetsBehindTheMessage_areTolerated() throws Exception {
        byte[] body = Samples.TOOLCHAIN.toBincode();

        assertEquals(
                200,
                post(ALLOC, CLIENT.value(), Arrays.copyOf(body, body.length + 10))
                        .statusCode());
    }

    private static byte[] head(String methodAndPath, String token, int length) {
        return (methodAndPath + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
                        + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + length + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void post_connectionThatBreaksOff_disturbsNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", scheduler.address().getPort())) {
                socket.getOutputStream().write(head("POST " + ALLOC, CLIENT.value(), 1000));
                socket.getOutputStream().write(new byte[i * 10]);
            }
        }
        join(4);
        allocate();
        assertEquals(1, status().inProgress());
    }

    /** Any bytes to any call: an answer of the protocol, never an error of the program. */
    @Test
    void post_anyBytes_areAnswered() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        byte[][] samples = {Samples.TOOLCHAIN.toBincode(), builder.heartbeat(4).toBincode(), JobState.READY.toBincode()
        };
        String[] paths = {ALLOC, HEARTBEAT, BASE + "job_state/1"};
        for (int i = 0; i < 300; i++) {
            // First those that a builder would take, were there one: with a full one, they would wait.
            int call = i < 100 ? 0 : 1 + random.nextInt(2);
            byte[] body = samples[random.nextInt(4) == 0 ? random.nextInt(3) : call].clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            body = Arrays.copyOf(body, random.nextInt(3) == 0 ? random.nextInt(body.length + 9) : body.length);

            HttpResponse<byte[]> response = post(paths[call], call == 0 ? CLIENT.value() : builderToken(), body);

            int status = response.statusCode();
            assertTrue(status == 200 || status == 400 || status == 500, "call " + call + ", round " + i);
            assertTrue(!text(response).contains("Exception"), text(response));
        }
    }
}
