package dev.jdist.client.compiler.cfamily;

import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.ProcessFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Expands {@code @file} as the compiler does: a file that cannot be read leaves the argument as it is. */
final class ResponseFiles {
    private static final int MAX_DEPTH = 10;
    /** Of the C locale: others, such as an ideographic space, are part of words. */
    private static final String WHITE_SPACE = " \t\n\u000b\f\r";

    private static final long MAX_BYTES = 16 << 20;

    private final Path cwd;
    private final CompilerKind kind;
    private final ProcessFiles processFiles = new ProcessFiles();

    private ResponseFiles(Path cwd, CompilerKind kind) {
        this.cwd = cwd;
        this.kind = kind;
    }

    static List<String> expand(List<String> arguments, Path cwd, CompilerKind kind) {
        List<String> expanded = new ArrayList<>();
        new ResponseFiles(cwd, kind).expand(arguments, expanded, 0);
        return expanded;
    }

    private void expand(List<String> arguments, List<String> into, int depth) {
        for (String argument : arguments) {
            if (argument.startsWith("@") && depth < MAX_DEPTH) {
                try {
                    Path file = cwd.resolve(argument.substring(1));
                    // A pipe may never end, and can be read once: it is for the compiler.
                    if (!processFiles.contain(file) && Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES) {
                        expand(split(Files.readString(file, StandardCharsets.UTF_8), kind), into, depth + 1);
                        continue;
                    }
                } catch (IOException | InvalidPathException e) {
                    // Falls through: the argument stays, and the parser says that it is too hard.
                }
            }
            into.add(argument);
        }
    }

    /**
     * White space separates; quotes of either kind group; a backslash takes the meaning of what follows it. To clang it is
     * nothing special between single quotes, as in a shell.
     */
    static List<String> split(String text, CompilerKind kind) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean literal = quote == '\'' && kind == CompilerKind.CLANG;
            if (c == '\\' && i + 1 < text.length() && !literal) {
                word.append(text.charAt(++i));
                inWord = true;
            } else if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inWord = true;
            } else if (WHITE_SPACE.indexOf(c) >= 0) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }
}
