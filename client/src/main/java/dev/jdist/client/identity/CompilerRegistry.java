package dev.jdist.client.identity;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.CommandRunner;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerFamily;
import dev.jdist.client.compiler.CompilerFamily.Identification;
import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which compiler a program is. Each program is asked once, and again when its file or its configuration changes. Those who
 * come while it is being asked wait for the answer. A program that fails at a question, or answers none, is asked again
 * after a while, and at once if it was asked for a caller whose own limits may have had it fail.
 */
public final class CompilerRegistry {
    private static final Logger log = LoggerFactory.getLogger(CompilerRegistry.class);

    /** How long it is believed that a program is no compiler. */
    static final Duration DOUBT = Duration.ofMinutes(1);

    private final List<CompilerFamily> families;
    private final Scratch scratch;
    private final LongSupplier nanoTime;

    /** What each program turned out to be. */
    @GuardedBy("this")
    private final Map<Known, CompletableFuture<Optional<Verdict>>> known = new HashMap<>();

    /**
     * A program as some callers see it.
     *
     * @param home of the caller, in which clang may have configuration files
     * @param libraryPath in which gcc looks for its specs, too
     */
    private record Known(Path path, FileStat stamp, Optional<String> home, Optional<String> libraryPath) {
        boolean isSuccessorOf(Known other) {
            return path.equals(other.path) && home.equals(other.home) && libraryPath.equals(other.libraryPath);
        }
    }

    /**
     * @param surroundings stamps of what was watched when it was asked
     * @param doubtful since when something speaks against it, by the ticker
     */
    private record Verdict(
            Optional<Compiler> compiler,
            boolean isWrapper,
            Map<Path, Optional<FileStat>> surroundings,
            Optional<Long> doubtful,
            Optional<SilentCompilerException> silence) {
        boolean holds(long now) {
            return doubtful.map(since -> now - since < DOUBT.toNanos()).orElse(true)
                    && (surroundings.isEmpty() || surroundings.equals(stamps(surroundings.keySet())));
        }
    }

    /**
     * A program that is a compiler.
     *
     * @param isWrapper whether it only calls that compiler, in a way that is not understood
     * @param stamps of the files and directories that decide about it: as long as they stay, so does the answer
     */
    public record Identified(Compiler compiler, boolean isWrapper, Map<Path, Optional<FileStat>> stamps) {}

    /** @param families of which the first one that claims a program's name is asked */
    public CompilerRegistry(List<CompilerFamily> families, Scratch scratch) {
        this(families, scratch, System::nanoTime);
    }

    CompilerRegistry(List<CompilerFamily> families, Scratch scratch, LongSupplier nanoTime) {
        this.families = families;
        this.scratch = scratch;
        this.nanoTime = nanoTime;
    }

    /** Whether a program of this name may be a compiler. */
    boolean claims(Path program) {
        return familyOf(program).isPresent();
    }

    private Optional<CompilerFamily> familyOf(Path program) {
        String name = program.getFileName().toString();
        return families.stream().filter(family -> family.claims(name)).findFirst();
    }

    /**
     * The compiler that a request's program was when it was called last, for what is right whatever it is by now: the files that
     * decide about it are not looked at. Nothing if the program itself has changed, or was not called before.
     */
    public Optional<Compiler> last(CallerRequest request) throws IOException {
        Path path = request.cwd().resolve(request.executable());
        Known key = key(path, request);
        CompletableFuture<Optional<Verdict>> verdict;
        synchronized (this) {
            verdict = known.get(key);
        }
        return verdict != null && verdict.isDone() && !verdict.isCompletedExceptionally()
                ? verdict.join().flatMap(Verdict::compiler)
                : Optional.empty();
    }

    private static Known key(Path path, CallerRequest request) throws IOException {
        return new Known(
                path,
                FileStat.of(path).orElseThrow(() -> new NoSuchFileException(path.toString())),
                Optional.ofNullable(request.environment().get("HOME")),
                CompilerVariable.LIBRARY_PATH.of(request.environment()));
    }

    /** The compiler that a request calls, or nothing if it is none that we know. Wrappers are not seen through here. */
    public Optional<Identified> identify(CallerRequest request, CommandRunner runner)
            throws IOException, CallerGoneException, InterruptedException {
        Path path = request.cwd().resolve(request.executable());
        Optional<CompilerFamily> family = familyOf(path);
        if (family.isEmpty()) {
            return Optional.empty();
        }
        Known key = key(path, request);
        Verdict found = verdict(key, family.get(), request, runner);
        if (found.silence.isPresent()) {
            throw found.silence.get();
        }
        return found.compiler.map(compiler -> {
            Map<Path, Optional<FileStat>> stamps = new HashMap<>(found.surroundings);
            stamps.put(path, Optional.of(key.stamp));
            return new Identified(compiler, found.isWrapper, stamps);
        });
    }

    private Verdict verdict(Known key, CompilerFamily family, CallerRequest request, CommandRunner runner)
            throws IOException, CallerGoneException, InterruptedException {
        while (true) {
            CompletableFuture<Optional<Verdict>> verdict;
            boolean askHere = false;
            synchronized (this) {
                verdict = known.get(key);
                if (verdict == null || isOutdated(verdict)) {
                    known.keySet().removeIf(key::isSuccessorOf);
                    verdict = new CompletableFuture<>();
                    known.put(key, verdict);
                    askHere = true;
                }
            }
            if (askHere) {
                return ask(key, family, request, runner, verdict);
            }
            Optional<Verdict> found = verdict.join();
            if (found.isPresent()) {
                return found.get();
            }
        }
    }

    /** Asks a program, and completes {@code verdict} with the answer if it is everybody's; else the next caller asks again. */
    private Verdict ask(
            Known key,
            CompilerFamily family,
            CallerRequest request,
            CommandRunner runner,
            CompletableFuture<Optional<Verdict>> verdict)
            throws IOException, CallerGoneException, InterruptedException {
        Optional<Verdict> forAll = Optional.empty();
        try {
            Verdict own = ask(key.path, family, new CompilerProbe(key.path, request.environment(), runner, scratch));
            forAll = Optional.of(own)
                    .filter(answer -> answer.doubtful.isEmpty() || request.limits() == CallerRequest.Limits.USUAL);
            return own;
        } finally {
            if (forAll.isEmpty()) {
                synchronized (this) {
                    known.remove(key, verdict);
                }
            }
            verdict.complete(forAll);
        }
    }

    private Verdict ask(Path path, CompilerFamily family, CompilerProbe probe)
            throws IOException, CallerGoneException, InterruptedException {
        try {
            Identification answer = family.identify(path, probe);
            log.info(
                    "{} {} {}",
                    path,
                    answer.isWrapper() ? "is no compiler, but calls" : "is",
                    answer.compiler().map(CompilerRegistry::describe).orElse("no compiler that jdist knows"));
            boolean isSure = answer.compiler().isPresent() && !probe.hasFailed();
            return new Verdict(
                    answer.compiler(),
                    answer.isWrapper(),
                    stamps(answer.watched()),
                    isSure ? Optional.empty() : Optional.of(nanoTime.getAsLong()),
                    Optional.empty());
        } catch (SilentCompilerException e) {
            log.warn("{}", e.getMessage());
            return new Verdict(Optional.empty(), false, Map.of(), Optional.of(nanoTime.getAsLong()), Optional.of(e));
        }
    }

    private static String describe(Compiler compiler) {
        List<Path> files = compiler.configuration().files();
        return compiler.kind() + " " + compiler.version() + (files.isEmpty() ? "" : ", configured by " + files);
    }

    private boolean isOutdated(CompletableFuture<Optional<Verdict>> verdict) {
        return verdict.isDone()
                && verdict.join()
                        .map(found -> !found.holds(nanoTime.getAsLong()))
                        .orElse(true);
    }

    private static Map<Path, Optional<FileStat>> stamps(Set<Path> watched) {
        Map<Path, Optional<FileStat>> stamps = new HashMap<>();
        for (Path path : watched) {
            try {
                stamps.put(path, FileStat.of(path));
            } catch (IOException e) {
                stamps.put(path, Optional.empty());
            }
        }
        return stamps;
    }

    /** Changes whenever a file is replaced or rewritten. */
    static String stamp(Path path) throws IOException {
        Path real = path.toRealPath();
        Map<String, Object> attributes = Files.readAttributes(real, "unix:ino,dev,size,lastModifiedTime,ctime");
        return real + ":" + attributes.get("dev") + ":" + attributes.get("ino") + ":" + attributes.get("size") + ":"
                + attributes.get("lastModifiedTime") + ":" + attributes.get("ctime");
    }
}
