package dev.jdist.builder.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.builder.store.Contents.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random uses of a store, beside a model that says which contents are there, and which go. */
@Timeout(60)
class ContentStoreFuzzTest {
    private static final int ACTIONS = 2000;
    private static final int CONTENTS = 40;
    private static final int LARGEST = 5 * Contents.BLOCK;

    @TempDir
    private Path directory;

    /** What each content takes, by its number; the oldest first. */
    private final Map<Integer, Long> model = new LinkedHashMap<>(16, 0.75f, true);
    /** Those of the model whose files somebody has changed or removed, and that are found out when they are used. */
    private final Set<Integer> changed = new HashSet<>();

    private final List<Sample> samples = new ArrayList<>();
    private long limit = 30L * Contents.BLOCK;
    private ContentStore store;

    private void open() throws IOException {
        store = ContentStore.open(directory, limit);
        store.surveyed().join();
        for (int number : List.copyOf(changed)) {
            if (!Files.exists(Contents.file(store, samples.get(number).digest()))) {
                forget(number);
            }
        }
        makeRoom(0);
    }

    private void makeRoom(long bytes) {
        Iterator<Map.Entry<Integer, Long>> oldest = model.entrySet().iterator();
        while (sum() + bytes > limit) {
            forget(oldest.next().getKey(), oldest);
        }
    }

    private void forget(int number, Iterator<?> entry) {
        entry.remove();
        changed.remove(number);
    }

    private void forget(int number) {
        model.remove(number);
        changed.remove(number);
    }

    private long sum() {
        return model.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether a content is there, by the model, which counts as its use. */
    private boolean use(int number) {
        if (model.get(number) == null) {
            return false;
        } else if (changed.contains(number)) {
            forget(number);
            return false;
        }
        return true;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void store_always_hasWhatTheModelHas(long seed) throws IOException {
        Random random = new Random(seed);
        for (int number = 0; number < CONTENTS; number++) {
            samples.add(Contents.numbered(number, 1 + random.nextInt(LARGEST)));
        }
        open();

        for (int action = 0; action < ACTIONS; action++) {
            int number = random.nextInt(CONTENTS);
            act(random, number, samples.get(number));
            assertEquals(sum(), store.size());
        }

        for (int number = 0; number < CONTENTS; number++) {
            assertEquals(use(number), store.contains(samples.get(number).digest()));
        }
        store.close();
        assertEquals(sum(), Contents.onDisk(directory));
    }

    private void act(Random random, int number, Sample content) throws IOException {
        Path file = Contents.file(store, content.digest());
        switch (random.nextInt(100)) {
            case 0 -> {
                store.close();
                limit = (10 + random.nextInt(40)) * (long) Contents.BLOCK;
                open();
            }
            case 1 -> {
                store.close();
                changeInPlace(random, number, file);
                open();
            }
            case 2 -> {
                if (Files.deleteIfExists(file)) {
                    changed.add(number);
                }
            }
            case 3 -> {
                if (Files.exists(file)) {
                    Files.write(file, new byte[content.bytes().length + 1]);
                    changed.add(number);
                }
            }
            case 4 -> refuse(content, samples.get((number + 1) % CONTENTS));
            case 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 -> {
                Optional<byte[]> read = store.read(content.digest(), LARGEST);
                assertEquals(use(number), read.isPresent());
                read.ifPresent(bytes -> assertArrayEquals(content.bytes(), bytes));
            }
            case 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39 -> put(number, content);
            default -> assertEquals(use(number), store.contains(content.digest()));
        }
    }

    /** As a disk does while no builder runs. */
    private void changeInPlace(Random random, int number, Path file) throws IOException {
        if (Files.exists(file)) {
            byte[] bytes = Files.readAllBytes(file);
            bytes[random.nextInt(bytes.length)] ^= 1;
            Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
            changed.add(number);
        }
    }

    private void put(int number, Sample content) throws IOException {
        long bytes = ContentIndex.onDisk(content.bytes().length);
        makeRoom(bytes);
        store.put(content.digest(), content.stream());
        forget(number);
        model.put(number, bytes);
        assertTrue(store.contains(content.digest()));
    }

    private void refuse(Sample claimed, Sample other) {
        makeRoom(ContentIndex.onDisk(other.bytes().length));
        assertThrows(WrongContentException.class, () -> store.put(claimed.digest(), other.stream()));
    }
}
