package dev.jdist.client.cache;

import dev.jdist.client.files.Digest;
import java.util.List;
import java.util.Map;

/** Stands for a preprocessed text and what is made of it. */
public record PreprocessedKey(Digest digest) {
    private static final String PURPOSE = "result by text 2";

    /**
     * @param compiler identity of the compiler
     * @param arguments of the command line that matter once the text is there
     * @param environment the variables that matter
     * @param text the preprocessed text, base directories taken out
     * @param complaints what the preprocessor had to say, base directories taken out
     */
    public static PreprocessedKey of(
            String compiler, List<String> arguments, Map<String, String> environment, byte[] text, byte[] complaints) {
        return new PreprocessedKey(new KeyBuilder(PURPOSE)
                .add(compiler)
                .addAll(arguments)
                .addAll(environment)
                .add(text)
                .add(complaints)
                .build());
    }

    /** Stands for the same, made of files with these contents. */
    public PreprocessedKey of(List<String> contents) {
        return new PreprocessedKey(new KeyBuilder("result by text and files 1")
                .add(digest)
                .addAll(contents)
                .build());
    }
}
