package dev.jdist.builder.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Trees keep what they have, however many share it, and what nobody has any more is gone. */
@Timeout(60)
class FilePoolTest {
    @TempDir
    private Path directory;

    private FilePool pool;

    @BeforeEach
    void create() throws IOException {
        pool = FilePool.create(directory.resolve("pool"));
    }

    private Path file(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return permit(file, "rw-r--r--");
    }

    private static Path permit(Path file, String permissions) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    private List<String> pooled() {
        return List.of(directory.resolve("pool").toFile().list());
    }

    private FilePool.Share share(String tree) throws IOException {
        return pool.share(directory.resolve(tree));
    }

    @Test
    void share_sameContentInTwoTrees_isOneFileThatCountsOnce() throws IOException {
        Path one = file("a/usr/bin/cc", "compiler");
        Path other = file("b/opt/gcc", "compiler");
        file("b/opt/own", "own");

        assertEquals(8, share("a").newBytes());
        assertEquals(3, share("b").newBytes());

        assertEquals(inode(one), inode(other));
        assertEquals("compiler", Files.readString(other));
        assertEquals(11, pool.bytes());
        assertEquals(2, pooled().size());
    }

    @Test
    void share_sameContentTwiceInATree_isOneFileToo() throws IOException {
        Path one = file("a/x", "same");
        Path other = file("a/deep/down/y", "same");
        Path link = Files.createLink(directory.resolve("a/z"), other);

        share("a");

        assertEquals(inode(one), inode(other));
        assertEquals(inode(one), inode(link));
        assertEquals(4, pool.bytes());
    }

    @Test
    void share_otherPermissions_areOtherFiles() throws IOException {
        Path plain = file("a/x", "same");
        Path executable = permit(file("b/x", "same"), "rwxr-xr-x");

        share("a");
        share("b");

        assertNotEquals(inode(plain), inode(executable));
        assertEquals(PosixFilePermissions.fromString("rw-r--r--"), Files.getPosixFilePermissions(plain));
        assertEquals(PosixFilePermissions.fromString("rwxr-xr-x"), Files.getPosixFilePermissions(executable));
        assertEquals(8, pool.bytes());
    }

    @Test
    void share_linksAndDirectories_areNotFollowedAndNotCounted() throws IOException {
        file("outside", "precious");
        file("a/empty", "");
        Files.createSymbolicLink(directory.resolve("a/link"), directory.resolve("outside"));
        Files.createSymbolicLink(directory.resolve("a/up"), directory);

        share("a");

        assertEquals(0, pool.bytes());
        assertEquals(List.of(), pooled());
    }

    @Test
    void release_oneOfTwo_leavesTheOtherWhole() throws IOException {
        file("a/shared", "shared");
        file("a/own", "own");
        Path stays = file("b/shared", "shared");
        FilePool.Share first = share("a");
        FilePool.Share second = share("b");

        FilePool.delete(pool.release(first));

        assertEquals("shared", Files.readString(stays));
        assertEquals(6, pool.bytes());
        assertEquals(1, pooled().size());
        Path again = file("c/shared", "shared");
        FilePool.Share third = share("c");
        assertEquals(inode(stays), inode(again));

        FilePool.delete(pool.release(second));
        FilePool.delete(pool.release(third));
        assertEquals(0, pool.bytes());
        assertEquals(List.of(), pooled());
    }

    /** What is to be deleted is out of the pool already: the same content comes in as another file. */
    @Test
    void release_contentThatComesBackBeforeItIsDeleted_isNotDeletedWithIt() throws IOException {
        file("a/f", "content");
        List<Path> unused = pool.release(share("a"));
        Path later = file("b/f", "content");
        share("b");
        FilePool.delete(unused);

        Path latest = file("c/f", "content");
        share("c");

        assertEquals(inode(later), inode(latest));
        assertEquals(7, pool.bytes());
        assertEquals(1, pooled().size());
    }

    /** As on a file with 65000 links on ext4, on a file system without any, or on another one. */
    @Test
    void share_noMoreLinks_keepsATreesOwnFiles() throws IOException {
        List<Path> linked = new ArrayList<>();
        Files.delete(directory.resolve("pool"));
        pool = FilePool.create(directory.resolve("pool"), (link, existing) -> {
            if (linked.size() == 2) {
                throw new FileSystemException(link.toString(), existing.toString(), "Too many links");
            }
            linked.add(Files.createLink(link, existing));
        });
        Path first = file("a/f", "content");
        Path second = file("b/f", "content");
        Path third = file("c/f", "content");
        Path thirdToo = Files.createLink(directory.resolve("c/g"), third);
        Path unpooled = file("c/other", "other");
        List<FilePool.Share> shares = List.of(share("a"), share("b"), share("c"));

        assertEquals(inode(first), inode(second));
        assertNotEquals(inode(first), inode(third));
        assertEquals(inode(third), inode(thirdToo));
        assertEquals("content", Files.readString(third));
        assertEquals("other", Files.readString(unpooled));
        assertEquals(7 + 7 + 5, pool.bytes());

        for (FilePool.Share share : shares) {
            FilePool.delete(pool.release(share));
        }
        assertEquals(0, pool.bytes());
        assertEquals(List.of(), pooled());
        assertEquals("content", Files.readString(third));
    }

    @Test
    void share_thatFails_leavesNothingBehind() throws IOException {
        file("a/1", "one");
        file("a/2", "two");
        List<Path> linked = new ArrayList<>();
        Files.delete(directory.resolve("pool"));
        pool = FilePool.create(directory.resolve("pool"), (link, existing) -> {
            if (!linked.isEmpty()) {
                throw new IOException("the disk is gone");
            }
            linked.add(Files.createLink(link, existing));
        });

        assertThrows(IOException.class, () -> share("a"));

        assertEquals(0, pool.bytes());
        assertEquals(List.of(), pooled());
    }

    @Test
    void share_manyAtOnce_agreeOnOneFile() throws Exception {
        int trees = 8;
        for (int tree = 0; tree < trees; tree++) {
            for (int i = 0; i < 50; i++) {
                file(tree + "/f" + i, "content of " + i);
            }
        }
        ExecutorService threads = Executors.newFixedThreadPool(trees);
        List<Future<FilePool.Share>> shares = new ArrayList<>();
        for (int tree = 0; tree < trees; tree++) {
            String name = "" + tree;
            shares.add(threads.submit(() -> share(name)));
        }
        threads.shutdown();
        long newBytes = 0;
        for (Future<FilePool.Share> share : shares) {
            newBytes += share.get().newBytes();
        }

        assertEquals(50, pooled().size());
        assertEquals(pool.bytes(), newBytes);
        for (int i = 0; i < 50; i++) {
            assertEquals(inode(directory.resolve("0/f" + i)), inode(directory.resolve("7/f" + i)));
        }
        for (Future<FilePool.Share> share : shares) {
            FilePool.delete(pool.release(share.get()));
        }
        assertEquals(0, pool.bytes());
        assertEquals(List.of(), pooled());
    }
}
