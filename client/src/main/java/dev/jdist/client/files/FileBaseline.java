package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the file system looked just before a compile began: what {@link UnchangedPaths} is told by afterwards.
 *
 * @param began when that was
 * @param directories those on the way to where a compile reads, by their places without links
 * @param mounts what was mounted
 */
public record FileBaseline(Moment began, Map<Path, FileStat.Identity> directories, MountTable mounts) {
    private static final Logger log = LoggerFactory.getLogger(FileBaseline.class);

    /**
     * Has a look.
     *
     * @param asked what was changed before that, in nanoseconds since 1970, is from before the compile
     * @param file is made, by whose clock that is
     * @param places directories, absolute, where the compile will look for files
     */
    public static FileBaseline take(long asked, Path file, Collection<Path> places) throws IOException {
        MountTable mounts = MountTable.now();
        Map<Path, FileStat.Identity> directories = new HashMap<>();
        PathWalk walk = new PathWalk((place, entry) -> {
            if (entry.isDirectory()) {
                directories.put(place, entry.stat().identity());
            }
        });
        for (Path place : places) {
            try {
                walk.follow(place);
            } catch (IOException e) {
                // A name that is too long, a link to itself: what cannot be seen is not known to have been there.
                log.debug("{} is not looked at before a compile: {}", place, e.toString());
            } catch (ChangedException e) {
                throw new AssertionError("nothing is compared yet", e);
            }
        }
        return new FileBaseline(Moment.after(asked, file), Map.copyOf(directories), mounts);
    }

    /** Of a moment of which nothing else is known, with the mounts of now. */
    public static FileBaseline of(Moment began) {
        return new FileBaseline(began, Map.of(), MountTable.now());
    }
}
