package dev.jdist.sandbox.docker;

import dev.jdist.sandbox.IsolatedRoot;
import dev.jdist.sandbox.Isolation;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.SandboxResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Docker engine that was found able to run commands: each in a container of its own, without network or capabilities.
 *
 * <p>All containers and images bear the label of their owner, and whatever bears it is removed at start and stop: that
 * is what a builder left that was killed.
 */
public final class DockerEngine implements Isolation {
    private static final Logger log = LoggerFactory.getLogger(DockerEngine.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    /** To start a container, which takes a second elsewhere, takes more than half a minute on a slow machine under load. */
    private static final Duration PROOF_TIMEOUT = Duration.ofMinutes(3);

    private static final Duration PULL_TIMEOUT = Duration.ofMinutes(30);
    private static final int REMOVAL_ATTEMPTS = 20;
    private static final long REMOVAL_PAUSE_MILLIS = 200;

    private final DockerCli docker = new DockerCli();
    private final DockerOwner owner;
    private final List<String> arguments;
    private final JobLimits limits;
    private final DockerImages images;
    private final AtomicLong sequence = new AtomicLong();
    /** Threads that wait for {@code docker}, which nobody can interrupt: one or two per open root. */
    private final ExecutorService waiting = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "docker");
        thread.setDaemon(true);
        return thread;
    });

    private DockerEngine(Path helper, String owner, Optional<String> base, List<String> arguments, JobLimits limits) {
        this.limits = limits;
        this.owner = new DockerOwner(owner);
        this.arguments = arguments;
        this.images = new DockerImages(docker, helper, this.owner, base);
    }

    /**
     * Finds out whether the engine can run commands, by running one.
     *
     * @param helper the program {@code jdist-sandbox}
     * @param owner a name that no other user of this engine has; what it left there is removed
     * @param base an image on which trees are laid; fetched if the engine does not have it
     * @param arguments more arguments of {@code docker run}
     * @param limits of each container
     * @throws SandboxException if it cannot, saying what is to be done about it
     */
    public static DockerEngine open(
            Path helper, String owner, Optional<String> base, List<String> arguments, JobLimits limits)
            throws IOException, InterruptedException {
        DockerEngine engine = new DockerEngine(helper, owner, base, arguments, limits);
        engine.askVersion();
        engine.removeAll();
        if (base.isPresent()) {
            engine.fetch(base.get());
        }
        try {
            engine.prove();
        } catch (IOException e) {
            engine.close();
            throw e;
        }
        return engine;
    }

    private void askVersion() throws IOException, InterruptedException {
        log.info("jobs run in containers of Docker {}", version());
    }

    private String version() throws IOException, InterruptedException {
        try {
            return docker.run(TIMEOUT, "version", "--format", "{{.Server.Version}}");
        } catch (SandboxException e) {
            throw new SandboxException(advice(e.getMessage()), e);
        }
    }

    /** What a complaint of {@code docker} means for the person who starts a builder. */
    static String advice(String complaint) {
        if (complaint.contains("permission denied")) {
            return "no right to use the Docker engine: " + complaint
                    + "; run the builder as root, or add its user to the group docker";
        }
        if (complaint.contains("ended with")) {
            return "the Docker engine does not answer: " + complaint
                    + "; start it (systemctl start docker), or set DOCKER_HOST to its address";
        }
        return complaint;
    }

    private void fetch(String image) throws IOException, InterruptedException {
        try {
            docker.run(TIMEOUT, "image", "inspect", image);
            return;
        } catch (SandboxException e) {
            log.info("fetching the image {}", image);
        }
        try {
            docker.run(PULL_TIMEOUT, "pull", "--quiet", image);
        } catch (SandboxException e) {
            throw new SandboxException(
                    "the engine has no image " + image + " and cannot fetch it: " + e.getMessage()
                            + "; correct docker_image, or leave it out: toolchains need no image",
                    e);
        }
    }

    @Override
    public Optional<String> withoutViews() {
        return Optional.of("the engine's containers have no views; sandboxes of type overlay have");
    }

    @Override
    public void look() throws IOException, InterruptedException {
        version();
    }

    /** Runs the helper itself, which needs no library, in a container that has nothing else. */
    @Override
    public void prove() throws IOException, InterruptedException {
        version();
        Path tree = Files.createTempDirectory("jdist-self-test-");
        try (IsolatedRoot root = openRoot(tree)) {
            root.createDirectories("/job");
            SandboxCommand command = new SandboxCommand("/" + DockerImages.HELPER, List.of("true"), Map.of(), "/job");
            SandboxResult result = root.run(command, limits.within(PROOF_TIMEOUT));
            if (result.exitCode() != 0) {
                throw new SandboxException("it ended with " + result.exitCode());
            }
        } catch (LimitExceededException e) {
            throw new SandboxException("a test command in a container exceeded the limit " + e.limit(), e);
        } catch (SandboxException e) {
            throw new SandboxException(
                    "a test command in a container failed: " + e.getMessage()
                            + "; if this engine needs other arguments, set docker_args",
                    e);
        } finally {
            Files.delete(tree);
        }
    }

    @Override
    public IsolatedRoot openRoot(Path lower) throws IOException, InterruptedException {
        String image = images.of(lower);
        String name = owner.prefix() + "-" + ProcessHandle.current().pid() + "-" + sequence.incrementAndGet();
        List<String> line = DockerArguments.run(
                name, owner.label(), image, limits, arguments, List.of("/" + DockerImages.HELPER, "serve"));
        return new DockerRoot(docker.start(line), waiting, () -> removeContainer(name), complaint -> {
            if (complaint.contains("No such image")) {
                images.forget(lower);
            }
        });
    }

    private void removeContainer(String name) {
        try {
            docker.run(TIMEOUT, "rm", "--force", name);
        } catch (IOException e) {
            log.debug("container {} is not removed: {}", name, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Removes all that bears the owner's label. */
    private void removeAll() throws IOException, InterruptedException {
        String filter = "label=" + owner.label();
        removeAll("rm", "ps", "--all", "--quiet", "--no-trunc", "--filter", filter);
        removeAll("rmi", "images", "--quiet", "--no-trunc", "--filter", filter);
    }

    /** @param list the arguments that list what {@code remove} is to remove */
    private void removeAll(String remove, String... list) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            List<String> line = new ArrayList<>(List.of(remove, "--force"));
            docker.run(TIMEOUT, list).lines().distinct().forEach(line::add);
            if (line.size() == 2) {
                return;
            }
            try {
                docker.run(TIMEOUT, line, out -> {});
            } catch (SandboxException e) {
                // The engine may be about to remove the same, or have done it just now.
                if (attempt == REMOVAL_ATTEMPTS) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(REMOVAL_PAUSE_MILLIS);
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            removeAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
