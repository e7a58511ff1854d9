package dev.jdist.client.toolchain;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.ToolchainParts;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileEvidence;
import dev.jdist.protocol.config.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final int MAX_ANSWER = 64 << 10;

    /** Without it gcc would quote names in its diagnostics like 'this', and not as it does in a UTF-8 locale. */
    private static final Path UTF8_LOCALE = Path.of("/usr/lib/locale/C.utf8");

    private final Compiler compiler;
    private final SearchEnvironment environment;
    private final SharedLibraries libraries;
    private final ToolchainFiles files = new ToolchainFiles();
    private final Set<Path> missing = new LinkedHashSet<>();
    private final Set<Path> namesakes = new LinkedHashSet<>();

    private ToolchainPackager(Compiler compiler, SearchEnvironment environment) throws IOException {
        this.compiler = compiler;
        this.environment = environment;
        this.libraries = SharedLibraries.ofSystem(environment);
    }

    /** @param environment which decides where the compiler's parts are */
    static ToolchainPackager of(Compiler compiler, SearchEnvironment environment) throws IOException {
        return new ToolchainPackager(compiler, environment);
    }

    /**
     * Writes the archive of a compiler whose parts are where this process would look for them.
     *
     * @throws IOException if it cannot be packed; the message says what is missing
     */
    public static void write(Compiler compiler, OutputStream archive, PackingProgress progress)
            throws IOException, InterruptedException {
        ToolchainPackager packager = of(compiler, SearchEnvironment.ofProcess());
        packager.collect();
        packager.write(archive, progress);
    }

    /**
     * Writes the archive of what was collected.
     *
     * @throws IOException if a file cannot be read
     */
    void write(OutputStream archive, PackingProgress progress) throws IOException {
        log.info("packing {} files of {} for {}", files.size(), ByteSize.format(files.bytes()), compiler.path());
        files.write(archive, progress);
    }

    /** What decided about the files that were collected, or that something could not be. */
    FileEvidence evidence() throws IOException {
        Set<Path> decisive = new LinkedHashSet<>(files.looked());
        decisive.addAll(namesakes);
        decisive.addAll(libraries.decisive());
        Set<Path> absent = new LinkedHashSet<>(libraries.missing());
        absent.addAll(missing);
        return FileEvidence.of(decisive, absent);
    }

    /** Stands for the names and the stamps of all that is in the archive. */
    Digest fingerprint() throws IOException {
        return files.fingerprint();
    }

    /** The {@code LD_LIBRARY_PATH} by which the compiler finds what is in the archive; nothing if it needs none. */
    Optional<String> libraryPath() {
        return Optional.of(SearchEnvironment.join(libraries.usedOfEnvironment()))
                .filter(path -> !path.isEmpty());
    }

    /**
     * The programs that a compiler consists of, and the texts that tell it how to work. Those that it will look for in
     * {@code PATH} go by their bare names.
     */
    public static List<Path> programs(Compiler compiler, SearchEnvironment environment)
            throws IOException, InterruptedException {
        ToolchainPackager packager = new ToolchainPackager(compiler, environment);
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
    public static ProgramFiles withLibraries(List<Path> programs, SearchEnvironment environment) throws IOException {
        SharedLibraries libraries = SharedLibraries.ofSystem(environment);
        Set<Path> all = new LinkedHashSet<>(programs);
        for (Path program : programs) {
            if (ElfFile.read(program).isPresent()) {
                all.addAll(libraries.of(program));
            }
        }
        return new ProgramFiles(all, libraries.decisive(), libraries.missing());
    }

    /**
     * Finds all files of the compiler.
     *
     * @throws IOException if it cannot be packed; the message says what is missing
     */
    void collect() throws IOException, InterruptedException {
        files.addDirectory(Path.of("/tmp"));
        addProgram(compiler.path().toAbsolutePath());
        addConfiguration();
        ToolchainParts parts = compiler.family().toolchain(compiler);
        addNamesakes(parts.identity());
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
            files.addFile(SharedLibraries.LOADER_CACHE);
        }
    }

    /**
     * Adds the other programs of this compiler that lie beside it, such as g++ beside gcc: the archive is the same by whichever name
     * the compiler is called, and builders need one for all of them. The drivers are small beside what they share.
     */
    private void addNamesakes(List<String> identity) throws IOException, InterruptedException {
        Path own = compiler.path().toAbsolutePath();
        List<Optional<String>> answers = List.of();
        for (String name : compiler.family().namesBeside(own.getFileName().toString())) {
            Path other = own.resolveSibling(name);
            if (other.equals(own)) {
                continue;
            } else if (!Files.isExecutable(other)) {
                missing.add(other);
                continue;
            }
            answers = answers.isEmpty() ? ask(own, identity) : answers;
            namesakes.add(other);
            boolean isSame = ElfFile.read(other).isPresent()
                    && answers.stream().allMatch(Optional::isPresent)
                    && ask(other, identity).equals(answers);
            if (isSame) {
                addProgram(other);
            }
        }
    }

    private List<Optional<String>> ask(Path program, List<String> options) throws IOException, InterruptedException {
        List<Optional<String>> answers = new ArrayList<>();
        for (String option : options) {
            answers.add(ask(program, option));
        }
        return answers;
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
        Optional<Path> path = answer.map(Path::of).flatMap(name -> onPath(name, environment.path()));
        for (Path place :
                answer.map(name -> places(Path.of(name), environment.path())).orElse(List.of())) {
            if (path.equals(Optional.of(place))) {
                break;
            }
            missing.add(place);
        }
        if (path.isPresent() && program) {
            addProgram(path.get());
        } else if (path.isPresent()) {
            files.addFile(path.get());
        }
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
        return ask(compiler.path(), option);
    }

    private Optional<String> ask(Path program, String option) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(program.toString(), option).redirectError(ProcessBuilder.Redirect.DISCARD);
        environment.applyTo(builder.environment());
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<String> printed = CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
        // What it has called may have its stream open for longer than the compiler itself lives.
        try {
            if (ProcessEnd.await(process, ANSWER)) {
                String answer = printed.get(ANSWER.toSeconds(), TimeUnit.SECONDS);
                return process.exitValue() == 0 && !answer.isEmpty() ? Optional.of(answer) : Optional.empty();
            }
        } catch (ExecutionException | TimeoutException e) {
            log.debug("{} {}: {}", program, option, e.toString());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        throw new IOException(program + " does not answer to " + option);
    }

    private static String read(InputStream answer) {
        try {
            return new String(answer.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
