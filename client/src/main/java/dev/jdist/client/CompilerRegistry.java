package dev.jdist.client;

import dev.jdist.client.CompilerQuestion.Answer;
import dev.jdist.client.cache.Stamp;
import dev.jdist.client.compiler.Compiler;
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
final class CompilerRegistry {
    /** Programs whose names do not look like a C compiler's are not even asked: who knows what they would do. */
    static final Pattern COMPILER_NAME = Pattern.compile("(?i).*(cc|c\\+\\+|g\\+\\+|clang).*");

    private final Scratch scratch;

    /** Guarded by this: what each program turned out to be, by path and stamp. */
    private final Map<Known, CompletableFuture<Verdict>> known = new HashMap<>();

    private record Known(Path path, Stamp stamp) {}

    /** @param surroundings stamps of what was watched when it was asked */
    private record Verdict(Answer answer, String surroundings) {
        boolean holds() {
            return answer.watched().isEmpty() || surroundings.equals(stamps(answer.watched()));
        }
    }

    CompilerRegistry(Scratch scratch) {
        this.scratch = scratch;
    }

    /** The compiler that a request calls, or nothing if it is none that we know. Wrappers are not seen through here. */
    Optional<Compiler> identify(LauncherRequest request, Launcher launcher)
            throws IOException, LauncherGoneException, InterruptedException {
        Path path = request.cwd().resolve(request.executable());
        if (!COMPILER_NAME.matcher(path.getFileName().toString()).matches()) {
            return Optional.empty();
        }
        Known key = new Known(path, Stamp.of(path).orElseThrow(() -> new NoSuchFileException(path.toString())));
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
                Answer answer = new CompilerQuestion(path, launcher, scratch).ask(stamp(path));
                verdict.complete(new Verdict(answer, stamps(answer.watched())));
            } catch (IOException | LauncherGoneException | InterruptedException | RuntimeException e) {
                // The next one may ask again; those who wait now do without.
                synchronized (this) {
                    known.remove(key);
                }
                verdict.complete(new Verdict(new Answer(Optional.empty(), Set.of()), ""));
                throw e;
            }
        }
        return verdict.join().answer.compiler();
    }

    private static boolean isOutdated(CompletableFuture<Verdict> verdict) {
        return verdict.isDone() && !verdict.join().holds();
    }

    private static String stamps(Set<Path> watched) {
        StringBuilder stamps = new StringBuilder();
        for (Path path : watched) {
            try {
                stamps.append(stamp(path));
            } catch (IOException e) {
                stamps.append("nothing");
            }
            stamps.append('\n');
        }
        return stamps.toString();
    }

    /** Changes whenever a file is replaced or rewritten. */
    static String stamp(Path path) throws IOException {
        Path real = path.toRealPath();
        Map<String, Object> attributes = Files.readAttributes(real, "unix:ino,dev,size,lastModifiedTime,ctime");
        return real + ":" + attributes.get("dev") + ":" + attributes.get("ino") + ":" + attributes.get("size") + ":"
                + attributes.get("lastModifiedTime") + ":" + attributes.get("ctime");
    }
}
