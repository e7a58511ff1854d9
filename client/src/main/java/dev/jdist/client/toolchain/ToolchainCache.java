package dev.jdist.client.toolchain;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.files.FileEvidence;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The toolchains of this client: packed on first use, one packing per compiler at a time, and found again after a restart
 * by the names and stamps of all files that are packed.
 *
 * <p>A compiler is packed anew when one of its files was replaced, when a file appears that its loader would take instead, or when
 * a caller's environment has it consist of other files. Archives lie under their id, which is a digest of what they hold; one
 * that is gone, or has not the size that it was packed with, is packed anew, and so is one that a builder refuses if it is
 * damaged. A compiler that could not be packed, or that does not compile from its archive, is not tried again until one of
 * its files changes, or some minutes have passed.
 */
public final class ToolchainCache {
    private static final Logger log = LoggerFactory.getLogger(ToolchainCache.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** So many compilers are remembered: more than anybody has on one machine. */
    private static final int MAX_REMEMBERED = 1000;
    /** Of what depends on no file. */
    private static final FileEvidence NO_EVIDENCE = new FileEvidence(Map.of());
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

    /** Locks, one for each content that was packed. */
    private final Map<String, Object> packing = new ConcurrentHashMap<>();

    /** What is packed or being packed. */
    private final Cache<Request, CompletableFuture<Packed>> packaged =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

    /** Archive ids, and sizes behind them, by the content and the compiler's path, as kept in the index file. */
    @GuardedBy("this")
    private final Map<String, String> known = new TreeMap<>();

    /** A compiler, in an environment that may have it consist of other files than in another one. */
    private record Request(Compiler compiler, SearchEnvironment environment) {}

    /**
     * What became of a request.
     *
     * @param evidence of the files that decided about it
     * @param failure why there is no toolchain, if there is none
     * @param time when that was, in nanoseconds
     */
    private record Packed(FileEvidence evidence, Optional<PackagedToolchain> toolchain, String failure, long time) {
        /** What stood in the way of a toolchain may be gone after a while. */
        boolean holds(long now) {
            return toolchain.map(packed -> Files.exists(packed.archive())).orElse(now - time < RETRY.toNanos())
                    && evidence.holds();
        }
    }

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
     * @param environment of the caller
     * @throws IOException if it cannot be packed
     */
    public PackagedToolchain of(Compiler compiler, SearchEnvironment environment)
            throws IOException, InterruptedException {
        Request request = new Request(compiler, environment);
        CompletableFuture<Packed> known = packaged.getIfPresent(request);
        if (known != null && known.isDone() && !known.join().holds(nanoTime.getAsLong())) {
            packaged.asMap().remove(request, known);
        }
        CompletableFuture<Packed> mine = new CompletableFuture<>();
        CompletableFuture<Packed> result = packaged.asMap().computeIfAbsent(request, key -> mine);
        if (result == mine) {
            pack(request, mine);
        }
        Packed packed = result.join();
        PackagedToolchain toolchain = packed.toolchain().orElseThrow(() -> new IOException(packed.failure()));
        if (result != mine) {
            touch(toolchain.archive());
        }
        return toolchain;
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

    private void pack(Request request, CompletableFuture<Packed> result) throws InterruptedException {
        try {
            result.complete(
                    custom.get(request.compiler.path()) instanceof CustomToolchain.PathOverride override
                            ? packedByHand(request.compiler, override)
                            : packed(request));
        } catch (InterruptedException e) {
            packaged.asMap().remove(request, result);
            result.complete(
                    new Packed(NO_EVIDENCE, Optional.empty(), "interrupted while packaging", nanoTime.getAsLong()));
            throw e;
        } finally {
            // Nobody must wait for what an error kept from being completed.
            result.complete(
                    new Packed(NO_EVIDENCE, Optional.empty(), "it could not be packaged", nanoTime.getAsLong()));
        }
    }

    private Packed packedByHand(Compiler compiler, CustomToolchain.PathOverride override) {
        FileEvidence evidence = NO_EVIDENCE;
        try {
            evidence = FileEvidence.of(List.of(override.archive()), List.of());
            PackagedToolchain toolchain = new PackagedToolchain(
                    ArchiveDigest.of(override.archive()),
                    override.archive(),
                    override.archiveCompiler(),
                    Optional.empty());
            return new Packed(evidence, Optional.of(toolchain), "", nanoTime.getAsLong());
        } catch (IOException | RuntimeException e) {
            return failed(compiler, evidence, e);
        }
    }

    private Packed packed(Request request) throws InterruptedException {
        Compiler compiler = request.compiler;
        FileEvidence evidence = NO_EVIDENCE;
        try {
            ToolchainPackager packager = ToolchainPackager.of(compiler, request.environment);
            try {
                packager.collect();
            } finally {
                evidence = packager.evidence();
            }
            String content =
                    packager.fingerprint() + " " + packager.libraryPath().orElse("-") + " ";
            String id;
            // Compilers that are packed alike are often called at the same time: gcc and g++.
            synchronized (packing.computeIfAbsent(content, key -> new Object())) {
                id = packed(compiler, packager, content, evidence);
            }
            Path archive = archives.resolve(id);
            touch(archive);
            PackagedToolchain toolchain = new PackagedToolchain(
                    new Toolchain(id), archive, compiler.path().toString(), packager.libraryPath());
            return new Packed(evidence, Optional.of(toolchain), "", nanoTime.getAsLong());
        } catch (IOException | RuntimeException e) {
            return failed(compiler, evidence, e);
        }
    }

    /** @param content stands for the files; behind it, in keys, the name follows by which the compiler was tried */
    private String packed(Compiler compiler, ToolchainPackager packager, String content, FileEvidence evidence)
            throws IOException, InterruptedException {
        String key = content + compiler.path();
        Optional<String> found = find(key);
        if (found.isPresent()) {
            return found.get();
        }
        Optional<String> same = findSame(content);
        if (same.isPresent()) {
            Path archive = archives.resolve(same.get());
            proof.check(compiler, packager.libraryPath(), archive);
            remember(key, same.get() + " " + Files.size(archive));
            log.info("{} is packaged as toolchain {} already", compiler.path(), new Toolchain(same.get()));
            return same.get();
        }
        String id = packAnew(compiler, packager, key);
        if (!evidence.holds()) {
            throw new IOException("its files changed while they were packed");
        }
        return id;
    }

    /** The archive of the same files, packed for another name of the compiler. */
    private synchronized Optional<String> findSame(String content) throws IOException {
        for (String key : known.keySet()) {
            Optional<String> id = key.startsWith(content) ? find(key) : Optional.empty();
            if (id.isPresent()) {
                return id;
            }
        }
        return Optional.empty();
    }

    private Packed failed(Compiler compiler, FileEvidence evidence, Exception e) {
        log.warn(
                "{} cannot be packaged, so what it compiles stays here, for {} minutes at least: {}",
                compiler.path(),
                RETRY.toMinutes(),
                e.getMessage());
        return new Packed(evidence, Optional.empty(), Reason.of(e), nanoTime.getAsLong());
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
     * Unpacks a toolchain to run commands in it, as builders do.
     *
     * @return nothing if this machine does not let it be a root directory
     */
    public Optional<ToolchainRoot> unpack(PackagedToolchain toolchain) throws IOException, InterruptedException {
        return ToolchainRoot.of(toolchain.archive(), archives, TrialCompile.TRYING);
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
        packaged.asMap()
                .values()
                .removeIf(done -> done.isDone() && done.join().toolchain().equals(Optional.of(refused)));
        synchronized (this) {
            if (archive.startsWith(archives)) {
                known.values()
                        .removeIf(value -> value.startsWith(refused.toolchain().archiveId()));
                Files.deleteIfExists(archive);
            }
        }
        log.warn("{} was damaged; its compiler is packed anew", archive);
        return true;
    }

    private String packAnew(Compiler compiler, ToolchainPackager packager, String key)
            throws IOException, InterruptedException {
        long started = System.nanoTime();
        Path fresh = Files.createTempFile(archives, PACKING, ".tar.gz");
        try {
            try (OutputStream out = Files.newOutputStream(fresh)) {
                packager.write(out, PackingProgress.UNSEEN);
            }
            long size = Files.size(fresh);
            if (size > maxBytes) {
                throw new IOException("its archive of " + ByteSize.format(size)
                        + " is over the toolchain_cache_size of " + ByteSize.format(maxBytes));
            }
            proof.check(compiler, packager.libraryPath(), fresh);
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
            return id;
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
