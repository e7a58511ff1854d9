package dev.jdist.sandbox.docker;

import dev.jdist.sandbox.CommandKilledException;
import dev.jdist.sandbox.IsolatedRoot;
import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.helper.ChunkedContent;
import dev.jdist.sandbox.helper.ServeRequests;
import dev.jdist.sandbox.tree.RootedTree;
import dev.jdist.sandbox.tree.UnsafePathException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A root that is a container. {@code jdist-sandbox serve} is its first process and does in it what is asked here; the
 * head of {@code serve.c} says in which words.
 *
 * <p>The connection is the life of the container: when it is closed from either end, {@code jdist-sandbox} ends, with it
 * the container, and the engine removes that. What comes over it is not to be trusted more than the command.
 */
public final class DockerRoot implements IsolatedRoot {
    /** As long as the engine may take to end a container that has nothing left to do. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(20);

    private static final int MAX_COMPLAINT = 8 << 10;

    private final Process docker;
    private final ExecutorService waiting;
    private final Runnable forcedRemoval;
    private final Consumer<String> onFailure;
    private final ServeRequests requests;
    private final DataInputStream in;
    private final AtomicBoolean hungUp = new AtomicBoolean();
    private volatile boolean killed;

    /**
     * @param docker {@code docker run}
     * @param waiting for what may block
     * @param forcedRemoval removes the container if it does not end by itself
     * @param onFailure is told what the engine said when it ran no container
     */
    DockerRoot(Process docker, ExecutorService waiting, Runnable forcedRemoval, Consumer<String> onFailure) {
        this.docker = docker;
        this.waiting = waiting;
        this.forcedRemoval = forcedRemoval;
        this.onFailure = onFailure;
        this.requests = new ServeRequests(docker.getOutputStream(), this::failure);
        this.in = new DataInputStream(new BufferedInputStream(docker.getInputStream(), ServeRequests.MAX_CHUNK));
    }

    @Override
    public void createDirectories(String path) throws IOException {
        RootedTree.checkName(path);
        requests.createDirectories(path);
    }

    @Override
    public void writeFile(String path, boolean executable, InputStream content) throws IOException {
        RootedTree.checkName(path);
        requests.writeFile(path, executable, content);
    }

    @Override
    public SandboxResult run(SandboxCommand command, JobLimits limits) throws IOException, InterruptedException {
        Future<SandboxResult> running = waiting.submit(() -> runAndWait(command, limits.printedBytes() + 1));
        try {
            SandboxResult result = running.get(limits.time().toMillis(), TimeUnit.MILLISECONDS);
            if (Math.max(result.stdout().length, result.stderr().length) > limits.printedBytes()) {
                throw new LimitExceededException(JobLimit.LOG);
            }
            return result;
        } catch (TimeoutException e) {
            throw new LimitExceededException(JobLimit.TIME);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private SandboxResult runAndWait(SandboxCommand command, int maxPrinted) throws IOException {
        requests.run(command, maxPrinted);
        expect("x");
        try {
            int exitCode = in.readInt();
            int limit = in.readUnsignedByte();
            SandboxResult result = new SandboxResult(exitCode, readBytes(maxPrinted), readBytes(maxPrinted));
            refuse(limit);
            return result;
        } catch (LimitExceededException e) {
            throw e;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** @param limit as {@code serve.c} names the limit of the engine that the command met */
    private static void refuse(int limit) throws IOException {
        switch (limit) {
            case '-' -> {}
            case 'm' -> throw new LimitExceededException(JobLimit.MEMORY);
            case 'p' -> throw new LimitExceededException(JobLimit.PROCESSES);
            default -> throw new SandboxException("the container reported an unknown limit: " + limit);
        }
    }

    @Override
    public Optional<InputStream> openFile(String path) throws IOException {
        RootedTree.checkName(path);
        requests.readFile(path);
        return expect("ca") == 'c' ? Optional.of(new ChunkedContent(in)) : Optional.empty();
    }

    /** The first byte of an answer, which is one of {@code kinds}. */
    private int expect(String kinds) throws IOException {
        int kind;
        try {
            kind = in.readUnsignedByte();
        } catch (IOException e) {
            throw failure(e);
        }
        if (kind == 'e') {
            throw refusal();
        }
        if (kinds.indexOf(kind) < 0) {
            throw new SandboxException("the container answered with the byte " + kind);
        }
        return kind;
    }

    private byte[] readBytes(int most) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > most) {
            throw new SandboxException("the container answered with " + length + " bytes instead of " + most);
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private IOException refusal() {
        try {
            int kind = in.readUnsignedByte();
            String message = new String(readBytes(MAX_COMPLAINT), StandardCharsets.UTF_8);
            return kind == 'u' ? new UnsafePathException(message) : new SandboxException(message);
        } catch (IOException e) {
            return failure(e);
        }
    }

    /** Why the connection broke: somebody wanted it, or the helper or the engine says why. */
    private IOException failure(IOException broken) {
        if (killed) {
            return new CommandKilledException("the command was cancelled");
        }
        hangUp();
        try {
            if (!(broken instanceof EOFException) && in.read() == 'e') {
                return refusal();
            }
            String complaint = DockerCli.readAll(docker.getErrorStream());
            onFailure.accept(complaint);
            return new SandboxException(
                    "the container ended: " + (complaint.isEmpty() ? broken.getMessage() : complaint), broken);
        } catch (IOException e) {
            return new SandboxException("the container ended: " + broken.getMessage(), broken);
        }
    }

    @Override
    public void kill() {
        killed = true;
        hangUp();
    }

    /** Lets the container end, and sees to it that it does. */
    private void hangUp() {
        if (hungUp.compareAndSet(false, true)) {
            waiting.execute(this::awaitEnd);
        }
    }

    private void awaitEnd() {
        DockerCli.killAfter(END_TIMEOUT, docker);
        try {
            docker.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            if (docker.waitFor() != 0) {
                forcedRemoval.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        hangUp();
    }
}
