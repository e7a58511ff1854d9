package dev.jdist.client.cache;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Stands for a request: for everything that decides what a compile does but the content of files. */
public record RequestKey(Digest digest) {
    private static final String PURPOSE = "request 2";

    /**
     * @param compiler identity of the compiler
     * @param words of the command line, all that matter
     * @param environment the variables that matter
     */
    public static RequestKey of(String compiler, List<String> words, Path cwd, Map<String, String> environment) {
        return new RequestKey(new KeyBuilder(PURPOSE)
                .add(compiler)
                .addAll(words)
                .add(cwd.toString())
                .addAll(environment)
                .build());
    }
}
