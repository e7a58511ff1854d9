package dev.jdist.client;

import dev.jdist.client.compiler.WrapperScript;
import dev.jdist.client.toolchain.ToolchainPackager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Sees through what stands in a compiler's place and only passes the call on: ccache and its like under the compiler's
 * name, and scripts that add nothing, or the same arguments each time. What calls go to is found as these would find it.
 */
final class CompilerWrappers {
    /** Programs that pass a compile on to another one: under that one's name, or as their first argument. */
    private static final Pattern NAME = Pattern.compile("(ccache|sccache|distcc|icecc|buildcache|colorgcc)(\\..*)?");

    /** A wrapper of a wrapper of a wrapper is more than anybody needs. */
    private static final int MAX_LAYERS = 5;

    private CompilerWrappers() {}

    /** The same request to the compiler behind it all; the request itself if nothing stands in front. */
    static LauncherRequest seeThrough(LauncherRequest request) throws IOException {
        LauncherRequest seen = request;
        for (int layer = 0; layer < MAX_LAYERS; layer++) {
            Path path = seen.cwd().resolve(seen.executable());
            Optional<LauncherRequest> next = isWrapper(path) ? behindMasquerade(seen, path) : behindScript(seen, path);
            if (next.isEmpty()) {
                break;
            }
            seen = next.get();
        }
        return seen;
    }

    /** The compiler behind a ccache or the like that stands in for it: the next of its name in PATH. */
    private static Optional<LauncherRequest> behindMasquerade(LauncherRequest request, Path path) throws IOException {
        return find(path.getFileName().toString(), request.environment())
                .map(compiler -> call(compiler, request, List.of(), List.of()));
    }

    private static Optional<LauncherRequest> behindScript(LauncherRequest request, Path path) throws IOException {
        Optional<WrapperScript> script = WrapperScript.read(path);
        if (script.isEmpty()) {
            return Optional.empty();
        }
        String program = script.get().program();
        List<String> before = script.get().before();
        Path named = Path.of(program).getFileName();
        if (named != null && NAME.matcher(named.toString()).matches() && !before.isEmpty()) {
            // ccache COMPILER "$@"
            program = before.get(0);
            before = before.subList(1, before.size());
        }
        Optional<Path> target = program.startsWith("/")
                ? Optional.of(Path.of(program)).filter(Files::isExecutable)
                : program.contains("/") ? Optional.empty() : find(program, request.environment());
        List<String> first = before;
        return target.filter(found -> isCompilersName(found) && !found.equals(path))
                .map(found -> call(found, request, first, script.get().after()));
    }

    private static boolean isCompilersName(Path program) {
        return CompilerRegistry.COMPILER_NAME
                .matcher(program.getFileName().toString())
                .matches();
    }

    private static LauncherRequest call(
            Path compiler, LauncherRequest request, List<String> before, List<String> after) {
        List<String> arguments = new ArrayList<>();
        arguments.add(compiler.toString());
        arguments.addAll(before);
        arguments.addAll(request.options());
        arguments.addAll(after);
        return new LauncherRequest(
                request.stdoutIsTerminal(),
                request.stderrIsTerminal(),
                request.umask(),
                request.cwd(),
                compiler.toString(),
                arguments,
                request.environment());
    }

    /** A program of this name in PATH that is no wrapper. */
    private static Optional<Path> find(String name, Map<String, String> environment) throws IOException {
        for (String directory : environment.getOrDefault("PATH", "").split(":")) {
            Optional<Path> candidate = ToolchainPackager.onPath(Path.of(name), directory);
            if (candidate.isPresent() && !isWrapper(candidate.get())) {
                return candidate;
            }
        }
        return Optional.empty();
    }

    private static boolean isWrapper(Path path) throws IOException {
        return NAME.matcher(path.toRealPath().getFileName().toString()).matches();
    }
}
