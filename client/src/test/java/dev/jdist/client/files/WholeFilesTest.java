package dev.jdist.client.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WholeFilesTest {
    private static final int BUDGET = 3;

    @TempDir
    private Path directory;

    private final WholeFiles files = new WholeFiles(BUDGET * WholeFiles.LARGE);

    private Path file(int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(directory.resolve("f" + bytes), content);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 1_000_000, 5_000_000})
    void read_anySize_isTheContent(int bytes) throws IOException {
        Path file = file(bytes);

        assertArrayEquals(Files.readAllBytes(file), WholeFiles.read(file));
        assertArrayEquals(Files.readAllBytes(file), files.look(file, content -> content));
    }

    /** Those of /proc say that they have none. */
    @Test
    void read_fileThatDoesNotTellItsSize_isTheContent() throws IOException {
        Path file = Path.of("/proc/self/cmdline");

        assertEquals(0, Files.size(file));
        assertArrayEquals(Files.readAllBytes(file), WholeFiles.read(file));
    }

    @Test
    void look_fileThatIsNotThere_saysSoAndTakesNothing() throws IOException {
        for (int i = 0; i < 2 * BUDGET; i++) {
            assertThrows(NoSuchFileException.class, () -> files.look(directory.resolve("none"), content -> content));
        }
        Path large = file(2 * BUDGET * WholeFiles.LARGE);
        for (int i = 0; i < 2; i++) {
            assertThrows(
                    IllegalStateException.class,
                    () -> files.look(large, content -> {
                        throw new IllegalStateException();
                    }));
        }
        int length = files.look(large, content -> content.length);
        assertEquals(2 * BUDGET * WholeFiles.LARGE, length);
    }

    @Test
    void look_manyLargeFilesAtOnce_areNeverMoreThanTheBudget() throws Exception {
        Path large = file(WholeFiles.LARGE);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> looks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                looks.add(threads.submit(() -> files.look(large, content -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    boolean same = Arrays.equals(content, content.clone()); // takes some time
                    now.decrementAndGet();
                    return same;
                })));
            }
            for (Future<?> look : looks) {
                look.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertTrue(most.get() <= BUDGET, () -> most + " at once");
    }
}
