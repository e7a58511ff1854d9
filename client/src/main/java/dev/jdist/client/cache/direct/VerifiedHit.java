package dev.jdist.client.cache.direct;

import dev.jdist.client.cache.direct.ManifestEntry.DependencyFile;
import dev.jdist.client.cache.direct.ManifestEntry.ReadFile;
import dev.jdist.client.cache.direct.ManifestEntry.SearchedDirectory;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A variant that held a while ago, with the stamps of its files: as long as nothing changes, a request comes to it without
 * its manifest, and whoever looks at its files needs nothing else to tell. It stays true whatever becomes of the manifest.
 *
 * @param stamped what has to be as it was; behind that those directories that have stamps, which may have others now
 * @param directories as they are to be looked at
 */
public record VerifiedHit(
        FileFingerprints stamped,
        List<SearchedDirectory> directories,
        Digest result,
        Optional<DependencyFile> dependencies) {
    private static final int BYTES_OF_A_NAME = 80;
    /** Of a directory; past that, to ask for them one by one takes longer than to read the directory. */
    private static final int MAX_ABSENT = 500;

    /**
     * Writes down a variant. The names that were looked for in a directory are written down one by one if its stamp has changed
     * or will, as objects are written there.
     *
     * @return nothing if the stamp of one of its files proves nothing yet, or if it is seen already that it does not hold
     */
    public static Optional<VerifiedHit> of(ManifestEntry variant, SourceFileCache files, ManifestVerifier verification)
            throws IOException {
        FileFingerprints.Builder stamped = new FileFingerprints.Builder();
        for (ReadFile file : variant.files()) {
            Optional<FileStat> stamp = files.remembered(file.path())
                    .filter(known -> known.content().digest().equals(file.digest()))
                    .map(SourceFileCache.Known::stamp);
            if (stamp.isEmpty()) {
                return Optional.empty();
            }
            stamped.add(file.path(), stamp.get());
        }
        List<SearchedDirectory> directories = new ArrayList<>();
        List<Optional<FileStat>> stamps = new ArrayList<>();
        for (SearchedDirectory directory : variant.directories()) {
            if (verification.isRestless(directory)) {
                Optional<FileStat> now = verification.stamp(directory.path());
                if (directory.absent().size() > MAX_ABSENT || !addNames(stamped, directory, now)) {
                    return Optional.empty();
                }
                stamps.add(now);
                directories.add(new SearchedDirectory(
                        directory.path(), Optional.empty(), directory.sameAs(), directory.present(), List.of()));
            } else {
                stamps.add(directory.stamp());
                directories.add(directory);
            }
        }
        if (!ManifestVerifier.areSame(directories, stamps)) {
            return Optional.empty();
        }
        for (SearchedDirectory directory : directories) {
            directory.stamp().ifPresent(stamp -> stamped.add(directory.path(), stamp));
        }
        return Optional.of(new VerifiedHit(stamped.build(), directories, variant.result(), variant.dependencies()));
    }

    /** Adds a directory and its names; false if it does not hold what it held. */
    private static boolean addNames(
            FileFingerprints.Builder stamped, SearchedDirectory directory, Optional<FileStat> now) throws IOException {
        if (now.isEmpty()) {
            stamped.addAbsent(directory.path());
            return directory.present().isEmpty();
        }
        stamped.addAnyState(directory.path(), now.get());
        for (String name : directory.present()) {
            Path path = directory.path().resolve(name);
            Optional<FileStat> there = FileStat.of(path);
            if (there.isEmpty()) {
                return false;
            }
            stamped.addAnyState(path, there.get());
        }
        directory.absent().forEach(name -> stamped.addAbsent(directory.path().resolve(name)));
        return true;
    }

    /** Bytes that it takes to remember it, roughly. */
    public int weight() {
        int names = directories.stream()
                .mapToInt(directory ->
                        2 + directory.present().size() + directory.absent().size())
                .sum();
        return stamped.size()
                + BYTES_OF_A_NAME * names
                + dependencies.map(file -> file.content().length).orElse(0);
    }
}
