package dev.jdist.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class BytesTest {
    @Test
    void copyOf_sourceChangedLater_doesNotChange() {
        byte[] source = {1, 2};
        Bytes bytes = Bytes.copyOf(source);
        source[0] = 9;

        assertArrayEquals(new byte[] {1, 2}, bytes.toByteArray());
    }

    @Test
    void toByteArray_resultChanged_doesNotChange() {
        Bytes bytes = Bytes.copyOf(new byte[] {1, 2});
        bytes.toByteArray()[0] = 9;

        assertArrayEquals(new byte[] {1, 2}, bytes.toByteArray());
    }

    @Test
    void equals_sameOctets_areOne() {
        assertEquals(Bytes.utf8("a"), Bytes.copyOf(new byte[] {'a'}));
        assertEquals(Bytes.utf8("a").hashCode(), Bytes.copyOf(new byte[] {'a'}).hashCode());
        assertNotEquals(Bytes.utf8("a"), Bytes.utf8("b"));
        assertNotEquals(Bytes.utf8("a"), "a");
    }

    @Test
    void empty_howeverMade_isTheOne() {
        assertSame(Bytes.EMPTY, Bytes.utf8(""));
        assertSame(Bytes.EMPTY, Bytes.copyOf(new byte[0]));
        assertTrue(Bytes.wrap(new byte[0]).isEmpty());
    }

    @Test
    void toString_anyContent_isItsLengthOnly() {
        assertEquals("3 bytes", Bytes.utf8("key").toString());
    }

    @Test
    void views_ofOctets_agree() throws IOException {
        Bytes bytes = Bytes.wrap(new byte[] {0, (byte) 0xff, 'a'});

        assertEquals("00ff61", bytes.toHex());
        assertEquals("\0\ufffda", bytes.toUtf8());
        assertEquals(bytes.size(), bytes.length());
        assertEquals(3, bytes.size());
        assertArrayEquals(bytes.toByteArray(), bytes.toInputStream().readAllBytes());
    }
}
