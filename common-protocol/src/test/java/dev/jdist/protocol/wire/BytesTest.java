package dev.jdist.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
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
    void equals_sameBytes_areOne() {
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
    void slice_isLikeACopyOfItsBytes() throws IOException {
        Bytes all = Bytes.utf8("abcdef");
        Bytes middle = all.slice(1, 4).slice(1, 2);
        assertEquals(Bytes.utf8("cd"), middle);
        assertEquals(Bytes.utf8("cd").hashCode(), middle.hashCode());
        assertNotEquals(Bytes.utf8("ce"), middle);
        assertEquals("cd", middle.toUtf8());
        assertEquals("6364", middle.toHex());
        assertEquals("2 bytes", middle.toString());
        assertArrayEquals(new byte[] {'c', 'd'}, middle.toByteArray());
        assertArrayEquals(middle.toByteArray(), middle.toInputStream().readAllBytes());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        middle.writeTo(out);
        assertArrayEquals(middle.toByteArray(), out.toByteArray());
        ByteBuffer buffer = ByteBuffer.allocate(3).put((byte) 'x');
        middle.writeTo(buffer);
        assertArrayEquals(new byte[] {'x', 'c', 'd'}, buffer.array());
        assertSame(Bytes.EMPTY, all.slice(6, 0));
    }

    @Test
    void slice_thatIsNotThere_isRefused() {
        Bytes slice = Bytes.utf8("abcdef").slice(1, 2);
        assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(0, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(-1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(0, -1));
    }

    @Test
    void toString_anyContent_isItsLengthOnly() {
        assertEquals("3 bytes", Bytes.utf8("key").toString());
    }

    @Test
    void views_ofBytes_agree() throws IOException {
        Bytes bytes = Bytes.wrap(new byte[] {0, (byte) 0xff, 'a'});

        assertEquals("00ff61", bytes.toHex());
        assertEquals("\0\ufffda", bytes.toUtf8());
        assertEquals(bytes.size(), bytes.length());
        assertEquals(3, bytes.size());
        assertArrayEquals(bytes.toByteArray(), bytes.toInputStream().readAllBytes());
    }
}
