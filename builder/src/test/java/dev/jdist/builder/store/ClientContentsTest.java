package dev.jdist.builder.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.builder.store.Contents.Sample;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client sees of the store what it has sent, and of nothing else whether it is there. */
@Timeout(60)
class ClientContentsTest {
    private static final int HEADERS = 30_000;
    private static final Sample SECRET = Contents.numbered(1);

    private final Bytes one = client(1);
    private final Bytes other = client(2);

    @TempDir
    private Path directory;

    private ContentStore store;
    private ClientContents contents;

    private static Bytes client(int number) {
        byte[] bytes = new byte[32];
        new Random(number).nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    @BeforeEach
    void open() throws IOException {
        store = ContentStore.open(directory, 1 << 20);
        contents = new ClientContents(store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void content_isThereForThoseWhoSentIt() throws IOException {
        contents.put(one, SECRET.digest(), SECRET.stream());

        assertTrue(contents.contains(one, SECRET.digest()));
        assertArrayEquals(
                SECRET.bytes(), contents.read(one, SECRET.digest(), 1000).orElseThrow());
        assertEquals(Set.of(), contents.missing(one, List.of(SECRET.digest())));

        assertFalse(contents.contains(other, SECRET.digest()));
        assertEquals(Optional.empty(), contents.read(other, SECRET.digest(), 0));
        assertEquals(Set.of(SECRET.digest()), contents.missing(other, List.of(SECRET.digest(), SECRET.digest())));

        contents.put(other, SECRET.digest(), Bytes.wrap(SECRET.bytes()));
        assertTrue(contents.contains(other, SECRET.digest()));
    }

    @Test
    void content_claimedWithOtherBytes_staysOutOfReach() throws IOException {
        contents.put(one, SECRET.digest(), SECRET.stream());

        assertThrows(
                WrongContentException.class, () -> contents.put(other, SECRET.digest(), Contents.numbered(2).stream()));

        assertFalse(contents.contains(other, SECRET.digest()));
        assertFalse(contents.mayName(other, SECRET.digest()));
    }

    /** The store is not looked into, so the time says nothing: here it would notice that the file is gone. */
    @Test
    void question_forAnothersContent_doesNotTouchTheStore() throws IOException {
        contents.put(one, SECRET.digest(), SECRET.stream());
        long before = store.size();
        Files.delete(Contents.file(store, SECRET.digest()));

        assertFalse(contents.contains(other, SECRET.digest()));
        assertEquals(Optional.empty(), contents.read(other, SECRET.digest(), 1000));
        assertEquals(before, store.size());

        assertFalse(contents.contains(one, SECRET.digest()));
        assertEquals(0, store.size());
    }

    /** It is written anew each time, and thrown away if it is there. */
    @Test
    void content_sentAgain_doesNotReplaceTheFirst() throws IOException {
        contents.put(one, SECRET.digest(), SECRET.stream());
        Path file = Contents.file(store, SECRET.digest());
        Files.setLastModifiedTime(file, FileTime.fromMillis(1000));

        contents.put(other, SECRET.digest(), SECRET.stream());

        assertEquals(FileTime.fromMillis(1000), Files.getLastModifiedTime(file));
    }

    @Test
    void digests_ofManyHeaders_areRememberedInAMegabyte() {
        DigestSet digests = new DigestSet(123, 456);
        List<Sha256> headers = digests(HEADERS);

        headers.forEach(digests::add);

        assertTrue(headers.stream().allMatch(digests::contains));
        assertTrue(digests(2 * HEADERS).stream().skip(HEADERS).noneMatch(digests::contains));
        assertTrue(digests.bytes() <= 1 << 20, "" + digests.bytes());
    }

    private static List<Sha256> digests(int count) {
        Random random = new Random(17);
        List<Sha256> digests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[Sha256.BYTES];
            random.nextBytes(bytes);
            digests.add(Sha256.of(bytes));
        }
        return digests;
    }

    @Test
    void digests_usedLast_areRememberedWhateverElseComes() {
        DigestSet digests = new DigestSet(123, 456);
        List<Sha256> all = digests(6 * DigestSet.LEAST);
        List<Sha256> kept = all.subList(0, 1000);

        for (int i = 0; i < all.size(); i++) {
            digests.add(all.get(i));
            if (i >= kept.size() && i % 10_000 == 0) {
                assertTrue(kept.stream().allMatch(digests::contains));
            }
            assertTrue(digests.bytes() <= DigestSet.MOST_BYTES);
        }

        assertTrue(all.subList(all.size() - DigestSet.LEAST + kept.size(), all.size()).stream()
                .allMatch(digests::contains));
        assertFalse(digests.contains(all.get(kept.size())));
    }

    /** By the digest's first bits they would all want one place. */
    @Test
    void digests_thatSomebodyChose_areFoundAtOnce() {
        DigestSet digests = new DigestSet(0x9e3779b97f4a7c15L, 0xc2b2ae3d27d4eb4fL);
        List<Sha256> chosen = digests(HEADERS).stream()
                .map(digest -> {
                    byte[] bytes = digest.toByteArray();
                    bytes[0] = bytes[1] = bytes[6] = bytes[7] = 0;
                    return Sha256.of(bytes);
                })
                .toList();

        chosen.forEach(digests::add);

        assertTrue(chosen.stream().allMatch(digests::contains));
        assertTrue(chosen.stream().mapToLong(digests::steps).sum() < 3 * HEADERS);
    }

    @Test
    void clients_unusedForLongest_areForgotten() throws IOException {
        ClientContents few = new ClientContents(store, 10 * 1024);
        for (int number = 0; number < 20; number++) {
            few.put(client(number), SECRET.digest(), SECRET.stream());
            assertTrue(few.contains(client(0), SECRET.digest()));
        }

        Set<Integer> known = new TreeSet<>();
        for (int number = 0; number < 20; number++) {
            if (few.mayName(client(number), SECRET.digest())) {
                known.add(number);
            }
        }

        assertEquals(Set.of(0, 11, 12, 13, 14, 15, 16, 17, 18, 19), known);
        assertEquals(10 * 1024, few.bytes());
    }

    @Test
    void clients_areNoMoreThanSoMany() throws IOException {
        for (int number = 0; number < ClientContents.MOST_CLIENTS + 10; number++) {
            contents.put(client(number), SECRET.digest(), SECRET.stream());
        }

        assertEquals(ClientContents.MOST_CLIENTS, contents.clients());
        assertFalse(contents.contains(client(9), SECRET.digest()));
        assertTrue(contents.contains(client(10), SECRET.digest()));
    }
}
