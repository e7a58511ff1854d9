package dev.jdist.client.toolchain;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.ToolchainParts;
import dev.jdist.protocol.config.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Packs a compiler with all that it needs to compile C and C++ on a machine that has nothing. */
public final class ToolchainPackager {
    private static final Logger log = LoggerFactory.getLogger(ToolchainPackager.class);
    private static final int ANSWER_SECONDS = 20;
    private static final int MAX_ANSWER = 64 << 10;

    /** Without it gcc would quote names in its diagnostics like 'this', and not as it does in a UTF-8 locale. */
    private static final Path UTF8_LOCALE = Path.of("/usr/lib/locale/C.utf8");

    private final Compiler compiler;
    private final SharedLibraries libraries;
    private final ToolchainFiles files = new ToolchainFiles();

    private ToolchainPackager(Compiler compiler, SharedLibraries libraries) {
        this.compiler = compiler;
        this.libraries = libraries;
    }

    /**
     * Writes the archive of a compiler.
     *
     * @throws IOException if it cannot be packed; the message says what is missing
     */
    public static void write(Compiler compiler, OutputStream archive, PackingProgress progress)
            throws IOException, InterruptedException {
        ToolchainPackager packager = new ToolchainPackager(compiler, SharedLibraries.ofSystem());
        packager.collect();
        log.info(
                "packing {} files of {} for {}",
                packager.files.size(),
                ByteSize.format(packager.files.bytes()),
                compiler.path());
        packager.files.write(archive, progress);
    }

    /**
     * The programs that a compiler consists of, and the texts that tell it how to work. Those that it will look for in
     * {@code PATH} go by their bare names.
     */
    public static List<Path> programs(Compiler compiler) throws IOException, InterruptedException {
        ToolchainPackager packager = new ToolchainPackager(compiler, SharedLibraries.ofSystem());
        List<Path> programs = new ArrayList<>();
        programs.add(compiler.path().toAbsolutePath());
        ToolchainParts parts = compiler.family().toolchain(compiler);
        for (String question : parts.programs()) {
            packager.ask(question).map(Path::of).ifPresent(programs::add);
        }
        for (String question : parts.texts()) {
            packager.ask(question).map(Path::of).filter(Path::isAbsolute).ifPresent(programs::add);
        }
        programs.addAll(compiler.configuration().files());
        return programs;
    }

    /** Programs and their libraries. Of a program that is a script or the like, the libraries are not known. */
    public static Set<Path> withLibraries(List<Path> programs) throws IOException {
        SharedLibraries libraries = SharedLibraries.ofSystem();
        Set<Path> all = new LinkedHashSet<>(programs);
        for (Path program : programs) {
            if (ElfFile.read(program).isPresent()) {
                all.addAll(libraries.of(program));
            }
        }
        return all;
    }

    private void collect() throws IOException, InterruptedException {
        files.addDirectory(Path.of("/tmp"));
        addProgram(compiler.path().toAbsolutePath());
        addConfiguration();
        ToolchainParts parts = compiler.family().toolchain(compiler);
        for (String question : parts.programs()) {
            addIfThere(ask(question), true);
        }
        for (String question : parts.texts()) {
            addIfThere(ask(question), false);
        }
        for (String question : parts.files()) {
            addIfThere(ask(question), false);
        }
        if (parts.directory().isPresent()) {
            Optional<Path> directory = ask(parts.directory().get()).map(Path::of);
            for (String tree : parts.trees()) {
                if (directory.isPresent() && Files.isDirectory(directory.get().resolve(tree))) {
                    files.addTree(directory.get().resolve(tree));
                }
            }
        }
        if (Files.isDirectory(UTF8_LOCALE)) {
            files.addTree(UTF8_LOCALE);
        }
        // Only then, as it differs from machine to machine and with it the archive's id.
        if (libraries.needsLoaderCache()) {
            files.addFile(Path.of("/etc/ld.so.cache"));
        }
    }

    /** A builder knows the places that clang was built with, but not the caller's home. */
    private void addConfiguration() throws IOException {
        Path home = Path.of(System.getProperty("user.home"));
        Path own = compiler.path().toRealPath().getParent();
        for (Path file : compiler.configuration().files()) {
            if (home.getNameCount() > 0 && file.startsWith(home) && !file.startsWith(own)) {
                throw new IOException(
                        "it is configured by " + file + ", in a home directory, where builders have no files");
            }
            files.addFile(file);
        }
    }

    private void addIfThere(Optional<String> answer, boolean program) throws IOException {
        // gcc answers with the bare name where it knows of no such part, or leaves it to PATH.
        Optional<Path> path = answer.map(Path::of).flatMap(ToolchainPackager::onPath);
        if (path.isPresent() && program) {
            addProgram(path.get());
        } else if (path.isPresent()) {
            files.addFile(path.get());
        }
    }

    private static Optional<Path> onPath(Path program) {
        return onPath(program, System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
    }

    /** The program that a name stands for, if there is one. */
    public static Optional<Path> onPath(Path program, String path) {
        if (program.isAbsolute()) {
            return Optional.of(program).filter(Files::isRegularFile);
        }
        for (Path candidate : places(program, path)) {
            // Asked at each compile, and not there in most places, of which Files would make exceptions.
            if (candidate.toFile().canExecute() && Files.isRegularFile(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Where {@link #onPath} looks for a program, in this order. */
    public static List<Path> places(Path program, String path) {
        if (program.isAbsolute()) {
            return List.of(program);
        }
        List<Path> places = new ArrayList<>();
        for (String directory : path.split(":")) {
            if (directory.startsWith("/")) {
                places.add(Path.of(directory).resolve(program));
            }
        }
        return places;
    }

    private void addProgram(Path program) throws IOException {
        if (files.addFile(program)) {
            for (Path library : libraries.of(program)) {
                files.addFile(library);
            }
        }
    }

    /** What the compiler prints for one option, without the newline; nothing if it does not know it. */
    private Optional<String> ask(String option) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(compiler.path().toString(), option)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        // What it has called may have its stream open for longer than the compiler itself lives.
        CompletableFuture<String> printed = CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
        try {
            String answer = printed.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue() == 0 && !answer.isEmpty() ? Optional.of(answer) : Optional.empty();
            }
        } catch (ExecutionException | TimeoutException e) {
            log.debug("{} {}: {}", compiler.path(), option, e.toString());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        throw new IOException(compiler.path() + " does not answer to " + option);
    }

    private static String read(InputStream in) {
        try {
            return new String(in.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
