package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.Action;
import dev.jdist.client.inputs.InputFile;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.spool.Spool;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.BincodeReader;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireLimits;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * An action encoded for the wire of sccache-dist, ready to be sent to whichever builder takes it, once or several times.
 *
 * @param body of run_job: the command's length, the command, and the inputs as a zlib stream of a tar
 * @param origin of the body, which is there until this is closed
 */
record RemoteJob(PackagedToolchain toolchain, PrimitiveBytes body, Closeable origin) implements BuilderJob, Closeable {
    /**
     * Encodes an action.
     *
     * @param spools for the body
     * @throws IOException if an input cannot be read
     */
    static RemoteJob of(Action action, Spools spools) throws IOException {
        Spool body = spools.create();
        boolean isWhole = false;
        try {
            write(action, body.toOutputStream());
            isWhole = true;
            return new RemoteJob(action.toolchain(), body, body);
        } finally {
            if (!isWhole) {
                body.close();
            }
        }
    }

    private static void write(Action action, OutputStream body) throws IOException {
        CompileCommand command = new CompileCommand(
                action.toolchain().executable(),
                action.arguments(),
                action.environment(),
                action.directory().toString());
        byte[] request = new RunJobRequest(command, action.outputs()).toBincode();
        new DataOutputStream(body).writeInt(request.length);
        body.write(request);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(body, deflater, 64 << 10);
                InputArchive archive = new InputArchive(zlib)) {
            for (InputFile input : action.inputs()) {
                archive.add(input.path(), input.content());
            }
            for (Path detour : action.detours()) {
                archive.addDetours(detour);
            }
        } finally {
            deflater.end();
        }
    }

    @Override
    public Done runOn(Place place) throws IOException, InterruptedException {
        HttpCall call = HttpCall.postStored(
                        place.builder(), Endpoints.RUN_JOB + place.slot().jobId(), place.token(), body)
                .within(TIMEOUT)
                .withMaxAnswer(WireLimits.RESULT);
        HttpAnswer answer;
        try {
            answer = place.calls().make(call, place.gone());
        } catch (IOException e) {
            throw BuilderException.inRun(e);
        }
        boolean isHandedOver = false;
        try {
            if (decode(answer) instanceof RunJobResult.Complete complete) {
                isHandedOver = true;
                return new Done(complete, answer);
            }
            throw new BuilderException(BuilderFault.JOB, "the builder does not know the job");
        } finally {
            if (!isHandedOver) {
                answer.close();
            }
        }
    }

    private static RunJobResult decode(HttpAnswer answer) throws IOException {
        try {
            return answer.decode(RunJobResult::decode);
        } catch (IOException e) {
            throw BuilderException.inRun(e);
        }
    }

    /** The command, as builders read it. */
    RunJobRequest request() throws IOException {
        try (DataInputStream in = new DataInputStream(body.toInputStream())) {
            byte[] request = in.readNBytes(in.readInt());
            return RunJobRequest.decode(new BincodeReader(new ByteArrayInputStream(request), request.length));
        }
    }

    /** The tar of the inputs, as builders read it. */
    InputStream inputs() throws IOException {
        DataInputStream in = new DataInputStream(body.toInputStream());
        in.skipNBytes(in.readInt());
        return new InflaterInputStream(in);
    }

    @Override
    public void close() throws IOException {
        origin.close();
    }

    @Override
    public String toString() {
        return "job of " + body.length() + " bytes for toolchain " + toolchain.toolchain();
    }
}
