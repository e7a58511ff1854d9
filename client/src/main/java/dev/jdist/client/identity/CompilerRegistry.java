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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which compiler a program is. Each program is asked once, and again when its file or its configuration changes. Those who
 * come while it is being asked wait for the answer.
 */
public final class CompilerRegistry {
    private static final Logger log = LoggerFactory.getLogger(CompilerRegistry.class);

    private final List<CompilerFamily> families;
    private final Scratch scratch;

    /** What each program turned out to be. */
    @GuardedBy("this")
    private final Map<Known, CompletableFuture<Verdict>> known = new HashMap<>();

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

    /** @param surroundings stamps of what was watched when it was asked */
    private record Verdict(Optional<Compiler> compiler, boolean isWrapper, Map<Path, Optional<FileStat>> surroundings) {
        boolean holds() {
            return surroundings.isEmpty() || surroundings.equals(stamps(surroundings.keySet()));
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
        this.families = families;
        this.scratch = scratch;
    }

    /** Whether a program of this name may be a compiler. */
    boolean claims(Path program) {
        return familyOf(program).isPresent();
    }

    private Optional<CompilerFamily> familyOf(Path program) {
        String name = program.getFileName().toString();
        return families.stream().filter(family -> family.claims(name)).findFirst();
    }

    /** The compiler that a request calls, or nothing if it is none that we know. Wrappers are not seen through here. */
    public Optional<Identified> identify(CallerRequest request, CommandRunner runner)
            throws IOException, CallerGoneException, InterruptedException {
        Path path = request.cwd().resolve(request.executable());
        Optional<CompilerFamily> family = familyOf(path);
        if (family.isEmpty()) {
            return Optional.empty();
        }
        Known key = new Known(
                path,
                FileStat.of(path).orElseThrow(() -> new NoSuchFileException(path.toString())),
                Optional.ofNullable(request.environment().get("HOME")),
                CompilerVariable.LIBRARY_PATH.of(request.environment()));
        CompletableFuture<Verdict> verdict;
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
            try {
                Identification answer =
                        family.get().identify(path, new CompilerProbe(path, request.environment(), runner, scratch));
                log.info(
                        "{} {} {}",
                        path,
                        answer.isWrapper() ? "is no compiler, but calls" : "is",
                        answer.compiler().map(CompilerRegistry::describe).orElse("no compiler that jdist knows"));
                verdict.complete(new Verdict(answer.compiler(), answer.isWrapper(), stamps(answer.watched())));
            } catch (IOException | CallerGoneException | InterruptedException | RuntimeException e) {
                // The next one may ask again; those who wait now do without.
                synchronized (this) {
                    known.remove(key);
                }
                verdict.complete(new Verdict(Optional.empty(), false, Map.of()));
                throw e;
            }
        }
        Verdict found = verdict.join();
        return found.compiler.map(compiler -> {
            Map<Path, Optional<FileStat>> stamps = new HashMap<>(found.surroundings);
            stamps.put(path, Optional.of(key.stamp));
            return new Identified(compiler, found.isWrapper, stamps);
        });
    }

    private static String describe(Compiler compiler) {
        List<Path> files = compiler.configuration().files();
        return compiler.kind() + " " + compiler.version() + (files.isEmpty() ? "" : ", configured by " + files);
    }

    private static boolean isOutdated(CompletableFuture<Verdict> verdict) {
        return verdict.isDone() && !verdict.join().holds();
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
