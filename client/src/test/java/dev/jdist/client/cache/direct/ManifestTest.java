package dev.jdist.client.cache.direct;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.cache.direct.ManifestEntry.DependencyFile;
import dev.jdist.client.cache.direct.ManifestEntry.ReadFile;
import dev.jdist.client.cache.direct.ManifestEntry.SearchedDirectory;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileStat;
import dev.jdist.protocol.wire.Bytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static ManifestEntry variant(int number) {
        return new ManifestEntry(
                List.of(
                        new ReadFile(Path.of("/src/main.c"), new Digest(number, 2, 3, 4)),
                        new ReadFile(Path.of("/src/größe.h"), new Digest(5, 6, 7, 8))),
                List.of(
                        new SearchedDirectory(
                                Path.of("/src"),
                                Optional.of(new FileStat(1, 2, 3, 4, 5)),
                                0,
                                List.of("main.c", "größe.h"),
                                List.of("other.h")),
                        new SearchedDirectory(
                                Path.of("/usr/include"), Optional.empty(), 1, List.of(), List.of("größe.h"))),
                new Digest(9, 10, 11, number),
                number % 2 == 0
                        ? Optional.empty()
                        : Optional.of(new DependencyFile("main.o: main.c".getBytes(StandardCharsets.UTF_8))));
    }

    private static Manifest manifest(int variants) {
        Manifest manifest = Manifest.EMPTY;
        for (int i = 0; i < variants; i++) {
            manifest = manifest.plus(variant(i));
        }
        return manifest;
    }

    @Test
    void manifest_encodedAndDecoded_isTheSame() {
        Manifest decoded = Manifest.decode(manifest(3).encode()).orElseThrow();
        assertEquals(3, decoded.variants().size());
        for (int i = 0; i < 3; i++) {
            ManifestEntry expected = variant(2 - i);
            ManifestEntry actual = decoded.variants().get(i);
            assertEquals(expected.files(), actual.files());
            assertEquals(expected.directories(), actual.directories());
            assertEquals(expected.result(), actual.result());
            assertArrayEquals(
                    expected.dependencies().map(DependencyFile::content).orElse(null),
                    actual.dependencies().map(DependencyFile::content).orElse(null));
        }
    }

    @Test
    void variants_beyondTheLimit_pushTheOldestOut() {
        Manifest manifest = manifest(Manifest.MAX_VARIANTS + 3);
        assertEquals(Manifest.MAX_VARIANTS, manifest.variants().size());
        assertEquals(
                variant(Manifest.MAX_VARIANTS + 2).files(),
                manifest.variants().get(0).files());
    }

    @Test
    void variant_withTheSameFiles_replacesTheOld() {
        assertEquals(2, manifest(2).plus(variant(1)).variants().size());
    }

    @Test
    void truncatedManifest_isNone() {
        byte[] bytes = manifest(2).encode();
        for (int length = 0; length < bytes.length; length++) {
            assertTrue(Manifest.decode(Arrays.copyOf(bytes, length)).isEmpty(), "length " + length);
        }
    }

    @Test
    void changedManifest_isDecodedOrRefused() {
        Random random = new Random(7);
        byte[] bytes = manifest(3).encode();
        for (int round = 0; round < 50_000; round++) {
            byte[] changed = bytes.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            // No exception, and no memory that the bytes do not call for.
            Manifest.decode(changed)
                    .ifPresent(manifest -> assertTrue(manifest.variants().size() <= Manifest.MAX_VARIANTS));
        }
    }

    @Test
    void changedResult_isDecodedOrRefused() throws Exception {
        Random random = new Random(8);
        byte[] bytes = new CompileResult(
                        List.of(Optional.of(Bytes.wrap(new byte[100])), Optional.empty()),
                        Bytes.wrap(new byte[10]),
                        Bytes.wrap(new byte[20]))
                .encode();
        assertEquals(2, CompileResult.decode(bytes).orElseThrow().outputs().size());
        for (int round = 0; round < 50_000; round++) {
            byte[] changed = bytes.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            CompileResult.decode(Arrays.copyOf(changed, random.nextInt(changed.length + 1)))
                    .ifPresent(result -> assertTrue(result.outputs().size() <= bytes.length));
        }
    }
}
