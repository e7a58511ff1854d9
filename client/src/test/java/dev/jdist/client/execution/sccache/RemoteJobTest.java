package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.execution.Action;
import dev.jdist.client.inputs.InputFile;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.BincodeReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The body of run_job, inputs and all. */
class RemoteJobTest {
    private static final RunJobRequest REQUEST = new RunJobRequest(
            new CompileCommand("/usr/bin/gcc", List.of("-c", "é.c"), List.of(), "/w"), List.of("/w/é.o"));

    @TempDir
    private Path directory;

    private final AtomicInteger files = new AtomicInteger();
    private final Spools spools =
            new Spools(() -> directory.resolve("spool-" + files.incrementAndGet()), Spools.Limits.ofFiles(1 << 30));

    @AfterEach
    void close() {
        spools.close();
    }

    private RemoteJob job(InputFile... inputs) throws IOException {
        return job(List.of(inputs), List.of());
    }

    private RemoteJob job(List<InputFile> inputs, List<Path> detours) throws IOException {
        PackagedToolchain toolchain = new PackagedToolchain(
                new Toolchain("a".repeat(64)), directory.resolve("archive"), "/usr/bin/gcc", Optional.empty());
        CompileCommand command = REQUEST.command();
        return RemoteJob.of(
                new Action(
                        toolchain,
                        command.arguments(),
                        command.environment(),
                        Path.of(command.cwd()),
                        inputs,
                        detours,
                        REQUEST.outputs()),
                spools);
    }

    private static InputFile input(String path, Path content) {
        return new InputFile(Path.of(path), content);
    }

    /** The names in the archive with what they hold. */
    private static List<String> entries(RemoteJob job) throws IOException {
        DataInputStream body = new DataInputStream(job.body().toInputStream());
        int length = body.readInt();
        assertEquals(REQUEST, RunJobRequest.decode(new BincodeReader(body, length)));
        List<String> entries = new ArrayList<>();
        TarArchiveInputStream tar = new TarArchiveInputStream(new InflaterInputStream(body), "UTF-8");
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            entries.add(entry.getName() + "=" + new String(tar.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertEquals(-1, body.read(), "nothing follows the stream");
        return entries;
    }

    private Path content(String text) throws IOException {
        return Files.writeString(directory.resolve("content"), text);
    }

    @Test
    void noInputs_areAnEmptyArchive() throws IOException {
        assertEquals(List.of(), entries(job()));
    }

    @Test
    void file_standsUnderItsAbsolutePath() throws IOException {
        Path content = content("int x;");
        assertEquals(List.of("w/dir/é.c=int x;"), entries(job(input("/w/dir/é.c", content))));
    }

    @Test
    void sameFileTwice_isSentOnce() throws IOException {
        Path content = content("1");
        assertEquals(List.of("w/a.h=1"), entries(job(input("/w/a.h", content), input("/w/./a.h", content))));
    }

    /** {@code /w/src/../a.h} is only found where {@code /w/src} is a directory. */
    @Test
    void pathWithDots_bringsTheDirectoriesItGoesThrough() throws IOException {
        Path content = content("1");
        assertEquals(
                List.of("w/src/=", "w/a.h=1", "w/x/y/=", "w/x/="),
                entries(job(input("/w/src/../a.h", content), input("/w/x/y/../../src/../a.h", content))));
    }

    @Test
    void detours_areDirectoriesAlone() throws IOException {
        assertEquals(
                List.of("w/obj/="),
                entries(job(List.of(), List.of(Path.of("/w/obj/../a.o"), Path.of("/w/b.o"), Path.of("/../c.o")))));
    }

    @Test
    void longPath_isNotCutOff() throws IOException {
        String name = "w/" + "directory/".repeat(30) + "f".repeat(200);
        Path content = content("1");
        assertEquals(List.of(name + "=1"), entries(job(input("/" + name, content))));
    }

    @Test
    void missingFile_isAnErrorThatNamesIt() {
        Path missing = directory.resolve("missing.h");
        IOException e = assertThrows(IOException.class, () -> job(new InputFile(missing, missing)));
        assertEquals(missing.toString(), e.getMessage());
    }

    @Test
    void sameInputs_giveTheSameBody() throws IOException {
        Path content = content("1".repeat(100_000));
        InputFile inputs = input("/w/a.c", content);
        byte[] first = bytes(job(inputs));
        Files.setLastModifiedTime(content, FileTime.fromMillis(1));
        assertArrayEquals(first, bytes(job(inputs)));
    }

    private static byte[] bytes(RemoteJob job) throws IOException {
        try (job) {
            return job.body().toInputStream().readAllBytes();
        }
    }

    @Test
    void largeInputs_areInAFileUntilTheJobIsClosed() throws IOException {
        byte[] noise = new byte[2 << 20];
        new Random(1).nextBytes(noise);
        Path content = Files.write(directory.resolve("noise"), noise);

        try (RemoteJob job = job(input("/w/a.c", content))) {
            assertTrue(spools.used() >= noise.length);
            assertEquals(0, spools.memoryUsed());
            assertEquals(1, entries(job).size());
        }

        assertEquals(0, spools.used());
    }

    @Test
    void missingFile_leavesNothingOfTheJob() throws IOException {
        Path missing = directory.resolve("missing.h");
        assertThrows(IOException.class, () -> job(input("/w/a.c", content("1")), new InputFile(missing, missing)));
        assertEquals(0, spools.used() + spools.memoryUsed());
    }
}
