package dev.jdist.client.cache;

import dev.jdist.client.cache.Variant.DependencyFile;
import dev.jdist.client.cache.Variant.ReadFile;
import dev.jdist.client.cache.Variant.SearchedDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A variant that held a while ago, with the stamps of its files: as long as nothing changes, a request comes to it without
 * its manifest, and one question tells. It stays true whatever becomes of the manifest.
 *
 * @param stamped what has to be as it was; behind that those directories that have stamps, which may have others now
 * @param directories as they are to be looked at
 */
record RecentHit(
        StampedFiles stamped,
        List<SearchedDirectory> directories,
        Digest result,
        Optional<DependencyFile> dependencies) {
    private static final int OCTETS_OF_A_NAME = 80;
    /** Of a directory; past that it is read, and remembered for as long as it stays as it is. */
    private static final int MAX_ABSENT = 200;

    /**
     * Writes down a variant.
     *
     * @param restless tells of a directory whether its stamp has changed or will, as objects are written there: its names are
     *     written down one by one
     * @return nothing if the stamp of one of its files proves nothing yet
     */
    static Optional<RecentHit> of(Variant variant, SourceFiles files, Predicate<SearchedDirectory> restless) {
        StampedFiles.Builder stamped = new StampedFiles.Builder();
        for (ReadFile file : variant.files()) {
            Optional<Stamp> stamp = files.remembered(file.path())
                    .filter(known -> known.content().digest().equals(file.digest()))
                    .map(SourceFiles.Known::stamp);
            if (stamp.isEmpty()) {
                return Optional.empty();
            }
            stamped.add(file.path(), stamp.get());
        }
        List<SearchedDirectory> directories = new ArrayList<>();
        for (SearchedDirectory directory : variant.directories()) {
            if (restless.test(directory) && directory.absent().size() <= MAX_ABSENT) {
                directory
                        .absent()
                        .forEach(name -> stamped.addAbsent(directory.path().resolve(name)));
                directories.add(new SearchedDirectory(
                        directory.path(), Optional.empty(), directory.sameAs(), directory.present(), List.of()));
            } else {
                directories.add(directory);
            }
        }
        for (SearchedDirectory directory : directories) {
            directory.stamp().ifPresent(stamp -> stamped.add(directory.path(), stamp));
        }
        return Optional.of(new RecentHit(stamped.build(), directories, variant.result(), variant.dependencies()));
    }

    /** Octets that it takes to remember it, roughly. */
    int weight() {
        int names = directories.stream()
                .mapToInt(directory ->
                        2 + directory.present().size() + directory.absent().size())
                .sum();
        return stamped.octets().length
                + OCTETS_OF_A_NAME * names
                + dependencies.map(file -> file.content().length).orElse(0);
    }
}
