package dev.jdist.client;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.compiler.CompilerKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which compiler a program is. Each program is asked once, by having it preprocess a few lines, and again when its file
 * changes. Those who come while it is being asked wait for the answer.
 */
final class CompilerRegistry {
    private static final Logger log = LoggerFactory.getLogger(CompilerRegistry.class);

    /** Programs whose names do not look like a C compiler's are not even asked: who knows what they would do. */
    private static final Pattern COMPILER_NAME = Pattern.compile("(?i).*(cc|c\\+\\+|g\\+\\+|clang).*");

    /** Programs that pass a compile on to another one, under that one's name. */
    private static final Pattern WRAPPER_NAME = Pattern.compile("(ccache|sccache|distcc|icecc)(\\..*)?");

    private static final int MAX_ANSWER = 256 << 10;

    private static final Pattern ANSWER = Pattern.compile("jdist-(compiler|version) = *(.*?) *");

    private static final String QUESTION = """
            #if defined(__NVCC__) || defined(__NVCOMPILER) || defined(__INTEL_COMPILER) || defined(_MSC_VER) \\
                || defined(__TINYC__) || defined(__EDG__)
            jdist-compiler = other
            #elif defined(__clang__) && defined(__cplusplus)
            jdist-compiler = clang++
            #elif defined(__clang__)
            jdist-compiler = clang
            #elif defined(__GNUC__) && defined(__cplusplus)
            jdist-compiler = g++
            #elif defined(__GNUC__)
            jdist-compiler = gcc
            #else
            jdist-compiler = other
            #endif
            jdist-version = __VERSION__
            """;

    private final Scratch scratch;

    /** Guarded by this: what each program turned out to be, by path and stamp. */
    private final Map<Known, CompletableFuture<Optional<Compiler>>> known = new HashMap<>();

    private record Known(Path path, String stamp) {}

    CompilerRegistry(Scratch scratch) {
        this.scratch = scratch;
    }

    /** The compiler that a request calls, or nothing if it is none that we know. */
    Optional<Compiler> identify(LauncherRequest request, Launcher launcher)
            throws IOException, LauncherGoneException, InterruptedException {
        Path path = seeThroughWrappers(request.cwd().resolve(request.executable()), request.environment());
        if (!COMPILER_NAME.matcher(path.getFileName().toString()).matches()) {
            return Optional.empty();
        }
        Known key = new Known(path, stamp(path));
        CompletableFuture<Optional<Compiler>> answer;
        boolean askHere = false;
        synchronized (this) {
            answer = known.get(key);
            if (answer == null) {
                known.keySet().removeIf(old -> old.path.equals(path));
                answer = new CompletableFuture<>();
                known.put(key, answer);
                askHere = true;
            }
        }
        if (askHere) {
            try {
                answer.complete(ask(key, launcher));
            } catch (IOException | LauncherGoneException | InterruptedException | RuntimeException e) {
                // The next one may ask again; those who wait now do without.
                synchronized (this) {
                    known.remove(key);
                }
                answer.complete(Optional.empty());
                throw e;
            }
        }
        return answer.join();
    }

    private Optional<Compiler> ask(Known key, Launcher launcher)
            throws IOException, LauncherGoneException, InterruptedException {
        Path question = scratch.newFile("-question.c");
        Path answer = scratch.newFile("-answer.i");
        Path errors = scratch.newFile("-answer.err");
        try {
            Files.writeString(question, QUESTION);
            int code = launcher.run(new RunOrder(
                    false,
                    Optional.of(answer),
                    Optional.of(errors),
                    key.path.toString(),
                    List.of(key.path.toString(), "-E", question.toString())));
            Optional<Compiler> compiler = code == 0 ? read(key, firstPart(answer)) : Optional.empty();
            log.info(
                    "{} is {}",
                    key.path,
                    compiler.map(c -> c.kind() + " " + c.version()).orElse("no compiler that jdist knows"));
            return compiler;
        } finally {
            Files.deleteIfExists(question);
            Files.deleteIfExists(answer);
            Files.deleteIfExists(errors);
        }
    }

    /** Enough of a file to hold the answer; what is asked here may be no compiler and print whatever it likes. */
    private static String firstPart(Path answer) throws IOException {
        try (InputStream in = Files.newInputStream(answer)) {
            return new String(in.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
        }
    }

    private static Optional<Compiler> read(Known key, String answer) {
        String name = "";
        String version = "";
        for (String line : answer.split("\n")) {
            Matcher matcher = ANSWER.matcher(line);
            if (matcher.matches()) {
                if (matcher.group(1).equals("compiler")) {
                    name = matcher.group(2);
                } else {
                    version = matcher.group(2).replace("\"", "");
                }
            }
        }
        CompilerKind kind = switch (name) {
            case "gcc", "g++" -> CompilerKind.GCC;
            case "clang", "clang++" -> CompilerKind.CLANG;
            default -> null;
        };
        boolean plusplus = name.endsWith("++");
        return kind == null
                ? Optional.empty()
                : Optional.of(new Compiler(kind, key.path, plusplus, version, key.stamp));
    }

    /** Changes whenever the program's file is replaced or rewritten. */
    private static String stamp(Path path) throws IOException {
        Path real = path.toRealPath();
        Map<String, Object> attributes = Files.readAttributes(real, "unix:ino,dev,size,lastModifiedTime,ctime");
        return real + ":" + attributes.get("dev") + ":" + attributes.get("ino") + ":" + attributes.get("size") + ":"
                + attributes.get("lastModifiedTime") + ":" + attributes.get("ctime");
    }

    /** The compiler behind a ccache or the like that stands in for it: the next of its name in PATH. */
    private static Path seeThroughWrappers(Path path, Map<String, String> environment) throws IOException {
        if (!isWrapper(path)) {
            return path;
        }
        for (String directory : environment.getOrDefault("PATH", "").split(":")) {
            Path candidate = Path.of(directory).resolve(path.getFileName());
            if (candidate.isAbsolute() && Files.isExecutable(candidate) && !isWrapper(candidate)) {
                return candidate;
            }
        }
        return path;
    }

    private static boolean isWrapper(Path path) throws IOException {
        return WRAPPER_NAME.matcher(path.toRealPath().getFileName().toString()).matches();
    }
}
