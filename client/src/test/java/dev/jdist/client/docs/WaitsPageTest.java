package dev.jdist.client.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds "Every wait" of docs/failure-model.md against the sources: each class that waits is there, and no other. */
class WaitsPageTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("common-protocol", "sandbox", "scheduler", "builder", "client");

    /** Calls that block until somebody else has done something. Those of a plain {@code get()} are told by what it is called on. */
    private static final Pattern JAVA =
            Pattern.compile("\\.await\\w*\\(|\\.waitFor\\(|\\.(?:tryA|a)cquire\\w*\\(|[Ll]ock\\.lock\\(\\)"
                    + "|WITHIN_THIS_PROCESS\\.lock\\(\\)|\\bsleep\\(|\\bparkNanos\\(|\\.poll\\(\\w+, "
                    + "|\\b(?:answer|future|result|upload|asked|question|verdict)(?:\\.answer)?\\.(?:get|join)\\(");

    private static final Pattern C =
            Pattern.compile("\\b(?:poll|select|waitpid|wait4|waitid|flock|usleep|nanosleep|sleep)\\(");

    private static final Pattern COMMENT = Pattern.compile("^\\s*(?:\\*|//|/\\*)");

    private static Set<String> listed() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/failure-model.md"));
        String section = page.substring(page.indexOf("## Every wait"));
        Set<String> names = new TreeSet<>();
        for (String line : section.split("\\n")) {
            if (line.startsWith("| `")) {
                String[] columns = line.split(" \\| ");
                assertEquals(4, columns.length, line);
                String name = line.substring(3, line.indexOf('`', 3));
                assertTrue(names.add(name), () -> "twice: " + name);
            }
        }
        return names;
    }

    private static Set<String> waiting() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main"))) {
                for (Path file : files.filter(Files::isRegularFile).collect(Collectors.toList())) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(".java") && waits(file, JAVA)) {
                        names.add(name.substring(0, name.length() - ".java".length()));
                    } else if (name.endsWith(".c") && waits(file, C)) {
                        names.add(name);
                    }
                }
            }
        }
        return names;
    }

    private static boolean waits(Path file, Pattern call) throws IOException {
        return Files.readAllLines(file).stream()
                .anyMatch(line ->
                        !COMMENT.matcher(line).find() && call.matcher(line).find());
    }

    @Test
    void page_hasEachClassThatWaits() throws IOException {
        assertEquals(waiting(), listed());
    }
}
