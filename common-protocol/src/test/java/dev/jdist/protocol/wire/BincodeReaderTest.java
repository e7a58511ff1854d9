package dev.jdist.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.WireSample;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reader refuses, and that it refuses before it allocates. */
class BincodeReaderTest {
    /** Far less than any of the lengths claimed, far more than a refusal needs. */
    private static final long MODEST_ALLOCATION = 1 << 20;

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 1L << 40, -1, Long.MIN_VALUE, (1L << 32) + 1, 1L << 31, 1L << 30, 100, 17})
    void length_beyondWhatRemains_isRefusedWithoutAllocating(long length) {
        byte[] input = claiming(length, 16);

        assertRefusedCheaply(() -> BincodeReader.of(input).string());
        assertRefusedCheaply(() -> BincodeReader.of(input).bytes());
        assertRefusedCheaply(() -> BincodeReader.of(input).beginList(WireLimits.ARGUMENTS));
    }

    @Test
    void length_overTheLimitAlthoughThere_isRefused() {
        byte[] input = claiming(WireLimits.STRING + 1, WireLimits.STRING + 1);

        WireFormatException refusal = assertThrows(
                WireFormatException.class, () -> BincodeReader.of(input).string());

        assertEquals("a string of 1048577 is over the limit of 1048576", refusal.getMessage());
    }

    @Test
    void list_oneElementOverItsLimit_isRefused() {
        byte[] input = claiming(5, 100);

        assertEquals(5, BincodeReader.of(input).beginList(5));
        assertThrows(WireFormatException.class, () -> BincodeReader.of(input).beginList(4));
    }

    /** A peer may claim a gigabyte within a body that is allowed to be that long, and then send next to nothing. */
    @Test
    void stream_shorterThanItsLimit_isRefusedWithoutAllocatingTheClaim() {
        InputStream input = new ByteArrayInputStream(claiming(WireLimits.BYTES, 16));

        assertRefusedCheaply(() -> new BincodeReader(input, WireLimits.RESULT).bytes());
    }

    @Test
    void stream_longerThanItsLimit_isReadUpToTheLimitOnly() throws IOException {
        InputStream input = new ByteArrayInputStream(new byte[32]);
        BincodeReader reader = new BincodeReader(input, 12);

        reader.u64();
        assertThrows(WireFormatException.class, reader::u64);
        assertEquals(0, reader.i32());
        assertThrows(WireFormatException.class, reader::bool);
        assertEquals(20, input.available());
    }

    @Test
    void stream_broken_tellsOfTheBreakNotOfTheFormat() {
        InputStream input = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new EOFException("gone");
            }
        };

        UncheckedIOException failure =
                assertThrows(UncheckedIOException.class, () -> new BincodeReader(input, 100).u64());

        assertEquals("gone", failure.getCause().getMessage());
    }

    @Test
    void bool_neitherZeroNorOne_isRefused() {
        assertFalse(reader("00").bool());
        assertTrue(reader("01").bool());
        assertThrows(WireFormatException.class, () -> reader("02").bool());
        WireFormatException refusal =
                assertThrows(WireFormatException.class, () -> reader("ff").bool());
        assertEquals("a bool is 0 or 1, not 255", refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "c0af", "eda080", "f4908080", "e282", "80"})
    void string_notUtf8_isRefused(String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);
        byte[] input = claiming(octets.length, octets.length);
        System.arraycopy(octets, 0, input, Long.BYTES, octets.length);

        assertThrows(WireFormatException.class, () -> BincodeReader.of(input).string());
    }

    @ParameterizedTest
    @ValueSource(strings = {"02000000", "ffffffff", "00000080", "00010000"})
    void variant_unknown_isRefused(String hex) {
        assertThrows(WireFormatException.class, () -> reader(hex).variant("A", "B"));
    }

    @Test
    void variant_unknown_isNamedAsUnsigned() {
        WireFormatException refusal =
                assertThrows(WireFormatException.class, () -> reader("ffffffff").variant("A", "B"));

        assertEquals("variant 4294967295 of an enum with 2", refusal.getMessage());
    }

    @Test
    void socketAddress_unknownFamily_isRefused() {
        assertThrows(
                WireFormatException.class, () -> reader("020000000a0000010529").socketAddress());
    }

    @Test
    void socketAddress_ports_areUnsigned() {
        assertEquals(
                ServerId.parse("10.0.0.1:65535"), reader("000000000a000001ffff").socketAddress());
    }

    /** Rust tells an IPv4-mapped address from the IPv4 address; a certificate made for one does not fit the other. */
    @Test
    void socketAddress_ipv4Mapped_staysIpv6() {
        String hex = "01000000" + "00000000000000000000ffff0a000001" + "0100";

        ServerId read = reader(hex).socketAddress();

        assertEquals("[::ffff:10.0.0.1]:1", read.toString());
        assertEquals(
                "0000000000000000" + "0000000000000000" + hex,
                HexFormat.of().formatHex(new JobAlloc("", new JobId(0), read).toBincode()));
    }

    /** Whatever a liar writes over whichever bytes, the answer is a message or a refusal, and costs little. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.jdist.protocol.message.WireSample#all")
    void message_anyLengthOverwritten_isReadOrRefusedCheaply(WireSample sample) {
        for (long claim : new long[] {Long.MAX_VALUE, 1L << 40, -1, 1 << 30, 1 << 17, 1 << 20}) {
            for (int at = 0; at + Long.BYTES <= sample.bincode().length; at++) {
                byte[] input = sample.bincode();
                ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN).putLong(at, claim);
                long before = allocated();
                try {
                    sample.decoder().fromBincode(input);
                } catch (WireFormatException e) {
                    // One of the two ways out.
                }
                assertTrue(allocated() - before < MODEST_ALLOCATION, "allocated for " + claim + " at " + at);
            }
        }
    }

    private static BincodeReader reader(String hex) {
        return BincodeReader.of(HexFormat.of().parseHex(hex));
    }

    /** A length of {@code length} with only {@code present} bytes behind it. */
    private static byte[] claiming(long length, int present) {
        return ByteBuffer.allocate(Long.BYTES + present)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }

    private static void assertRefusedCheaply(Runnable read) {
        Consumer<Runnable> refused = code -> assertThrows(WireFormatException.class, code::run);
        refused.accept(read); // loads classes
        long before = allocated();
        refused.accept(read);
        assertTrue(allocated() - before < MODEST_ALLOCATION, "allocated " + (allocated() - before));
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
