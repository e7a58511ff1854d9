package dev.jdist.client.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.files.FileEvidence;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.identity.ProgramDigests.Digested;
import dev.jdist.client.toolchain.ProgramFiles;
import dev.jdist.client.toolchain.SearchEnvironment;
import dev.jdist.client.toolchain.ToolchainPackager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells compilers apart by what they are made of: all their programs and libraries. A compiler that was rebuilt in its place is
 * another one; the same compiler on another machine is the same. So is one whose libraries were replaced, or are others by the
 * caller's environment.
 */
public final class CompilerIdentities {
    private static final int MAX_COMPILERS = 1000;

    /** A compiler that is asked for its parts in an environment, which may have it find others. */
    private record Asked(Compiler compiler, SearchEnvironment environment) {}

    /** A compiler, and the programs that it consists of for now. */
    private record Found(Asked asked, List<Path> programs) {}

    /**
     * The files of programs, as long as nothing changes.
     *
     * @param stamps of these files, from before they were read
     * @param evidence of what else decided
     */
    private record Files(ProgramFiles programs, List<Optional<FileStat>> stamps, FileEvidence evidence) {
        boolean areThoseOf(Digested digested) {
            return stamps.equals(digested.stamps().stream().map(Optional::of).toList());
        }
    }

    private final ProgramDigests digests;
    private final Cache<Asked, List<Path>> programs =
            Caffeine.newBuilder().maximumSize(MAX_COMPILERS).build();
    /** Those that did not say of which programs they consist, and why: each unit would have to wait for that. */
    private final Cache<Asked, String> silent = Caffeine.newBuilder()
            .maximumSize(MAX_COMPILERS)
            .expireAfterWrite(CompilerRegistry.DOUBT)
            .build();

    private final Cache<Found, Files> withLibraries =
            Caffeine.newBuilder().maximumSize(MAX_COMPILERS).build();

    /** @param digests of programs */
    public CompilerIdentities(ProgramDigests digests) {
        this.digests = digests;
    }

    /**
     * @param environment of the caller, in whose {@code PATH} gcc looks for the assembler at each compile
     * @throws IOException if a part of it cannot be read
     */
    public CompilerIdentity of(Compiler compiler, SearchEnvironment environment) throws IOException {
        Asked asked = new Asked(compiler, environment);
        String silence = silent.getIfPresent(asked);
        if (silence != null) {
            throw new IOException(silence);
        }
        try {
            List<Path> named = programs.get(asked, this::programs);
            List<Optional<Path>> found = named.stream()
                    .map(program -> ToolchainPackager.onPath(program, environment.path()))
                    .toList();
            Found key =
                    new Found(asked, found.stream().flatMap(Optional::stream).toList());
            Files files = withLibraries.get(key, CompilerIdentities::withLibraries);
            Optional<Digested> known = files.evidence.holds() ? digest(files) : Optional.empty();
            if (known.filter(files::areThoseOf).isEmpty()) {
                files = withLibraries(key);
                withLibraries.put(key, files);
                known = Optional.of(digests.digest(files.programs.files()));
            }
            Digested parts = known.get();
            String text = compiler.kind() + " " + compiler.version() + " " + parts.digest();
            return new CompilerIdentity(
                    text, parts, named, found, environment.path(), files.evidence, files.programs.missing());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** @return nothing if a file is gone, so that another one may be in its place elsewhere */
    private Optional<Digested> digest(Files files) throws IOException {
        try {
            return Optional.of(digests.digest(files.programs.files()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private List<Path> programs(Asked asked) {
        try {
            return ToolchainPackager.programs(asked.compiler, asked.environment);
        } catch (IOException e) {
            silent.put(asked, String.valueOf(e.getMessage()));
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted"));
        }
    }

    private static Files withLibraries(Found found) {
        try {
            ProgramFiles programs = ToolchainPackager.withLibraries(found.programs, found.asked.environment);
            List<Optional<FileStat>> stamps = new ArrayList<>();
            for (Path file : programs.files()) {
                stamps.add(FileStat.of(file));
            }
            return new Files(programs, stamps, FileEvidence.of(programs.decisive(), programs.missing()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
