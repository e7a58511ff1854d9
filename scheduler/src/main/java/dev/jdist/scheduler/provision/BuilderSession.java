package dev.jdist.scheduler.provision;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.daemon.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Between the scheduler of this machine and one other machine, from the first question to the last. */
public final class BuilderSession implements AutoCloseable {
    private final String destination;
    private final LocalScheduler scheduler;
    private final Path work;
    private final Ssh ssh;
    private final RemoteHost host;
    private final Consumer<String> say;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable BuilderSetup setup;

    private BuilderSession(
            String destination, LocalScheduler scheduler, Path work, List<String> sshProgram, Consumer<String> say)
            throws IOException {
        this.destination = destination;
        this.scheduler = scheduler;
        this.work = work;
        this.say = say;
        ssh = new Ssh(sshProgram, destination, work);
        host = new RemoteHost(ssh, destination, work);
    }

    /**
     * Connects to nobody yet.
     *
     * @param settings the scheduler's
     * @param sshProgram such as {@code ssh -p 2222}
     * @param say takes what the person is told
     */
    public static BuilderSession open(Path settings, String destination, List<String> sshProgram, Consumer<String> say)
            throws ConfigException, IOException {
        LocalScheduler scheduler = LocalScheduler.of(settings);
        // Nobody else can read it.
        return new BuilderSession(destination, scheduler, Files.createTempDirectory("jdist-builder-"), sshProgram, say);
    }

    /** @param home the directory of the running jdist, beside which an archive may be */
    public void add(BuilderRequest request, Optional<Path> home, boolean dryRun, Duration wait)
            throws ConfigException, StartupException, IOException, InterruptedException {
        BuilderSetup adding = new BuilderSetup(request, scheduler, host, work, say);
        setup = adding;
        adding.run(home, dryRun, wait);
    }

    public void remove(String tokenName, boolean dryRun)
            throws ConfigException, StartupException, IOException, InterruptedException {
        new BuilderRemoval(destination, tokenName, scheduler, host, say).run(dryRun);
    }

    /**
     * Ends what runs there, revokes the token of a builder that did not come to be, and leaves no files here. To be called by
     * a shutdown hook too: the second call does nothing.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        ssh.close();
        try {
            BuilderSetup adding = setup;
            if (adding != null) {
                adding.abandon();
            }
        } catch (ConfigException | StartupException | IOException e) {
            say.accept("the token could not be revoked: " + e.getMessage());
        }
        scheduler.close();
        try (Stream<Path> files = Files.walk(work)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            say.accept(work + " could not be removed: " + e.getMessage());
        }
    }
}
