package dev.jdist.builder.store;

import dev.jdist.builder.store.Contents.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** A process that puts and evicts contents until it is killed; prints a line for each ten puts of a thread. */
final class StoreVictim {
    static final long LIMIT = 150L * Contents.BLOCK;
    static final int CONTENTS = 400;

    private static final int THREADS = 4;
    private static final int PUTS = 10;

    private StoreVictim() {}

    /** Of any size up to a few blocks, and some larger than the buffers. */
    static Sample content(int number) {
        return Contents.numbered(number, number % 50 == 0 ? 100_000 : 1 + number * 7919 % (4 * Contents.BLOCK));
    }

    /** Arguments: the directory, and a seed. */
    public static void main(String[] arguments) throws IOException {
        ContentStore store = ContentStore.open(Path.of(arguments[0]), LIMIT);
        long seed = Long.parseLong(arguments[1]);
        for (int thread = 0; thread < THREADS; thread++) {
            Random random = new Random(seed * THREADS + thread);
            new Thread(() -> putForEver(store, random)).start();
        }
    }

    private static void putForEver(ContentStore store, Random random) {
        while (true) {
            for (int i = 0; i < PUTS; i++) {
                Sample content = content(random.nextInt(CONTENTS));
                try {
                    if (!store.contains(content.digest())) {
                        store.put(content.digest(), content.stream());
                    }
                } catch (IOException e) {
                    System.out.println(e);
                }
            }
            System.out.println("put");
        }
    }
}
