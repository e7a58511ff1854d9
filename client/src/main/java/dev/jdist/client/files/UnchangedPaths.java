package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Proves of names that they lead where they led when a compile began, and to the same content: each link and each directory on
 * the way is the one that it was, and so is the file. What was read of a file before it is looked at here is then what the
 * compile read.
 *
 * <p>A name leads to the same entry if the entry has not changed since, as to rename it or to make it is a change of it; or if
 * the directory that it is in has not changed. In a directory and a subdirectory of it where objects are written, neither is so: a
 * subdirectory that was seen before the compile, and in which a name came or went last, is taken for the same.
 *
 * <p>For one thread and one look, after which {@link #finish} has to be called.
 */
public final class UnchangedPaths {
    private final FileBaseline baseline;
    private final Set<Path> places = new HashSet<>();
    private final PathWalk walk = new PathWalk(this::check);

    public UnchangedPaths(FileBaseline baseline) {
        this.baseline = baseline;
    }

    /**
     * Looks at a path.
     *
     * @return what it leads to; nothing if there is no such file now
     * @throws ChangedException if it need not have led there all the time
     */
    public Optional<FileStat> check(Path path) throws IOException, ChangedException {
        return walk.follow(path);
    }

    /**
     * Looks at a file.
     *
     * @param read its stat before it was read
     */
    public void checkFile(Path path, FileStat read) throws IOException, ChangedException {
        Optional<FileStat> now = check(path);
        if (!now.equals(Optional.of(read)) || !read.isFromBefore(baseline.began())) {
            throw changed(path);
        }
    }

    /** Looks at a directory that is there: whether no name in it came or went, not even for a moment. */
    public void checkDirectory(Path path) throws IOException, ChangedException {
        places.add(path);
        Optional<FileStat> now = FileStat.of(path);
        if (now.isEmpty() || !now.get().isFromBefore(baseline.began())) {
            throw new ChangedException(
                    path + " changed during the compile, and a file that is asked for may have been in it");
        }
    }

    /**
     * Is to be called after all paths were looked at. What is mounted and unmounted elsewhere, as for containers, does no harm.
     *
     * @param sawMounts whether something was mounted or unmounted meanwhile, be it only for a moment
     */
    public void finish(boolean sawMounts) throws ChangedException {
        MountTable now = MountTable.now();
        boolean same = now.isSameAs(baseline.mounts());
        if (same && sawMounts || !same && now.differsFor(places, baseline.mounts())) {
            throw new ChangedException("something was mounted or unmounted during the compile");
        }
    }

    private void check(Path place, FileEntry entry) throws IOException, ChangedException {
        places.add(place);
        if (entry.stat().isFromBefore(baseline.began()) || isInUnchangedDirectory(place)) {
            return;
        }
        boolean wasThere = entry.isDirectory()
                && entry.stat().identity().equals(baseline.directories().get(place))
                && entry.stat().changed() == entry.stat().modified();
        if (!wasThere) {
            throw changed(place);
        }
    }

    /** The directory is looked at after the entry: what it was before proves nothing of what was done since. */
    private boolean isInUnchangedDirectory(Path place) throws IOException {
        Optional<FileStat> directory = FileStat.of(Directories.of(place));
        return directory.isPresent() && directory.get().isFromBefore(baseline.began());
    }

    private static ChangedException changed(Path path) {
        return new ChangedException(path + " changed during the compile");
    }
}
