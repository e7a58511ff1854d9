package dev.jdist.client.cache.direct;

import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileStat;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One way in which a request came to a result.
 *
 * @param files that were read
 * @param directories in which names were looked for
 * @param result under which the result is stored
 * @param dependencies the dependency file that the compiler wrote, if it was asked for one
 */
public record ManifestEntry(
        List<ReadFile> files,
        List<SearchedDirectory> directories,
        Digest result,
        Optional<DependencyFile> dependencies) {
    public ManifestEntry {
        files = List.copyOf(files);
        directories = List.copyOf(directories);
    }

    /** Whether dependency files, if there are some, say it of the same name. */
    boolean hasTargetOf(ManifestEntry other) {
        return dependencies.map(DependencyFile::target).equals(other.dependencies.map(DependencyFile::target));
    }

    /** A file with the content that it had. */
    public record ReadFile(Path path, Digest digest) {}

    /**
     * A directory as it was: some names are in it, some are not. A name may be that of a file or of a directory.
     *
     * @param stamp while it stays, no name has come or gone; nothing if it proves nothing
     * @param sameAs number of the first directory of the variant that is the same one, by a link perhaps: compilers pass over
     *     the second, and name files in debugging information by either
     */
    public record SearchedDirectory(
            Path path, Optional<FileStat> stamp, int sameAs, List<String> present, List<String> absent) {
        /** A name that is present as long as the directory is one. */
        static final String ITSELF = ".";

        public SearchedDirectory {
            present = List.copyOf(present);
            absent = List.copyOf(absent);
        }
    }

    /** What {@code -MD} and its kin write on the side. */
    public record DependencyFile(byte[] content) {
        private String target() {
            return DependencyTarget.of(content);
        }

        /** As it is for this target, if that need not be its own; nothing if its own cannot be replaced. */
        public Optional<byte[]> of(Optional<DependencyTarget> target) {
            return target.isPresent() ? target.get().in(content) : Optional.of(content);
        }
    }
}
