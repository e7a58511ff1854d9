package dev.jdist.client.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.toolchain.ToolchainPackager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sees through what stands in a compiler's place and only passes the call on: ccache and its like under the compiler's
 * name, and scripts that add nothing, or the same arguments each time. What calls go to is found as these would find it.
 */
public final class CompilerWrappers {
    /** Programs that pass a compile on to another one: under that one's name, or as their first argument. */
    private static final Pattern NAME = Pattern.compile("(ccache|sccache|distcc|icecc|buildcache|jdist)(\\..*)?");

    /** The launcher of this installation, which may have other names, too. */
    private static final Optional<Path> OWN =
            Optional.ofNullable(System.getProperty("jdist.home")).map(home -> Path.of(home, "bin", "jdist"));

    /** Variables with which these call another compiler than the next of its name in PATH, or add to its arguments. */
    private static final Set<String> REDIRECTING =
            Set.of("CCACHE_CC", "CCACHE_COMPILER", "CCACHE_CONFIGPATH", "CCACHE_PATH", "ICECC_CC", "ICECC_CXX");

    /** Variables with which a shell runs more than the script, or runs it differently. */
    private static final Set<String> OF_SHELLS = Set.of("BASH_ENV", "SHELLOPTS", "BASHOPTS");

    /** What bash makes a function of. */
    private static final Pattern FUNCTION = Pattern.compile("BASH_FUNC_(.*)(%%|\\(\\))");

    /** A wrapper of a wrapper of a wrapper is more than anybody needs. */
    private static final int MAX_LAYERS = 5;

    private static final int MAX_REMEMBERED = 100;

    /** Programs that nothing stands in front of, with their stamps: each compile asks. */
    private final Cache<Path, FileStat> plain =
            Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

    private final CompilerRegistry compilers;

    /** @param compilers that say whether a name is a compiler's */
    public CompilerWrappers(CompilerRegistry compilers) {
        this.compilers = compilers;
    }

    /** The same request to the compiler behind it all; the request itself if nothing stands in front. */
    public CallerRequest seeThrough(CallerRequest request) throws IOException {
        CallerRequest seen = request;
        for (int layer = 0; layer < MAX_LAYERS; layer++) {
            Path path = seen.cwd().resolve(seen.executable());
            Optional<FileStat> stamp = FileStat.of(path);
            if (stamp.isPresent() && stamp.get().equals(plain.getIfPresent(path))) {
                break;
            }
            boolean masquerades = isWrapper(path);
            Optional<WrapperScript> script = masquerades ? Optional.empty() : WrapperScript.read(path);
            if (!masquerades && script.isEmpty()) {
                stamp.filter(FileStat::isSettled).ifPresent(settled -> plain.put(path, settled));
                break;
            }
            Optional<CallerRequest> next =
                    masquerades ? behindMasquerade(seen, path) : behindScript(seen, path, script.get());
            if (next.isEmpty()) {
                break;
            }
            seen = next.get();
        }
        return seen;
    }

    /** The compiler behind a ccache or the like that stands in for it: the next of its name in PATH. */
    private static Optional<CallerRequest> behindMasquerade(CallerRequest request, Path path) throws IOException {
        if (request.environment().keySet().stream().anyMatch(REDIRECTING::contains)) {
            return Optional.empty();
        }
        return find(path.getFileName().toString(), path, request.environment())
                .map(compiler -> call(compiler, request, List.of(), List.of()));
    }

    private Optional<CallerRequest> behindScript(CallerRequest request, Path path, WrapperScript script)
            throws IOException {
        // A compiler that is called by a relative name may write that into what it makes.
        boolean isRelative = !request.executable().startsWith("/")
                && Path.of(script.program()).startsWith(path.getParent());
        boolean isInner = request.options().stream().findFirst().equals(Optional.of("-cc1"));
        if (isRelative || isInner || !runsPlainly(script, request.environment())) {
            return Optional.empty();
        }
        String program = script.program();
        List<String> before = script.before();
        Path named = Path.of(program).getFileName();
        if (named != null && NAME.matcher(named.toString()).matches() && !before.isEmpty()) {
            // ccache COMPILER "$@"
            if (request.environment().keySet().stream().anyMatch(REDIRECTING::contains)) {
                return Optional.empty();
            }
            program = before.get(0);
            before = before.subList(1, before.size());
        }
        Optional<Path> target = program.startsWith("/")
                ? Optional.of(Path.of(program)).filter(Files::isExecutable)
                : program.contains("/") ? Optional.empty() : find(program, path, request.environment());
        List<String> first = before;
        return target.filter(found -> compilers.claims(found) && !found.equals(path))
                .map(found -> call(found, request, first, script.after()));
    }

    /** Whether the shell that runs a script does what stands there, whatever the caller's environment has for shells. */
    private static boolean runsPlainly(WrapperScript script, Map<String, String> environment) {
        return environment.keySet().stream().noneMatch(name -> {
            Matcher function = FUNCTION.matcher(name);
            return OF_SHELLS.contains(name)
                    || function.matches()
                            && List.of("exec", "set", "dirname", "[", script.program())
                                    .contains(function.group(1));
        });
    }

    private static CallerRequest call(Path compiler, CallerRequest request, List<String> before, List<String> after) {
        List<String> arguments = new ArrayList<>();
        arguments.add(compiler.toString());
        arguments.addAll(before);
        arguments.addAll(request.options());
        arguments.addAll(after);
        return request.to(compiler.toString(), List.copyOf(arguments));
    }

    /** A program of this name in PATH that is no wrapper, nor the one that looks for it. */
    private static Optional<Path> find(String name, Path wrapper, Map<String, String> environment) throws IOException {
        for (String directory : environment.getOrDefault("PATH", "").split(":")) {
            Optional<Path> candidate = ToolchainPackager.onPath(Path.of(name), directory);
            if (candidate.isPresent() && !isWrapper(candidate.get()) && !Files.isSameFile(candidate.get(), wrapper)) {
                return candidate;
            }
        }
        return Optional.empty();
    }

    private static boolean isWrapper(Path path) throws IOException {
        return NAME.matcher(path.toRealPath().getFileName().toString()).matches() || isOwn(path);
    }

    /** Whether it is jdist, under whichever name. */
    private static boolean isOwn(Path path) throws IOException {
        Optional<FileStat> own = OWN.isPresent() ? FileStat.of(OWN.get()) : Optional.empty();
        return own.isPresent() && FileStat.of(path).map(FileStat::identity).equals(own.map(FileStat::identity));
    }
}
