package dev.jdist.client.inputs;

import dev.jdist.client.compiler.ParsedCommand;
import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether the compiler found the same arguments in its response files as jdist, which read them before. */
public final class ResponseFileCheck {
    private ResponseFileCheck() {}

    /** @throws ChangedException if it need not have */
    public static void check(CompileTask task, UnchangedPaths paths) throws IOException, ChangedException {
        List<String> options = task.request().options();
        if (options.stream().noneMatch(option -> option.startsWith("@"))) {
            return;
        }
        ParsedCommand again = task.compiler()
                .family()
                .parse(
                        task.compiler(),
                        options,
                        task.request().cwd(),
                        task.request().environment());
        boolean isSame = again instanceof ParsedCommand.Compile compile
                && compile.unit().input().equals(task.unit().input())
                && compile.unit()
                        .caching()
                        .forRequest(false)
                        .equals(task.unit().caching().forRequest(false));
        if (!isSame) {
            throw new ChangedException("a response file changed during the compile");
        }
        for (Path file : files(task)) {
            paths.check(file);
        }
    }

    /** All that may be response files, those that others name included: too many do no harm. */
    private static Set<Path> files(CompileTask task) throws IOException {
        Set<Path> files = new HashSet<>();
        Deque<String> words = new ArrayDeque<>(task.request().options());
        while (!words.isEmpty()) {
            String word = words.removeFirst();
            Path file = task.request().cwd().resolve(word.replaceFirst("^@", ""));
            if (word.startsWith("@") && files.add(file) && Files.isRegularFile(file)) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                words.addAll(List.of(text.split("[\\s'\"]+")));
            }
        }
        return files;
    }
}
