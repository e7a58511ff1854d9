package dev.jdist.client.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Writes tars header by header, so that they can be as wrong as a test wants them. */
public final class RawTar {
    static final char FILE = '0';
    static final char HARD_LINK = '1';
    static final char SYMBOLIC_LINK = '2';
    static final char DIRECTORY = '5';

    private static final int BLOCK = 512;
    private static final int SIZE = 124;
    private static final int CHECKSUM = 148;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public RawTar file(String name, String content) {
        return file(name, 0644, content.getBytes(StandardCharsets.UTF_8));
    }

    public RawTar file(String name, int mode, byte[] content) {
        return add(header(FILE, name, "", mode, content.length), content);
    }

    RawTar directory(String name) {
        return add(header(DIRECTORY, name, "", 0755, 0));
    }

    RawTar symbolicLink(String name, String target) {
        return add(header(SYMBOLIC_LINK, name, target, 0777, 0));
    }

    RawTar hardLink(String name, String target) {
        return add(header(HARD_LINK, name, target, 0644, 0));
    }

    /** An entry of any kind, without content. */
    RawTar entry(char kind, String name) {
        return add(header(kind, name, "", 06777, 0));
    }

    /** GNU's way of giving the next entry a long name ({@code L}) or target ({@code K}). */
    RawTar gnuLong(char kind, String text) {
        byte[] content = (text + "\0").getBytes(StandardCharsets.UTF_8);
        return add(header(kind, "././@LongLink", "", 0644, content.length), content);
    }

    /** POSIX's way of saying things about the next entry ({@code x}) or all ({@code g}): {@code key=value} each. */
    RawTar pax(char kind, String... records) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (String record : records) {
            byte[] text = (" " + record + "\n").getBytes(StandardCharsets.UTF_8);
            int length = text.length + 1;
            while (Integer.toString(length).length() + text.length != length) {
                length = Integer.toString(length).length() + text.length;
            }
            content.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
            content.writeBytes(text);
        }
        return add(header(kind, "pax", "", 0644, content.size()), content.toByteArray());
    }

    RawTar add(byte[] header, byte... content) {
        bytes.writeBytes(header);
        bytes.writeBytes(content);
        bytes.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
        return this;
    }

    static byte[] header(char kind, String name, String target, int mode, long size) {
        byte[] header = new byte[BLOCK];
        put(header, 0, 100, name.getBytes(StandardCharsets.UTF_8));
        put(header, 100, 8, String.format("%07o", mode).getBytes(StandardCharsets.US_ASCII));
        put(header, 108, 8, "0000000".getBytes(StandardCharsets.US_ASCII));
        put(header, 116, 8, "0000000".getBytes(StandardCharsets.US_ASCII));
        put(header, SIZE, 12, String.format("%011o", size).getBytes(StandardCharsets.US_ASCII));
        put(header, 136, 12, "00000000000".getBytes(StandardCharsets.US_ASCII));
        header[156] = (byte) kind;
        put(header, 157, 100, target.getBytes(StandardCharsets.UTF_8));
        put(header, 257, 8, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
        return sealed(header);
    }

    /** Puts bytes into a header in place of those there, and makes its checksum right again. */
    static byte[] with(byte[] header, int at, byte... bytes) {
        byte[] changed = header.clone();
        System.arraycopy(bytes, 0, changed, at, bytes.length);
        return sealed(changed);
    }

    /** A size as GNU writes large ones, in binary. */
    static byte[] withBinarySize(byte[] header, byte first, byte rest) {
        byte[] size = new byte[12];
        Arrays.fill(size, rest);
        size[0] = first;
        return with(header, SIZE, size);
    }

    private static void put(byte[] header, int at, int room, byte[] text) {
        System.arraycopy(text, 0, header, at, Math.min(room, text.length));
    }

    private static byte[] sealed(byte[] header) {
        Arrays.fill(header, CHECKSUM, CHECKSUM + 8, (byte) ' ');
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        put(header, CHECKSUM, 8, String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII));
        return header;
    }

    /** What was added, without the two empty blocks that an honest tar ends with. */
    byte[] unended() {
        return bytes.toByteArray();
    }

    public byte[] toTar() {
        return Arrays.copyOf(unended(), bytes.size() + 2 * BLOCK);
    }

    public static byte[] gzip(byte[]... pieces) {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(gzip, BLOCK) {
            {
                def.setLevel(Deflater.BEST_SPEED);
            }
        }) {
            write(out, pieces);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return gzip.toByteArray();
    }

    public static byte[] zlib(byte[]... pieces) {
        ByteArrayOutputStream zlib = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(zlib, new Deflater(Deflater.BEST_SPEED))) {
            write(out, pieces);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zlib.toByteArray();
    }

    private static void write(OutputStream out, byte[]... pieces) throws IOException {
        for (byte[] piece : pieces) {
            out.write(piece);
        }
    }
}
