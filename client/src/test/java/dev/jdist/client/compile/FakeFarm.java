package dev.jdist.client.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.execution.sccache.CompileFarm;
import dev.jdist.client.execution.sccache.FarmException;
import dev.jdist.client.execution.sccache.RemoteJob;
import dev.jdist.client.execution.sccache.RemoteResult;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.wire.BincodeReader;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A farm that does what a test says, and remembers the jobs it was given. */
public final class FakeFarm implements CompileFarm {
    static final ServerId BUILDER = ServerId.parse("10.0.0.7:10501");

    /** What becomes of one job. */
    @FunctionalInterface
    interface Builder {
        RemoteResult run(Job job, CompletionStage<Void> gone) throws FarmException, InterruptedException;
    }

    /** A job, taken apart; inputs by name, directories with a slash at the end. */
    record Job(RunJobRequest request, Map<String, String> inputs) {
        static Job of(RemoteJob job) {
            try {
                DataInputStream in = new DataInputStream(new ByteArrayInputStream(job.body()));
                int length = in.readInt();
                RunJobRequest request = RunJobRequest.decode(new BincodeReader(in, length));
                Map<String, String> inputs = new TreeMap<>();
                TarArchiveInputStream tar = new TarArchiveInputStream(new InflaterInputStream(in));
                for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    String before = inputs.put(entry.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
                    assertEquals(null, before, "twice in the archive: " + entry.getName());
                }
                return new Job(request, inputs);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String line() {
            return String.join(" ", request.command().arguments());
        }
    }

    final List<Job> jobs = new ArrayList<>();
    private final List<Builder> script;

    /** @param script for the first job, the second, and so on; there must not be more */
    public FakeFarm(Builder... script) {
        this.script = List.of(script);
    }

    /** The compiler ended with 0, said nothing and wrote these files. */
    static Builder writes(Map<String, String> outputs) {
        return says(0, "", "", outputs);
    }

    static Builder says(int code, String stdout, String stderr, Map<String, String> outputs) {
        List<OutputFile> files = outputs.entrySet().stream()
                .map(output -> file(output.getKey(), output.getValue()))
                .toList();
        ProcessOutput output = new ProcessOutput(code, Bytes.utf8(stdout), Bytes.utf8(stderr));
        return (job, gone) -> new RemoteResult(BUILDER, new RunJobResult.Complete(output, files));
    }

    static Builder fails(String message) {
        return (job, gone) -> {
            throw new FarmException(message);
        };
    }

    public static OutputFile file(String path, String content) {
        byte[] octets = content.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream zlib = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(zlib)) {
            deflater.write(octets);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new OutputFile(path, Bytes.wrap(zlib.toByteArray()), octets.length);
    }

    @Override
    public HttpUrl schedulerUrl() {
        return HttpUrl.parse("http://127.0.0.1:10600");
    }

    @Override
    public boolean isLoggedIn() {
        return true;
    }

    @Override
    public SchedulerStatus status() {
        return new SchedulerStatus(1, 2, 3);
    }

    @Override
    public RemoteResult run(RemoteJob job, CompletionStage<Void> gone) throws FarmException, InterruptedException {
        Job taken = Job.of(job);
        jobs.add(taken);
        return script.get(jobs.size() - 1).run(taken, gone);
    }
}
