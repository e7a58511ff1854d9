package dev.jdist.client.cli;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.ForegroundRunner;
import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.daemon.CompilerFamilies;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.identity.CompilerRegistry;
import dev.jdist.client.identity.CompilerRegistry.Identified;
import dev.jdist.client.identity.CompilerWrappers;
import dev.jdist.protocol.daemon.StartupException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the compiler that a person names on the command line of {@code jdist}. */
final class NamedCompiler {
    private NamedCompiler() {}

    /** @param name a path, or a name to be looked for in {@code PATH} */
    static Compiler identify(String name) throws StartupException, IOException, InterruptedException {
        Path program = find(name).orElseThrow(() -> new StartupException("there is no program " + name));
        Path directory = Files.createTempDirectory("jdist-");
        try (Scratch scratch = Scratch.open(directory)) {
            CallerRequest request = new CallerRequest(
                    false, false, 0, Path.of("").toAbsolutePath(), program.toString(), List.of(name), System.getenv());
            CompilerRegistry compilers = new CompilerRegistry(CompilerFamilies.ALL, scratch);
            return compilers
                    .identify(new CompilerWrappers(compilers).seeThrough(request), new ForegroundRunner())
                    .map(Identified::compiler)
                    .orElseThrow(() ->
                            new StartupException(name + " is not a compiler that jdist can package (gcc or clang)"));
        } catch (CallerGoneException e) {
            throw new AssertionError("the caller is this process", e);
        }
    }

    private static Optional<Path> find(String name) {
        if (name.contains("/")) {
            return Optional.of(Path.of(name).toAbsolutePath()).filter(Files::isExecutable);
        }
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            Path candidate = Path.of(directory).resolve(name);
            if (candidate.isAbsolute() && Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
