package dev.jdist.client.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.identity.ProgramDigests.Digested;
import dev.jdist.client.toolchain.ToolchainPackager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Tells compilers apart by what they are made of: all their programs and libraries. A compiler that was rebuilt in its place is
 * another one; the same compiler on another machine is the same.
 */
public final class CompilerIdentities {
    private static final int MAX_COMPILERS = 100;

    /** A compiler, and the programs that it consists of for now. */
    private record Found(Compiler compiler, List<Path> programs) {}

    private final ProgramDigests digests;
    private final Cache<Compiler, List<Path>> programs =
            Caffeine.newBuilder().maximumSize(MAX_COMPILERS).build();
    /** Those that did not say of which programs they consist, and why: each unit would have to wait for that. */
    private final Cache<Compiler, String> silent = Caffeine.newBuilder()
            .maximumSize(MAX_COMPILERS)
            .expireAfterWrite(CompilerRegistry.DOUBT)
            .build();

    private final Cache<Found, Set<Path>> withLibraries =
            Caffeine.newBuilder().maximumSize(MAX_COMPILERS).build();

    /** @param digests of programs */
    public CompilerIdentities(ProgramDigests digests) {
        this.digests = digests;
    }

    /**
     * @param path the caller's {@code PATH}, in which gcc looks for the assembler at each compile
     * @throws IOException if a part of it cannot be read
     */
    public CompilerIdentity of(Compiler compiler, String path) throws IOException {
        String silence = silent.getIfPresent(compiler);
        if (silence != null) {
            throw new IOException(silence);
        }
        try {
            List<Path> named = programs.get(compiler, this::programs);
            List<Optional<Path>> found = named.stream()
                    .map(program -> ToolchainPackager.onPath(program, path))
                    .toList();
            List<Path> there = found.stream().flatMap(Optional::stream).toList();
            Digested parts =
                    digests.digest(withLibraries.get(new Found(compiler, there), CompilerIdentities::withLibraries));
            String text = compiler.kind() + " " + compiler.version() + " " + parts.digest();
            return new CompilerIdentity(text, parts, named, found, path);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private List<Path> programs(Compiler compiler) {
        try {
            return ToolchainPackager.programs(compiler);
        } catch (IOException e) {
            silent.put(compiler, String.valueOf(e.getMessage()));
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted"));
        }
    }

    private static Set<Path> withLibraries(Found found) {
        try {
            return ToolchainPackager.withLibraries(found.programs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
