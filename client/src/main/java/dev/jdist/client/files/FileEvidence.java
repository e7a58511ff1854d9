package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What something that was found out about files rests on: it is true for as long as each of these files has the stamp that it had,
 * and none of those that were looked for in vain is there.
 *
 * @param stamps of files and directories; nothing for what was not there
 */
public record FileEvidence(Map<Path, Optional<FileStat>> stamps) {
    public FileEvidence {
        stamps = Map.copyOf(stamps);
    }

    /**
     * Looks at files.
     *
     * @param files that were found, or read if they were there
     * @param missing that were looked for and not found. A directory whose stamp proves something stands for all that are in it
     */
    public static FileEvidence of(Collection<Path> files, Collection<Path> missing) throws IOException {
        Map<Path, Optional<FileStat>> stamps = new HashMap<>(ofMissing(missing).stamps);
        for (Path file : files) {
            stamps.put(file, FileStat.of(file));
        }
        return new FileEvidence(stamps);
    }

    /** Whether all is as it was. */
    public boolean holds() {
        try {
            for (Map.Entry<Path, Optional<FileStat>> each : stamps.entrySet()) {
                if (!FileStat.of(each.getKey()).equals(each.getValue())) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Looks at places where something was looked for in vain, with as few stamps as will do. */
    public static FileEvidence ofMissing(Collection<Path> missing) {
        Map<Path, Set<Path>> byDirectory = new HashMap<>();
        for (Path file : missing) {
            byDirectory
                    .computeIfAbsent(Directories.of(file), directory -> new HashSet<>())
                    .add(file);
        }
        Map<Path, Optional<FileStat>> stamps = new HashMap<>();
        byDirectory.forEach((directory, names) -> {
            Optional<Optional<FileStat>> stamp = ofDirectory(directory, names);
            if (stamp.isPresent()) {
                stamps.put(directory, stamp.get());
            } else {
                names.forEach(name -> stamps.put(name, Optional.empty()));
            }
        });
        return new FileEvidence(stamps);
    }

    /** The stamp of a directory that has had none of these names since; nothing if that cannot be said. */
    private static Optional<Optional<FileStat>> ofDirectory(Path directory, Set<Path> names) {
        try {
            Optional<FileStat> stamp = FileStat.of(directory);
            // A link that leads nowhere may lead somewhere tomorrow, without a trace in its directory.
            boolean isFree = names.stream().noneMatch(name -> Files.exists(name, LinkOption.NOFOLLOW_LINKS));
            return Optional.of(stamp)
                    .filter(known -> isFree && known.map(FileStat::isSettled).orElse(true));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
