package dev.jdist.builder.toolchain;

import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.sandbox.tree.TreeWriter;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** A toolchain as it travels: a gzip-compressed tar of a root file system. */
public final class ToolchainArchive {
    private static final int BUFFER = 64 << 10;

    private ToolchainArchive() {}

    /**
     * Writes an archive to a file.
     *
     * @param archive the bytes as sent; read to the end
     * @return how many they are
     * @throws ArchiveException if they are not this toolchain, or more than {@code maxBytes}
     */
    static long receive(Toolchain toolchain, InputStream archive, Path target, long maxBytes) throws IOException {
        ArchiveDigest digest = new ArchiveDigest();
        long bytes = 0;
        try (OutputStream out = Files.newOutputStream(target)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = archive.read(buffer); count >= 0; count = archive.read(buffer)) {
                bytes += count;
                if (bytes > maxBytes) {
                    throw new ArchiveException("the archive is over the toolchain_cache_size of "
                            + ByteSize.format(maxBytes) + " of this builder");
                }
                digest.update(buffer, count);
                out.write(buffer, 0, count);
            }
        }
        Toolchain actual = digest.finish();
        if (!actual.equals(toolchain)) {
            throw new ArchiveException("the archive's id is " + actual.archiveId() + ", not " + toolchain.archiveId());
        }
        return bytes;
    }

    /**
     * Unpacks {@code archive} into {@code root}, an empty directory.
     *
     * @return the bytes of the files in it
     * @throws ArchiveException if it is damaged, or holds more than {@code maxBytes}
     * @throws dev.jdist.sandbox.UnsafePathException if it would reach out of {@code root}
     */
    static long unpack(Path archive, Path root, long maxBytes) throws IOException {
        TreeWriter tree = new TreeWriter(root);
        AtomicLong bytes = new AtomicLong();
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), BUFFER);
                InputStream tar = gunzip(file)) {
            new TarReader(ArchiveLimits.TOOLCHAIN_ENTRIES, maxBytes).read(tar, (entry, content) -> {
                bytes.addAndGet(entry.getSize());
                unpack(tree, entry, content);
            });
        }
        return bytes.get();
    }

    private static InputStream gunzip(InputStream file) throws IOException {
        try {
            return new GZIPInputStream(file, BUFFER);
        } catch (EOFException | ZipException e) {
            throw new ArchiveException("the archive is damaged: it is not in gzip format", e);
        }
    }

    private static void unpack(TreeWriter tree, TarArchiveEntry entry, InputStream content) throws IOException {
        String name = entry.getName();
        if (entry.isDirectory()) {
            tree.directory(name);
        } else if (entry.isSymbolicLink()) {
            tree.symbolicLink(name, entry.getLinkName());
        } else if (entry.isLink()) {
            tree.hardLink(name, entry.getLinkName());
        } else if (TarReader.isPlainFile(entry)) {
            tree.file(name, (entry.getMode() & 0111) != 0, content);
        } else {
            throw new ArchiveException(name + " is a device or another kind of file that no toolchain needs");
        }
    }
}
