package dev.jdist.builder.store;

import dev.jdist.protocol.view.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Contents for tests, and a look at the files of a store. */
final class Contents {
    /** What each content of at most so many bytes takes. */
    static final int BLOCK = 4096;

    private Contents() {}

    /** @param digest of the bytes */
    record Sample(Sha256 digest, byte[] bytes) {
        InputStream stream() {
            return new ByteArrayInputStream(bytes);
        }
    }

    static Sample of(byte[] bytes) {
        return new Sample(Sha256.ofContent(bytes), bytes);
    }

    /** One that differs from those of other numbers. */
    static Sample numbered(int number, int size) {
        byte[] bytes = new byte[size];
        new Random(number).nextBytes(bytes);
        return of(bytes);
    }

    static Sample numbered(int number) {
        return numbered(number, 1000);
    }

    static Path file(ContentStore store, Sha256 digest) {
        return store.directory().resolve(ContentStore.nameOf(digest));
    }

    /** All files of contents, whole or not, below a store's directory. */
    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return new ArrayList<>(files.filter(file -> Files.isRegularFile(file)
                            && !file.getFileName().toString().equals(".order"))
                    .toList());
        }
    }

    /** Bytes that they take. */
    static long onDisk(Path directory) throws IOException {
        long bytes = 0;
        for (Path file : files(directory)) {
            bytes += ContentIndex.onDisk(Files.size(file));
        }
        return bytes;
    }
}
