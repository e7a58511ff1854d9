package dev.jdist.protocol.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListingTest {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /** Made by hand from the description in docs/protocol.md, not by the code under test. */
    private static final String COMPLETE = "01" + "06"
            + "000161" + ("18" + ABC + "03" + "80c49fd50c")
            + "01022e68" + ("0d" + ABC + "ac02" + "15cd853dfe9c9717" + "4d")
            + "030168" + ("1a" + ABC + "00" + "01" + "a402")
            + "000362696e" + "03077573722f62696e"
            + "00036c6962" + ("02" + EMPTY)
            + "0002c3a9" + "04";

    private static Listing decode(String hex) {
        return Listing.decode(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static void assertRefused(String reason, String hex) {
        WireFormatException refusal = assertThrows(WireFormatException.class, () -> decode(hex));
        assertEquals(reason, refusal.getMessage());
    }

    private static Listing listing(String... names) {
        SortedMap<String, ViewNode> entries = new TreeMap<>();
        for (String name : names) {
            entries.put(name, new ViewNode.Present());
        }
        return new Listing(true, entries);
    }

    @Test
    void encode_everyKindOfNode_isWhatTheDescriptionSays() {
        assertEquals(COMPLETE, ViewSamples.COMPLETE.encode().toHex());
        assertEquals(
                "9183a9d94514f2ca2b0730ae28a352885f4a3a33d5b8f50a0bf00738dddb9e66",
                ViewSamples.COMPLETE.digest().hex());
        assertEquals(ViewSamples.COMPLETE, decode(COMPLETE));
        assertEquals(
                "0003" + "0006676f6e652e6800" + "0007696e636c75646501" + "07013205",
                ViewSamples.PARTIAL.encode().toHex());
    }

    @Test
    void encode_filesOfAPackage_takeLittleBesideTheirDigests() {
        SortedMap<String, ViewNode> entries = new TreeMap<>();
        for (int i = 0; i < 1000; i++) {
            entries.put(
                    "header_" + i + ".h",
                    new ViewNode.RegularFile(ViewSamples.ABC, 5000, 1_700_000_000_000_000_000L, 0644, 0));
        }

        int bytes = new Listing(true, entries).encode().size();

        assertTrue(bytes < 1000 * (Sha256.BYTES + 14), bytes + " bytes");
    }

    @Test
    void decode_whatWasEncoded_isTheListing() {
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 200; round++) {
            Listing listing = ViewSamples.random(random, random.nextInt(40));

            Listing read = Listing.decode(listing.encode().toByteArray());

            assertEquals(listing, read);
            assertEquals(listing.digest(), read.digest());
        }
    }

    @Test
    void digest_ofEachListing_isItsOwn() {
        assertEquals(
                ViewSamples.COMPLETE.digest(), Content.of(ViewSamples.COMPLETE).digest());
        assertEquals(
                4,
                Stream.of(listing(), new Listing(false, new TreeMap<>()), listing("a", "b"), listing("ab"))
                        .map(Listing::digest)
                        .distinct()
                        .count());
    }

    @Test
    void constructor_mapInAnotherOrder_isSorted() {
        SortedMap<String, ViewNode> backwards = new TreeMap<>(Comparator.reverseOrder());
        backwards.putAll(listing("a", "b").entries());

        Listing sorted = new Listing(true, backwards);
        backwards.clear();

        assertEquals(listing("a", "b").digest(), sorted.digest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\0b", "\ud800", "a\udc00b", "\ud800a"})
    void constructor_nameOfNoFile_isRefused(String name) {
        assertThrows(IllegalArgumentException.class, () -> listing(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"...", ".a", "..a", " ", "\n", "a\\b", "\ud83d\ude00", "\uffff"})
    void constructor_strangeName_isTaken(String name) {
        assertEquals(listing(name), Listing.decode(listing(name).encode().toByteArray()));
    }

    @Test
    void constructor_longName_isRefusedByItsBytes() {
        listing("é".repeat(127) + "a");
        assertThrows(IllegalArgumentException.class, () -> listing("é".repeat(128)));
    }

    @Test
    void constructor_absentInCompleteListing_isRefused() {
        SortedMap<String, ViewNode> entries = new TreeMap<>(Map.of("a", new ViewNode.Absent()));

        new Listing(false, entries);
        assertThrows(IllegalArgumentException.class, () -> new Listing(true, entries));
    }

    @Test
    void node_impossibleFile_isRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ViewNode.RegularFile(ViewSamples.ABC, -1, 0, 0644, 0));
        assertThrows(IllegalArgumentException.class, () -> new ViewNode.RegularFile(ViewSamples.ABC, 0, 0, 010000, 0));
        assertThrows(IllegalArgumentException.class, () -> new ViewNode.RegularFile(ViewSamples.ABC, 0, 0, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> new ViewNode.SymbolicLink(""));
        assertThrows(IllegalArgumentException.class, () -> new ViewNode.SymbolicLink("a\0"));
        assertThrows(IllegalArgumentException.class, () -> new ViewNode.SymbolicLink("a".repeat(4096)));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1, 999_999_999, -9_223_372_036_000_000_000L, Long.MAX_VALUE})
    void file_anyTime_isKept(long mtimeNanos) {
        Listing listing = new Listing(
                true, new TreeMap<>(Map.of("a", new ViewNode.RegularFile(ViewSamples.ABC, 1, mtimeNanos, 0644, -1))));

        assertEquals(listing, Listing.decode(listing.encode().toByteArray()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    the packed bytes end early: 1 wanted, 0 remain | ''
                    a listing is complete (1) or not (0), not 2 | 02 00
                    1 bytes follow what is packed | 01 00 00
                    3 entries of a directory do not fit into the 8 bytes that remain | 01 03 00 01 61 05 00 01 62 05
                    262145 entries of a directory are over the limit of 262144 | 01 818010
                    18446744073709551615 entries of a directory are over the limit of 262144 | 01 ffffffffffffffffff01
                    a number has more than 64 bits | 01 ffffffffffffffffff02
                    a number is longer than it has to be | 01 8000
                    a name is empty | 01 01 00 00 05 00
                    a name shares 1 bytes with one of 0 | 01 01 01 01 61 05
                    a name shares more with the one before than it says | 01 02 00 02 61 61 05 00 02 61 62 05
                    the names in a listing are not sorted, or one is there twice | 01 02 00 01 62 05 00 01 61 05
                    the names in a listing are not sorted, or one is there twice | 01 02 00 01 62 05 01 00 05 00
                    the names in a listing are not sorted, or one is there twice | 01 02 00 02 62 62 05 01 00 05
                    a name has 1024 bytes where 255 are the most | 01 01 00 8008 61 05
                    the packed bytes end early: 9 wanted, 2 remain | 01 01 00 09 61 05
                    a name is not UTF-8 | 01 01 00 01 ff 05
                    a name is "." or ".." | 01 01 00 02 2e 2e 05
                    a name has a "/" in it | 01 01 00 01 2f 05
                    a name has a NUL in it | 01 01 00 01 00 05
                    a complete listing says of a name that it is absent | 01 01 00 01 61 00
                    a node of an unknown kind, 6 | 01 01 00 01 61 06
                    a node of an unknown kind, 17 | 01 01 00 01 61 11
                    a node of an unknown kind, 40 | 01 01 00 01 61 28
                    a target of a link is empty | 01 01 00 01 61 03 00
                    a target of a link has a NUL in it | 01 01 00 01 61 03 01 00
                    a target of a link has 4096 bytes where 4095 are the most | 01 01 00 01 61 03 8020
                    """)
    void decode_anotherForm_isRefused(String reason, String hex) {
        assertRefused(reason, hex);
    }

    @Test
    void decode_fileInAnotherForm_isRefused() {
        String head = "0101000161";

        assertRefused("the packed bytes end early: 32 wanted, 31 remain", head + "18" + ABC.substring(2));
        assertRefused("permissions stand where there is a bit for them", head + "1a" + ABC + "00" + "00" + "a403");
        assertRefused("permissions stand where there is a bit for them", head + "1a" + ABC + "00" + "00" + "ed03");
        assertRefused("permissions stand where there is a bit for them", head + "1b" + ABC + "00" + "00" + "00");
        assertRefused("permissions 010000 are above 07777", head + "1a" + ABC + "00" + "00" + "8020");
        assertRefused("a file with several names has the number 0", head + "1c" + ABC + "00" + "00" + "00");
        assertRefused(
                "a time in whole seconds is written in nanoseconds", head + "08" + ABC + "00" + "0000000000000000");
        assertRefused(
                "a time of 9223372036854775807 s is too far away", head + "18" + ABC + "00" + "feffffffffffffffff01");
        assertRefused("a file cannot have -1 bytes", head + "18" + ABC + "ffffffffffffffffff01" + "00");
    }

    @Test
    void decode_cutAnywhere_isRefused() {
        byte[] whole = HexFormat.of().parseHex(COMPLETE);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(WireFormatException.class, () -> Listing.decode(cut), "cut to " + length + " bytes");
        }
    }

    @Test
    void decode_tooManyBytes_isRefused() {
        assertThrows(WireFormatException.class, () -> Listing.decode(new byte[WireLimits.LISTING + 1]));
    }

    /** Few bytes may stand for many names that share all but one. */
    @Test
    void decode_namesThatExpandTooFar_areRefused() {
        PackedWriter out = new PackedWriter();
        int count = 80_000;
        out.octet(0);
        out.number(count);
        String head = "a".repeat(249);
        for (int i = 0; i < count; i++) {
            out.following(head + String.format("%06d", i));
            out.octet(5);
        }

        WireFormatException refusal = assertThrows(WireFormatException.class, () -> Listing.decode(out.toByteArray()));

        assertEquals("the texts in a list have more than 16777216 bytes", refusal.getMessage());
    }

    @Test
    void encode_returned_isACopy() {
        byte[] encoded = ViewSamples.COMPLETE.encode().toByteArray();
        encoded[0] = 9;

        assertArrayEquals(
                HexFormat.of().parseHex(COMPLETE), ViewSamples.COMPLETE.encode().toByteArray());
    }
}
