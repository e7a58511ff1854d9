package dev.jdist.client.identity;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.CommandRunner;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.identity.CompilerProbe.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * Which compiler a program is. Each program is asked once, and again when its file or its configuration changes. Those who
 * come while it is being asked wait for the answer.
 */
public final class CompilerRegistry {
    /** Programs whose names do not look like a C compiler's are not even asked: who knows what they would do. */
    static final Pattern COMPILER_NAME = Pattern.compile("(?i).*(cc|c\\+\\+|g\\+\\+|clang).*");

    private final Scratch scratch;

    /** Guarded by this: what each program turned out to be, by path and stamp. */
    private final Map<Known, CompletableFuture<Verdict>> known = new HashMap<>();

    private record Known(Path path, FileStat stamp) {}

    /** @param surroundings stamps of what was watched when it was asked */
    private record Verdict(Optional<Compiler> compiler, Map<Path, Optional<FileStat>> surroundings) {
        boolean holds() {
            return surroundings.isEmpty() || surroundings.equals(stamps(surroundings.keySet()));
        }
    }

    /**
     * A program that is a compiler.
     *
     * @param stamps of the files and directories that decide about it: as long as they stay, so does the answer
     */
    public record Identified(Compiler compiler, Map<Path, Optional<FileStat>> stamps) {}

    public CompilerRegistry(Scratch scratch) {
        this.scratch = scratch;
    }

    /** The compiler that a request calls, or nothing if it is none that we know. Wrappers are not seen through here. */
    public Optional<Identified> identify(CallerRequest request, CommandRunner runner)
            throws IOException, CallerGoneException, InterruptedException {
        Path path = request.cwd().resolve(request.executable());
        if (!COMPILER_NAME.matcher(path.getFileName().toString()).matches()) {
            return Optional.empty();
        }
        Known key = new Known(path, FileStat.of(path).orElseThrow(() -> new NoSuchFileException(path.toString())));
        CompletableFuture<Verdict> verdict;
        boolean askHere = false;
        synchronized (this) {
            verdict = known.get(key);
            if (verdict == null || isOutdated(verdict)) {
                known.keySet().removeIf(old -> old.path.equals(path));
                verdict = new CompletableFuture<>();
                known.put(key, verdict);
                askHere = true;
            }
        }
        if (askHere) {
            try {
                Answer answer = new CompilerProbe(path, runner, scratch).ask(stamp(path));
                verdict.complete(new Verdict(answer.compiler(), stamps(answer.watched())));
            } catch (IOException | CallerGoneException | InterruptedException | RuntimeException e) {
                // The next one may ask again; those who wait now do without.
                synchronized (this) {
                    known.remove(key);
                }
                verdict.complete(new Verdict(Optional.empty(), Map.of()));
                throw e;
            }
        }
        Verdict found = verdict.join();
        return found.compiler.map(compiler -> {
            Map<Path, Optional<FileStat>> stamps = new HashMap<>(found.surroundings);
            stamps.put(path, Optional.of(key.stamp));
            return new Identified(compiler, stamps);
        });
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
