package dev.jdist.sandbox.docker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.tree.TreeTar;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the engine has of our trees: an image for each, with the tree and {@code jdist-sandbox} in it, over the user's
 * base image if one was named.
 *
 * <p>An image is made when its tree is first used, by one thread while others wait, and stays as long as the tree does:
 * before another one is made, those whose tree is gone are removed. So the engine holds as many as the builder.
 */
public final class DockerImages {
    private static final Logger log = LoggerFactory.getLogger(DockerImages.class);
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final int BUFFER = 64 << 10;

    /** In every image, the program that fills and runs it. */
    static final String HELPER = ".jdist-sandbox";

    private final DockerCli docker;
    private final Path helper;
    private final DockerOwner owner;
    private final Optional<String> base;
    private final Map<Path, CompletableFuture<String>> images = new ConcurrentHashMap<>();
    /** Images to be removed, which the engine does not do while their last container is still ending. */
    @GuardedBy("this")
    private final Set<String> orphans = new HashSet<>();

    DockerImages(DockerCli docker, Path helper, DockerOwner owner, Optional<String> base) {
        this.docker = docker;
        this.helper = helper;
        this.owner = owner;
        this.base = base;
    }

    /** The id of the image of this tree, which is made if need be. */
    String of(Path tree) throws IOException, InterruptedException {
        CompletableFuture<String> mine = new CompletableFuture<>();
        CompletableFuture<String> image = images.putIfAbsent(tree, mine);
        if (image == null) {
            image = mine;
            make(tree, mine);
        }
        try {
            return image.join();
        } catch (CompletionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new SandboxException(
                    "the Docker engine did not import the directory " + tree.getFileName() + ": "
                            + Objects.requireNonNullElse(cause.getMessage(), cause.toString()),
                    cause);
        }
    }

    private void make(Path tree, CompletableFuture<String> result) throws InterruptedException {
        try {
            removeOrphans();
            long started = System.nanoTime();
            String image = importTree(tree);
            log.info(
                    "imported {} into the Docker engine as an image in {} ms",
                    tree.getFileName(),
                    Duration.ofNanos(System.nanoTime() - started).toMillis());
            result.complete(image);
        } catch (IOException | InterruptedException | RuntimeException e) {
            images.remove(tree, result);
            result.completeExceptionally(e);
            if (e instanceof InterruptedException interrupted) {
                throw interrupted;
            }
        }
    }

    private String importTree(Path tree) throws IOException, InterruptedException {
        List<String> arguments = List.of(
                "import", "--change", "LABEL " + DockerOwner.LABEL + "=\"" + owner.name() + "\"", "-", tag(tree));
        return docker.run(TIMEOUT, arguments, out -> {
            OutputStream buffered = new BufferedOutputStream(out, BUFFER);
            try (TreeTar tar = new TreeTar(buffered)) {
                tar.addFile(HELPER, helper);
                tar.addTree(tree);
                if (base.isPresent()) {
                    addImage(base.get(), tree, tar);
                }
            }
        });
    }

    /** A tag keeps the image from being taken for one that was left over. */
    private String tag(Path tree) {
        return owner.prefix() + ":" + tree.getFileName();
    }

    private void addImage(String image, Path tree, TreeTar tar) throws IOException, InterruptedException {
        // Never started, so the command need not exist.
        String container =
                docker.run(TIMEOUT, "create", "--pull", "never", "--label", owner.label(), image, "/" + HELPER);
        try {
            Process export = docker.start(List.of("export", container));
            DockerCli.killAfter(TIMEOUT, export);
            export.getOutputStream().close();
            try (InputStream archive = export.getInputStream()) {
                tar.addArchiveUnder(tree, archive);
                archive.transferTo(OutputStream.nullOutputStream());
                if (export.waitFor() != 0) {
                    throw new SandboxException("`docker export` failed: " + DockerCli.readAll(export.getErrorStream()));
                }
            } finally {
                export.destroy();
            }
        } finally {
            docker.run(TIMEOUT, "rm", "--force", container);
        }
    }

    /** Notes that the engine has lost the image of this tree. */
    void forget(Path tree) {
        images.remove(tree);
    }

    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // A concurrent map allows it.
    private synchronized void removeOrphans() throws InterruptedException {
        for (Map.Entry<Path, CompletableFuture<String>> entry : images.entrySet()) {
            CompletableFuture<String> image = entry.getValue();
            // Out of the map first: should the tree come back now, another image is made of it.
            if (image.isDone() && Files.notExists(entry.getKey()) && images.remove(entry.getKey(), image)) {
                if (!image.isCompletedExceptionally()) {
                    orphans.add(image.join());
                }
            }
        }
        for (String orphan : List.copyOf(orphans)) {
            try {
                docker.run(TIMEOUT, "rmi", "--force", orphan);
                orphans.remove(orphan);
            } catch (IOException e) {
                log.info("an unused image cannot be removed now: {}", e.getMessage());
            }
        }
    }
}
