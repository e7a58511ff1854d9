package dev.jdist.builder.toolchain;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes archives, honest and not. Names are written as they are given. */
public final class Tars {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    public Tars() {
        this(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    /** @param longNames how commons-compress writes names of more than 100 bytes */
    public Tars(int longNames) {
        tar.setLongFileMode(longNames);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    public Tars file(String name, String content) {
        return file(name, 0644, content);
    }

    public Tars file(String name, int mode, String content) {
        return add(TarConstants.LF_NORMAL, name, "", mode, content.getBytes(StandardCharsets.UTF_8));
    }

    public Tars directory(String name) {
        return add(TarConstants.LF_DIR, name, "", 0755, new byte[0]);
    }

    public Tars symbolicLink(String name, String target) {
        return add(TarConstants.LF_SYMLINK, name, target, 0777, new byte[0]);
    }

    public Tars hardLink(String name, String target) {
        return add(TarConstants.LF_LINK, name, target, 0644, new byte[0]);
    }

    public Tars add(byte kind, String name, String link, int mode, byte[] content) {
        try {
            TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
            entry.setName(name);
            entry.setLinkName(link);
            entry.setMode(mode);
            entry.setModTime(0);
            entry.setSize(content.length);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] toTar() {
        try {
            tar.close();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public byte[] toGzip() {
        return gzip(toTar());
    }

    public byte[] toZlib() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(out)) {
            zlib.write(toTar());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Makes the checksum of the header at {@code at} right again, so that damage elsewhere gets past it. */
    static void repair(byte[] tar, int at) {
        for (int i = 148; i < 156; i++) {
            tar[at + i] = ' ';
        }
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[at + i] & 0xff;
        }
        byte[] digits = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, tar, at + 148, 8);
    }
}
