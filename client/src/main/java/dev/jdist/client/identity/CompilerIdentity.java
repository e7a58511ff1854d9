package dev.jdist.client.identity;

import dev.jdist.client.files.ChangedException;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.files.UnchangedPaths;
import dev.jdist.client.identity.ProgramDigests.Digested;
import dev.jdist.client.toolchain.ToolchainPackager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What tells a compiler from others.
 *
 * @param text stands for all that it is made of
 * @param parts the programs and libraries that this is
 * @param named what was looked for: paths, or names that were looked for in {@code path}
 * @param found what was found of it, in the same order
 * @param path the caller's {@code PATH}
 */
public record CompilerIdentity(String text, Digested parts, List<Path> named, List<Optional<Path>> found, String path) {
    /**
     * What it depends on, with the stamps that it has; nothing for what must not be there. A directory whose stamp proves
     * something stands for all that was looked for in it in vain.
     */
    public Map<Path, Optional<FileStat>> stamps() {
        Map<Path, Optional<FileStat>> stamps = new HashMap<>();
        missing().forEach((directory, names) -> {
            Optional<Optional<FileStat>> stamp = ofDirectory(directory, names);
            if (stamp.isPresent()) {
                stamps.put(directory, stamp.get());
            } else {
                names.forEach(name -> stamps.put(name, Optional.empty()));
            }
        });
        for (int i = 0; i < parts.files().size(); i++) {
            stamps.put(parts.files().get(i), Optional.of(parts.stamps().get(i)));
        }
        return stamps;
    }

    /**
     * Looks whether a compile was done by this compiler.
     *
     * @throws ChangedException if another one may have stood in its place
     */
    public void check(UnchangedPaths paths) throws IOException, ChangedException {
        for (int i = 0; i < parts.files().size(); i++) {
            paths.checkFile(parts.files().get(i), parts.stamps().get(i));
        }
        for (Set<Path> names : missing().values()) {
            for (Path name : names) {
                if (paths.check(name).isPresent()) {
                    throw new ChangedException(name + " is there now, and may be a part of the compiler");
                }
            }
        }
    }

    /** Where something was looked for in vain, by directory. */
    private Map<Path, Set<Path>> missing() {
        Map<Path, Set<Path>> missing = new HashMap<>();
        for (int i = 0; i < named.size(); i++) {
            for (Path candidate : ToolchainPackager.places(named.get(i), path)) {
                if (found.get(i).equals(Optional.of(candidate))) {
                    break;
                }
                missing.computeIfAbsent(candidate.getParent(), directory -> new HashSet<>())
                        .add(candidate);
            }
        }
        return missing;
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
