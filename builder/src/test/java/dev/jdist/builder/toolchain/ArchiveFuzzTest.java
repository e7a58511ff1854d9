package dev.jdist.builder.toolchain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.jdist.sandbox.tree.TreeRemoval;
import dev.jdist.sandbox.tree.UnsafePathException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged archives are refused or unpacked inside the root: nothing else comes of them. Goes on for {@code -Djdist.fuzz.seconds}. */
class ArchiveFuzzTest {
    private static final long NANOS = Long.getLong("jdist.fuzz.seconds", 0) * 1_000_000_000;
    private static final int ROUNDS = 250;
    private static final int BLOCK = 512;
    private static final String KINDS = "\0001234567LKSxgXVMDA";

    private final long started = System.nanoTime();

    @TempDir
    private Path directory;

    private static final List<byte[]> SAMPLES = List.of(
            new Tars()
                    .directory("usr/")
                    .file("usr/bin/gcc", 0755, "driver".repeat(200))
                    .symbolicLink("bin", "usr/bin")
                    .symbolicLink("usr/bin/cc", "gcc")
                    .hardLink("usr/bin/c++", "usr/bin/gcc")
                    .file("bin/as", "assembler")
                    .toTar(),
            new Tars()
                    .file("long/".repeat(40) + "name", "x")
                    .file("\u00e9\u00e8", "accents")
                    .symbolicLink("l", "t/".repeat(80))
                    .toTar(),
            new Tars(TarArchiveOutputStream.LONGFILE_GNU)
                    .file("long/".repeat(40) + "name", "x")
                    .hardLink("h", "long/".repeat(40) + "name")
                    .toTar());

    private boolean goesOn(int seed) {
        return seed < ROUNDS || System.nanoTime() - started < NANOS;
    }

    @Test
    void unpack_mutatedArchives_staysInTheRootOrRefuses() throws IOException {
        Files.writeString(directory.resolve("victim"), "precious");
        Path file = directory.resolve("archive");
        int unpacked = 0;
        for (int seed = 0; goesOn(seed); seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Path root = Files.createDirectories(directory.resolve("x/root"));
            byte[] tar = mutate(random, SAMPLES.get(random.nextInt(3)));
            byte[] gzip = Tars.gzip(tar);
            if (random.nextInt(10) == 0) {
                gzip[random.nextInt(gzip.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, gzip);
            try {
                ToolchainArchive.unpack(file, root, 1 << 20);
                unpacked++;
            } catch (ArchiveException | UnsafePathException e) {
                // refused
            } catch (Throwable e) {
                fail("seed " + seed, e);
            }
            assertEquals("precious", Files.readString(directory.resolve("victim")), "seed " + seed);
            assertArrayEquals(
                    new String[] {"root"}, directory.resolve("x").toFile().list(), "seed " + seed);
            TreeRemoval.remove(root);
        }
        // Were all refused, nothing would have been tried.
        assertEquals(true, unpacked > ROUNDS / 10, "only " + unpacked + " were unpacked");
    }

    @Test
    void read_noise_isRefused() {
        TarReader reader = new TarReader(1000, 1 << 20);
        for (int seed = 0; goesOn(seed); seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] noise = new byte[random.nextInt(3000)];
            random.nextBytes(noise);
            try {
                reader.read(new ByteArrayInputStream(noise), (entry, content) -> content.readAllBytes());
            } catch (ArchiveException e) {
                // refused
            } catch (Throwable e) {
                fail("seed " + seed, e);
            }
        }
    }

    private static byte[] mutate(SplittableRandom random, byte[] original) {
        byte[] tar = original.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int block = random.nextInt(tar.length / BLOCK) * BLOCK;
            switch (random.nextInt(8)) {
                case 0 -> tar[random.nextInt(tar.length)] = (byte) random.nextInt(256);
                case 1 -> tar = Arrays.copyOf(tar, Math.max(BLOCK, random.nextInt(tar.length)));
                case 2 -> put(tar, block, names(random));
                case 3 -> put(tar, block + 157, names(random));
                case 4 -> tar[block + 156] = (byte) KINDS.charAt(random.nextInt(KINDS.length()));
                case 5 -> put(tar, block + 124, String.format("%011o", random.nextInt(5000)));
                case 6 -> tar[block + 124 + random.nextInt(12)] = (byte) random.nextInt(256);
                default -> put(tar, block + random.nextInt(400), "30 path=../../../victim\n");
            }
            if (random.nextInt(5) > 0 && block + BLOCK <= tar.length) {
                Tars.repair(tar, block);
            }
        }
        return tar;
    }

    private static String names(SplittableRandom random) {
        return List.of(
                                "../victim",
                                "/victim",
                                "usr",
                                "bin/../../victim",
                                "usr/bin/gcc",
                                "bin",
                                "./",
                                "..",
                                "\0",
                                "a\\b")
                        .get(random.nextInt(10))
                + "\0";
    }

    private static void put(byte[] tar, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, tar, at, Math.min(bytes.length, tar.length - at));
    }
}
