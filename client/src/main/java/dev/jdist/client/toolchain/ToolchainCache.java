package dev.jdist.client.toolchain;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.settings.ClientConfig.CustomToolchain;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The toolchains of this client: packed on first use, one packing per compiler at a time, and found again after a restart
 * by the compiler's path and stamp.
 *
 * <p>Archives lie under their id, which is a digest of what they hold; one that is gone, or has not the size that it was
 * packed with, is packed anew, and so is one that a builder refuses if it is damaged. A compiler that could not be packed, or
 * that does not compile from its archive, is not tried again until it changes, or some minutes have passed.
 */
public final class ToolchainCache {
    private static final Logger log = LoggerFactory.getLogger(ToolchainCache.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** So many compilers are remembered: more than anybody has on one machine. */
    private static final int MAX_REMEMBERED = 1000;
    /** How the names of unfinished archives begin. */
    private static final String PACKING = ".packing-";
    /** One that nobody has written to for so long will not be finished. */
    private static final Duration ABANDONED = Duration.ofHours(1);
    /** After so long, a compiler that could not be packed is tried again: the disk may have been full. */
    static final Duration RETRY = Duration.ofMinutes(5);

    private final Path archives;
    private final Path index;
    private final long maxBytes;
    private final Map<Path, CustomToolchain> custom = new HashMap<>();
    private final ToolchainProof proof;
    private final LongSupplier nanoTime;

    /** What is packed or being packed, by {@link #key}. */
    @GuardedBy("this")
    private final Map<String, CompletableFuture<PackagedToolchain>> packaged = new HashMap<>();

    /** When each of those was last tried that cannot be packed, by the ticker. */
    @GuardedBy("this")
    private final Map<String, Long> failures = new HashMap<>();

    /** Archive ids, and sizes behind them, by {@link #key}, as kept in the index file. */
    @GuardedBy("this")
    private final Map<String, String> known = new TreeMap<>();

    /**
     * Opens the cache in {@code directory}, which is made if need be.
     *
     * @param custom compilers that are not to be packed
     * @param proof what a fresh archive has to pass
     */
    public ToolchainCache(Path directory, long maxBytes, List<CustomToolchain> custom, ToolchainProof proof)
            throws IOException {
        this(directory, maxBytes, custom, proof, System::nanoTime);
    }

    ToolchainCache(
            Path directory, long maxBytes, List<CustomToolchain> custom, ToolchainProof proof, LongSupplier nanoTime)
            throws IOException {
        this.proof = proof;
        this.nanoTime = nanoTime;
        this.archives = directory.resolve("archives");
        this.index = directory.resolve("compilers.json");
        this.maxBytes = maxBytes;
        custom.forEach(toolchain -> this.custom.put(toolchain.compiler(), toolchain));
        Files.createDirectories(archives);
        removeLeftovers();
        readIndex();
    }

    /** Removes what a daemon that was killed had begun to pack. One of another port may be packing right now. */
    private void removeLeftovers() throws IOException {
        FileTime old = FileTime.from(Instant.now().minus(ABANDONED));
        try (var found = Files.newDirectoryStream(archives, "{" + PACKING + "*," + TrialCompile.TRYING + "*}")) {
            for (Path leftover : found) {
                if (Files.getLastModifiedTime(leftover).compareTo(old) < 0) {
                    UnpackedArchive.remove(leftover);
                }
            }
        }
    }

    private synchronized void readIndex() {
        try (InputStream in = Files.newInputStream(index)) {
            Map<String, String> read = JSON.readValue(in, new TypeReference<Map<String, String>>() {});
            if (read == null) {
                throw new IOException("it holds no object");
            }
            known.putAll(read);
        } catch (NoSuchFileException e) {
            // The first start.
        } catch (IOException e) {
            log.warn("{} is damaged and is begun anew: {}", index, e.getMessage());
        }
    }

    /** Whether the settings forbid to distribute what this compiler compiles. */
    public boolean isExcluded(Compiler compiler) {
        return custom.get(compiler.path()) instanceof CustomToolchain.NoDist;
    }

    /**
     * The toolchain of a compiler, packed now if it has to be.
     *
     * @throws IOException if it cannot be packed
     */
    public PackagedToolchain of(Compiler compiler) throws IOException, InterruptedException {
        String key = key(compiler);
        CompletableFuture<PackagedToolchain> result;
        boolean packHere = false;
        synchronized (this) {
            result = packaged.get(key);
            if (result == null || isGone(key, result)) {
                result = new CompletableFuture<>();
                packaged.put(key, result);
                packHere = true;
            }
        }
        if (packHere) {
            pack(compiler, key, result);
        }
        try {
            PackagedToolchain toolchain = result.join();
            if (!packHere) {
                touch(toolchain.archive());
            }
            return toolchain;
        } catch (CompletionException e) {
            throw new IOException(Reason.of(e), e.getCause());
        }
    }

    /** Notes that an archive is in use: the one that was used least recently goes first. */
    private void touch(Path archive) {
        if (archive.startsWith(archives)) {
            try {
                Files.setLastModifiedTime(archive, FileTime.from(Instant.now()));
            } catch (IOException e) {
                log.debug("cannot note the use of {}: {}", archive, e.toString());
            }
        }
    }

    /** A compiler of the same path and stamp is the same compiler. */
    private static String key(Compiler compiler) {
        return compiler.path() + " " + compiler.stamp();
    }

    /** Whether the archive is gone; or whether there was none to be had, some time ago. */
    @GuardedBy("this")
    private boolean isGone(String key, CompletableFuture<PackagedToolchain> done) {
        Long failed = failures.get(key);
        if (done.isCompletedExceptionally()) {
            return failed == null || nanoTime.getAsLong() - failed >= RETRY.toNanos();
        }
        return done.isDone() && !Files.exists(done.join().archive());
    }

    private void pack(Compiler compiler, String key, CompletableFuture<PackagedToolchain> result)
            throws InterruptedException {
        try {
            if (custom.get(compiler.path()) instanceof CustomToolchain.PathOverride override) {
                result.complete(new PackagedToolchain(
                        ArchiveDigest.of(override.archive()), override.archive(), override.archiveCompiler()));
            } else {
                Optional<String> found = find(key);
                result.complete(found.isEmpty() ? packAnew(compiler, key) : packagedAs(compiler, found.get()));
            }
        } catch (IOException | RuntimeException e) {
            log.warn(
                    "{} cannot be packaged, so what it compiles stays here, for {} minutes at least: {}",
                    compiler.path(),
                    RETRY.toMinutes(),
                    e.getMessage());
            synchronized (this) {
                failures.put(key, nanoTime.getAsLong());
            }
            result.completeExceptionally(e);
        } catch (InterruptedException e) {
            synchronized (this) {
                packaged.remove(key);
            }
            result.completeExceptionally(new IOException("interrupted while packaging"));
            throw e;
        }
    }

    private synchronized Optional<String> find(String key) throws IOException {
        if (!known.containsKey(key)) {
            return Optional.empty();
        }
        String[] idAndSize = known.get(key).split(" ");
        String id = idAndSize[0];
        // The index is a file like any other: an id must not lead out of the directory.
        if (!new Toolchain(id).isWellFormed() || !Files.isRegularFile(archives.resolve(id))) {
            return Optional.empty();
        }
        long size = Files.size(archives.resolve(id));
        if (idAndSize.length > 1 && !idAndSize[1].equals(Long.toString(size))) {
            log.warn(
                    "{} is damaged, with {} of {} bytes, and is packed anew", archives.resolve(id), size, idAndSize[1]);
            return Optional.empty();
        }
        return Optional.of(id);
    }

    /**
     * Looks into an archive that a builder refused, and has it packed anew if it is damaged.
     *
     * @return whether it was
     */
    public boolean recheck(PackagedToolchain refused) throws IOException {
        Path archive = refused.archive();
        boolean sound = Files.exists(archive) && ArchiveDigest.of(archive).equals(refused.toolchain());
        if (sound) {
            return false;
        }
        synchronized (this) {
            packaged.values()
                    .removeIf(done -> done.isDone()
                            && !done.isCompletedExceptionally()
                            && done.join().equals(refused));
            if (archive.startsWith(archives)) {
                known.values()
                        .removeIf(value -> value.startsWith(refused.toolchain().archiveId()));
                Files.deleteIfExists(archive);
            }
        }
        log.warn("{} was damaged; its compiler is packed anew", archive);
        return true;
    }

    private PackagedToolchain packagedAs(Compiler compiler, String id) {
        Path archive = archives.resolve(id);
        touch(archive);
        return new PackagedToolchain(new Toolchain(id), archive, compiler.path().toString());
    }

    private PackagedToolchain packAnew(Compiler compiler, String key) throws IOException, InterruptedException {
        long started = System.nanoTime();
        Path fresh = Files.createTempFile(archives, PACKING, ".tar.gz");
        try {
            try (OutputStream out = Files.newOutputStream(fresh)) {
                ToolchainPackager.write(compiler, out, PackingProgress.UNSEEN);
            }
            long size = Files.size(fresh);
            if (size > maxBytes) {
                throw new IOException("its archive of " + ByteSize.format(size)
                        + " is over the toolchain_cache_size of " + ByteSize.format(maxBytes));
            }
            proof.check(compiler, fresh);
            String id = ArchiveDigest.of(fresh).archiveId();
            makeRoom(size);
            Files.move(
                    fresh, archives.resolve(id), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            remember(key, id + " " + size);
            log.info(
                    "packaged {} as toolchain {}, {}, in {} ms",
                    compiler.path(),
                    new Toolchain(id),
                    ByteSize.format(size),
                    (System.nanoTime() - started) / 1_000_000);
            return packagedAs(compiler, id);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private void makeRoom(long wanted) throws IOException {
        try (var listed = Files.list(archives)) {
            record Archive(Path path, long size, FileTime used) {}
            long total = 0;
            List<Archive> oldestFirst = new ArrayList<>();
            for (Path path : listed.filter(Files::isRegularFile).toList()) {
                if (!path.getFileName().toString().startsWith(".")) {
                    oldestFirst.add(new Archive(path, Files.size(path), Files.getLastModifiedTime(path)));
                    total += Files.size(path);
                }
            }
            oldestFirst.sort(Comparator.comparing(Archive::used));
            for (Archive oldest : oldestFirst) {
                if (total + wanted <= maxBytes) {
                    break;
                }
                Files.deleteIfExists(oldest.path);
                total -= oldest.size;
            }
        }
    }

    private synchronized void remember(String key, String idAndSize) throws IOException {
        if (known.size() >= MAX_REMEMBERED) {
            known.clear();
        }
        known.put(key, idAndSize);
        Path fresh = index.resolveSibling(index.getFileName() + ".new");
        Files.write(fresh, JSON.writeValueAsBytes(known));
        Files.move(fresh, index, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
