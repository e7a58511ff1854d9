package dev.jdist.sandbox.bubblewrap;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process and all below it have in use.
 *
 * @param tasks processes and threads
 * @param memoryBytes what is theirs alone, and memory that they share; not the pages of program files
 */
public record ProcessTree(int tasks, long memoryBytes) {
    private static final Pattern FIELD = Pattern.compile("^(Threads|RssAnon|RssShmem):\\s+([0-9]+)", Pattern.MULTILINE);
    private static final long KIB = 1 << 10;

    /**
     * Counts them, as far as they stay where they are meanwhile.
     *
     * @param proc the directory {@code /proc}
     */
    static ProcessTree below(Path proc, long root) {
        int tasks = 0;
        long memory = 0;
        Deque<String> left = new ArrayDeque<>();
        left.add(Long.toString(root));
        while (!left.isEmpty()) {
            Path process = proc.resolve(left.pop());
            try {
                Matcher field = FIELD.matcher(Files.readString(process.resolve("status")));
                while (field.find()) {
                    if (field.group(1).equals("Threads")) {
                        tasks += Integer.parseInt(field.group(2));
                    } else {
                        memory += Long.parseLong(field.group(2)) * KIB;
                    }
                }
                addChildren(process, left);
            } catch (IOException | DirectoryIteratorException e) {
                // It has just ended.
            }
        }
        return new ProcessTree(tasks, memory);
    }

    private static void addChildren(Path process, Deque<String> children) throws IOException {
        try (var threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                for (String child : Files.readString(thread.resolve("children")).split(" ")) {
                    if (!child.isBlank()) {
                        children.add(child);
                    }
                }
            }
        }
    }
}
