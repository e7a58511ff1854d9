package dev.jdist.client.execution.sccache;

import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.message.RunJobRequest;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * A job, ready to be sent to whichever builder takes it, once or several times.
 *
 * @param body of run_job: the command's length, the command, and the inputs as a zlib stream of a tar
 */
public record RemoteJob(PackagedToolchain toolchain, byte[] body) {
    /** Writes the inputs: a tar. */
    @FunctionalInterface
    public interface Inputs {
        void writeTo(InputArchive archive) throws IOException;
    }

    public static RemoteJob of(PackagedToolchain toolchain, RunJobRequest request, Inputs inputs) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(256 << 10);
        byte[] command = request.toBincode();
        new DataOutputStream(body).writeInt(command.length);
        body.writeBytes(command);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(body, deflater, 64 << 10);
                InputArchive archive = new InputArchive(zlib)) {
            inputs.writeTo(archive);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            deflater.end();
        }
        return new RemoteJob(toolchain, body.toByteArray());
    }

    @Override
    public String toString() {
        return "job of " + body.length + " bytes for toolchain " + toolchain.toolchain();
    }
}
