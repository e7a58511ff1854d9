package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * What stands in a directory under a name: not what a link leads to, but the link.
 *
 * @param mode kind and permissions, as the kernel has them
 * @param names how many names it has
 */
public record FileEntry(FileStat stat, int mode, int names) {
    private static final String ATTRIBUTES = FileStat.ATTRIBUTES + ",mode,nlink";
    private static final int KIND = 0170000;
    private static final int LINK = 0120000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;

    /** @return nothing if there is none that this user can see */
    public static Optional<FileEntry> at(Path place) throws IOException {
        return FileStat.read(place, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS)
                .map(attributes -> new FileEntry(
                        FileStat.of(attributes), (Integer) Objects.requireNonNull(attributes.get("mode")), (Integer)
                                Objects.requireNonNull(attributes.get("nlink"))));
    }

    public boolean isLink() {
        return (mode & KIND) == LINK;
    }

    public boolean isDirectory() {
        return (mode & KIND) == DIRECTORY;
    }

    public boolean isRegularFile() {
        return (mode & KIND) == REGULAR;
    }

    /** From 0 to 07777. */
    public int permissions() {
        return mode & ~KIND;
    }
}
