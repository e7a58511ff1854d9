package dev.jdist.client.hostile;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A client that makes each call of a job by itself, so that it can send what no honest one would. */
public final class WireClient implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(120);
    private static final int MAX_ANSWER = 1 << 28;

    private final EventLoops loops = EventLoops.start(2);
    private final HttpClient http = new HttpClient(loops);
    private final HttpTarget scheduler;
    private final Secret token;

    public WireClient(String schedulerUrl, String token) {
        this.scheduler = new HttpTarget.Scheduler(HttpUrl.parse(schedulerUrl));
        this.token = new Secret(token);
    }

    /** Where one job may run. */
    public record Place(JobAlloc job, HttpTarget builder, boolean needsToolchain) {
        Secret token() {
            return new Secret(job.auth());
        }
    }

    public static Toolchain idOf(Path archive) throws IOException {
        ArchiveDigest digest = new ArchiveDigest();
        try (InputStream in = Files.newInputStream(archive)) {
            byte[] buffer = new byte[64 << 10];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, count);
            }
        }
        return digest.finish();
    }

    public Place allocate(Toolchain toolchain) throws IOException, InterruptedException {
        AllocJobResult answer = http.call(HttpCall.post(scheduler, Endpoints.ALLOC_JOB, token, toolchain)
                        .within(TIMEOUT))
                .decode(AllocJobResult::decode);
        if (!(answer instanceof AllocJobResult.Success success)) {
            throw new IOException("no place: " + answer);
        }
        JobAlloc job = success.jobAlloc();
        ServerCertificate certificate = http.call(
                        HttpCall.get(scheduler, Endpoints.SERVER_CERTIFICATE + job.serverId()))
                .decode(ServerCertificate::decode);
        return new Place(job, new HttpTarget.Builder(job.serverId(), certificate), success.needToolchain());
    }

    public SubmitToolchainResult submit(Place place, Path archive) throws IOException, InterruptedException {
        String path = Endpoints.SUBMIT_TOOLCHAIN + place.job().jobId();
        return http.call(HttpCall.postFile(place.builder(), path, place.token(), archive)
                        .within(TIMEOUT))
                .decode(SubmitToolchainResult::decode);
    }

    /** A place on a builder that has the toolchain, which is sent if need be. */
    public Place prepare(Toolchain toolchain, Path archive) throws IOException, InterruptedException {
        Place place = allocate(toolchain);
        if (place.needsToolchain() && submit(place, archive) != SubmitToolchainResult.SUCCESS) {
            throw new IOException("the builder does not take the toolchain");
        }
        return place;
    }

    /** @param zlib the inputs, compressed, whatever they are */
    public HttpAnswer run(Place place, RunJobRequest request, byte[] zlib) throws IOException, InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] command = request.toBincode();
        DataOutputStream out = new DataOutputStream(body);
        out.writeInt(command.length);
        out.write(command);
        out.write(zlib);
        return http.call(HttpCall.postBytes(
                        place.builder(), Endpoints.RUN_JOB + place.job().jobId(), place.token(), body.toByteArray())
                .within(TIMEOUT)
                .withMaxAnswer(MAX_ANSWER));
    }

    @Override
    public void close() {
        http.close();
        loops.close();
    }
}
