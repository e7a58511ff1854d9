package dev.jdist.client.toolchain;

import dev.jdist.client.compiler.CompilerVariable;
import dev.jdist.client.compiler.CompilerVariable.Trait;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where a compiler and its loader look for the compiler's parts, as far as the caller's environment decides: see ld.so(8) and
 * "Environment Variables Affecting GCC".
 *
 * @param path {@code PATH}
 * @param libraries the directories of {@code LD_LIBRARY_PATH}, absolute
 * @param preloaded names or paths of libraries that every program loads first
 */
public record SearchEnvironment(String path, List<Path> libraries, List<String> preloaded) {
    private static final String PATH = "PATH";
    private static final String USUAL_PATH = "/usr/bin:/bin";

    public SearchEnvironment {
        libraries = List.copyOf(libraries);
        preloaded = List.copyOf(preloaded);
    }

    /** @param cwd of the caller, to which names may be relative; an empty name is that directory */
    public static SearchEnvironment of(Map<String, String> environment, Path cwd) {
        List<Path> libraries = new ArrayList<>();
        String list = CompilerVariable.LD_LIBRARY_PATH.of(environment).orElse("");
        for (String name : list.isEmpty() ? new String[0] : list.split("[:;]", -1)) {
            try {
                libraries.add(cwd.resolve(name).normalize());
            } catch (InvalidPathException e) {
                // No file has such a name.
            }
        }
        List<String> preloaded = CompilerVariable.with(Trait.PRELOADS).stream()
                .flatMap(variable -> variable.of(environment).stream())
                .flatMap(value -> Stream.of(value.split("[: ]")))
                .filter(name -> !name.isEmpty())
                .map(name -> name.contains("/") ? cwd.resolve(name).toString() : name)
                .toList();
        return new SearchEnvironment(
                environment.getOrDefault(PATH, ""),
                libraries.stream().distinct().toList(),
                preloaded);
    }

    /** For a compiler that a person names, without a caller: nothing but the {@code PATH} of this process. */
    public static SearchEnvironment ofProcess() {
        return new SearchEnvironment(System.getenv().getOrDefault(PATH, USUAL_PATH), List.of(), List.of());
    }

    /** Gives a program that is asked for parts of a compiler this environment, whatever the one of this process is. */
    void applyTo(Map<String, String> environment) {
        for (CompilerVariable variable : CompilerVariable.values()) {
            if (variable.decidesAboutParts()) {
                environment.remove(variable.name());
            }
        }
        environment.put(PATH, path);
        if (!libraries.isEmpty()) {
            environment.put(CompilerVariable.LD_LIBRARY_PATH.name(), join(libraries));
        }
    }

    static String join(Iterable<Path> directories) {
        List<String> names = new ArrayList<>();
        directories.forEach(directory -> names.add(directory.toString()));
        return String.join(":", names);
    }
}
