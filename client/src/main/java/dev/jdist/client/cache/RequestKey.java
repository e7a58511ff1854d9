package dev.jdist.client.cache;

import dev.jdist.client.files.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Stands for a request: for everything that decides what a compile does but the content of files. */
public record RequestKey(Digest digest) {
    private static final String PURPOSE = "request 3";

    /**
     * @param compiler identity of the compiler
     * @param arguments of the command line, all that matter
     * @param cwd the directory, if it matters
     * @param environment the variables that matter
     */
    public static RequestKey of(
            String compiler, List<String> arguments, Optional<Path> cwd, Map<String, String> environment) {
        return new RequestKey(new KeyBuilder(PURPOSE)
                .add(compiler)
                .addAll(arguments)
                .add(cwd.map(Path::toString).orElse("anywhere"))
                .addAll(environment)
                .build());
    }
}
