package dev.jdist.client.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.compile.CachingClient;
import dev.jdist.client.compile.CachingClient.Ended;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A real compiler that waits, where a test wants it to: before it reads anything, or when it has read and written all and has only to
 * end. What happens meanwhile happens at a known moment of its compile. It passes for the compiler itself, as what calls one is
 * not cached.
 */
final class PausedCompiler {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private static final String PROGRAM = """
            #include <stdio.h>
            #include <string.h>
            #include <sys/wait.h>
            #include <unistd.h>
            /* By these words gcc is told from what calls it; clang, by the file that it says it runs from. */
            __attribute__((used)) static const char SPECS[] = "%(cc1_options)";
            static void pause_at(const char *gate)
            {
                char path[4096], reached[4096];
                snprintf(path, sizeof path, "%s/%s", GATES, gate);
                snprintf(reached, sizeof reached, "%s/%s.reached", GATES, gate);
                if (access(path, F_OK) != 0)
                    return;
                fclose(fopen(reached, "w"));
                while (access(path, F_OK) == 0)
                    usleep(1000);
            }
            int main(int count, char **words)
            {
                int status, asks = strcmp(words[count - 1], "/dev/null") == 0, compiles = 0;
                for (int i = 1; i < count; i++) {
                    compiles |= strcmp(words[i], "-c") == 0;
                    if (strcmp(words[i], "-###") == 0)
                        fprintf(stderr, " \\"%s\\" \\"-cc1\\" \\n", PROGRAM);
                }
                words[0] = COMPILER;
                if (!compiles || asks)
                    return execv(words[0], words);
                pause_at("before");
                if (fork() == 0)
                    return execv(words[0], words);
                wait(&status);
                pause_at("after");
                return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
            }
            """;

    private final Path gates;
    private final Path program;

    /**
     * @param directory for the program and what it waits for
     * @param compiler real one
     */
    PausedCompiler(Path directory, Path compiler) throws IOException {
        gates = Files.createDirectories(directory.resolve("gates"));
        Path source = Files.writeString(directory.resolve("paused.c"), PROGRAM);
        program = directory.resolve("paused-" + compiler.getFileName());
        Ended built = CachingClient.compileBare(
                directory,
                List.of(
                        "gcc",
                        "-DGATES=\"" + gates + "\"",
                        "-DCOMPILER=\"" + compiler + "\"",
                        "-DPROGRAM=\"" + program + "\"",
                        source.toString(),
                        "-o",
                        program.toString()),
                Map.of());
        assertEquals(0, built.code(), built.stderr());
    }

    Path program() {
        return program;
    }

    /** What is done while a compile waits. */
    interface Action {
        void run() throws Exception;

        Action NOTHING = () -> {};
    }

    /** Has a compile wait for both actions, which change what it reads. */
    void during(Action compile, Action beforeItReads, Action whenItHasRead) throws Exception {
        close("before");
        close("after");
        CompletableFuture<Void> running = CompletableFuture.runAsync(() -> {
            try {
                compile.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        try {
            pass("before", beforeItReads);
            pass("after", whenItHasRead);
            running.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } finally {
            open("before");
            open("after");
        }
    }

    private void close(String gate) throws IOException {
        Files.writeString(gates.resolve(gate), "");
    }

    private void open(String gate) throws IOException {
        Files.deleteIfExists(gates.resolve(gate));
        Files.deleteIfExists(gates.resolve(gate + ".reached"));
    }

    private void pass(String gate, Action action) throws Exception {
        long until = System.nanoTime() + TIMEOUT.toNanos();
        while (!Files.exists(gates.resolve(gate + ".reached"))) {
            if (System.nanoTime() > until) {
                throw new AssertionError("the compiler did not come to wait " + gate + " it reads");
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
        action.run();
        open(gate);
    }
}
