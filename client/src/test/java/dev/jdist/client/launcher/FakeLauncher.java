package dev.jdist.client.launcher;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.protocol.wire.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A launcher whose children are scripted, and which remembers what it was told. */
public final class FakeLauncher implements Launcher {
    /** Stands in for a child process. */
    @FunctionalInterface
    public interface Child {
        int run(RunCommand order) throws IOException, CallerGoneException, InterruptedException;
    }

    /** How the conversation ended. */
    public record Exit(int code, String stdout, String stderr) {}

    public final List<RunCommand> orders = new ArrayList<>();
    public final List<Exit> exits = new ArrayList<>();
    public final CompletableFuture<Void> gone = new CompletableFuture<>();
    int becomes;
    public boolean sawMounts;
    public FileFingerprints compared = FileFingerprints.NONE;
    /** Which files have changed of those that were compared. */
    public Function<LauncherOffer, BitSet> offers = offer -> compared.all();

    private final Child child;

    public FakeLauncher(Child child) {
        this.child = child;
    }

    /** Runs what it is told, as a child of this process in the given directory. */
    public static FakeLauncher running(Path cwd) {
        return running(cwd, Map.of());
    }

    /** @param environment variables besides those of this process */
    public static FakeLauncher running(Path cwd, Map<String, String> environment) {
        return new FakeLauncher(order -> {
            List<String> command = new ArrayList<>(order.arguments());
            command.set(0, order.executable());
            ProcessBuilder builder = new ProcessBuilder(command).directory(cwd.toFile());
            builder.environment().putAll(environment);
            builder.redirectOutput(order.stdout()
                    .map(file -> ProcessBuilder.Redirect.to(file.toFile()))
                    .orElse(ProcessBuilder.Redirect.DISCARD));
            builder.redirectError(order.stderr()
                    .map(file -> ProcessBuilder.Redirect.to(file.toFile()))
                    .orElse(ProcessBuilder.Redirect.DISCARD));
            return builder.start().waitFor();
        });
    }

    @Override
    public int run(RunCommand order) throws CallerGoneException, InterruptedException {
        if (gone.isDone()) {
            throw new CallerGoneException();
        }
        synchronized (this) {
            orders.add(order);
        }
        try {
            return child.run(order);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean sawMounts() {
        return sawMounts;
    }

    @Override
    public void compare(FileFingerprints files) {
        compared = files;
    }

    @Override
    public BitSet offer(LauncherOffer offer, Runnable taken) {
        BitSet differing = offers.apply(offer);
        if (differing.isEmpty()) {
            taken.run();
        }
        return differing;
    }

    /** Writes them all or none, plainly: what a place has already is for the real launcher. */
    @Override
    public void write(List<OutputFile> files) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        for (OutputFile file : files) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            file.content().writeTo(content);
            contents.add(content.toByteArray());
        }
        for (int i = 0; i < contents.size(); i++) {
            Files.write(files.get(i).place(), contents.get(i));
        }
    }

    @Override
    public void exit(int code, Bytes stdout, Bytes stderr) {
        exits.add(new Exit(code, stdout.toUtf8(), stderr.toUtf8()));
    }

    @Override
    public void become() {
        becomes++;
    }

    @Override
    public CompletionStage<Void> gone() {
        return gone;
    }
}
