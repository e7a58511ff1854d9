package dev.jdist.builder.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.view.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store whose process is killed at any moment has only whole contents afterwards, and works. */
@Timeout(600)
class ContentStoreIT {
    private static final int KILLS = Integer.getInteger("jdist.store-kills", 50);
    private static final int MOST_LINES = 60;

    @TempDir
    private Path temporary;

    @Test
    void store_killedAtAnyMoment_verifies() throws Exception {
        Path directory = temporary.resolve("contents");
        Random random = new Random(3);
        int unfinished = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            killWhileItPuts(directory, kill, random.nextInt(MOST_LINES), random.nextInt(1_000_000));
            unfinished += Contents.files(directory.resolve(".unfinished")).size();
            for (Path file : Contents.files(directory)) {
                if (!file.startsWith(directory.resolve(".unfinished"))) {
                    Sha256 digest = Sha256.ofContent(Files.readAllBytes(file));
                    assertEquals(directory.resolve(ContentStore.nameOf(digest)), file, "after kill " + kill);
                }
            }
            openAndVerify(directory);
        }
        assertTrue(KILLS < 50 || unfinished > 0, "no kill came in the middle of a put");
    }

    /** @param lines to wait for, and then {@code nanos} more */
    private static void killWhileItPuts(Path directory, int seed, int lines, int nanos) throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreVictim.class.getName(),
                        directory.toString(),
                        "" + seed)
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out = process.inputReader()) {
            for (int puts = 0; puts <= lines; ) {
                String line = out.readLine();
                if (line == null || line.contains("Exception")) {
                    throw new IOException("the store does not work: " + line);
                }
                puts += line.equals("put") ? 1 : 0;
            }
            long until = System.nanoTime() + nanos;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static void openAndVerify(Path directory) throws IOException {
        try (ContentStore store = ContentStore.open(directory, StoreVictim.LIMIT)) {
            store.surveyed().join();
            List<Path> files = Contents.files(directory);
            for (Path file : files) {
                String name = directory.relativize(file).toString().replace("/", "");
                assertTrue(store.contains(Sha256.parse(name)), name);
            }
            assertEquals(files, Contents.files(directory));
            assertEquals(Contents.onDisk(directory), store.size());
            assertTrue(store.size() <= StoreVictim.LIMIT);
        }
    }
}
