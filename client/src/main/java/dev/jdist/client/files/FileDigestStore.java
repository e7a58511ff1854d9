package dev.jdist.client.files;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Digests of programs in a file, from one daemon to the next: to digest a compiler takes most of a second.
 *
 * <p>The file is its owner's alone, is written beside its place and renamed into it, and carries a digest of itself. Only
 * what was digested a while after its last change is kept, so that a stamp found again means the same content. A file that
 * is damaged, or that others have written or may write to, is as good as none.
 */
public final class FileDigestStore {
    private static final Logger log = LoggerFactory.getLogger(FileDigestStore.class);

    private static final String NAME = "jdist-programs";
    private static final int FORMAT = 0x6a640001;
    private static final int MAX_ENTRIES = 1000;
    private static final int MAX_NAME = 4096;
    private static final int MAX_BYTES = 8 << 20;

    private static final Set<PosixFilePermission> OF_OTHERS =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private static final String UID = "unix:uid";
    /** Belongs to this process's user. */
    private static final Path SELF = Path.of("/proc/self");

    private final Path file;
    private final boolean writable;

    /** @param settled whether a later change is sure to leave another stamp */
    public record Known(FileStat stamp, Digest digest, boolean settled) {}

    public FileDigestStore(Path directory, boolean writable) {
        this.file = directory.resolve(NAME);
        this.writable = writable;
    }

    /** What was kept; nothing if there is nothing to be trusted. */
    public Map<Path, Known> read() {
        try {
            if (Files.size(file) > MAX_BYTES
                    || !Files.getAttribute(file, UID).equals(Files.getAttribute(SELF, UID))
                    || Files.getPosixFilePermissions(file).stream().anyMatch(OF_OTHERS::contains)) {
                return Map.of();
            }
            return parse(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Map.of();
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException | BufferUnderflowException e) {
            log.debug("{} is not used: {}", file, e.toString());
            return Map.of();
        }
    }

    private static Map<Path, Known> parse(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < Digest.BYTES + Integer.BYTES || in.getInt() != FORMAT) {
            throw new IllegalArgumentException("it has another format");
        }
        byte[] content = new byte[bytes.length - Integer.BYTES - Digest.BYTES];
        in.get(content);
        if (!Digest.read(in).equals(Digest.of(content))) {
            throw new IllegalArgumentException("it is damaged");
        }
        Map<Path, Known> entries = new HashMap<>();
        ByteBuffer entry = ByteBuffer.wrap(content);
        while (entry.hasRemaining()) {
            byte[] name = new byte[Short.toUnsignedInt(entry.getShort())];
            entry.get(name);
            FileStat stamp = FileStat.read(entry);
            entries.put(Path.of(new String(name, StandardCharsets.UTF_8)), new Known(stamp, Digest.read(entry), true));
        }
        return entries;
    }

    /** Keeps what can be trusted of this. What cannot be written costs the next daemon a moment, and nobody else. */
    public synchronized void write(Map<Path, Known> all) {
        if (!writable) {
            return;
        }
        try {
            Files.createDirectories(file.getParent());
            ReplacedFile.write(file, format(all));
        } catch (IOException | UnsupportedOperationException e) {
            log.debug("{} cannot be written: {}", file, e.toString());
        }
    }

    private static byte[] format(Map<Path, Known> all) {
        ByteBuffer content = ByteBuffer.allocate(MAX_BYTES);
        int entries = 0;
        for (var each : all.entrySet()) {
            byte[] name = each.getKey().toString().getBytes(StandardCharsets.UTF_8);
            if (each.getValue().settled() && name.length <= MAX_NAME && entries < MAX_ENTRIES) {
                content.putShort((short) name.length).put(name);
                each.getValue().stamp().write(content);
                each.getValue().digest().write(content);
                entries++;
            }
        }
        byte[] bytes = new byte[content.flip().remaining()];
        content.get(bytes);
        ByteBuffer whole = ByteBuffer.allocate(Integer.BYTES + bytes.length + Digest.BYTES);
        whole.putInt(FORMAT).put(bytes);
        Digest.of(bytes).write(whole);
        return whole.array();
    }
}
